//! Equality, comparison and order of temporal values.
//!
//! Equality is structural, so the derived `Hash` agrees with it: the same instant in two zones is two values, which
//! compare by instant, then by offset from west to east, then by zone name. Durations have no `<`, but an order.

use super::clock_time::{NANOSECONDS_PER_SECOND, SECONDS_PER_DAY};
use super::duration::SECONDS_PER_MONTH;
use super::{DateTime, Duration, Temporal, Time};
use std::cmp::Ordering;

/// The language's `=`; values of two kinds are not equal.
pub fn equals(left: &Temporal, right: &Temporal) -> bool {
    left == right
}

/// The language's `<`: None where the two cannot be compared.
pub fn compare(left: &Temporal, right: &Temporal) -> Option<Ordering> {
    match (left, right) {
        (Temporal::Duration(a), Temporal::Duration(b)) => (a == b).then_some(Ordering::Equal),
        _ if rank(left) == rank(right) => Some(order(left, right)),
        _ => None,
    }
}

/// The order of ORDER BY, over all kinds.
pub fn order(left: &Temporal, right: &Temporal) -> Ordering {
    match (left, right) {
        (Temporal::Date(a), Temporal::Date(b)) => a.cmp(b),
        (Temporal::LocalTime(a), Temporal::LocalTime(b)) => a.cmp(b),
        (Temporal::Time(a), Temporal::Time(b)) => time_key(*a).cmp(&time_key(*b)),
        (Temporal::LocalDateTime(a), Temporal::LocalDateTime(b)) => a.cmp(b),
        (Temporal::DateTime(a), Temporal::DateTime(b)) => date_time_key(a).cmp(&date_time_key(b)),
        (Temporal::Duration(a), Temporal::Duration(b)) => duration_key(*a).cmp(&duration_key(*b)),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(temporal: &Temporal) -> u8 {
    match temporal {
        Temporal::DateTime(_) => 0,
        Temporal::LocalDateTime(_) => 1,
        Temporal::Date(_) => 2,
        Temporal::Time(_) => 3,
        Temporal::LocalTime(_) => 4,
        Temporal::Duration(_) => 5,
    }
}

fn time_key(time: Time) -> (i64, i32) {
    (time.utc_nanoseconds(), time.offset_seconds)
}

fn date_time_key(moment: &DateTime) -> (i128, i32, Option<&str>) {
    (moment.instant(), moment.zone.offset_seconds, moment.zone.name.as_deref())
}

/// The mean length, then the parts.
fn duration_key(duration: Duration) -> (i128, i64, i64) {
    let seconds = i128::from(duration.months) * i128::from(SECONDS_PER_MONTH)
        + i128::from(duration.days) * i128::from(SECONDS_PER_DAY)
        + i128::from(duration.seconds);
    let length = seconds * i128::from(NANOSECONDS_PER_SECOND) + i128::from(duration.nanoseconds);
    (length, duration.months, duration.days)
}
