//! The text of temporal values: ISO 8601 in its extended form, seconds left out where they are zero.

use super::clock_time::{NANOSECONDS_PER_SECOND, SECONDS_PER_HOUR, SECONDS_PER_MINUTE};
use super::{Date, DateTime, Duration, LocalDateTime, LocalTime, Temporal, Time, Zone};
use std::fmt::{Display, Formatter, Result};

impl Display for Temporal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Temporal::Date(date) => date.fmt(f),
            Temporal::LocalTime(time) => time.fmt(f),
            Temporal::Time(time) => time.fmt(f),
            Temporal::LocalDateTime(moment) => moment.fmt(f),
            Temporal::DateTime(moment) => moment.fmt(f),
            Temporal::Duration(duration) => duration.fmt(f),
        }
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let civil = self.civil();
        let sign = match civil.year {
            ..0 => "-",
            0..=9_999 => "",
            _ => "+",
        };
        write!(f, "{sign}{:04}-{:02}-{:02}", civil.year.abs(), civil.month, civil.day)
    }
}

impl Display for LocalTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())?;
        if self.second() == 0 && self.nanosecond() == 0 {
            return Ok(());
        }
        write!(f, ":{:02}", self.second())?;
        write_fraction(f, self.nanosecond())
    }
}

impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.local.fmt(f)?;
        write_offset(f, self.offset_seconds)
    }
}

impl Display for LocalDateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}T{}", self.date, self.time)
    }
}

impl Display for DateTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.local.fmt(f)?;
        write_offset(f, self.zone.offset_seconds)?;
        match &self.zone.name {
            Some(name) => write!(f, "[{name}]"),
            None => Ok(()),
        }
    }
}

/// The name of the zone, or its offset.
impl Display for Zone {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => write_offset(f, self.offset_seconds),
        }
    }
}

/// Each part with its own sign: `P1M-14D`, `PT-23H-59M-59.9S`; parts that are zero are left out.
impl Display for Duration {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if *self == Duration::default() {
            return f.write_str("PT0S");
        }
        f.write_str("P")?;
        write_part(f, self.months / 12, 'Y')?;
        write_part(f, self.months % 12, 'M')?;
        write_part(f, self.days, 'D')?;
        if self.seconds == 0 && self.nanoseconds == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        // The fraction takes the sign of the seconds.
        let (seconds, nanoseconds) = if self.seconds < 0 && self.nanoseconds > 0 {
            (self.seconds + 1, NANOSECONDS_PER_SECOND - i64::from(self.nanoseconds))
        } else {
            (self.seconds, i64::from(self.nanoseconds))
        };
        write_part(f, seconds / SECONDS_PER_HOUR, 'H')?;
        write_part(f, seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE, 'M')?;
        let rest = seconds % SECONDS_PER_MINUTE;
        if rest == 0 && nanoseconds == 0 {
            return Ok(());
        }
        let sign = if self.seconds < 0 { "-" } else { "" };
        write!(f, "{sign}{}", rest.abs())?;
        write_fraction(f, nanoseconds)?;
        f.write_str("S")
    }
}

fn write_part(f: &mut Formatter<'_>, amount: i64, unit: char) -> Result {
    if amount == 0 { Ok(()) } else { write!(f, "{amount}{unit}") }
}

fn write_fraction(f: &mut Formatter<'_>, nanoseconds: i64) -> Result {
    if nanoseconds == 0 {
        return Ok(());
    }
    let digits = format!("{nanoseconds:09}");
    write!(f, ".{}", digits.trim_end_matches('0'))
}

fn write_offset(f: &mut Formatter<'_>, offset_seconds: i32) -> Result {
    if offset_seconds == 0 {
        return f.write_str("Z");
    }
    let sign = if offset_seconds < 0 { '-' } else { '+' };
    let offset = i64::from(offset_seconds).abs();
    let (hours, minutes) = (offset / SECONDS_PER_HOUR, offset % SECONDS_PER_HOUR / SECONDS_PER_MINUTE);
    write!(f, "{sign}{hours:02}:{minutes:02}")?;
    match offset % SECONDS_PER_MINUTE {
        0 => Ok(()),
        seconds => write!(f, ":{seconds:02}"),
    }
}

/// An offset as text.
pub fn offset_text(offset_seconds: i32) -> String {
    Zone { offset_seconds, name: None }.to_string()
}
