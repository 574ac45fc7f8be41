//! Conversions between kinds. The plain forms refuse kinds that cannot be converted, the `OrNull` forms yield null for
//! them, and the `List` forms convert each element as `OrNull` does.

use super::argument::{at, wrong_kind};
use super::{Function, Kind, plain};
use crate::error::Result;
use crate::evaluate::overflow;
use crate::scene::Scene;
use crate::value::{Value, render, size};

const ANY: &[&[Kind]] = &[&[Kind::Any]];
const LIST: &[&[Kind]] = &[&[Kind::List]];

pub const FUNCTIONS: &[Function] = &[
    plain(
        "toBoolean",
        "toBoolean(value :: STRING | BOOLEAN | INTEGER) :: BOOLEAN",
        "A boolean of 'true', 'false' or a number; null of other text.",
        (1, 1),
        ANY,
        Kind::Boolean,
        |_, arguments| to_boolean(at(arguments, 0)),
    ),
    plain(
        "toBooleanOrNull",
        "toBooleanOrNull(value :: ANY) :: BOOLEAN",
        "As toBoolean(), null for what cannot be converted.",
        (1, 1),
        ANY,
        Kind::Boolean,
        |_, arguments| Ok(to_boolean(at(arguments, 0)).unwrap_or_default()),
    ),
    plain(
        "toBooleanList",
        "toBooleanList(list :: LIST<ANY>) :: LIST<BOOLEAN>",
        "Each element as toBooleanOrNull() has it.",
        (1, 1),
        LIST,
        Kind::List,
        |scene, arguments| each(scene, "toBooleanList", arguments, to_boolean),
    ),
    plain(
        "toInteger",
        "toInteger(value :: STRING | INTEGER | FLOAT) :: INTEGER",
        "An integer of a number or its text, cut towards zero; null of other text.",
        (1, 1),
        ANY,
        Kind::Integer,
        |_, arguments| to_integer(at(arguments, 0)),
    ),
    plain(
        "toIntegerOrNull",
        "toIntegerOrNull(value :: ANY) :: INTEGER",
        "As toInteger(), null for what cannot be converted.",
        (1, 1),
        ANY,
        Kind::Integer,
        |_, arguments| Ok(to_integer(at(arguments, 0)).unwrap_or_default()),
    ),
    plain(
        "toIntegerList",
        "toIntegerList(list :: LIST<ANY>) :: LIST<INTEGER>",
        "Each element as toIntegerOrNull() has it.",
        (1, 1),
        LIST,
        Kind::List,
        |scene, arguments| each(scene, "toIntegerList", arguments, to_integer),
    ),
    plain(
        "toFloat",
        "toFloat(value :: STRING | INTEGER | FLOAT) :: FLOAT",
        "A float of a number or its text; null of other text.",
        (1, 1),
        ANY,
        Kind::Float,
        |_, arguments| to_float(at(arguments, 0)),
    ),
    plain(
        "toFloatOrNull",
        "toFloatOrNull(value :: ANY) :: FLOAT",
        "As toFloat(), null for what cannot be converted.",
        (1, 1),
        ANY,
        Kind::Float,
        |_, arguments| Ok(to_float(at(arguments, 0)).unwrap_or_default()),
    ),
    plain(
        "toFloatList",
        "toFloatList(list :: LIST<ANY>) :: LIST<FLOAT>",
        "Each element as toFloatOrNull() has it.",
        (1, 1),
        LIST,
        Kind::List,
        |scene, arguments| each(scene, "toFloatList", arguments, to_float),
    ),
    plain(
        "toString",
        "toString(value :: STRING | BOOLEAN | INTEGER | FLOAT | TEMPORAL) :: STRING",
        "A value as text.",
        (1, 1),
        ANY,
        Kind::Text,
        |_, arguments| to_text(at(arguments, 0)),
    ),
    plain(
        "toStringOrNull",
        "toStringOrNull(value :: ANY) :: STRING",
        "As toString(), null for what cannot be converted.",
        (1, 1),
        ANY,
        Kind::Text,
        |_, arguments| Ok(to_text(at(arguments, 0)).unwrap_or_default()),
    ),
    plain(
        "toStringList",
        "toStringList(list :: LIST<ANY>) :: LIST<STRING>",
        "Each element as toStringOrNull() has it.",
        (1, 1),
        LIST,
        Kind::List,
        |scene, arguments| each(scene, "toStringList", arguments, to_text),
    ),
];

fn each(
    scene: &Scene<'_>,
    function: &str,
    arguments: &[Value],
    convert: fn(&Value) -> Result<Value>,
) -> Result<Value> {
    match at(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::List(values) => {
            size::room_for_list(scene.budget, values.len())?;
            Ok(Value::list(values.iter().map(|value| convert(value).unwrap_or_default()).collect()))
        }
        other => Err(wrong_kind(function, "a list", other)),
    }
}

fn to_boolean(value: &Value) -> Result<Value> {
    match value {
        Value::Null | Value::Boolean(_) => Ok(value.clone()),
        Value::Integer(integer) => Ok(Value::Boolean(*integer != 0)),
        Value::Text(text) if text.trim().eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        Value::Text(text) if text.trim().eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        Value::Text(_) => Ok(Value::Null),
        other => Err(wrong_kind("toBoolean", "a boolean, integer or string", other)),
    }
}

fn to_integer(value: &Value) -> Result<Value> {
    match value {
        Value::Null | Value::Integer(_) => Ok(value.clone()),
        Value::Float(float) => whole(*float).map(Value::Integer).ok_or_else(overflow),
        Value::Text(text) => {
            let text = text.trim();
            let integer = text.parse().ok().or_else(|| whole(decimal(text)?));
            Ok(integer.map_or(Value::Null, Value::Integer))
        }
        other => Err(wrong_kind("toInteger", "a number or a string", other)),
    }
}

fn to_float(value: &Value) -> Result<Value> {
    match value {
        Value::Null | Value::Float(_) => Ok(value.clone()),
        Value::Integer(integer) => Ok(Value::Float(*integer as f64)),
        Value::Text(text) => Ok(decimal(text.trim()).map_or(Value::Null, Value::Float)),
        other => Err(wrong_kind("toFloat", "a number or a string", other)),
    }
}

fn to_text(value: &Value) -> Result<Value> {
    match render::to_text(value) {
        Some(text) => Ok(Value::Text(text)),
        None if value.is_null() => Ok(Value::Null),
        None => Err(wrong_kind("toString", "a number, string, boolean or temporal value", value)),
    }
}

/// Towards zero; None where no integer is near.
fn whole(float: f64) -> Option<i64> {
    /// 2^63.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    (-BEYOND..BEYOND).contains(&float).then_some(float as i64)
}

/// A number in digits; the words for infinity and NaN are spelled as the language writes them.
fn decimal(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) => {
            text.parse().ok()
        }
        _ => None,
    }
}
