//! What the program tells, to standard error: each event a line, as tracing-subscriber writes it.

mod line;
mod time;

use std::{
    cell::RefCell,
    fmt,
    io::{self, IsTerminal as _},
    time::SystemTime,
};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
    },
    registry::LookupSpan,
};

use self::{line::Line, time::Clock};

/// Begins, as `RUST_LOG` says, or else from level info on.
pub(crate) fn begin() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .event_format(Lines::default())
        .init();
}

/// Writes an event as the default does, for a fraction of what that takes: in a busy gateway each
/// decision is one.
#[derive(Default)]
struct Lines {
    default: Format,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        // Colours, spans, and what comes from the `log` crate.
        let is_usual = !writer.has_ansi_escapes()
            && context.event_scope().is_none()
            && event.metadata().target() != "log";
        let written = is_usual.then(|| {
            SCRATCH.with(|scratch| {
                // It is in use when writing a field tells something itself.
                let mut scratch = scratch.try_borrow_mut().ok()?;
                let Scratch { clock, text } = &mut *scratch;
                text.clear();
                #[expect(clippy::disallowed_methods, reason = "a line has the time of day")]
                let now = SystemTime::now();
                clock.write(now, text)?;
                write_event(event, text).ok()?;
                Some(writer.write_str(text))
            })
        });
        match written.flatten() {
            Some(written) => written,
            None => self.default.format_event(context, writer, event),
        }
    }
}

fn write_event(event: &Event<'_>, text: &mut String) -> fmt::Result {
    let level = match *event.metadata().level() {
        Level::ERROR => " ERROR ",
        Level::WARN => "  WARN ",
        Level::INFO => "  INFO ",
        Level::DEBUG => " DEBUG ",
        Level::TRACE => " TRACE ",
    };
    for part in [level, event.metadata().target(), ": "] {
        text.push_str(part);
    }
    let mut line = Line {
        text,
        is_empty: true,
        written: Ok(()),
    };
    event.record(&mut line);
    line.written?;
    text.push('\n');
    Ok(())
}

/// Of each thread, so that a line costs no allocation.
#[derive(Default)]
struct Scratch {
    clock: Clock,
    text: String,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use std::{
        error::Error,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        /// The lines, without the times at their beginnings.
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            let without_time = |line: &str| match line.split_once("Z") {
                Some((time, rest)) if time.contains("T") => rest.to_owned(),
                _ => line.to_owned(),
            };
            text.lines().map(without_time).collect()
        }
    }

    /// Tells something when it is written.
    struct Chatty;

    impl fmt::Debug for Chatty {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            tracing::info!("inside");
            f.write_str("chatty")
        }
    }

    fn tell() {
        for text in [
            "",
            "plain text",
            "a \"quote\"",
            "back\\slash",
            "line\nfeed",
            "\u{1b}[31m",
            "é",
        ] {
            tracing::info!(text, number = 7, other = %text, "a message of {text}");
            tracing::info!(text);
        }
        let error: &dyn Error = &io::Error::other("a cause\n");
        tracing::warn!(error, text = "behind", "an error");
        tracing::error!(a.dotted = "x", b2 = "z", "both");
        tracing::error!(target: "another::target", "nothing else");
        tracing::debug!(message = "a message", also = ?Some("x"));
        tracing::trace!(chatty = ?Chatty);
        let span = tracing::info_span!("a span", of = "something");
        span.in_scope(|| tracing::info!(text = "in it", "told"));
    }

    #[test]
    fn lines_are_those_of_the_default() {
        let lines = |ansi| {
            let (usual, own) = (Kept::default(), Kept::default());
            let (to_usual, to_own) = (usual.clone(), own.clone());
            let builder = || {
                tracing_subscriber::fmt()
                    .with_ansi(ansi)
                    .with_max_level(Level::TRACE)
            };
            let subscriber = builder().with_writer(move || to_usual.clone()).finish();
            tracing::subscriber::with_default(subscriber, tell);
            let subscriber = builder()
                .event_format(Lines::default())
                .with_writer(move || to_own.clone());
            tracing::subscriber::with_default(subscriber.finish(), tell);
            (usual.lines(), own.lines())
        };
        for ansi in [false, true] {
            let (usual, own) = lines(ansi);
            assert!(usual.len() >= 20);
            assert_eq!(own, usual);
        }
    }
}
