//! Functions that answer yes or no.

use super::argument::{any_null, at, wrong_kind};
use super::{Function, Kind, plain};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;

pub const FUNCTIONS: &[Function] = &[
    plain(
        "exists",
        "exists(value :: ANY) :: BOOLEAN",
        "Whether the value is not null: `exists(n.name)`. The same as IS NOT NULL.",
        (1, 1),
        &[&[Kind::Any]],
        Kind::Boolean,
        |_, arguments| Ok(Value::Boolean(!at(arguments, 0).is_null())),
    ),
    plain(
        "isEmpty",
        "isEmpty(value :: STRING | LIST<ANY> | MAP) :: BOOLEAN",
        "Whether a string, list or map holds nothing.",
        (1, 1),
        &[&[Kind::Text, Kind::List, Kind::Map]],
        Kind::Boolean,
        is_empty,
    ),
    plain(
        "isNaN",
        "isNaN(value :: INTEGER | FLOAT) :: BOOLEAN",
        "Whether a number is NaN.",
        (1, 1),
        &[&[Kind::Number]],
        Kind::Boolean,
        is_nan,
    ),
];

fn is_empty(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    Ok(Value::Boolean(match at(arguments, 0) {
        Value::List(values) => values.is_empty(),
        Value::Text(text) => text.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        other => return Err(wrong_kind("isEmpty", "a string, list or map", other)),
    }))
}

fn is_nan(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    match at(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Integer(_) => Ok(Value::Boolean(false)),
        Value::Float(float) => Ok(Value::Boolean(float.is_nan())),
        other => Err(wrong_kind("isNaN", "a number", other)),
    }
}
