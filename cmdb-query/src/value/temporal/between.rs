//! `duration.between`, `.inMonths`, `.inDays` and `.inSeconds` of two temporal values.
//!
//! What one side lacks it takes from the other: a time alone takes the other's date, a value without a zone the
//! other's zone; a date alone is its midnight.

use super::clock_time::NANOSECONDS_PER_DAY;
use super::refusal::out_of_range;
use super::{Date, DateTime, Duration, LocalDateTime, LocalTime, Temporal, Zone};
use crate::error::Result;

/// In which units to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Whole months, then whole days, then seconds.
    Parts,
    Months,
    Days,
    Seconds,
}

/// The parts of a point in time that are stated.
struct Side {
    date: Option<Date>,
    time: LocalTime,
    zone: Option<Zone>,
}

/// From one to the other; None if one of them is a duration.
pub fn between(span: Span, from: &Temporal, to: &Temporal) -> Option<Result<Duration>> {
    let (from, to) = (side(from)?, side(to)?);
    Some(measure(span, &from, &to).ok_or_else(|| out_of_range("the duration")))
}

fn side(temporal: &Temporal) -> Option<Side> {
    let (date, time, zone) = match temporal {
        Temporal::Date(date) => (Some(*date), LocalTime::MIDNIGHT, None),
        Temporal::LocalTime(time) => (None, *time, None),
        Temporal::Time(time) => {
            (None, time.local, Some(Zone { offset_seconds: time.offset_seconds, name: None }))
        }
        Temporal::LocalDateTime(moment) => (Some(moment.date), moment.time, None),
        Temporal::DateTime(moment) => (Some(moment.local.date), moment.local.time, Some(moment.zone.clone())),
        Temporal::Duration(_) => return None,
    };
    Some(Side { date, time, zone })
}

/// The side as a point in time, with what it lacks from the other.
fn completed(side: &Side, other: &Side) -> Option<DateTime> {
    let date = side.date.or(other.date).unwrap_or(Date { days: 0 });
    let zone = side.zone.as_ref().or(other.zone.as_ref()).unwrap_or(&Zone::UTC);
    let preferred = side.zone.as_ref().map(|zone| zone.offset_seconds);
    zone.at_local(LocalDateTime::new(date, side.time), preferred)
}

fn measure(span: Span, from: &Side, to: &Side) -> Option<Duration> {
    let (start, end) = (completed(from, to)?, completed(to, from)?);
    let dated = from.date.is_some() && to.date.is_some();
    match span {
        Span::Seconds => Duration::new(0, 0, end.instant() - start.instant()),
        Span::Months | Span::Days if !dated => Some(Duration::default()),
        Span::Months => Duration::new(whole_months(start.local, local_end(&start, &end)?), 0, 0),
        Span::Days => Duration::new(0, whole_days(start.local, local_end(&start, &end)?), 0),
        Span::Parts if !dated => Duration::new(0, 0, end.instant() - start.instant()),
        Span::Parts => parts(&start, &end),
    }
}

fn parts(start: &DateTime, end: &DateTime) -> Option<Duration> {
    let target = local_end(start, end)?;
    let months = whole_months(start.local, target);
    let date = start.local.date.plus_months(months)?;
    let after_months = start.with_local(LocalDateTime { date, ..start.local })?;
    let days = whole_days(after_months.local, target);
    let date = after_months.local.date.plus_days(days)?;
    let after_days = after_months.with_local(LocalDateTime { date, ..after_months.local })?;
    Duration::new(months, days, end.instant() - after_days.instant())
}

/// The end as clocks at the start's zone show it.
fn local_end(start: &DateTime, end: &DateTime) -> Option<LocalDateTime> {
    start.zone.at_instant(end.instant()).map(|moment| moment.local)
}

fn whole_days(start: LocalDateTime, end: LocalDateTime) -> i64 {
    ((end.nanoseconds() - start.nanoseconds()) / i128::from(NANOSECONDS_PER_DAY)) as i64
}

/// Months that fit between, counted from the start's day of month and time of day.
fn whole_months(start: LocalDateTime, end: LocalDateTime) -> i64 {
    let (first, last) = (start.date.civil(), end.date.civil());
    let months = last.month_count() - first.month_count();
    let (start_rest, end_rest) = ((first.day, start.time), (last.day, end.time));
    if months > 0 && end_rest < start_rest {
        months - 1
    } else if months < 0 && end_rest > start_rest {
        months + 1
    } else {
        months
    }
}
