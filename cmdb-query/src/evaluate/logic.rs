//! Truth of three values: true, false, and unknown, which is null.

use crate::error::{Error, Result};
use crate::syntax::tree::Comparator;
use crate::value::compare::{Comparison, compare, equals};
use crate::value::{Value, render};
use std::cmp::Ordering;

/// A value as truth.
///
/// # Errors
/// A value that is neither boolean nor null.
#[inline]
pub fn truth(value: &Value) -> Result<Option<bool>> {
    match value {
        Value::Boolean(boolean) => Ok(Some(*boolean)),
        Value::Null => Ok(None),
        other => Err(no_boolean(other)),
    }
}

#[cold]
fn no_boolean(value: &Value) -> Error {
    let message = format!("a boolean was expected, not {} ({})", value.kind_name(), render::shown(value));
    Error::kind("InvalidArgumentType", message)
}

#[inline]
pub fn value(truth: Option<bool>) -> Value {
    truth.map_or(Value::Null, Value::Boolean)
}

/// One of `= <> < <= > >=`.
#[inline]
pub fn holds(comparator: Comparator, left: &Value, right: &Value) -> Option<bool> {
    match comparator {
        Comparator::Equal => equals(left, right),
        Comparator::NotEqual => equals(left, right).map(|equal| !equal),
        _ => match compare(left, right) {
            Comparison::Ordered(order) => Some(fits(comparator, order)),
            Comparison::Unordered => Some(false),
            Comparison::Unknown => None,
        },
    }
}

#[inline]
fn fits(comparator: Comparator, order: Ordering) -> bool {
    match comparator {
        Comparator::Equal => order.is_eq(),
        Comparator::NotEqual => order.is_ne(),
        Comparator::Less => order.is_lt(),
        Comparator::LessOrEqual => order.is_le(),
        Comparator::Greater => order.is_gt(),
        Comparator::GreaterOrEqual => order.is_ge(),
    }
}

/// `value IN list`.
pub fn is_in(value: &Value, list: &Value) -> Result<Option<bool>> {
    let values = match list {
        Value::Null => return Ok(None),
        Value::List(values) => values,
        other => {
            let message = format!("IN wants a list at its right, not {}", other.kind_name());
            return Err(Error::kind("InvalidArgumentType", message));
        }
    };
    let mut result = Some(false);
    for element in values.iter() {
        match equals(value, element) {
            Some(true) => return Ok(Some(true)),
            Some(false) => {}
            None => result = None,
        }
    }
    Ok(result)
}
