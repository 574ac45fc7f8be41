//! Calls of procedures: known by name, with arguments that fit the signature, and columns that it has.

use super::clause::bind_columns;
use super::nearest::nearest;
use super::place::Place;
use super::scope::{Scope, already_bound};
use super::shape::Shape;
use super::{Checker, Column};
use crate::error::{Class, Error, Phase, Result};
use crate::procedure::{Field, Procedures, Signature};
use crate::syntax::tree::{Expression, Identifier, ProcedureCall, YieldItem, Yields};
use rustc_hash::FxHashSet;

impl<'a> Checker<'a> {
    /// A call that is the whole statement: it may leave out its arguments, and yields all its columns.
    pub(super) fn call_alone(
        &mut self,
        call: &'a ProcedureCall,
        scope: &mut Scope<'a>,
    ) -> Result<Vec<Column>> {
        let signature = find(self.context.procedures, call)?;
        match &call.arguments {
            Some(arguments) => self.arguments(signature, call, arguments, scope)?,
            None => {
                for input in signature.inputs.iter().filter(|input| input.default.is_none()) {
                    self.parameter(&input.name, call.name_span)?;
                }
            }
        }
        let columns = match &call.yields {
            Yields::None | Yields::Star => signature.outputs.iter().map(column).collect(),
            Yields::Items(items) => yielded(signature, items)?,
        };
        bind_columns(&columns, call.name_span, scope)?;
        self.yield_condition(call, scope)?;
        Ok(columns)
    }

    pub(super) fn call_in_query(&mut self, call: &'a ProcedureCall, scope: &mut Scope<'a>) -> Result<()> {
        let signature = find(self.context.procedures, call)?;
        match &call.arguments {
            Some(arguments) => self.arguments(signature, call, arguments, scope)?,
            None if signature.inputs.is_empty() => {}
            None => {
                let message = format!("`{}` needs its arguments written out within a query", signature.name);
                return Err(Error::syntax("InvalidArgumentPassingMode", message, call.name_span)
                    .hint(described(signature)));
            }
        }
        match &call.yields {
            Yields::None => Ok(()),
            Yields::Star => {
                let message = "YIELD * can only stand in a call that is the whole query";
                Err(Error::syntax("UnexpectedSyntax", message, call.name_span).hint("name the columns"))
            }
            Yields::Items(items) => {
                for (column, item) in yielded(signature, items)?.into_iter().zip(items) {
                    scope.bind(item.alias.as_ref().unwrap_or(&item.field), column.shape)?;
                }
                self.yield_condition(call, scope)
            }
        }
    }

    fn yield_condition(&mut self, call: &'a ProcedureCall, scope: &mut Scope<'a>) -> Result<()> {
        call.condition.as_ref().map_or(Ok(()), |it| self.condition(it, scope, Place::CONDITION))
    }

    fn arguments(
        &mut self,
        signature: &Signature,
        call: &ProcedureCall,
        arguments: &'a [Expression],
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        let least = signature.inputs.iter().take_while(|input| input.default.is_none()).count();
        let most = signature.inputs.len();
        if !(least..=most).contains(&arguments.len()) {
            let wanted = if least == most { format!("{most}") } else { format!("{least} to {most}") };
            let given = arguments.len();
            let message = format!("`{}` takes {wanted} arguments, and {given} are given", signature.name);
            return Err(
                Error::syntax("InvalidNumberOfArguments", message, call.name_span).hint(described(signature))
            );
        }
        for (argument, input) in arguments.iter().zip(&signature.inputs) {
            let shape = self.infer(argument, scope, Place::VALUE)?;
            if !accepts(input, &shape) {
                let message = format!("`{}` is {} and cannot be {shape}", input.name, input.kind);
                return Err(
                    Error::syntax("InvalidArgumentType", message, argument.span).hint(described(signature))
                );
            }
        }
        Ok(())
    }
}

fn find<'p>(procedures: &'p Procedures, call: &ProcedureCall) -> Result<&'p Signature> {
    if let Some(procedure) = procedures.find(&call.name) {
        return Ok(procedure.signature());
    }
    let message = format!("there is no procedure `{}`", call.name);
    let error =
        Error::new(Phase::Compile, Class::ProcedureError, "ProcedureNotFound", message).at(call.name_span);
    let names = procedures.iter().map(|procedure| procedure.signature().name.as_str());
    Err(match nearest(&call.name, names) {
        Some(known) => error.hint(format!("did you mean `{known}`?")),
        None => error.hint("`SHOW PROCEDURES` lists them"),
    })
}

fn column(field: &Field) -> Column {
    Column { name: field.name.clone(), shape: shape_of(&field.kind) }
}

fn yielded(signature: &Signature, items: &[YieldItem]) -> Result<Vec<Column>> {
    let mut names = FxHashSet::default();
    let mut columns = Vec::with_capacity(items.len());
    for item in items {
        let field = signature.outputs.iter().find(|field| field.name == item.field.name);
        let Some(field) = field else { return Err(no_such_column(signature, &item.field)) };
        let name = item.alias.as_ref().unwrap_or(&item.field);
        if !names.insert(&name.name) {
            return Err(already_bound(&name.name, name.span));
        }
        columns.push(Column { name: name.name.clone(), ..column(field) });
    }
    Ok(columns)
}

fn no_such_column(signature: &Signature, field: &Identifier) -> Error {
    let message = format!("`{}` has no column `{}`", signature.name, field.name);
    let error = Error::syntax("UndefinedVariable", message, field.span);
    let names: Vec<&str> = signature.outputs.iter().map(|output| output.name.as_str()).collect();
    match nearest(&field.name, names.iter().copied()) {
        Some(known) => error.hint(format!("did you mean `{known}`?")),
        None => error.hint(format!("it has: {}", names.join(", "))),
    }
}

/// Kinds as signatures write them, such as `INTEGER?` or `LIST<STRING>`.
fn shape_of(kind: &str) -> Shape {
    let bare = kind.trim_end_matches('?').trim().to_ascii_uppercase();
    match bare.as_str() {
        "BOOLEAN" => Shape::Boolean,
        "INTEGER" => Shape::Integer,
        "FLOAT" => Shape::Float,
        "NUMBER" => Shape::Number,
        "STRING" => Shape::Text,
        "MAP" => Shape::Map,
        "NODE" => Shape::Node,
        "RELATIONSHIP" => Shape::Relationship,
        "PATH" => Shape::Path,
        "DATE" | "TIME" | "LOCALTIME" | "DATETIME" | "LOCALDATETIME" | "DURATION" => Shape::Temporal,
        _ if bare.starts_with("LIST") => Shape::list(Shape::Any),
        _ => Shape::Any,
    }
}

/// An integer does for a float; a node or relationship for a map of its properties.
fn accepts(input: &Field, shape: &Shape) -> bool {
    match shape_of(&input.kind) {
        _ if shape.is_open() => true,
        Shape::Any => true,
        Shape::Float | Shape::Number => shape.is_number(),
        Shape::Integer => shape.may_be_integer(),
        Shape::List(_) => shape.may_be_list(),
        Shape::Map => *shape == Shape::Map || shape.may_be_entity(),
        wanted => wanted == *shape,
    }
}

fn described(signature: &Signature) -> String {
    let listed = |fields: &[Field]| {
        fields.iter().map(|field| format!("{} :: {}", field.name, field.kind)).collect::<Vec<_>>().join(", ")
    };
    format!("{}({}) :: ({})", signature.name, listed(&signature.inputs), listed(&signature.outputs))
}
