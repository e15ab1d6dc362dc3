//! Times as Django takes them.

use jiff::{Timestamp, civil, tz::TimeZone};

/// A date, or a date and a time with or without an offset; without one it is UTC. In microseconds
/// since 1970.
pub(super) fn read(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = match text.find(['T', ' ']) {
        None => (text, ""),
        Some(at) => (text.get(..at)?, text.get(at.checked_add(1)?..)?),
    };
    let date: civil::Date = date.parse().ok()?;
    if time.is_empty() {
        return micros(date.to_datetime(civil::Time::midnight()), 0);
    }
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = (time.get(..zone)?, time.get(zone..)?);
    let time: civil::Time = time.trim_end().parse().ok()?;
    micros(date.to_datetime(time), offset(zone)?)
}

/// When a year begins, and when the next.
pub(super) fn year(year: i64) -> Option<(i64, i64)> {
    let begin = |year: i64| {
        let date = civil::Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
        micros(date.to_datetime(civil::Time::midnight()), 0)
    };
    Some((begin(year)?, begin(year.checked_add(1)?)?))
}

fn micros(time: civil::DateTime, offset: i64) -> Option<i64> {
    let utc: Timestamp = time.to_zoned(TimeZone::UTC).ok()?.timestamp();
    utc.as_microsecond()
        .checked_sub(offset.checked_mul(1_000_000)?)
}

/// Seconds east of UTC: of `Z`, `+01:00`, `+0100`, `+01`, or nothing.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1) {
        None | Some(("Z" | "z", "")) => return Some(0),
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        Some(_) => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    let number = |text: &str, most: i64| {
        let plain = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        let number: i64 = text.parse().ok()?;
        (plain && number <= most).then_some(number)
    };
    let minutes = match minutes {
        "" => 0,
        minutes => number(minutes, 59)?,
    };
    Some(sign * (number(hours, 23)? * 3600 + minutes * 60))
}
