//! Recurrence rules of iCalendar (RFC 5545, section 3.3.10) as far as calendars of freezes and maintenance use them:
//! daily, weekly, monthly and yearly, with interval, count, until and the rules by month, day of the month, weekday
//! and position. Rules by hour, week number or day of the year are refused by name.
//!
//! A rule yields local dates; each occurrence keeps the wall-clock times of the first one. So a window from 22:00 to
//! 06:00 ends at 06:00 also in the night the clocks change, and is then an hour shorter or longer. A local time that
//! a change of clocks skips is taken with the offset before it (RFC 5545, section 3.3.5).

use crate::analysis::collision::Span;
use crate::error::{Error, Result};
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span as Length, Timestamp};

/// Occurrences of one rule at most.
pub const OCCURRENCES_MAX: usize = 10_000;
/// Days, weeks, months or years that are looked at for one rule.
const STEPS_MAX: usize = 50_000;
/// The longest rule, in bytes.
pub const RULE_BYTES_MAX: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    Local(DateTime),
    Utc(Timestamp),
}

/// A rule read from its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    frequency: Frequency,
    interval: u32,
    count: Option<u32>,
    until: Option<Until>,
    months: Vec<i8>,
    month_days: Vec<i8>,
    /// With the ordinal within month or year, 0 for every one.
    weekdays: Vec<(i16, Weekday)>,
    positions: Vec<i16>,
    week_start: Weekday,
}

impl Recurrence {
    /// Reads `FREQ=WEEKLY;BYDAY=SA`, with or without `RRULE:` before it.
    ///
    /// # Errors
    /// The part that does not read or is not supported.
    pub fn parse(text: &str) -> Result<Recurrence> {
        if text.len() > RULE_BYTES_MAX {
            return Err(wrong(format!("a recurrence rule has at most {RULE_BYTES_MAX} bytes")));
        }
        let text = text.trim();
        let text = text.strip_prefix("RRULE:").unwrap_or(text);
        let mut rule = Recurrence {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            month_days: Vec::new(),
            weekdays: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut has_frequency = false;
        for part in text.split(';').filter(|p| !p.is_empty()) {
            let (name, value) =
                part.split_once('=').ok_or_else(|| wrong(format!("\"{part}\" is not NAME=VALUE")))?;
            has_frequency |= name.eq_ignore_ascii_case("FREQ");
            rule.part(&name.to_ascii_uppercase(), &value.to_ascii_uppercase())?;
        }
        if !has_frequency {
            return Err(wrong("a recurrence rule needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"));
        }
        if rule.count.is_some() && rule.until.is_some() {
            return Err(wrong("a recurrence rule has COUNT or UNTIL, not both"));
        }
        let ordinals = rule.weekdays.iter().any(|(nth, _)| *nth != 0);
        if ordinals && matches!(rule.frequency, Frequency::Daily | Frequency::Weekly) {
            return Err(wrong("BYDAY has ordinals such as 2TU only with FREQ=MONTHLY or YEARLY"));
        }
        Ok(rule)
    }
    fn part(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "FREQ" => self.frequency = frequency(value)?,
            "INTERVAL" => self.interval = number(name, value, 1..=1000)? as u32,
            "COUNT" => self.count = Some(number(name, value, 1..=OCCURRENCES_MAX as i64)? as u32),
            "UNTIL" => self.until = Some(until(value)?),
            "BYMONTH" => {
                self.months = numbers(name, value, 12, false)?.into_iter().map(|n| n as i8).collect()
            }
            "BYMONTHDAY" => {
                self.month_days = numbers(name, value, 31, true)?.into_iter().map(|n| n as i8).collect();
            }
            "BYSETPOS" => {
                self.positions = numbers(name, value, 366, true)?.into_iter().map(|n| n as i16).collect();
            }
            "BYDAY" => self.weekdays = value.split(',').map(ordinal_weekday).collect::<Result<_>>()?,
            "WKST" => self.week_start = weekday(value)?,
            "BYHOUR" | "BYMINUTE" | "BYSECOND" | "BYWEEKNO" | "BYYEARDAY" => {
                return Err(wrong(format!("{name} is not supported")).hint(
                    "state the time of day with start and end; use BYMONTH, BYMONTHDAY, BYDAY and BYSETPOS",
                ));
            }
            _ => return Err(wrong(format!("a recurrence rule has no part \"{name}\""))),
        }
        Ok(())
    }
    /// Local starts from `first` on, in order, until `more` says no or the rule ends.
    fn dates(&self, first: DateTime, zone: &TimeZone, mut more: impl FnMut(DateTime) -> bool) {
        let mut left = self.count.unwrap_or(u32::MAX);
        for step in 0..STEPS_MAX {
            let Some(days) = self.period(first.date(), step) else { return };
            for date in self.positioned(days) {
                let at = date.to_datetime(first.time());
                if at < first {
                    continue;
                }
                if left == 0 || self.is_past(at, zone) || !more(at) {
                    return;
                }
                left -= 1;
            }
        }
    }
    fn is_past(&self, at: DateTime, zone: &TimeZone) -> bool {
        match self.until {
            None => false,
            Some(Until::Local(until)) => at > until,
            Some(Until::Utc(until)) => zone.to_timestamp(at).is_ok_and(|at| at > until),
        }
    }
    /// All days of the rule in the `step`-th day, week, month or year, ascending.
    fn period(&self, first: Date, step: usize) -> Option<Vec<Date>> {
        let by = i64::try_from(step).ok()?.checked_mul(i64::from(self.interval))?;
        Some(match self.frequency {
            Frequency::Daily => {
                let day = first.checked_add(Length::new().try_days(by).ok()?).ok()?;
                [day]
                    .into_iter()
                    .filter(|d| self.in_month(*d) && self.on_month_day(*d) && self.on_weekday(*d))
                    .collect()
            }
            Frequency::Weekly => {
                let back = i64::from(first.weekday().since(self.week_start));
                let days = by.checked_mul(7)?.checked_sub(back)?;
                let monday = first.checked_add(Length::new().try_days(days).ok()?).ok()?;
                let week = (0..7).filter_map(|n| monday.checked_add(Length::new().days(n)).ok());
                let on_day = |d: &Date| match self.weekdays.is_empty() {
                    true => d.weekday() == first.weekday(),
                    false => self.on_weekday(*d),
                };
                week.filter(|d| self.in_month(*d) && on_day(d)).collect()
            }
            Frequency::Monthly => {
                let month = first.first_of_month().checked_add(Length::new().try_months(by).ok()?).ok()?;
                if self.in_month(month) { self.of_month(month, first) } else { Vec::new() }
            }
            Frequency::Yearly => {
                let year = first.first_of_year().checked_add(Length::new().try_years(by).ok()?).ok()?;
                self.of_year(year, first)
            }
        })
    }
    fn in_month(&self, date: Date) -> bool {
        self.months.is_empty() || self.months.contains(&date.month())
    }
    fn on_month_day(&self, date: Date) -> bool {
        let from_end = date.day() - date.days_in_month() - 1;
        self.month_days.is_empty() || self.month_days.iter().any(|d| *d == date.day() || *d == from_end)
    }
    fn on_weekday(&self, date: Date) -> bool {
        self.weekdays.is_empty() || self.weekdays.iter().any(|(_, day)| *day == date.weekday())
    }
    /// Days of the month that begins with `month`.
    fn of_month(&self, month: Date, first: Date) -> Vec<Date> {
        let days: Vec<Date> = days(month, month.days_in_month().into());
        let plain = self.month_days.is_empty() && self.weekdays.is_empty();
        let nth = |d: &Date| self.is_nth(*d, d.day().into(), month.days_in_month().into());
        let takes = |d: &Date| match plain {
            true => d.day() == first.day(),
            false => self.on_month_day(*d) && nth(d),
        };
        days.into_iter().filter(takes).collect()
    }
    fn of_year(&self, year: Date, first: Date) -> Vec<Date> {
        if self.months.is_empty() && self.month_days.is_empty() && !self.weekdays.is_empty() {
            let length = year.days_in_year();
            let nth = |d: &Date| self.is_nth(*d, d.day_of_year(), length);
            return days(year, length.into()).into_iter().filter(nth).collect();
        }
        let plain = self.months.is_empty() && self.month_days.is_empty();
        let months = (0..12).filter_map(|n| year.checked_add(Length::new().months(n)).ok());
        let takes = |m: &Date| if plain { m.month() == first.month() } else { self.in_month(*m) };
        months.filter(takes).flat_map(|m| self.of_month(m, first)).collect()
    }
    /// Whether the day is one of the weekdays asked for, counted from either end of a stretch of `length` days.
    fn is_nth(&self, date: Date, day: i16, length: i16) -> bool {
        let from_start = (day - 1) / 7 + 1;
        let from_end = -((length - day) / 7 + 1);
        let is_it = |(nth, weekday): &(i16, Weekday)| {
            *weekday == date.weekday() && (*nth == 0 || *nth == from_start || *nth == from_end)
        };
        self.weekdays.is_empty() || self.weekdays.iter().any(is_it)
    }
    fn positioned(&self, days: Vec<Date>) -> Vec<Date> {
        if self.positions.is_empty() {
            return days;
        }
        let length = days.len() as i16;
        let is_picked = |at: i16| self.positions.iter().any(|p| *p == at + 1 || *p == at - length);
        days.into_iter().enumerate().filter(|(at, _)| is_picked(*at as i16)).map(|(_, day)| day).collect()
    }
}

fn days(from: Date, count: i64) -> Vec<Date> {
    (0..count).filter_map(|n| from.checked_add(Length::new().days(n)).ok()).collect()
}

/// Spans of an event from `start` to `end` local time, repeated by `rule` or not, that meet `within`; `left_out` names
/// local starts that do not take place.
///
/// # Errors
/// `limit` if there are more than [`OCCURRENCES_MAX`].
pub fn occurrences(
    (start, end): (DateTime, DateTime),
    zone: &TimeZone,
    rule: Option<&Recurrence>,
    left_out: &[DateTime],
    within: Span,
) -> Result<Vec<Span>> {
    let length = start.until(end).unwrap_or_default();
    let mut spans = Vec::new();
    let mut take = |at: DateTime| {
        let Ok(ends) = at.checked_add(length) else { return false };
        let (Some(start_ms), Some(end_ms)) = (instant(at, zone), instant(ends, zone)) else { return true };
        let span = Span { start_ms, end_ms };
        if span.meets(&within) && !left_out.contains(&at) {
            spans.push(span);
        }
        start_ms < within.end_ms && spans.len() <= OCCURRENCES_MAX
    };
    match rule {
        None => {
            take(start);
        }
        Some(rule) => rule.dates(start, zone, &mut take),
    }
    if spans.len() > OCCURRENCES_MAX {
        let message =
            format!("the calendar entry takes place more than {OCCURRENCES_MAX} times in that time");
        return Err(Error::limit("calendar.occurrences", message).hint("ask for a shorter time"));
    }
    Ok(spans)
}

fn instant(at: DateTime, zone: &TimeZone) -> Option<i64> {
    zone.to_ambiguous_timestamp(at).compatible().ok().map(|t| t.as_millisecond())
}

fn wrong(message: impl Into<String>) -> Error {
    Error::invalid("calendar.recurrence", message.into())
        .hint("write rules as in iCalendar: FREQ=WEEKLY;BYDAY=SA or FREQ=MONTHLY;BYDAY=2TU")
}

fn frequency(value: &str) -> Result<Frequency> {
    Ok(match value {
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        other => return Err(wrong(format!("FREQ={other} is not DAILY, WEEKLY, MONTHLY or YEARLY"))),
    })
}

fn number(name: &str, value: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64> {
    value.parse().ok().filter(|n| range.contains(n)).ok_or_else(|| {
        wrong(format!("{name}={value} is not a whole number from {} to {}", range.start(), range.end()))
    })
}

/// Numbers from 1 to `max`, or from the end where `signed`.
fn numbers(name: &str, value: &str, max: i64, signed: bool) -> Result<Vec<i64>> {
    let one = |text: &str| {
        let n =
            number(name, text.strip_prefix('+').unwrap_or(text), if signed { -max..=max } else { 1..=max })?;
        if n == 0 { Err(wrong(format!("{name} counts from 1"))) } else { Ok(n) }
    };
    value.split(',').map(one).collect()
}

fn weekday(text: &str) -> Result<Weekday> {
    Ok(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        other => return Err(wrong(format!("\"{other}\" is no weekday: MO, TU, WE, TH, FR, SA or SU"))),
    })
}

fn ordinal_weekday(text: &str) -> Result<(i16, Weekday)> {
    let at = text.len().saturating_sub(2);
    let (nth, day) = text.split_at_checked(at).ok_or_else(|| wrong(format!("\"{text}\" is no weekday")))?;
    let nth = match nth.strip_prefix('+').unwrap_or(nth) {
        "" => 0,
        nth => numbers("BYDAY", nth, 53, true)?[0] as i16,
    };
    Ok((nth, weekday(day)?))
}

/// A date holds the whole day.
fn until(value: &str) -> Result<Until> {
    let unread =
        || wrong(format!("UNTIL={value} is not a date or time such as 20261231 or 20261231T225959Z"));
    if let Some(utc) = value.strip_suffix('Z') {
        let at = DateTime::strptime("%Y%m%dT%H%M%S", utc).map_err(|_| unread())?;
        return Ok(Until::Utc(TimeZone::UTC.to_timestamp(at).map_err(|_| unread())?));
    }
    if let Ok(at) = DateTime::strptime("%Y%m%dT%H%M%S", value) {
        return Ok(Until::Local(at));
    }
    let date = Date::strptime("%Y%m%d", value).map_err(|_| unread())?;
    Ok(Until::Local(date.at(23, 59, 59, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (first, rule, starts): worked out by another implementation, python-dateutil 2.9.
    const RULES: &[(&str, &str, &str)] = &[
        (
            "20260105T220000",
            "FREQ=WEEKLY;BYDAY=SA",
            "20260110T2200 20260117T2200 20260124T2200 20260131T2200",
        ),
        (
            "20260105T220000",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU",
            "20260106T2200 20260108T2200 20260120T2200 20260122T2200 20260203T2200 20260205T2200",
        ),
        (
            "20260105T220000",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO",
            "20260105T2200 20260111T2200 20260119T2200 20260125T2200 20260202T2200 20260208T2200",
        ),
        (
            "20260105T220000",
            "FREQ=MONTHLY;BYDAY=2TU",
            "20260113T2200 20260210T2200 20260310T2200 20260414T2200 20260512T2200",
        ),
        (
            "20260131T080000",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "20260131T0800 20260228T0800 20260331T0800 20260430T0800 20260531T0800",
        ),
        ("20260131T080000", "FREQ=MONTHLY", "20260131T0800 20260331T0800 20260531T0800 20260731T0800"),
        (
            "20260101T080000",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "20260130T0800 20260227T0800 20260331T0800 20260430T0800 20260529T0800",
        ),
        (
            "20260101T080000",
            "FREQ=MONTHLY;BYDAY=-1FR",
            "20260130T0800 20260227T0800 20260327T0800 20260424T0800 20260529T0800",
        ),
        (
            "20260101T080000",
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "20260213T0800 20260313T0800 20261113T0800 20270813T0800",
        ),
        ("20240229T080000", "FREQ=YEARLY", "20240229T0800 20280229T0800 20320229T0800"),
        (
            "20261120T180000",
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            "20261126T1800 20271125T1800 20281123T1800 20291122T1800",
        ),
        (
            "20261120T180000",
            "FREQ=YEARLY;BYMONTH=11,12;BYMONTHDAY=24",
            "20261124T1800 20261224T1800 20271124T1800 20271224T1800",
        ),
        ("20261120T180000", "FREQ=YEARLY;BYDAY=20MO", "20270517T1800 20280515T1800 20290514T1800"),
        (
            "20260101T060000",
            "FREQ=DAILY;INTERVAL=10;COUNT=5",
            "20260101T0600 20260111T0600 20260121T0600 20260131T0600 20260210T0600",
        ),
        (
            "20260101T060000",
            "FREQ=DAILY;BYMONTH=1;BYDAY=MO;UNTIL=20270120T000000",
            "20260105T0600 20260112T0600 20260119T0600 20260126T0600 20270104T0600 20270111T0600 20270118T0600",
        ),
        ("20260101T060000", "FREQ=DAILY;UNTIL=20260103T060000", "20260101T0600 20260102T0600 20260103T0600"),
        (
            "20260315T000000",
            "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1,15",
            "20260315T0000 20260601T0000 20260615T0000 20260901T0000 20260915T0000 20261201T0000",
        ),
        (
            "20260315T000000",
            "FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYSETPOS=1,-1",
            "20260329T0000 20270307T0000 20270328T0000 20280305T0000 20280326T0000 20290304T0000",
        ),
    ];

    fn read(text: &str) -> DateTime {
        DateTime::strptime("%Y%m%dT%H%M%S", text).unwrap()
    }

    #[test]
    fn rules_yield_what_another_implementation_yields() {
        for (first, rule, expected) in RULES {
            let expected: Vec<&str> = expected.split(' ').collect();
            let mut found = Vec::new();
            Recurrence::parse(rule).unwrap().dates(read(first), &TimeZone::UTC, |at| {
                found.push(at.strftime("%Y%m%dT%H%M").to_string());
                found.len() < expected.len()
            });
            assert_eq!(found, expected, "{rule} from {first}");
        }
    }

    #[test]
    fn a_window_keeps_its_local_hours_when_the_clocks_change() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let rule = Recurrence::parse("FREQ=WEEKLY").unwrap();
        let within = Span { start_ms: 0, end_ms: instant(read("20260405T000000"), &zone).unwrap() };
        let times = (read("20260321T220000"), read("20260322T060000"));
        let spans = occurrences(times, &zone, Some(&rule), &[], within).unwrap();
        let hours: Vec<i64> = spans.iter().map(|s| (s.end_ms - s.start_ms) / 3_600_000).collect();
        assert_eq!(hours, [8, 7, 8], "the night of 28 March is an hour short");
        let local = |ms| Timestamp::from_millisecond(ms).unwrap().to_zoned(zone.clone()).time().hour();
        assert!(spans.iter().all(|s| (local(s.start_ms), local(s.end_ms)) == (22, 6)));
        let left_out = occurrences(times, &zone, Some(&rule), &[read("20260328T220000")], within).unwrap();
        assert_eq!(left_out.len(), 2);
    }

    #[test]
    fn what_does_not_read_is_named() {
        for (rule, named) in [
            ("BYDAY=SA", "FREQ"),
            ("FREQ=HOURLY", "HOURLY"),
            ("FREQ=DAILY;BYHOUR=3", "BYHOUR"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
            ("FREQ=MONTHLY;BYDAY=2XX", "XX"),
            ("FREQ=WEEKLY;BYDAY=2TU", "ordinals"),
            ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "both"),
            ("FREQ=DAILY;UNTIL=soon", "SOON"),
            ("FREQ=DAILY;é=1", "part"),
            ("FREQ=MONTHLY;BYDAY=é", "weekday"),
        ] {
            let error = Recurrence::parse(rule).unwrap_err();
            assert!(error.message().contains(named), "{rule}: {}", error.message());
        }
    }

    #[test]
    fn a_rule_without_end_stops_at_the_end_of_the_question() {
        let rule = Recurrence::parse("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30").unwrap();
        let times = (read("20260101T000000"), read("20260101T010000"));
        let within = Span { start_ms: 0, end_ms: i64::MAX };
        assert_eq!(occurrences(times, &TimeZone::UTC, Some(&rule), &[], within).unwrap(), []);
        let daily = Recurrence::parse("FREQ=DAILY").unwrap();
        assert_eq!(
            occurrences(times, &TimeZone::UTC, Some(&daily), &[], within).unwrap_err().code(),
            "calendar.occurrences"
        );
    }
}
