//! Operators that look at one row at a time.

use super::batch::{Batch, Source};
use super::{Operator, Run};
use crate::error::{Class, Error, Result};
use crate::evaluate::Compiled;
use crate::plan::{Item, Limited, Project};
use crate::value::Value;
use std::sync::Arc;

/// Rows for which all conditions are true.
pub struct Filter {
    pub source: Source,
    pub conditions: Arc<Vec<Compiled>>,
}

impl Operator for Filter {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            run.budget.step(1)?;
            if all_hold(run, &self.conditions, self.source.row())? {
                out.push_moved(self.source.row_mut());
            }
        }
        Ok(true)
    }
}

pub fn all_hold(run: &Run<'_>, conditions: &[Compiled], row: &[Value]) -> Result<bool> {
    let scene = run.scene();
    for condition in conditions {
        if !condition.holds(&scene, row)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Rows made of leading values and computed ones.
pub struct Projecting {
    pub source: Source,
    pub project: Arc<Project>,
}

impl Operator for Projecting {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        let mut values = Vec::with_capacity(self.project.items.len());
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            run.budget.step(1)?;
            let row = self.source.row();
            let scene = run.scene();
            for item in &self.project.items {
                values.push(match item {
                    Item::Slot(slot) => row[*slot].clone(),
                    Item::Value(value) => value.eval(&scene, row)?,
                });
            }
            out.push_values(&row[..self.project.keep], values.drain(..));
        }
        Ok(true)
    }
}

/// One row for each element of a list.
pub struct Unwind {
    source: Source,
    list: Arc<Compiled>,
    values: Arc<Vec<Value>>,
    at: usize,
}

impl Unwind {
    pub fn new(source: Source, list: Arc<Compiled>) -> Unwind {
        Unwind { source, list, values: Arc::default(), at: 0 }
    }
}

/// The elements of what UNWIND and FOREACH take: null has none, and a single value is its own.
pub fn elements(value: Value) -> Arc<Vec<Value>> {
    match value {
        Value::List(values) => values,
        Value::Null => Arc::default(),
        single => Arc::new(vec![single]),
    }
}

impl Operator for Unwind {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        (self.values, self.at) = (Arc::default(), 0);
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some(value) = self.values.get(self.at) {
                self.at += 1;
                run.budget.step(1)?;
                out.push_with(self.source.row(), [value.clone()]);
                continue;
            }
            if !self.source.advance(run)? {
                return Ok(false);
            }
            self.values = elements(self.list.eval(&run.scene(), self.source.row())?);
            self.at = 0;
        }
        Ok(true)
    }
}

/// The number of rows SKIP or LIMIT asks for.
pub fn amount(run: &Run<'_>, word: &str, expression: &Compiled) -> Result<u64> {
    match expression.eval(&run.scene(), &[])? {
        Value::Integer(number) if number >= 0 => Ok(number as u64),
        Value::Integer(number) => {
            let message = format!("{word} cannot be negative, and it is {number}");
            Err(Error::runtime(Class::SyntaxError, "NegativeIntegerArgument", message))
        }
        other => {
            let message = format!("{word} takes an integer, not {}", other.kind_name());
            Err(Error::runtime(Class::SyntaxError, "InvalidArgumentType", message))
        }
    }
}

/// Leaves out the first rows.
pub struct Skip {
    source: Source,
    amount: Arc<Compiled>,
    left: Option<u64>,
}

impl Skip {
    pub fn new(source: Source, amount: Arc<Compiled>) -> Skip {
        Skip { source, amount, left: None }
    }
}

impl Operator for Skip {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.left = None;
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        let mut left = match self.left {
            Some(left) => left,
            None => amount(run, "SKIP", &self.amount)?,
        };
        self.left = Some(0);
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            if left > 0 {
                left -= 1;
            } else {
                out.push_moved(self.source.row_mut());
            }
        }
        Ok(true)
    }
}

/// Stops after so many rows, and pulls no more.
pub struct Limit {
    source: Source,
    limit: Arc<Limited>,
    left: Option<u64>,
}

impl Limit {
    pub fn new(source: Source, limit: Arc<Limited>) -> Limit {
        Limit { source, limit, left: None }
    }
    /// The rows wanted. A barrier stands after everything that writes, so one row asked for makes all of it run.
    fn start(&mut self, run: &mut Run<'_>) -> Result<u64> {
        let wanted = amount(run, "LIMIT", &self.limit.amount)?;
        if wanted == 0 && self.limit.writes {
            self.source.advance(run)?;
        }
        Ok(wanted)
    }
}

impl Operator for Limit {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.left = None;
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        let mut left = match self.left {
            Some(left) => left,
            None => self.start(run)?,
        };
        while !out.is_full() && left > 0 {
            if !self.source.advance(run)? {
                left = 0;
                break;
            }
            out.push_moved(self.source.row_mut());
            left -= 1;
        }
        self.left = Some(left);
        Ok(left > 0)
    }
}
