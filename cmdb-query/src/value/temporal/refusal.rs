//! How temporal functions refuse: the three kinds of failure they know.

use crate::error::{Class, Error};
use crate::value::Value;

/// A value of the right kind that means nothing.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message)
}

/// A value of the wrong kind.
pub fn wrong_kind(wanted: &str, got: &Value) -> Error {
    Error::kind("InvalidArgumentType", format!("expected {wanted}, got a value of kind {}", got.kind_name()))
}

/// A result beyond what the language can hold.
pub fn out_of_range(what: &str) -> Error {
    Error::runtime(Class::ArithmeticError, "NumberOutOfRange", format!("{what} is out of range"))
}
