//! The time of an event, in UTC.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use jiff::Timestamp;

/// Writes times one after another. All but the fraction of a second is worked out once for each
/// second.
#[derive(Default)]
pub(super) struct Clock {
    second: u64,
    text: String,
}

impl Clock {
    /// Appends a time to the microsecond, if there is a text for it.
    pub(super) fn write(&mut self, time: SystemTime, line: &mut String) -> Option<()> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        if self.text.is_empty() || self.second != since.as_secs() {
            self.begin(since)?;
        }
        line.push_str(&self.text);
        write!(line, ".{:06}Z", since.subsec_micros()).ok()
    }

    fn begin(&mut self, since: Duration) -> Option<()> {
        let second = Timestamp::from_second(since.as_secs().try_into().ok()?).ok()?;
        self.text = second.to_string();
        // With the fraction comes another.
        self.text.truncate(self.text.trim_end_matches('Z').len());
        self.second = since.as_secs();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::fmt::{format::Writer, time::FormatTime as _};

    use super::*;

    #[test]
    fn a_time_is_written_to_the_microsecond() {
        let mut clock = Clock::default();
        let mut written = |seconds, nanos| {
            let mut line = String::new();
            let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
            clock.write(time, &mut line).map(|()| line)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(written(0, 999), some("1970-01-01T00:00:00.000000Z"));
        let leap = 1_709_210_096;
        assert_eq!(written(leap, 7_000), some("2024-02-29T12:34:56.000007Z"));
        assert_eq!(
            written(leap, 999_999_999),
            some("2024-02-29T12:34:56.999999Z")
        );
        assert_eq!(written(leap + 1, 0), some("2024-02-29T12:34:57.000000Z"));
        assert_eq!(
            written(leap - 86_400, 0),
            some("2024-02-28T12:34:56.000000Z")
        );
        assert_eq!(written(u64::MAX / 4, 0), None);
    }

    #[test]
    fn it_is_the_time_that_tracing_would_write() {
        let mut own = String::new();
        #[expect(clippy::disallowed_methods, reason = "theirs takes no other")]
        let now = SystemTime::now();
        Clock::default().write(now, &mut own).unwrap();
        let mut usual = String::new();
        tracing_subscriber::fmt::time::SystemTime
            .format_time(&mut Writer::new(&mut usual))
            .unwrap();
        assert_eq!(own.len(), usual.len());
        // Written later, and in an order that sorts.
        assert!(
            own <= usual && own.get(..15) == usual.get(..15),
            "{own} {usual}"
        );
    }
}
