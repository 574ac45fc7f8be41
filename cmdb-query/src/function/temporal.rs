//! Temporal functions: construction, the clock, truncation, and durations between two points in time.
//!
//! All clocks of one query show the same moment, so `transaction`, `statement` and `realtime` agree.

use super::{Call, Compute, Function, Kind as Static};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;
use crate::value::temporal::between::{Span, between};
use crate::value::temporal::construct::{Kind, build, converted, now};
use crate::value::temporal::fields::{Field, Fields, zone};
use crate::value::temporal::refusal::{invalid, wrong_kind};
use crate::value::temporal::truncate::{Unit, truncate};
use crate::value::temporal::{Temporal, Zone, duration, parse};

const fn function(
    name: &'static str,
    signature: &'static str,
    description: &'static str,
    arguments: (usize, usize),
    compute: Compute,
) -> Function {
    Function {
        name,
        signature,
        description,
        arguments_min: arguments.0,
        arguments_max: arguments.1,
        accepts: &[],
        yields: Static::Temporal,
        call: Call::Plain(compute),
    }
}

/// The functions of one kind of point in time.
macro_rules! family {
    ($name:literal, $type:literal, $kind:expr) => {
        [
            function(
                $name,
                concat!($name, "(input = now :: ANY) :: ", $type),
                "From text, a map of parts or another value; without input the moment of the query.",
                (0, 1),
                |scene, arguments| construct($kind, scene, arguments),
            ),
            function(
                concat!($name, ".transaction"),
                concat!($name, ".transaction(timezone = 'UTC' :: STRING) :: ", $type),
                "The moment of the query, in a time zone.",
                (0, 1),
                |scene, arguments| current($kind, scene, arguments),
            ),
            function(
                concat!($name, ".statement"),
                concat!($name, ".statement(timezone = 'UTC' :: STRING) :: ", $type),
                "The moment of the query, in a time zone.",
                (0, 1),
                |scene, arguments| current($kind, scene, arguments),
            ),
            function(
                concat!($name, ".realtime"),
                concat!($name, ".realtime(timezone = 'UTC' :: STRING) :: ", $type),
                "The moment of the query, in a time zone.",
                (0, 1),
                |scene, arguments| current($kind, scene, arguments),
            ),
            function(
                concat!($name, ".truncate"),
                concat!(
                    $name,
                    ".truncate(unit :: STRING, input = now :: ANY, fields = {} :: MAP) :: ",
                    $type
                ),
                "The value cut down to a unit, with some parts set anew.",
                (1, 3),
                |scene, arguments| cut($kind, scene, arguments),
            ),
        ]
    };
}

pub const DATE: &[Function] = &family!("date", "DATE", Kind::Date);
pub const LOCAL_TIME: &[Function] = &family!("localtime", "LOCAL TIME", Kind::LocalTime);
pub const TIME: &[Function] = &family!("time", "ZONED TIME", Kind::Time);
pub const LOCAL_DATE_TIME: &[Function] = &family!("localdatetime", "LOCAL DATETIME", Kind::LocalDateTime);
pub const DATE_TIME: &[Function] = &family!("datetime", "ZONED DATETIME", Kind::DateTime);

pub const EPOCH: &[Function] = &[
    function(
        "datetime.fromepoch",
        "datetime.fromepoch(seconds :: INTEGER, nanoseconds :: INTEGER) :: ZONED DATETIME",
        "The moment so many seconds and nanoseconds after 1970-01-01T00:00Z.",
        (2, 2),
        |scene, arguments| from_epoch(scene, arguments, &[Field::EpochSeconds, Field::Nanosecond]),
    ),
    function(
        "datetime.fromepochmillis",
        "datetime.fromepochmillis(milliseconds :: INTEGER) :: ZONED DATETIME",
        "The moment so many milliseconds after 1970-01-01T00:00Z.",
        (1, 1),
        |scene, arguments| from_epoch(scene, arguments, &[Field::EpochMillis]),
    ),
];

pub const DURATION: &[Function] = &[
    function(
        "duration",
        "duration(input :: ANY) :: DURATION",
        "From text such as 'P1Y2M3DT4H' or a map such as {days: 1.5}.",
        (1, 1),
        |_, arguments| construct_duration(&arguments[0]),
    ),
    function(
        "duration.between",
        "duration.between(from :: ANY, to :: ANY) :: DURATION",
        "The time between two points, in whole months, then whole days, then seconds.",
        (2, 2),
        |_, arguments| span(Span::Parts, arguments),
    ),
    function(
        "duration.inMonths",
        "duration.inMonths(from :: ANY, to :: ANY) :: DURATION",
        "The whole months between two points in time.",
        (2, 2),
        |_, arguments| span(Span::Months, arguments),
    ),
    function(
        "duration.inDays",
        "duration.inDays(from :: ANY, to :: ANY) :: DURATION",
        "The whole days between two points in time.",
        (2, 2),
        |_, arguments| span(Span::Days, arguments),
    ),
    function(
        "duration.inSeconds",
        "duration.inSeconds(from :: ANY, to :: ANY) :: DURATION",
        "The seconds between two points in time.",
        (2, 2),
        |_, arguments| span(Span::Seconds, arguments),
    ),
];

fn value(temporal: Temporal) -> Value {
    Value::Temporal(Box::new(temporal))
}

fn construct(kind: Kind, scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    let Some(input) = arguments.first() else { return now(kind, scene.clock, &Zone::UTC).map(value) };
    match input {
        Value::Null => Ok(Value::Null),
        Value::Text(text) => read(kind, text).map(value),
        Value::Map(map) => build(kind, &Fields::read(map)?, scene.clock).map(value),
        Value::Temporal(from) if !matches!(**from, Temporal::Duration(_)) => converted(kind, from).map(value),
        other => Err(wrong_kind("text, a map or a point in time", other)),
    }
}

fn read(kind: Kind, text: &str) -> Result<Temporal> {
    let parsed = match kind {
        Kind::Date => parse::parse_date(text).map(Temporal::Date),
        Kind::LocalTime => parse::parse_local_time(text).map(Temporal::LocalTime),
        Kind::Time => parse::parse_time(text).map(Temporal::Time),
        Kind::LocalDateTime => parse::parse_local_date_time(text).map(Temporal::LocalDateTime),
        Kind::DateTime => parse::parse_date_time(text, &Zone::UTC).map(Temporal::DateTime),
    };
    parsed.ok_or_else(|| invalid(format!("`{text}` cannot be read as a {kind:?}")))
}

fn current(kind: Kind, scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    match arguments.first() {
        None => now(kind, scene.clock, &Zone::UTC).map(value),
        Some(Value::Null) => Ok(Value::Null),
        Some(name) => now(kind, scene.clock, &zone(name)?).map(value),
    }
}

fn cut(kind: Kind, scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if arguments.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let Value::Text(unit) = &arguments[0] else {
        return Err(wrong_kind("the name of a unit", &arguments[0]));
    };
    let fields = match arguments.get(2) {
        None => Fields::default(),
        Some(Value::Map(map)) => Fields::read(map)?,
        Some(other) => return Err(wrong_kind("a map of parts", other)),
    };
    let input = match arguments.get(1) {
        None => now(kind, scene.clock, &Zone::UTC)?,
        Some(Value::Temporal(input)) if !matches!(**input, Temporal::Duration(_)) => (**input).clone(),
        Some(other) => return Err(wrong_kind("a point in time", other)),
    };
    truncate(kind, Unit::parse(unit)?, &input, &fields).map(value)
}

fn from_epoch(scene: &Scene<'_>, arguments: &[Value], names: &[Field]) -> Result<Value> {
    if arguments.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let mut fields = Fields::default();
    for (field, argument) in names.iter().zip(arguments) {
        let Value::Integer(number) = argument else { return Err(wrong_kind("an integer", argument)) };
        fields.set(*field, *number);
    }
    build(Kind::DateTime, &fields, scene.clock).map(value)
}

fn construct_duration(input: &Value) -> Result<Value> {
    let duration = match input {
        Value::Null => return Ok(Value::Null),
        Value::Text(text) => parse::parse_duration(text)
            .ok_or_else(|| invalid(format!("`{text}` cannot be read as a duration")))?,
        Value::Map(map) => duration::from_map(map)?,
        Value::Temporal(same) if matches!(**same, Temporal::Duration(_)) => return Ok(input.clone()),
        other => return Err(wrong_kind("text or a map of units", other)),
    };
    Ok(value(Temporal::Duration(duration)))
}

fn span(span: Span, arguments: &[Value]) -> Result<Value> {
    let point = |argument: &Value| match argument {
        Value::Temporal(point) => Ok((**point).clone()),
        other => Err(wrong_kind("a point in time", other)),
    };
    if arguments.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let (from, to) = (point(&arguments[0])?, point(&arguments[1])?);
    let refused = || {
        let duration = if matches!(from, Temporal::Duration(_)) { &arguments[0] } else { &arguments[1] };
        Err(wrong_kind("a point in time", duration))
    };
    between(span, &from, &to).unwrap_or_else(refused).map(|duration| value(Temporal::Duration(duration)))
}
