//! Functions of angles.

use super::argument::{any_null, float};
use super::number::of_float;
use super::{Compute, Function, Kind, plain};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;

const fn angle(
    name: &'static str,
    signature: &'static str,
    description: &'static str,
    compute: Compute,
) -> Function {
    plain(name, signature, description, (1, 1), &[&[Kind::Number]], Kind::Float, compute)
}

pub const FUNCTIONS: &[Function] = &[
    angle("sin", "sin(radians :: FLOAT) :: FLOAT", "The sine.", |_, a| of_float("sin", a, f64::sin)),
    angle("cos", "cos(radians :: FLOAT) :: FLOAT", "The cosine.", |_, a| of_float("cos", a, f64::cos)),
    angle("tan", "tan(radians :: FLOAT) :: FLOAT", "The tangent.", |_, a| of_float("tan", a, f64::tan)),
    angle("cot", "cot(radians :: FLOAT) :: FLOAT", "The cotangent.", |_, a| {
        of_float("cot", a, |radians| 1.0 / radians.tan())
    }),
    angle("sinh", "sinh(value :: FLOAT) :: FLOAT", "The hyperbolic sine.", |_, a| {
        of_float("sinh", a, f64::sinh)
    }),
    angle("cosh", "cosh(value :: FLOAT) :: FLOAT", "The hyperbolic cosine.", |_, a| {
        of_float("cosh", a, f64::cosh)
    }),
    angle("tanh", "tanh(value :: FLOAT) :: FLOAT", "The hyperbolic tangent.", |_, a| {
        of_float("tanh", a, f64::tanh)
    }),
    angle("asin", "asin(value :: FLOAT) :: FLOAT", "The angle of a sine.", |_, a| {
        of_float("asin", a, f64::asin)
    }),
    angle("acos", "acos(value :: FLOAT) :: FLOAT", "The angle of a cosine.", |_, a| {
        of_float("acos", a, f64::acos)
    }),
    angle("atan", "atan(value :: FLOAT) :: FLOAT", "The angle of a tangent.", |_, a| {
        of_float("atan", a, f64::atan)
    }),
    plain(
        "atan2",
        "atan2(y :: FLOAT, x :: FLOAT) :: FLOAT",
        "The angle of the point (x, y).",
        (2, 2),
        &[&[Kind::Number], &[Kind::Number]],
        Kind::Float,
        atan2,
    ),
    angle("degrees", "degrees(radians :: FLOAT) :: FLOAT", "Radians as degrees.", |_, a| {
        of_float("degrees", a, f64::to_degrees)
    }),
    angle("radians", "radians(degrees :: FLOAT) :: FLOAT", "Degrees as radians.", |_, a| {
        of_float("radians", a, f64::to_radians)
    }),
    angle("haversin", "haversin(radians :: FLOAT) :: FLOAT", "Half the versine.", |_, a| {
        of_float("haversin", a, |radians| (1.0 - radians.cos()) / 2.0)
    }),
];

fn atan2(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    Ok(Value::Float(float("atan2", arguments, 0)?.atan2(float("atan2", arguments, 1)?)))
}
