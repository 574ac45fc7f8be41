//! Durations from ISO 8601 text: by units (`P1Y2M3W4DT5H6M7.5S`) and by date and time (`P2012-02-02T14:37:21.545`).

use super::Duration;
use super::calendar::MONTHS_PER_YEAR;
use super::decimal::Decimal;
use super::duration::Amounts;
use super::parse::{Clock, digits, parse_clock};

const DATE_UNITS: [(char, &str); 4] = [('Y', "years"), ('M', "months"), ('W', "weeks"), ('D', "days")];
const TIME_UNITS: [(char, &str); 3] = [('H', "hours"), ('M', "minutes"), ('S', "seconds")];

/// Reads a duration, with a sign before the whole or before each amount; the last amount alone may have a fraction.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = rest.strip_prefix(['P', 'p'])?.to_ascii_uppercase();
    let duration = by_units(&rest).or_else(|| by_date(&rest))?;
    if negative { duration.negated() } else { Some(duration) }
}

fn by_units(text: &str) -> Option<Duration> {
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let mut amounts = Amounts::default();
    let mut ended = false;
    read_units(date, &DATE_UNITS, &mut amounts, &mut ended)?;
    read_units(time, &TIME_UNITS, &mut amounts, &mut ended)?;
    amounts.duration()
}

/// Reads amounts in the order of the units, each at most once. `ended` after a fraction.
fn read_units(
    mut text: &str,
    mut units: &[(char, &str)],
    amounts: &mut Amounts,
    ended: &mut bool,
) -> Option<()> {
    while !text.is_empty() {
        let end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let letter = text[end..].chars().next()?;
        let place = units.iter().position(|(unit, _)| *unit == letter)?;
        if *ended {
            return None;
        }
        let amount = Decimal::parse(&text[..end])?;
        *ended = text[..end].contains(['.', ',']);
        amounts.add(units[place].1, amount)?;
        units = &units[place + 1..];
        text = &text[end + 1..];
    }
    Some(())
}

fn by_date(text: &str) -> Option<Duration> {
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) => (date, parse_clock(clock)?),
        None => (text, Clock::default()),
    };
    let (year, month, day) = match date.len() {
        0 if !text.is_empty() => (0, 0, 0),
        8 => (digits(date.get(..4)?, 4)?, digits(date.get(4..6)?, 2)?, digits(date.get(6..)?, 2)?),
        10 if date.as_bytes()[4] == b'-' && date.as_bytes()[7] == b'-' => {
            (digits(date.get(..4)?, 4)?, digits(date.get(5..7)?, 2)?, digits(date.get(8..)?, 2)?)
        }
        _ => return None,
    };
    let Clock { hour, minute, second, nanosecond } = clock;
    if month > MONTHS_PER_YEAR || day > 31 || hour > 24 || minute > 60 || second > 60 {
        return None;
    }
    let mut amounts = Amounts::default();
    for (unit, amount) in [
        ("years", year),
        ("months", month),
        ("days", day),
        ("hours", hour),
        ("minutes", minute),
        ("seconds", second),
        ("nanoseconds", nanosecond),
    ] {
        amounts.add(unit, Decimal::from_integer(amount))?;
    }
    amounts.duration()
}
