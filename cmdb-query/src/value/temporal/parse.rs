//! Dates and times from ISO 8601 text, in basic and extended form.

use super::clock_time::NANOSECONDS_PER_SECOND;
use super::zone::parse_offset;
use super::{Date, DateTime, LocalDateTime, LocalTime, Time, Zone};

pub use super::parse_duration::parse_duration;

/// Digits of a year with a sign.
const YEAR_DIGITS_MAX: usize = 9;
const FRACTION_DIGITS_MAX: usize = 9;

/// `2015-07-21`, `20150721`, `2015-07`, `2015-W30-2`, `2015W302`, `2015-Q2-60`, `2015-202`, `2015202`, `2015`; years of
/// up to nine digits with a sign.
pub fn parse_date(text: &str) -> Option<Date> {
    let signed = text.starts_with(['+', '-']);
    let digits = &text[usize::from(signed)..];
    let length = if signed { leading_digits(digits) } else { 4 };
    if length == 0 || length > YEAR_DIGITS_MAX {
        return None;
    }
    let year = number(digits.get(..length)?)? * if text.starts_with('-') { -1 } else { 1 };
    match &digits[length..] {
        "" => Date::from_civil(year, 1, 1),
        rest => match rest.strip_prefix('-') {
            Some(rest) => extended_date(year, rest),
            None => basic_date(year, rest),
        },
    }
}

fn extended_date(year: i64, rest: &str) -> Option<Date> {
    if let Some(week) = rest.strip_prefix('W') {
        return match week.split_once('-') {
            Some((week, day)) => Date::from_week(year, digits(week, 2)?, digits(day, 1)?),
            None => Date::from_week(year, digits(week, 2)?, 1),
        };
    }
    if let Some(quarter) = rest.strip_prefix('Q') {
        return match quarter.split_once('-') {
            Some((quarter, day)) if day.len() <= 2 => {
                Date::from_quarter(year, digits(quarter, 1)?, number(day)?)
            }
            Some(_) => None,
            None => Date::from_quarter(year, digits(quarter, 1)?, 1),
        };
    }
    match rest.split_once('-') {
        Some((month, day)) => Date::from_civil(year, digits(month, 2)?, digits(day, 2)?),
        None if rest.len() == 3 => Date::from_ordinal(year, number(rest)?),
        None => Date::from_civil(year, digits(rest, 2)?, 1),
    }
}

fn basic_date(year: i64, rest: &str) -> Option<Date> {
    if let Some(week) = rest.strip_prefix('W') {
        let number = number(week)?;
        return match week.len() {
            2 => Date::from_week(year, number, 1),
            3 => Date::from_week(year, number / 10, number % 10),
            _ => None,
        };
    }
    if let Some(quarter) = rest.strip_prefix('Q') {
        let number = number(quarter)?;
        return match quarter.len() {
            1 => Date::from_quarter(year, number, 1),
            2 => Date::from_quarter(year, number / 10, number % 10),
            3 => Date::from_quarter(year, number / 100, number % 100),
            _ => None,
        };
    }
    let number = number(rest)?;
    match rest.len() {
        2 => Date::from_civil(year, number, 1),
        3 => Date::from_ordinal(year, number),
        4 => Date::from_civil(year, number / 100, number % 100),
        _ => None,
    }
}

/// `21:40:32.142`, `214032.142`, `21:40`, `2140`, `21`.
pub fn parse_local_time(text: &str) -> Option<LocalTime> {
    let clock = parse_clock(text)?;
    LocalTime::from_parts(clock.hour, clock.minute, clock.second, clock.nanosecond)
}

/// A time of day with an offset; without one it is UTC. A named zone says nothing without a date.
pub fn parse_time(text: &str) -> Option<Time> {
    let (clock, zone) = text.split_at(zone_start(text));
    let offset_seconds = if zone.is_empty() { 0 } else { parse_offset(zone)? as i32 };
    Some(Time { local: parse_local_time(clock)?, offset_seconds })
}

/// A date and a time joined by `T`, or a date alone for its midnight.
pub fn parse_local_date_time(text: &str) -> Option<LocalDateTime> {
    match text.split_once('T') {
        Some((date, time)) => Some(LocalDateTime::new(parse_date(date)?, parse_local_time(time)?)),
        None => Some(LocalDateTime::new(parse_date(text)?, LocalTime::MIDNIGHT)),
    }
}

/// A date and a time with offset, zone name in brackets, or both; both must agree. With neither it is `default`.
pub fn parse_date_time(text: &str, default: &Zone) -> Option<DateTime> {
    let (date, rest) = text.split_once('T').unwrap_or((text, "00"));
    let (clock, zone) = rest.split_at(zone_start(rest));
    let local = LocalDateTime::new(parse_date(date)?, parse_local_time(clock)?);
    if zone.is_empty() {
        return default.at_local(local, None);
    }
    let (offset, name) = match zone.split_once('[') {
        Some((offset, name)) => (offset, Some(name.strip_suffix(']')?)),
        None => (zone, None),
    };
    let offset = if offset.is_empty() { None } else { Some(parse_offset(offset)? as i32) };
    let Some(name) = name else {
        return Zone::fixed(i64::from(offset?))?.at_local(local, None);
    };
    let moment = Zone::parse(name)?.at_local(local, offset)?;
    let agrees = offset.is_none_or(|offset| moment.zone.offset_seconds == offset);
    agrees.then_some(moment)
}

/// Numbers of a clock as written, not yet checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub nanosecond: i64,
}

pub fn parse_clock(text: &str) -> Option<Clock> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let (hour, minute, second) = clock_parts(whole)?;
    let nanosecond = match fraction {
        Some(_) if second.is_none() => return None,
        Some(fraction) => parse_fraction(fraction)?,
        None => 0,
    };
    let two = |part: Option<&str>| part.map_or(Some(0), |part| digits(part, 2));
    Some(Clock { hour: digits(hour, 2)?, minute: two(minute)?, second: two(second)?, nanosecond })
}

fn clock_parts(text: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    if text.contains(':') {
        let mut parts = text.split(':');
        let clock = (parts.next()?, parts.next(), parts.next());
        return parts.next().is_none().then_some(clock);
    }
    match text.len() {
        2 => Some((text, None, None)),
        4 => Some((text.get(..2)?, text.get(2..), None)),
        6 => Some((text.get(..2)?, text.get(2..4), text.get(4..))),
        _ => None,
    }
}

/// Digits after the point, as nanoseconds.
pub fn parse_fraction(text: &str) -> Option<i64> {
    if text.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    let places = (FRACTION_DIGITS_MAX - text.len()) as u32;
    number(text).map(|n| n * 10_i64.pow(places)).filter(|n| *n < NANOSECONDS_PER_SECOND)
}

/// Where the zone begins in a time.
fn zone_start(text: &str) -> usize {
    text.find(['Z', 'z', '+', '-', '[']).unwrap_or(text.len())
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A number of exactly `length` digits.
pub fn digits(text: &str, length: usize) -> Option<i64> {
    if text.len() == length { number(text) } else { None }
}

fn number(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}
