//! Offsets and named zones: which offset holds at a local time or at an instant.
//!
//! The zone data is the one compiled in, so that an answer does not depend on the machine. It covers the years −9999
//! to 9999; a time outside them gets the offset of the same day in the nearest year covered.

use super::calendar::{YEAR_MAX, YEAR_MIN};
use super::clock_time::{NANOSECONDS_PER_SECOND, SECONDS_PER_HOUR, SECONDS_PER_MINUTE};
use super::{Date, DateTime, LocalDateTime, LocalTime, Time, Zone};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use smol_str::SmolStr;
use std::sync::OnceLock;

/// The largest offset from UTC that is accepted.
pub const OFFSET_SECONDS_MAX: i64 = 18 * SECONDS_PER_HOUR;

/// The years asked of the zone data; one year inside what it covers, so that no offset leads out of it.
const ZONE_YEAR_MAX: i64 = 9_998;
/// Longer names are no zone.
const NAME_BYTES_MAX: usize = 64;

impl Zone {
    pub const UTC: Zone = Zone { offset_seconds: 0, name: None };

    /// A zone without a name; None beyond 18 hours.
    pub fn fixed(offset_seconds: i64) -> Option<Zone> {
        let fits = (-OFFSET_SECONDS_MAX..=OFFSET_SECONDS_MAX).contains(&offset_seconds);
        fits.then_some(Zone { offset_seconds: offset_seconds as i32, name: None })
    }
    /// Reads an offset (`Z`, `+01`, `-0330`, `+02:05:59`) or the name of a zone, in any case and with spaces for
    /// underscores. The offset of a named zone is settled when it meets a time.
    pub fn parse(text: &str) -> Option<Zone> {
        if let Some(offset) = parse_offset(text) {
            return Zone::fixed(offset);
        }
        let name = text.replace(' ', "_");
        let zone = look_up(&name)?;
        let name = zone.iana_name().map_or_else(|| SmolStr::new(&name), SmolStr::new);
        Some(Zone { offset_seconds: 0, name: Some(name) })
    }
    /// Fixes a local time in this zone. In a gap the time moves forward by the gap; of two possible offsets
    /// `preferred` is taken if it is one of them, else the earlier.
    pub fn at_local(&self, local: LocalDateTime, preferred: Option<i32>) -> Option<DateTime> {
        let Some(zone) = self.name.as_deref().and_then(look_up) else {
            return Some(DateTime { local, zone: self.clone() });
        };
        let (offset, gap) = match zone.to_ambiguous_timestamp(covered(local)).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset.seconds(), 0),
            AmbiguousOffset::Gap { before, after } => {
                (after.seconds(), i64::from(after.seconds() - before.seconds()))
            }
            AmbiguousOffset::Fold { after, .. } if preferred == Some(after.seconds()) => (after.seconds(), 0),
            AmbiguousOffset::Fold { before, .. } => (before.seconds(), 0),
        };
        let local = local.plus_nanoseconds(i128::from(gap) * i128::from(NANOSECONDS_PER_SECOND))?;
        Some(DateTime { local, zone: Zone { offset_seconds: offset, name: self.name.clone() } })
    }
    /// The local time of this zone at an instant in nanoseconds since 1970 UTC; None outside the language's years.
    pub fn at_instant(&self, nanoseconds: i128) -> Option<DateTime> {
        let offset_seconds = match self.name.as_deref().and_then(look_up) {
            Some(zone) => offset_at(&zone, nanoseconds)?.seconds(),
            None => self.offset_seconds,
        };
        let local = LocalDateTime::from_nanoseconds(nanoseconds + offset_nanoseconds(offset_seconds))?;
        Some(DateTime { local, zone: Zone { offset_seconds, name: self.name.clone() } })
    }
}

impl DateTime {
    /// Nanoseconds since 1970 UTC.
    pub fn instant(&self) -> i128 {
        self.local.nanoseconds() - offset_nanoseconds(self.zone.offset_seconds)
    }
    pub fn epoch_seconds(&self) -> i64 {
        self.local.seconds() - i64::from(self.zone.offset_seconds)
    }
    /// The same zone at another local time, keeping the offset if it may hold there.
    pub fn with_local(&self, local: LocalDateTime) -> Option<DateTime> {
        self.zone.at_local(local, Some(self.zone.offset_seconds))
    }
}

impl Time {
    /// Nanoseconds since midnight UTC; negative or past a day where the offset leads there.
    pub fn utc_nanoseconds(self) -> i64 {
        self.local.nanoseconds - i64::from(self.offset_seconds) * NANOSECONDS_PER_SECOND
    }
    /// The same moment of the day at another offset.
    pub fn with_offset(self, offset_seconds: i32) -> Time {
        let shift = offset_nanoseconds(offset_seconds - self.offset_seconds);
        Time { local: self.local.plus_nanoseconds(shift), offset_seconds }
    }
}

pub fn offset_nanoseconds(offset_seconds: i32) -> i128 {
    i128::from(offset_seconds) * i128::from(NANOSECONDS_PER_SECOND)
}

/// Reads `Z`, `±hh`, `±hhmm`, `±hh:mm`, `±hhmmss` or `±hh:mm:ss`, in seconds.
pub fn parse_offset(text: &str) -> Option<i64> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let two = |from: usize| -> Option<i64> {
        let pair = digits.get(from..from + 2)?;
        if pair.bytes().all(|b| b.is_ascii_digit()) { pair.parse().ok() } else { None }
    };
    let colons = |places: &[usize]| places.iter().all(|&place| digits.as_bytes()[place] == b':');
    let (hours, minutes, seconds) = match digits.len() {
        2 => (two(0)?, 0, 0),
        4 => (two(0)?, two(2)?, 0),
        5 if colons(&[2]) => (two(0)?, two(3)?, 0),
        6 => (two(0)?, two(2)?, two(4)?),
        8 if colons(&[2, 5]) => (two(0)?, two(3)?, two(6)?),
        _ => return None,
    };
    let offset = hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE + seconds;
    (minutes < 60 && seconds < 60 && offset <= OFFSET_SECONDS_MAX).then_some(sign * offset)
}

fn look_up(name: &str) -> Option<TimeZone> {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let zone = DATABASE.get_or_init(TimeZoneDatabase::bundled).get(name).ok()?;
    (!zone.is_unknown()).then_some(zone)
}

/// The same day and time in a year that the zone data covers.
fn covered(local: LocalDateTime) -> jiff::civil::DateTime {
    let mut civil = local.date.civil();
    civil.year = civil.year.clamp(-ZONE_YEAR_MAX, ZONE_YEAR_MAX);
    let civil = civil.clamped();
    jiff::civil::DateTime::new(
        civil.year as i16,
        civil.month as i8,
        civil.day as i8,
        local.time.hour() as i8,
        local.time.minute() as i8,
        local.time.second() as i8,
        local.time.nanosecond() as i32,
    )
    .unwrap_or(jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0))
}

fn offset_at(zone: &TimeZone, nanoseconds: i128) -> Option<Offset> {
    // At the very ends of the range an offset leads out of it; then the end itself will do.
    let first = LocalDateTime::new(Date::from_civil(YEAR_MIN, 1, 1)?, LocalTime::MIDNIGHT).nanoseconds();
    let last = LocalDateTime::new(Date::from_civil(YEAR_MAX, 12, 31)?, LocalTime::MIDNIGHT).nanoseconds();
    let universal = LocalDateTime::from_nanoseconds(nanoseconds.clamp(first, last))?;
    let stamp = Offset::UTC.to_timestamp(covered(universal)).ok()?;
    Some(zone.to_offset(stamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> LocalDateTime {
        let date = Date::from_civil(year, month, day).unwrap();
        LocalDateTime::new(date, LocalTime::from_parts(hour, minute, 0, 0).unwrap())
    }

    #[test]
    fn a_gap_moves_forward_and_an_overlap_takes_the_earlier_offset_unless_told() {
        let zone = Zone::parse("europe/stockholm").unwrap();
        assert_eq!(zone.name.as_deref(), Some("Europe/Stockholm"));
        let gap = zone.at_local(local(2017, 3, 26, 2, 30), None).unwrap();
        assert_eq!((gap.local, gap.zone.offset_seconds), (local(2017, 3, 26, 3, 30), 7_200));
        let overlap = local(2017, 10, 29, 2, 30);
        assert_eq!(zone.at_local(overlap, None).unwrap().zone.offset_seconds, 7_200);
        assert_eq!(zone.at_local(overlap, Some(3_600)).unwrap().zone.offset_seconds, 3_600);
        assert_eq!(zone.at_local(overlap, Some(0)).unwrap().zone.offset_seconds, 7_200);
    }

    #[test]
    fn years_without_zone_data_take_the_nearest_year() {
        let zone = Zone::parse("Europe/Stockholm").unwrap();
        for year in [9_999, 12_345, 999_999_999] {
            assert_eq!(
                zone.at_local(local(year, 7, 1, 12, 0), None).unwrap().zone.offset_seconds,
                7_200,
                "{year}"
            );
            assert_eq!(
                zone.at_local(local(year, 1, 9, 12, 0), None).unwrap().zone.offset_seconds,
                3_600,
                "{year}"
            );
        }
        for moment in [local(-999_999_999, 1, 1, 0, 0), local(999_999_999, 12, 31, 23, 59)] {
            let there = zone.at_local(moment, None).unwrap();
            assert_eq!(zone.at_instant(there.instant()), Some(there));
        }
    }

    #[test]
    fn offsets_are_read_strictly() {
        for (text, offset) in
            [("Z", 0), ("+01", 3_600), ("-0330", -12_600), ("+02:05:59", 7_559), ("-020507", -7_507)]
        {
            assert_eq!(parse_offset(text), Some(offset), "{text}");
        }
        for bad in ["", "+", "01:00", "+1", "+1:00", "+01:60", "+19:00", "+0é", "+01:0é", "++1"] {
            assert_eq!(parse_offset(bad), None, "{bad}");
        }
    }
}
