//! Calls of functions: known by name, with as many arguments as they take, of kinds they could take.

use super::Checker;
use super::nearest::nearest;
use super::place::{Aggregation, Place};
use super::scope::Scope;
use super::shape::Shape;
use crate::error::{Error, Result};
use crate::function::{self, Aggregate, Call, Function};
use crate::syntax::tree::{Expression, Span};

impl<'a> Checker<'a> {
    pub(super) fn function(
        &mut self,
        it: &'a Expression,
        name: (&str, Span),
        distinct: bool,
        arguments: &'a [Expression],
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        let Some(function) = function::find(name.0) else { return Err(unknown(name.0, name.1)) };
        count_fits(function, arguments.len(), it.span)?;
        if let Call::Aggregate(aggregate) = function.call {
            let shapes = self.aggregate(it, arguments, scope, place)?;
            arguments_fit(function, arguments, &shapes)?;
            return Ok(aggregated(aggregate, &shapes, function));
        }
        if distinct {
            let message = format!("DISTINCT can only stand in aggregates, and `{}` is none", function.name);
            return Err(Error::syntax("UnexpectedSyntax", message, it.span));
        }
        if place.aggregation == Aggregation::Inside && function.name == "rand" {
            let message = "an aggregate of random numbers would differ from row to row";
            return Err(Error::syntax("NonConstantExpression", message, it.span)
                .hint("draw the numbers in a WITH before"));
        }
        let mut shapes = Vec::with_capacity(arguments.len());
        for argument in arguments {
            shapes.push(self.infer(argument, scope, place)?);
        }
        arguments_fit(function, arguments, &shapes)?;
        Ok(result(function, &shapes))
    }
}

fn unknown(name: &str, span: Span) -> Error {
    let error = Error::syntax("UnknownFunction", format!("there is no function `{name}`"), span);
    let names = function::families().iter().flat_map(|family| family.iter()).map(|known| known.name);
    match nearest(name, names) {
        Some(known) => error.hint(format!("did you mean `{known}`?")),
        None => error.hint("`SHOW FUNCTIONS` lists them"),
    }
}

fn count_fits(function: &Function, given: usize, span: Span) -> Result<()> {
    let (min, max) = (function.arguments_min, function.arguments_max);
    if (min..=max).contains(&given) {
        return Ok(());
    }
    let wanted = match max {
        usize::MAX => format!("at least {min}"),
        _ if min == max => format!("{min}"),
        _ => format!("{min} to {max}"),
    };
    let message = format!("`{}` takes {wanted} arguments, and {given} are given", function.name);
    Err(Error::syntax("InvalidNumberOfArguments", message, span).hint(function.signature))
}

fn arguments_fit(function: &Function, arguments: &[Expression], shapes: &[Shape]) -> Result<()> {
    for ((argument, shape), accepted) in arguments.iter().zip(shapes).zip(function.accepts) {
        if !accepted.is_empty() && !accepted.iter().any(|kind| shape.fits(*kind)) {
            let message = format!("`{}` cannot take {shape} here", function.name);
            return Err(Error::syntax("InvalidArgumentType", message, argument.span).hint(function.signature));
        }
    }
    Ok(())
}

fn aggregated(aggregate: Aggregate, shapes: &[Shape], function: &Function) -> Shape {
    match (aggregate, shapes) {
        (Aggregate::Collect, [element]) => Shape::list(element.clone()),
        // Durations can be summed as well.
        (Aggregate::Sum | Aggregate::Average, [argument]) if !argument.is_number() => Shape::Any,
        (Aggregate::Minimum | Aggregate::Maximum, [argument]) => argument.clone(),
        _ => Shape::from(function.yields),
    }
}

/// What a function yields; of lists also what is in them, where the name alone tells.
fn result(function: &Function, shapes: &[Shape]) -> Shape {
    match (function.name, shapes) {
        ("nodes", _) => Shape::list(Shape::Node),
        ("relationships", _) => Shape::list(Shape::Relationship),
        ("range", _) => Shape::list(Shape::Integer),
        ("keys" | "labels" | "split", _) => Shape::list(Shape::Text),
        ("head" | "last", [list]) => list.element(),
        ("tail", [list @ Shape::List(_)]) => list.clone(),
        ("reverse", [list @ (Shape::List(_) | Shape::Text)]) => list.clone(),
        ("reverse", _) => Shape::Any,
        ("coalesce", _) => shapes.iter().cloned().fold(Shape::Null, Shape::or),
        _ => Shape::from(function.yields),
    }
}
