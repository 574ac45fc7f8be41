//! Plans run once for each row: OPTIONAL MATCH, subqueries, FOREACH; and UNION.

use super::batch::{Batch, Source};
use super::row::elements;
use super::{Operator, Run};
use crate::error::Result;
use crate::evaluate::Compiled;
use crate::plan::Each;
use crate::value::Value;
use std::sync::Arc;

/// For each outer row, the rows of the inner plan, which begin with it.
pub struct Apply {
    outer: Source,
    inner: Source,
    each: Each,
    inside: bool,
    found: bool,
}

impl Apply {
    pub fn new(outer: Source, inner: Source, each: Each) -> Apply {
        Apply { outer, inner, each, inside: false, found: false }
    }
    /// Goes on to the next outer row; false at the end.
    fn enter(&mut self, run: &mut Run<'_>) -> Result<bool> {
        if !self.outer.advance(run)? {
            return Ok(false);
        }
        run.budget.step(1)?;
        self.inner.reset(run, self.outer.row())?;
        (self.inside, self.found) = (true, false);
        Ok(true)
    }
}

impl Operator for Apply {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.inside = false;
        self.outer.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.inside && !self.enter(run)? {
                return Ok(false);
            }
            if self.inner.advance(run)? {
                self.found = true;
                if self.each != Each::Unit {
                    out.push_moved(self.inner.row_mut());
                }
                continue;
            }
            self.inside = false;
            match self.each {
                Each::Optional if !self.found => out.push_with(self.outer.row(), []),
                Each::Unit => out.push_moved(self.outer.row_mut()),
                _ => {}
            }
        }
        Ok(true)
    }
}

/// For each row, runs the inner plan for each element of a list; the row itself goes on unchanged.
pub struct Foreach {
    pub outer: Source,
    pub inner: Source,
    pub list: Arc<Compiled>,
}

impl Operator for Foreach {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.outer.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.outer.advance(run)? {
                return Ok(false);
            }
            let values = elements(self.list.eval(&run.scene(), self.outer.row())?);
            let mut argument = self.outer.row().to_vec();
            for value in values.iter() {
                run.budget.step(1)?;
                argument.push(value.clone());
                self.inner.reset(run, &argument)?;
                while self.inner.advance(run)? {}
                argument.pop();
            }
            out.push_moved(self.outer.row_mut());
        }
        Ok(true)
    }
}

/// The rows of several plans, one after the other.
pub struct Union {
    branches: Vec<Source>,
    at: usize,
    argument: Vec<Value>,
}

impl Union {
    pub fn new(branches: Vec<Source>) -> Union {
        Union { branches, at: 0, argument: Vec::new() }
    }
}

impl Operator for Union {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.at = 0;
        self.argument.clear();
        self.argument.extend_from_slice(argument);
        self.branches.first_mut().map_or(Ok(()), |first| first.reset(run, argument))
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            let Some(branch) = self.branches.get_mut(self.at) else { return Ok(false) };
            if branch.advance(run)? {
                out.push_moved(branch.row_mut());
                continue;
            }
            self.at += 1;
            if let Some(next) = self.branches.get_mut(self.at) {
                next.reset(run, &self.argument)?;
            }
        }
        Ok(true)
    }
}
