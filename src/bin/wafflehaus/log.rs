//! What the program tells, to standard error: each event a line, as tracing-subscriber writes it.

use std::{
    error::Error,
    fmt::{self, Debug},
    io::{self, IsTerminal as _},
};

use tracing::field::{Field, Visit};
use tracing_subscriber::{
    EnvFilter,
    field::{RecordFields, VisitOutput as _},
    fmt::{
        FormatFields,
        format::{DefaultVisitor, Writer},
    },
};

/// Begins, as `RUST_LOG` says, or else from level info on.
pub(crate) fn begin() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .fmt_fields(Fields)
        .init();
}

/// Writes fields as the default does, plain texts without its detours: each decision has eight.
struct Fields;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line {
            writer,
            is_empty: true,
            written: Ok(()),
        };
        fields.record(&mut line);
        line.written
    }
}

struct Line<'writer> {
    writer: Writer<'writer>,
    is_empty: bool,
    written: fmt::Result,
}

impl Line<'_> {
    fn by_default(&mut self, record: impl FnOnce(&mut DefaultVisitor<'_>)) {
        let mut visitor = DefaultVisitor::new(self.writer.by_ref(), self.is_empty);
        record(&mut visitor);
        self.written = self.written.and(visitor.finish());
        self.is_empty = false;
    }

    fn plain(&mut self, name: &str, value: &str) -> fmt::Result {
        if !self.is_empty {
            self.writer.write_char(' ')?;
        }
        self.is_empty = false;
        for part in [name, "=\"", value, "\""] {
            self.writer.write_str(part)?;
        }
        Ok(())
    }
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let name = field.name();
        let is_usual = name != "message" && !name.contains(['.', '#']);
        if is_usual && needs_no_escape(value) && !self.writer.has_ansi_escapes() {
            self.written = self.written.and_then(|()| self.plain(name, value));
        } else {
            self.by_default(|visitor| visitor.record_str(field, value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.by_default(|visitor| visitor.record_error(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.by_default(|visitor| visitor.record_debug(field, value));
    }
}

/// Whether the text in quotes is what `Debug` makes of it.
fn needs_no_escape(text: &str) -> bool {
    text.bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

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
    }

    #[test]
    fn lines_are_those_of_the_default() {
        let lines = |ansi| {
            let (usual, own) = (Kept::default(), Kept::default());
            let (to_usual, to_own) = (usual.clone(), own.clone());
            let builder = || tracing_subscriber::fmt().without_time().with_ansi(ansi);
            let subscriber = builder().with_writer(move || to_usual.clone()).finish();
            tracing::subscriber::with_default(subscriber, tell);
            let subscriber = builder()
                .fmt_fields(Fields)
                .with_writer(move || to_own.clone());
            tracing::subscriber::with_default(subscriber.finish(), tell);
            let text = |kept: Kept| String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
            (text(usual), text(own))
        };
        for ansi in [false, true] {
            let (usual, own) = lines(ansi);
            assert!(usual.lines().count() >= 15);
            assert_eq!(own, usual);
        }
    }
}
