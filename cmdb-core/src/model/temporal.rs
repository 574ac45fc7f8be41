//! Times as the query language knows them; civil parts come from `jiff`, offsets and durations are ours so that
//! they compare, hash and store exactly.

use jiff::civil;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// A time of day with an offset from UTC in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OffsetTime {
    pub time: civil::Time,
    pub offset_seconds: i32,
}

/// A point in time: seconds and nanoseconds since 1970 UTC, with the offset and zone it was written in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant {
    pub seconds: i64,
    pub nanoseconds: i32,
    pub offset_seconds: i32,
    /// IANA name, where one was stated.
    pub zone: Option<SmolStr>,
}

/// A duration whose months, days and seconds do not convert into each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Duration {
    pub months: i64,
    pub days: i64,
    pub seconds: i64,
    pub nanoseconds: i32,
}

impl Instant {
    /// Reads an RFC 3339 or RFC 9557 timestamp; an offset or zone is required.
    pub fn parse(text: &str) -> Option<Instant> {
        if let Ok(zoned) = text.parse::<jiff::Zoned>() {
            return Some(Instant {
                seconds: zoned.timestamp().as_second(),
                nanoseconds: zoned.timestamp().subsec_nanosecond(),
                offset_seconds: zoned.offset().seconds(),
                zone: zoned.time_zone().iana_name().map(SmolStr::new),
            });
        }
        let parsed = text.parse::<jiff::Timestamp>().ok()?;
        let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
        let offset_seconds = pieces.to_numeric_offset().map_or(0, |o| o.seconds());
        Some(Instant {
            seconds: parsed.as_second(),
            nanoseconds: parsed.subsec_nanosecond(),
            offset_seconds,
            zone: None,
        })
    }
    pub fn from_millis(millis: i64) -> Instant {
        Instant {
            seconds: millis.div_euclid(1000),
            nanoseconds: (millis.rem_euclid(1000) * 1_000_000) as i32,
            offset_seconds: 0,
            zone: None,
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(stamp) = jiff::Timestamp::new(self.seconds, self.nanoseconds) else {
            return write!(f, "{}s", self.seconds);
        };
        match jiff::tz::Offset::from_seconds(self.offset_seconds) {
            Ok(offset) if self.offset_seconds != 0 => write!(f, "{}", stamp.display_with_offset(offset))?,
            _ => write!(f, "{stamp}")?,
        }
        match &self.zone {
            Some(zone) => write!(f, "[{zone}]"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for OffsetTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.time)?;
        if self.offset_seconds == 0 {
            return f.write_str("Z");
        }
        let (sign, rest) =
            if self.offset_seconds < 0 { ('-', -self.offset_seconds) } else { ('+', self.offset_seconds) };
        write!(f, "{sign}{:02}:{:02}", rest / 3600, rest / 60 % 60)
    }
}

impl Duration {
    /// Reads an ISO 8601 duration such as `P1Y2M3DT4H5M6.5S`.
    pub fn parse(text: &str) -> Option<Duration> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let rest = rest.strip_prefix('P')?;
        let (date, time) = rest.split_once('T').map_or((rest, ""), |(d, t)| (d, t));
        let mut out = Duration::default();
        let mut seen = false;
        for (part, in_time) in [(date, false), (time, true)] {
            let mut number = String::new();
            for c in part.chars() {
                if c.is_ascii_digit() || matches!(c, '.' | '-' | '+') {
                    number.push(c);
                    continue;
                }
                out.add_part(&number, c, in_time)?;
                number.clear();
                seen = true;
            }
            if !number.is_empty() {
                return None;
            }
        }
        if !seen {
            return None;
        }
        Some(Duration {
            months: out.months * negative,
            days: out.days * negative,
            seconds: out.seconds * negative,
            nanoseconds: out.nanoseconds * negative as i32,
        })
    }
    fn add_part(&mut self, number: &str, unit: char, in_time: bool) -> Option<()> {
        if (unit, in_time) == ('S', true) {
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            let negative = whole.starts_with('-');
            self.seconds = self.seconds.checked_add(whole.parse().ok()?)?;
            let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
            let nanoseconds: i32 = digits.parse().ok()?;
            self.nanoseconds = if negative { -nanoseconds } else { nanoseconds };
            return Some(());
        }
        let n: i64 = number.parse().ok()?;
        let (slot, factor) = match (unit, in_time) {
            ('Y', false) => (&mut self.months, 12),
            ('M', false) => (&mut self.months, 1),
            ('W', false) => (&mut self.days, 7),
            ('D', false) => (&mut self.days, 1),
            ('H', true) => (&mut self.seconds, 3600),
            ('M', true) => (&mut self.seconds, 60),
            _ => return None,
        };
        *slot = slot.checked_add(n.checked_mul(factor)?)?;
        Some(())
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        for (value, unit) in [(self.months / 12, 'Y'), (self.months % 12, 'M'), (self.days, 'D')] {
            if value != 0 {
                write!(f, "{value}{unit}")?;
            }
        }
        let (hours, minutes, seconds) = (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60);
        if self.seconds == 0 && self.nanoseconds == 0 {
            return if self.months == 0 && self.days == 0 { f.write_str("T0S") } else { Ok(()) };
        }
        f.write_str("T")?;
        for (value, unit) in [(hours, 'H'), (minutes, 'M')] {
            if value != 0 {
                write!(f, "{value}{unit}")?;
            }
        }
        if self.nanoseconds != 0 {
            let sign = if seconds == 0 && self.nanoseconds < 0 { "-" } else { "" };
            let digits = format!("{:09}", self.nanoseconds.abs());
            write!(f, "{sign}{seconds}.{}S", digits.trim_end_matches('0'))
        } else if seconds != 0 {
            write!(f, "{seconds}S")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_back_as_they_were_written() {
        for text in ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.25+02:00", "1969-12-31T23:59:59Z"] {
            assert_eq!(Instant::parse(text).unwrap().to_string(), text);
        }
        assert!(Instant::parse("2026-11-22T10:00:00").is_none(), "an offset is required");
        for text in ["P1Y2M3DT4H5M6.5S", "PT0S", "P7D", "PT-3S"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "P", "1D", "P1", "PT1Y"] {
            assert_eq!(Duration::parse(bad), None, "{bad}");
        }
    }
}
