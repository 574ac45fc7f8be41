//! Operators of two operands: which kinds can never do, and what comes out.

use super::Checker;
use super::expression::wrong_kind;
use super::place::Place;
use super::scope::Scope;
use super::shape::Shape;
use crate::error::Result;
use crate::syntax::tree::{Expression, Operator};

impl<'a> Checker<'a> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &'a Expression,
        right: &'a Expression,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        if matches!(operator, Operator::Or | Operator::Xor | Operator::And) {
            self.boolean(left, scope, place)?;
            return self.boolean(right, scope, place);
        }
        let first = self.infer(left, scope, place.value())?;
        let second = self.infer(right, scope, place.value())?;
        match operator {
            Operator::Add => add((left, first), (right, second)),
            Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder
            | Operator::Power => calculate(operator, (left, first), (right, second)),
            Operator::In if second.may_be_list() => Ok(Shape::Boolean),
            Operator::In => Err(wrong_kind(right, &second, "a list")),
            Operator::Concatenate => concatenate((left, first), (right, second)),
            // Of strings; what is none yields null.
            _ => Ok(Shape::Boolean),
        }
    }
}

type Operand<'e> = (&'e Expression, Shape);

fn calculate(operator: Operator, left: Operand<'_>, right: Operand<'_>) -> Result<Shape> {
    for (operand, shape) in [&left, &right] {
        if !shape.is_number() && !shape.is_open() && *shape != Shape::Temporal {
            return Err(wrong_kind(operand, shape, "a number"));
        }
    }
    Ok(match (left.1, right.1) {
        _ if operator == Operator::Power => Shape::Float,
        (Shape::Integer, Shape::Integer) => Shape::Integer,
        (Shape::Float, other) | (other, Shape::Float) if other.is_number() => Shape::Float,
        (left, right) if left.is_number() && right.is_number() => Shape::Number,
        _ => Shape::Any,
    })
}

fn add(left: Operand<'_>, right: Operand<'_>) -> Result<Shape> {
    let joins = |shape: &Shape| shape.is_open() || matches!(shape, Shape::List(_) | Shape::Text);
    match (&left.1, &right.1) {
        (Shape::List(first), Shape::List(second)) => {
            Ok(Shape::list((**first).clone().or((**second).clone())))
        }
        (Shape::List(element), other) | (other, Shape::List(element)) => {
            // Something that may itself be a list joins it or is appended to it.
            let known = if *other == Shape::Null { Shape::Any } else { other.clone() };
            Ok(Shape::list((**element).clone().or(known)))
        }
        (Shape::Text, Shape::Text) => Ok(Shape::Text),
        (first, second) if joins(first) || joins(second) => Ok(Shape::Any),
        (Shape::Temporal, _) | (_, Shape::Temporal) => Ok(Shape::Any),
        _ => calculate(Operator::Add, left, right),
    }
}

fn concatenate(left: Operand<'_>, right: Operand<'_>) -> Result<Shape> {
    for (operand, shape) in [&left, &right] {
        if !shape.may_be_list() && *shape != Shape::Text {
            return Err(wrong_kind(operand, shape, "a string or list"));
        }
    }
    Ok(if left.1 == Shape::Text && right.1 == Shape::Text { Shape::Text } else { Shape::Any })
}
