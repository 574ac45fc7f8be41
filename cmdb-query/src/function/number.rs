//! Functions of numbers: size, sign, rounding, powers and logarithms.

use super::argument::{any_null, at, float, integer, out_of_range, text, wrong_kind};
use super::{Function, Kind, plain};
use crate::error::{Class, Error, Result};
use crate::evaluate::overflow;
use crate::scene::Scene;
use crate::value::Value;
use std::f64::consts;

const NUMBER: &[&[Kind]] = &[&[Kind::Number]];

pub const FUNCTIONS: &[Function] = &[
    plain(
        "abs",
        "abs(value :: INTEGER | FLOAT) :: INTEGER | FLOAT",
        "The size of a number, without its sign.",
        (1, 1),
        NUMBER,
        Kind::Number,
        |_, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Integer(integer) => integer.checked_abs().map(Value::Integer).ok_or_else(overflow),
            Value::Float(float) => Ok(Value::Float(float.abs())),
            other => Err(wrong_kind("abs", "a number", other)),
        },
    ),
    plain(
        "sign",
        "sign(value :: INTEGER | FLOAT) :: INTEGER",
        "-1, 0 or 1.",
        (1, 1),
        NUMBER,
        Kind::Integer,
        |_, arguments| match at(arguments, 0) {
            Value::Null => Ok(Value::Null),
            Value::Integer(integer) => Ok(Value::Integer(integer.signum())),
            Value::Float(float) if *float == 0.0 || float.is_nan() => Ok(Value::Integer(0)),
            Value::Float(float) => Ok(Value::Integer(float.signum() as i64)),
            other => Err(wrong_kind("sign", "a number", other)),
        },
    ),
    plain(
        "ceil",
        "ceil(value :: INTEGER | FLOAT) :: FLOAT",
        "The least whole number that is not less.",
        (1, 1),
        NUMBER,
        Kind::Float,
        |_, arguments| of_float("ceil", arguments, f64::ceil),
    ),
    plain(
        "floor",
        "floor(value :: INTEGER | FLOAT) :: FLOAT",
        "The greatest whole number that is not greater.",
        (1, 1),
        NUMBER,
        Kind::Float,
        |_, arguments| of_float("floor", arguments, f64::floor),
    ),
    plain(
        "round",
        "round(value :: INTEGER | FLOAT, precision = 0 :: INTEGER, mode = 'HALF_UP' :: STRING) :: FLOAT",
        "The nearest number of so many decimals. Modes: UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN, HALF_EVEN.",
        (1, 3),
        &[&[Kind::Number], &[Kind::Number], &[Kind::Text]],
        Kind::Float,
        round,
    ),
    plain(
        "sqrt",
        "sqrt(value :: INTEGER | FLOAT) :: FLOAT",
        "The square root; NaN of a negative number.",
        (1, 1),
        NUMBER,
        Kind::Float,
        |_, arguments| of_float("sqrt", arguments, f64::sqrt),
    ),
    plain(
        "exp",
        "exp(value :: INTEGER | FLOAT) :: FLOAT",
        "e to the power of a number.",
        (1, 1),
        NUMBER,
        Kind::Float,
        |_, arguments| of_float("exp", arguments, f64::exp),
    ),
    plain(
        "log",
        "log(value :: INTEGER | FLOAT) :: FLOAT",
        "The natural logarithm.",
        (1, 1),
        NUMBER,
        Kind::Float,
        |_, arguments| of_float("log", arguments, f64::ln),
    ),
    plain(
        "log10",
        "log10(value :: INTEGER | FLOAT) :: FLOAT",
        "The logarithm to base 10.",
        (1, 1),
        NUMBER,
        Kind::Float,
        |_, arguments| of_float("log10", arguments, f64::log10),
    ),
    plain("pi", "pi() :: FLOAT", "The circle's number.", (0, 0), &[], Kind::Float, |_, _| {
        Ok(Value::Float(consts::PI))
    }),
    plain("e", "e() :: FLOAT", "The base of the natural logarithm.", (0, 0), &[], Kind::Float, |_, _| {
        Ok(Value::Float(consts::E))
    }),
];

/// Applies to the number in the first argument; null for null.
pub fn of_float(function: &str, arguments: &[Value], apply: fn(f64) -> f64) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    Ok(Value::Float(apply(float(function, arguments, 0)?)))
}

/// Decimals beyond these change no 64-bit float.
const PRECISION_MAX: i64 = 308;

fn round(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let value = float("round", arguments, 0)?;
    if arguments.len() == 1 {
        // A tie goes up, also below zero: round(-1.5) is -1. The sum would round, so the fraction is asked.
        let below = value.floor();
        return Ok(Value::Float(if value - below >= 0.5 { below + 1.0 } else { below }));
    }
    let precision = integer("round", arguments, 1)?;
    if precision < 0 {
        return Err(out_of_range(format!("round() wants a precision from 0 on, not {precision}")));
    }
    let mode = if arguments.len() > 2 { text("round", arguments, 2)?.as_str() } else { "HALF_UP" };
    if precision > PRECISION_MAX {
        return Ok(Value::Float(value));
    }
    let scale = 10_f64.powi(precision as i32);
    let scaled = value * scale;
    if !scaled.is_finite() || scaled.abs() >= (1_u64 << 52) as f64 {
        return Ok(Value::Float(value));
    }
    Ok(Value::Float(whole(scaled, mode)? / scale))
}

/// A whole number near `value`.
fn whole(value: f64, mode: &str) -> Result<f64> {
    let tie = (value.fract().abs() - 0.5).abs() < TIE_WIDTH * value.abs().max(1.0);
    let away = value.signum() * value.abs().ceil();
    Ok(match mode.to_ascii_uppercase().as_str() {
        "UP" => away,
        "DOWN" => value.trunc(),
        "CEILING" => value.ceil(),
        "FLOOR" => value.floor(),
        "HALF_UP" if tie => away,
        "HALF_DOWN" if tie => value.trunc(),
        "HALF_EVEN" if tie => value.round_ties_even(),
        "HALF_UP" | "HALF_DOWN" | "HALF_EVEN" => value.round(),
        other => {
            let message = format!("`{other}` is no way of rounding");
            return Err(Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message)
                .hint("UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN or HALF_EVEN"));
        }
    })
}

/// What scaling by a power of ten may have moved a tie by, relative to the value: 1.005 is stored a little too small.
const TIE_WIDTH: f64 = 4.0 * f64::EPSILON;
