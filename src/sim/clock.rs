//! The cloud's own clock: real time that a test can move forward.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Starts at the real time, runs with it, and jumps ahead on request.
#[derive(Debug)]
pub(super) struct Clock {
    /// Time since the epoch when the clock was made.
    start: Duration,
    made: Instant,
    jumped: Duration,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "tokens say when they expire to clients that compare it with their own clock"
    )]
    pub(super) fn new() -> Self {
        Self {
            start: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            made: Instant::now(),
            jumped: Duration::ZERO,
        }
    }

    /// Time since the epoch.
    pub(super) fn now(&self) -> Duration {
        self.start + self.made.elapsed() + self.jumped
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.jumped += by;
    }
}

/// A time since the epoch as OpenStack writes it, in UTC, with `fraction` after the seconds.
pub(super) fn rfc3339(since_epoch: Duration, fraction: &str) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Year, month and day of a day number counted from 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    // Years begin in March here, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_calendar_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(Duration::from_secs(seconds), ""), text);
        }
    }

    #[test]
    fn the_clock_jumps_when_told() {
        let mut clock = Clock::new();
        let before = clock.now();
        clock.advance(Duration::from_secs(60));
        assert!(clock.now() >= before + Duration::from_secs(60));
    }
}
