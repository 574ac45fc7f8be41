//! Calls of procedures.

use super::batch::{Batch, Source};
use super::order::ENTRY_BYTES;
use super::store::Kept;
use super::{Operator, Run};
use crate::error::{Class, Error, Result};
use crate::plan;
use crate::procedure::Field;
use crate::value::Value;
use crate::value::size::row_bytes;
use std::sync::Arc;

/// For each row, the rows a procedure yields; of one without outputs, the row itself.
pub struct Call {
    source: Source,
    call: Arc<plan::Call>,
    kept: Kept,
}

impl Call {
    pub fn new(source: Source, call: Arc<plan::Call>, width: usize) -> Call {
        Call { source, call, kept: Kept::new(width) }
    }
    fn fetch(&mut self, run: &Run<'_>) -> Result<()> {
        self.kept.clear(run);
        let scene = run.scene();
        let row = self.source.row();
        let signature = self.call.procedure.signature();
        let mut arguments = Vec::with_capacity(signature.inputs.len());
        for (argument, input) in self.call.arguments.iter().zip(&signature.inputs) {
            arguments.push(fitted(argument.eval(&scene, row)?, input)?);
        }
        let rest = signature.inputs.iter().skip(arguments.len());
        arguments.extend(rest.map(|input| input.default.clone().unwrap_or_default()));
        let rows = self.call.procedure.call(&scene, arguments)?;
        for found in rows {
            let found = found?;
            run.budget.step(1)?;
            self.kept.ledger.add(run, row_bytes(&found) + ENTRY_BYTES)?;
            let outputs = &self.call.outputs;
            let new = outputs.iter().map(|output| found.get(*output).cloned().unwrap_or_default());
            self.kept.rows.push_values(row, new);
        }
        if signature.outputs.is_empty() {
            self.kept.clear(run);
            self.kept.rows.push(row);
        }
        Ok(())
    }
}

/// The value as the procedure wants it.
fn fitted(value: Value, input: &Field) -> Result<Value> {
    let kind = input.kind.trim();
    let bare = kind.trim_end_matches('?').trim().to_ascii_uppercase();
    let fits = match (&value, bare.as_str()) {
        (Value::Null, _) => kind.ends_with('?') || bare == "ANY",
        (Value::Integer(number), "FLOAT") => return Ok(Value::Float(*number as f64)),
        (Value::Boolean(_), "BOOLEAN")
        | (Value::Integer(_), "INTEGER")
        | (Value::Float(_), "FLOAT")
        | (Value::Integer(_) | Value::Float(_), "NUMBER")
        | (Value::Text(_), "STRING")
        | (Value::Map(_) | Value::Node(_) | Value::Edge(_), "MAP")
        | (Value::Node(_), "NODE")
        | (Value::Edge(_), "RELATIONSHIP")
        | (Value::Path(_), "PATH") => true,
        (Value::List(_), kind) if kind.starts_with("LIST") => true,
        (
            _,
            "BOOLEAN" | "INTEGER" | "FLOAT" | "NUMBER" | "STRING" | "MAP" | "NODE" | "RELATIONSHIP" | "PATH",
        ) => false,
        (_, kind) => !kind.starts_with("LIST"),
    };
    if fits {
        return Ok(value);
    }
    let message = format!("`{}` is {} and cannot be {}", input.name, input.kind, value.kind_name());
    Err(Error::runtime(Class::TypeError, "InvalidArgumentType", message))
}

impl Operator for Call {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.kept.clear(run);
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if self.kept.drain(out) {
                return Ok(true);
            }
            if !self.source.advance(run)? {
                return Ok(false);
            }
            self.fetch(run)?;
        }
        Ok(true)
    }
}
