//! The parts of temporal values by name: `d.year`, `t.offsetSeconds`, `duration.minutesOfHour`.

use super::calendar::DAYS_PER_WEEK;
use super::clock_time::{NANOSECONDS_PER_SECOND, SECONDS_PER_HOUR, SECONDS_PER_MINUTE};
use super::render::offset_text;
use super::{Date, DateTime, Duration, LocalTime, Temporal, Zone};
use crate::value::Value;

const MILLISECONDS_PER_SECOND: i64 = 1_000;
const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
const NANOSECONDS_PER_MILLISECOND: i64 = 1_000_000;
const NANOSECONDS_PER_MICROSECOND: i64 = 1_000;

impl Temporal {
    /// The part of this name, in any case; None if this kind of value has no such part, Null if the part is beyond
    /// what an integer holds.
    pub fn component(&self, name: &str) -> Option<Value> {
        let name = name.to_ascii_lowercase();
        match self {
            Temporal::Date(date) => of_date(*date, &name),
            Temporal::LocalTime(time) => of_time(*time, &name),
            Temporal::Time(time) => of_time(time.local, &name)
                .or_else(|| of_zone(&Zone { offset_seconds: time.offset_seconds, name: None }, &name)),
            Temporal::LocalDateTime(moment) => {
                of_date(moment.date, &name).or_else(|| of_time(moment.time, &name))
            }
            Temporal::DateTime(moment) => of_date(moment.local.date, &name)
                .or_else(|| of_time(moment.local.time, &name))
                .or_else(|| of_zone(&moment.zone, &name))
                .or_else(|| of_instant(moment, &name)),
            Temporal::Duration(duration) => of_duration(*duration, &name),
        }
    }
}

fn of_date(date: Date, name: &str) -> Option<Value> {
    let civil = date.civil();
    Some(Value::Integer(match name {
        "year" => civil.year,
        "quarter" => civil.quarter(),
        "month" => civil.month,
        "day" => civil.day,
        "week" => date.week_date().week,
        "weekyear" => date.week_date().year,
        "weekday" | "dayofweek" => date.week_date().day,
        "ordinalday" => date.ordinal_day(),
        "dayofquarter" | "quarterday" => date.day_of_quarter(),
        _ => return None,
    }))
}

fn of_time(time: LocalTime, name: &str) -> Option<Value> {
    Some(Value::Integer(match name {
        "hour" => time.hour(),
        "minute" => time.minute(),
        "second" => time.second(),
        "millisecond" => time.nanosecond() / NANOSECONDS_PER_MILLISECOND,
        "microsecond" => time.nanosecond() / NANOSECONDS_PER_MICROSECOND,
        "nanosecond" => time.nanosecond(),
        _ => return None,
    }))
}

fn of_zone(zone: &Zone, name: &str) -> Option<Value> {
    Some(match name {
        "timezone" => Value::text(&zone.to_string()),
        "offset" => Value::text(&offset_text(zone.offset_seconds)),
        "offsetminutes" => Value::Integer(i64::from(zone.offset_seconds) / SECONDS_PER_MINUTE),
        "offsetseconds" => Value::Integer(i64::from(zone.offset_seconds)),
        _ => return None,
    })
}

fn of_instant(moment: &DateTime, name: &str) -> Option<Value> {
    match name {
        "epochseconds" => Some(Value::Integer(moment.epoch_seconds())),
        "epochmillis" => {
            let milliseconds = moment.instant().div_euclid(i128::from(NANOSECONDS_PER_MILLISECOND));
            Some(integer(milliseconds))
        }
        _ => None,
    }
}

fn of_duration(duration: Duration, name: &str) -> Option<Value> {
    let Duration { months, days, seconds, nanoseconds } = duration;
    let fraction = i64::from(nanoseconds);
    let whole =
        |per_second: i64, part: i64| integer(i128::from(seconds) * i128::from(per_second) + i128::from(part));
    Some(match name {
        "milliseconds" => whole(MILLISECONDS_PER_SECOND, fraction / NANOSECONDS_PER_MILLISECOND),
        "microseconds" => whole(MICROSECONDS_PER_SECOND, fraction / NANOSECONDS_PER_MICROSECOND),
        "nanoseconds" => whole(NANOSECONDS_PER_SECOND, fraction),
        _ => Value::Integer(match name {
            "years" => months / 12,
            "quarters" => months / 3,
            "months" => months,
            "weeks" => days / DAYS_PER_WEEK,
            "days" => days,
            "hours" => seconds / SECONDS_PER_HOUR,
            "minutes" => seconds / SECONDS_PER_MINUTE,
            "seconds" => seconds,
            "quartersofyear" => months / 3 % 4,
            "monthsofyear" => months % 12,
            "monthsofquarter" => months % 3,
            "daysofweek" => days % DAYS_PER_WEEK,
            "minutesofhour" => seconds / SECONDS_PER_MINUTE % 60,
            "secondsofminute" => seconds % SECONDS_PER_MINUTE,
            "millisecondsofsecond" => fraction / NANOSECONDS_PER_MILLISECOND,
            "microsecondsofsecond" => fraction / NANOSECONDS_PER_MICROSECOND,
            "nanosecondsofsecond" => fraction,
            _ => return None,
        }),
    })
}

fn integer(value: i128) -> Value {
    i64::try_from(value).map_or(Value::Null, Value::Integer)
}
