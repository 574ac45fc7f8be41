//! `+ - * /` with temporal values. None where the operands have no such operation; the caller names the error.

use super::clock_time::NANOSECONDS_PER_DAY;
use super::refusal::{invalid, out_of_range};
use super::{Date, DateTime, Duration, LocalDateTime, Temporal, Time};
use crate::error::Result;
use crate::value::Value;

/// A point in time and a duration in either order, or two durations.
pub fn add(left: &Temporal, right: &Temporal) -> Option<Result<Value>> {
    let sum = match (left, right) {
        (Temporal::Duration(a), Temporal::Duration(b)) => a.plus(*b).map(Temporal::Duration),
        (point, Temporal::Duration(duration)) | (Temporal::Duration(duration), point) => {
            moved(point, *duration)
        }
        _ => return None,
    };
    Some(yielded(sum))
}

/// A duration taken from a point in time or from a duration.
pub fn subtract(left: &Temporal, right: &Temporal) -> Option<Result<Value>> {
    let Temporal::Duration(duration) = right else { return None };
    Some(yielded(duration.negated().and_then(|back| match left {
        Temporal::Duration(whole) => whole.plus(back).map(Temporal::Duration),
        point => moved(point, back),
    })))
}

/// A duration times a number.
pub fn multiply(duration: &Temporal, factor: f64) -> Option<Result<Value>> {
    let Temporal::Duration(duration) = duration else { return None };
    Some(yielded(duration.times(factor).map(Temporal::Duration)))
}

/// A duration divided by a number.
pub fn divide(duration: &Temporal, divisor: f64) -> Option<Result<Value>> {
    let Temporal::Duration(duration) = duration else { return None };
    if divisor == 0.0 {
        return Some(Err(invalid("a duration cannot be divided by zero")));
    }
    Some(yielded(duration.divided(divisor).map(Temporal::Duration)))
}

fn yielded(result: Option<Temporal>) -> Result<Value> {
    match result {
        Some(temporal) => Ok(Value::Temporal(Box::new(temporal))),
        None => Err(out_of_range("the result")),
    }
}

/// Months first, then days, then seconds; a kind that lacks a part of the duration's units ignores it. A date counts
/// whole days among the seconds.
fn moved(point: &Temporal, duration: Duration) -> Option<Temporal> {
    let nanoseconds = duration.total_nanoseconds();
    Some(match point {
        Temporal::Date(date) => {
            let whole_days = i64::try_from(nanoseconds / i128::from(NANOSECONDS_PER_DAY)).ok()?;
            Temporal::Date(moved_date(*date, duration)?.plus_days(whole_days)?)
        }
        Temporal::LocalTime(time) => Temporal::LocalTime(time.plus_nanoseconds(nanoseconds)),
        Temporal::Time(time) => {
            Temporal::Time(Time { local: time.local.plus_nanoseconds(nanoseconds), ..*time })
        }
        Temporal::LocalDateTime(moment) => {
            let date = moved_date(moment.date, duration)?;
            Temporal::LocalDateTime(LocalDateTime::new(date, moment.time).plus_nanoseconds(nanoseconds)?)
        }
        Temporal::DateTime(moment) => Temporal::DateTime(moved_moment(moment, duration)?),
        Temporal::Duration(_) => return None,
    })
}

fn moved_date(date: Date, duration: Duration) -> Option<Date> {
    date.plus_months(duration.months)?.plus_days(duration.days)
}

/// Months and days move the clock on the wall, seconds the instant.
fn moved_moment(moment: &DateTime, duration: Duration) -> Option<DateTime> {
    let mut moved = moment.clone();
    if duration.months != 0 || duration.days != 0 {
        let date = moved_date(moment.local.date, duration)?;
        moved = moment.with_local(LocalDateTime::new(date, moment.local.time))?;
    }
    match duration.total_nanoseconds() {
        0 => Some(moved),
        nanoseconds => moved.zone.at_instant(moved.instant() + nanoseconds),
    }
}
