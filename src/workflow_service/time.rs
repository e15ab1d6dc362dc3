//! Times as they are written in answers.

use serde::{Serialize, Serializer};

use crate::workflow::Timestamp;

/// A time in UTC with microseconds: `2026-11-22T05:36:10.480795Z`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(pub(super) Timestamp);

impl Time {
    /// As in the text of a note: `2026-11-22 05:36:10.480795+00:00`.
    pub(super) fn in_note(self) -> String {
        self.written("%Y-%m-%d %H:%M:%S%.6f+00:00")
    }

    fn written(self, format: &str) -> String {
        let time = jiff::Timestamp::from_microsecond(self.0.as_micros());
        time.unwrap_or_default().strftime(format).to_string()
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written("%Y-%m-%dT%H:%M:%S%.6fZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_6_times_have_microseconds() {
        let time = Time(Timestamp::from_micros(1_795_325_770_480_795));
        let written = serde_json::to_value(time).unwrap();
        assert_eq!(written, "2026-11-22T05:36:10.480795Z");
        assert_eq!(time.in_note(), "2026-11-22 05:36:10.480795+00:00");
        let whole = Time(Timestamp::from_micros(0));
        assert_eq!(
            serde_json::to_value(whole).unwrap(),
            "1970-01-01T00:00:00.000000Z"
        );
    }
}
