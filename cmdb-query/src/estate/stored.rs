//! Values between the language and the store. The store keeps years −9999 to 9999; the language knows more.

use crate::error::{Class, Error, Result};
use crate::value::temporal::{self, Temporal};
use crate::value::{SmolStr, Value};
use cmdb_core::model;
use cmdb_core::model::temporal as kept;
use jiff::civil;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A stored value as the language has it.
pub fn read(value: model::Value) -> Value {
    match value {
        model::Value::Boolean(b) => Value::Boolean(b),
        model::Value::Integer(n) => Value::Integer(n),
        model::Value::Decimal(n) => Value::Float(n),
        model::Value::Text(text) => Value::Text(text),
        model::Value::List(values) => Value::list(values.into_iter().map(read).collect()),
        model::Value::Map(entries) => Value::map(entries.into_iter().map(|(k, v)| (k, read(v)))),
        model::Value::Date(date) => temporal(Temporal::Date(read_date(date))),
        model::Value::LocalTime(time) => temporal(Temporal::LocalTime(read_time(time))),
        model::Value::Time(time) => temporal(Temporal::Time(temporal::Time {
            local: read_time(time.time),
            offset_seconds: time.offset_seconds,
        })),
        model::Value::LocalDateTime(both) => temporal(Temporal::LocalDateTime(read_both(both))),
        model::Value::DateTime(instant) => temporal(Temporal::DateTime(read_instant(&instant))),
        model::Value::Duration(duration) => temporal(Temporal::Duration(read_duration(duration))),
    }
}

fn temporal(temporal: Temporal) -> Value {
    Value::Temporal(Box::new(temporal))
}

fn read_date(date: civil::Date) -> temporal::Date {
    let epoch = civil::date(1970, 1, 1);
    // Both are within years −9999 to 9999, so the difference is at most some seven million days.
    temporal::Date { days: (date - epoch).get_days().into() }
}

fn read_time(time: civil::Time) -> temporal::LocalTime {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    temporal::LocalTime { nanoseconds: seconds * NANOS_PER_SECOND + i64::from(time.subsec_nanosecond()) }
}

fn read_both(both: civil::DateTime) -> temporal::LocalDateTime {
    temporal::LocalDateTime { date: read_date(both.date()), time: read_time(both.time()) }
}

fn read_instant(instant: &kept::Instant) -> temporal::DateTime {
    let local = instant.seconds.saturating_add(i64::from(instant.offset_seconds));
    let time = local.rem_euclid(86_400) * NANOS_PER_SECOND + i64::from(instant.nanoseconds);
    temporal::DateTime {
        local: temporal::LocalDateTime {
            date: temporal::Date { days: local.div_euclid(86_400) },
            time: temporal::LocalTime { nanoseconds: time },
        },
        zone: temporal::Zone { offset_seconds: instant.offset_seconds, name: instant.zone.clone() },
    }
}

fn read_duration(duration: kept::Duration) -> temporal::Duration {
    let carry = i64::from(duration.nanoseconds).div_euclid(NANOS_PER_SECOND);
    temporal::Duration {
        months: duration.months,
        days: duration.days,
        seconds: duration.seconds.saturating_add(carry),
        nanoseconds: i64::from(duration.nanoseconds).rem_euclid(NANOS_PER_SECOND) as i32,
    }
}

/// A value of the language as the store keeps it; none for null.
///
/// # Errors
/// What cannot be a property: elements of the graph, lists holding null, times too far away.
pub fn write(key: &str, value: &Value) -> Result<Option<model::Value>> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Boolean(b) => model::Value::Boolean(*b),
        Value::Integer(n) => model::Value::Integer(*n),
        Value::Float(n) => model::Value::Decimal(*n),
        Value::Text(text) => model::Value::Text(text.clone()),
        Value::List(values) => {
            let kept =
                values.iter().map(|v| write(key, v)?.ok_or_else(|| unstorable(key, "a list with null")));
            model::Value::List(kept.collect::<Result<_>>()?)
        }
        Value::Map(entries) => {
            let kept = |(k, v): (&SmolStr, &Value)| Ok(write(key, v)?.map(|v| (k.clone(), v)));
            model::Value::map(entries.iter().filter_map(|e| kept(e).transpose()).collect::<Result<Vec<_>>>()?)
        }
        Value::Node(_) | Value::Edge(_) | Value::Path(_) => {
            return Err(unstorable(key, "an element of the graph"));
        }
        Value::Temporal(temporal) => write_temporal(temporal).ok_or_else(|| far(key))?,
    }))
}

fn unstorable(key: &str, what: &str) -> Error {
    Error::kind("InvalidPropertyType", format!("property \"{key}\" cannot hold {what}"))
}

fn far(key: &str) -> Error {
    let message = format!("property \"{key}\": the store keeps years −9999 to 9999");
    Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message)
}

fn write_temporal(temporal: &Temporal) -> Option<model::Value> {
    Some(match temporal {
        Temporal::Date(date) => model::Value::Date(write_date(*date)?),
        Temporal::LocalTime(time) => model::Value::LocalTime(write_time(*time)?),
        Temporal::Time(time) => model::Value::Time(kept::OffsetTime {
            time: write_time(time.local)?,
            offset_seconds: time.offset_seconds,
        }),
        Temporal::LocalDateTime(both) => model::Value::LocalDateTime(write_both(*both)?),
        Temporal::DateTime(both) => {
            write_both(both.local)?;
            let days = both.local.date.days.checked_mul(86_400)?;
            let seconds = days + both.local.time.nanoseconds.div_euclid(NANOS_PER_SECOND);
            model::Value::DateTime(kept::Instant {
                seconds: seconds - i64::from(both.zone.offset_seconds),
                nanoseconds: both.local.time.nanoseconds.rem_euclid(NANOS_PER_SECOND) as i32,
                offset_seconds: both.zone.offset_seconds,
                zone: both.zone.name.clone(),
            })
        }
        Temporal::Duration(duration) => model::Value::Duration(kept::Duration {
            months: duration.months,
            days: duration.days,
            seconds: duration.seconds,
            nanoseconds: duration.nanoseconds,
        }),
    })
}

fn write_date(date: temporal::Date) -> Option<civil::Date> {
    let days = i32::try_from(date.days).ok()?;
    civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn write_time(time: temporal::LocalTime) -> Option<civil::Time> {
    let seconds = time.nanoseconds.div_euclid(NANOS_PER_SECOND);
    let nanoseconds = time.nanoseconds.rem_euclid(NANOS_PER_SECOND) as i32;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    civil::Time::new(hour.try_into().ok()?, minute as i8, second as i8, nanoseconds).ok()
}

fn write_both(both: temporal::LocalDateTime) -> Option<civil::DateTime> {
    Some(civil::DateTime::from_parts(write_date(both.date)?, write_time(both.time)?))
}
