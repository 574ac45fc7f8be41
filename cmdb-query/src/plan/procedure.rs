//! `CALL name(…) YIELD …`.

use super::planner::{Part, Planner};
use super::{Call, Each, Plan, Step};
use crate::error::{Class, Error, Phase, Result};
use crate::syntax::tree::{Expression, ExpressionKind, ProcedureCall, SmolStr, Yields};
use std::sync::Arc;

/// Rows a procedure is expected to yield.
const CALL_ROWS: f64 = 10.0;

impl Planner<'_> {
    /// A call that is the whole query yields all its columns unasked.
    pub(super) fn call(&self, part: Part, call: &ProcedureCall, alone: bool) -> Result<Part> {
        let Some(procedure) = self.procedures.find(&call.name) else {
            let message = format!("there is no procedure `{}`", call.name);
            let error = Error::new(Phase::Compile, Class::ProcedureError, "ProcedureNotFound", message);
            return Err(error.at(call.name_span));
        };
        let signature = procedure.signature();
        let outputs: Vec<(usize, SmolStr)> = match &call.yields {
            Yields::None if !alone => Vec::new(),
            Yields::None | Yields::Star => {
                signature.outputs.iter().map(|field| field.name.clone()).enumerate().collect()
            }
            Yields::Items(items) => {
                let place = |name: &str| signature.outputs.iter().position(|field| field.name == name);
                let named = items.iter().filter_map(|item| {
                    let name = item.alias.as_ref().unwrap_or(&item.field);
                    Some((place(&item.field.name)?, name.name.clone()))
                });
                named.collect()
            }
        };
        let part = part.reading(self);
        let arguments = match &call.arguments {
            Some(arguments) => arguments.iter().map(|it| self.compile(it, &part.scope)).collect(),
            None => {
                let needed = signature.inputs.iter().take_while(|input| input.default.is_none());
                let given = needed.map(|input| Expression {
                    kind: ExpressionKind::Parameter(input.name.clone()),
                    span: call.name_span,
                });
                given.map(|it| self.compile(&it, &part.scope)).collect::<Result<Vec<_>>>()
            }
        }?;
        let mut part = part;
        let before = part.scope.len();
        let slots = outputs.iter().map(|(output, _)| *output).collect();
        outputs.into_iter().for_each(|(_, name)| {
            part.scope.push(name);
        });
        let spec = Arc::new(Call { procedure: procedure.clone(), arguments, outputs: slots });
        let width = part.scope.len();
        let make = |plan: Plan| {
            let rows = plan.rows * CALL_ROWS;
            self.step(Step::Call(Box::new(plan), spec), rows, width, || call.name.to_string())
        };
        let part = match call.optional {
            false => part.map(make),
            true => {
                let inner = make(self.argument(before));
                part.map(|plan| self.apply(plan, inner, Each::Optional))
            }
        };
        let Some(condition) = &call.condition else { return Ok(part) };
        let compiled = Arc::new(vec![self.compile(condition, &part.scope)?]);
        let details = || self.written(condition.span).to_owned();
        Ok(part.map(|plan| self.over(plan, 0.3, |input| Step::Filter(input, compiled), details)))
    }
}
