//! `+ - * / % ^ ||` and the signs: integers that do not wrap, floats as IEEE has them, text, lists and temporal values.

use crate::error::{Class, Error, Result};
use crate::scene::Budget;
use crate::syntax::tree::Operator;
use crate::value::temporal::arithmetic as temporals;
use crate::value::{Value, render, size};
use smol_str::SmolStrBuilder;
use std::sync::Arc;

/// One operation on two values; null where either is null. `budget` is None while constants are folded.
pub fn apply(operator: Operator, left: &Value, right: &Value, budget: Option<&Budget<'_>>) -> Result<Value> {
    if let (Value::Integer(a), Value::Integer(b)) = (left, right) {
        return integers(operator, *a, *b);
    }
    if left.is_null() || right.is_null() {
        return Ok(Value::Null);
    }
    if let (Some(a), Some(b)) = (number(left), number(right))
        && let Some(result) = floats(operator, a, b)
    {
        return Ok(Value::Float(result));
    }
    let done = match operator {
        Operator::Add => add(left, right, budget)?,
        Operator::Concatenate => concatenate(left, right, budget)?,
        Operator::Subtract | Operator::Multiply | Operator::Divide => temporal(operator, left, right)?,
        _ => None,
    };
    done.ok_or_else(|| refuse(operator, left, right))
}

/// `-x`.
pub fn negate(value: &Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Integer(integer) => integer.checked_neg().map(Value::Integer).ok_or_else(overflow),
        Value::Float(float) => Ok(Value::Float(-float)),
        Value::Temporal(duration) => {
            temporals::multiply(duration, -1.0).unwrap_or_else(|| Err(no_number(value)))
        }
        _ => Err(no_number(value)),
    }
}

/// `+x`.
pub fn plus(value: Value) -> Result<Value> {
    match value {
        Value::Null | Value::Integer(_) | Value::Float(_) => Ok(value),
        other => Err(no_number(&other)),
    }
}

pub fn overflow() -> Error {
    Error::runtime(Class::ArithmeticError, "IntegerOverflow", "the result is no 64-bit integer")
        .hint("turn an operand into a float with toFloat()")
}

fn no_number(value: &Value) -> Error {
    let message = format!("a number was expected, not {} ({})", value.kind_name(), render::shown(value));
    Error::kind("InvalidArgumentType", message)
}

fn integers(operator: Operator, a: i64, b: i64) -> Result<Value> {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide | Operator::Remainder if b == 0 => {
            let message = format!("{a} {} 0: division by zero", sign(operator));
            return Err(Error::runtime(Class::ArithmeticError, "DivisionByZero", message));
        }
        Operator::Divide => a.checked_div(b),
        // The remainder of the least integer by −1 is 0, though the division itself overflows.
        Operator::Remainder => Some(a.wrapping_rem(b)),
        Operator::Power => return Ok(Value::Float((a as f64).powf(b as f64))),
        _ => return Err(refuse(operator, &Value::Integer(a), &Value::Integer(b))),
    };
    result.map(Value::Integer).ok_or_else(overflow)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(integer) => Some(*integer as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn floats(operator: Operator, a: f64, b: f64) -> Option<f64> {
    match operator {
        Operator::Add => Some(a + b),
        Operator::Subtract => Some(a - b),
        Operator::Multiply => Some(a * b),
        Operator::Divide => Some(a / b),
        Operator::Remainder => Some(a % b),
        Operator::Power => Some(a.powf(b)),
        _ => None,
    }
}

fn add(left: &Value, right: &Value, budget: Option<&Budget<'_>>) -> Result<Option<Value>> {
    match (left, right) {
        (Value::List(_), _) | (_, Value::List(_)) => join(left, right, budget).map(Some),
        (Value::Text(a), Value::Text(b)) => texts(a, b, budget).map(Some),
        (Value::Text(a), Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Temporal(_)) => {
            render::to_text(right).map(|b| texts(a, &b, budget)).transpose()
        }
        (Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Temporal(_), Value::Text(b)) => {
            render::to_text(left).map(|a| texts(&a, b, budget)).transpose()
        }
        (Value::Temporal(a), Value::Temporal(b)) => temporals::add(a, b).transpose(),
        _ => Ok(None),
    }
}

fn concatenate(left: &Value, right: &Value, budget: Option<&Budget<'_>>) -> Result<Option<Value>> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => texts(a, b, budget).map(Some),
        (Value::List(_), Value::List(_)) => join(left, right, budget).map(Some),
        _ => Ok(None),
    }
}

fn texts(a: &str, b: &str, budget: Option<&Budget<'_>>) -> Result<Value> {
    if let Some(budget) = budget {
        size::room_for_text(budget, a.len() + b.len())?;
    }
    let mut text = SmolStrBuilder::new();
    text.push_str(a);
    text.push_str(b);
    Ok(Value::Text(text.finish()))
}

/// Lists end to end; a value that is no list counts as a list of one.
fn join(left: &Value, right: &Value, budget: Option<&Budget<'_>>) -> Result<Value> {
    match (left, right) {
        (Value::List(a), Value::List(b)) if b.is_empty() => return Ok(Value::List(Arc::clone(a))),
        (Value::List(a), Value::List(b)) if a.is_empty() => return Ok(Value::List(Arc::clone(b))),
        _ => {}
    }
    let (a, b) = (elements(left), elements(right));
    if let Some(budget) = budget {
        size::room_for_list(budget, a.len() + b.len())?;
        let single = [left, right].into_iter().filter(|value| !matches!(value, Value::List(_)));
        size::check_nesting(budget, single)?;
    }
    let mut values = Vec::with_capacity(a.len() + b.len());
    values.extend_from_slice(a);
    values.extend_from_slice(b);
    Ok(Value::list(values))
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(values) => values,
        single => std::slice::from_ref(single),
    }
}

fn temporal(operator: Operator, left: &Value, right: &Value) -> Result<Option<Value>> {
    match (operator, left, right) {
        (Operator::Subtract, Value::Temporal(a), Value::Temporal(b)) => temporals::subtract(a, b),
        (Operator::Multiply, Value::Temporal(duration), factor)
        | (Operator::Multiply, factor, Value::Temporal(duration)) => {
            number(factor).and_then(|factor| temporals::multiply(duration, factor))
        }
        (Operator::Divide, Value::Temporal(duration), divisor) => {
            number(divisor).and_then(|divisor| temporals::divide(duration, divisor))
        }
        _ => None,
    }
    .transpose()
}

fn refuse(operator: Operator, left: &Value, right: &Value) -> Error {
    let (a, b) = (left.kind_name(), right.kind_name());
    Error::kind("InvalidArgumentType", format!("`{}` does not go with {a} and {b}", sign(operator)))
}

/// An operator as written.
pub fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Or => "OR",
        Operator::Xor => "XOR",
        Operator::And => "AND",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Power => "^",
        Operator::In => "IN",
        Operator::StartsWith => "STARTS WITH",
        Operator::EndsWith => "ENDS WITH",
        Operator::Contains => "CONTAINS",
        Operator::Matches => "=~",
        Operator::Concatenate => "||",
    }
}
