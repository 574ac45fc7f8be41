//! Arguments of functions as Rust wants them, and what is said when they are of the wrong kind.

use crate::error::{Class, Error, Result};
use crate::value::{SmolStr, Value, render};

/// The argument, or null where it was left out.
pub fn at(arguments: &[Value], index: usize) -> &Value {
    arguments.get(index).unwrap_or(&Value::Null)
}

/// Whether any argument is null: most functions yield null then.
pub fn any_null(arguments: &[Value]) -> bool {
    arguments.iter().any(Value::is_null)
}

/// A value of a kind the function does not take.
pub fn wrong_kind(function: &str, wanted: &str, value: &Value) -> Error {
    let (kind, shown) = (value.kind_name(), render::shown(value));
    Error::kind("InvalidArgumentValue", format!("{function}() wants {wanted}, not {kind} ({shown})"))
}

/// A number a function cannot take.
pub fn out_of_range(message: impl Into<String>) -> Error {
    Error::runtime(Class::ArgumentError, "NumberOutOfRange", message)
}

pub fn text<'a>(function: &str, arguments: &'a [Value], index: usize) -> Result<&'a SmolStr> {
    match at(arguments, index) {
        Value::Text(text) => Ok(text),
        other => Err(wrong_kind(function, "a string", other)),
    }
}

pub fn integer(function: &str, arguments: &[Value], index: usize) -> Result<i64> {
    match at(arguments, index) {
        Value::Integer(integer) => Ok(*integer),
        other => Err(wrong_kind(function, "an integer", other)),
    }
}

/// A count of characters or elements.
pub fn count(function: &str, arguments: &[Value], index: usize) -> Result<usize> {
    let integer = integer(function, arguments, index)?;
    usize::try_from(integer)
        .map_err(|_| out_of_range(format!("{function}() wants a number from 0 on, not {integer}")))
}

pub fn float(function: &str, arguments: &[Value], index: usize) -> Result<f64> {
    match at(arguments, index) {
        Value::Integer(integer) => Ok(*integer as f64),
        Value::Float(float) => Ok(*float),
        other => Err(wrong_kind(function, "a number", other)),
    }
}

pub fn list<'a>(function: &str, arguments: &'a [Value], index: usize) -> Result<&'a [Value]> {
    match at(arguments, index) {
        Value::List(values) => Ok(values),
        other => Err(wrong_kind(function, "a list", other)),
    }
}
