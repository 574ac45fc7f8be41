//! The time of day among the fields.

use super::Kind;
use crate::error::Result;
use crate::value::temporal::LocalTime;
use crate::value::temporal::fields::{DATE_FIELDS, Field, Fields, TIME_FIELDS};
use crate::value::temporal::refusal::invalid;

/// # Errors
/// See [`super::build`].
pub fn build(kind: Kind, fields: &Fields) -> Result<LocalTime> {
    let start = match (&fields.time, &fields.date_time) {
        (Some(value), _) => {
            let time = value.time();
            Some(time.ok_or_else(|| invalid(format!("a {} has no time", value.kind_name())))?)
        }
        (None, Some(value)) => Some(value.time().unwrap_or(LocalTime::MIDNIGHT)),
        (None, None) => None,
    };
    if start.is_none() {
        check_complete(kind, fields)?;
    }
    time_from(fields, start)
}

/// A time of day needs an hour; on a date that is given by fields it needs the day too.
fn check_complete(kind: Kind, fields: &Fields) -> Result<()> {
    if !kind.has_date() {
        return if fields.has(Field::Hour) { Ok(()) } else { Err(invalid("`hour` is missing")) };
    }
    let finest = [Field::Day, Field::DayOfWeek, Field::DayOfQuarter, Field::OrdinalDay];
    let open = fields.date.is_none() && fields.any(&DATE_FIELDS) && !fields.any(&finest);
    if open && fields.any(&TIME_FIELDS) {
        return Err(invalid("a time of day needs the day as well"));
    }
    Ok(())
}

/// The time that the fields make of `start`, or of nothing.
///
/// # Errors
/// A field that misses the one above it, or a time that does not exist.
pub fn time_from(fields: &Fields, start: Option<LocalTime>) -> Result<LocalTime> {
    let fraction = nanosecond(fields, false)?;
    if start.is_none() {
        fields.require_order(&TIME_FIELDS[..3])?;
        if fraction.is_some() && !fields.has(Field::Second) {
            return Err(invalid("a fraction of a second cannot be given without `second`"));
        }
    }
    let start = start.unwrap_or(LocalTime::MIDNIGHT);
    LocalTime::from_parts(
        fields.get(Field::Hour).unwrap_or(start.hour()),
        fields.get(Field::Minute).unwrap_or(start.minute()),
        fields.get(Field::Second).unwrap_or(start.second()),
        fraction.unwrap_or(start.nanosecond()),
    )
    .ok_or_else(|| invalid("there is no such time"))
}

/// Millisecond, microsecond and nanosecond together; each may be as large as the next coarser one given leaves room
/// for. `below_millisecond` if milliseconds were given elsewhere.
pub fn nanosecond(fields: &Fields, below_millisecond: bool) -> Result<Option<i64>> {
    let (millisecond, microsecond, nanosecond) =
        (fields.get(Field::Millisecond), fields.get(Field::Microsecond), fields.get(Field::Nanosecond));
    if millisecond.is_none() && microsecond.is_none() && nanosecond.is_none() {
        return Ok(None);
    }
    let coarse = millisecond.is_some() || below_millisecond;
    let microsecond_end = if coarse { 1_000 } else { 1_000_000 };
    let nanosecond_end = match (coarse, microsecond) {
        (_, Some(_)) => 1_000,
        (true, None) => 1_000_000,
        (false, None) => 1_000_000_000,
    };
    let within = |field: Field, value: Option<i64>, end: i64| match value {
        Some(value) if !(0..end).contains(&value) => {
            Err(invalid(format!("`{}` must be less than {end} here", field.name())))
        }
        value => Ok(value.unwrap_or(0)),
    };
    let millisecond = within(Field::Millisecond, millisecond, 1_000)?;
    let microsecond = within(Field::Microsecond, microsecond, microsecond_end)?;
    let nanosecond = within(Field::Nanosecond, nanosecond, nanosecond_end)?;
    Ok(Some(millisecond * 1_000_000 + microsecond * 1_000 + nanosecond))
}
