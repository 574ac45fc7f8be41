//! MERGE: for each row in turn, what matches, or else what is created. Later rows see what earlier ones created.

use super::batch::{Batch, Source};
use super::create::create;
use super::set::apply;
use super::{Operator, Run};
use crate::error::{Class, Error, Result};
use crate::plan;
use crate::value::Value;
use std::sync::Arc;

pub struct Merge {
    outer: Source,
    inner: Source,
    merge: Arc<plan::Merge>,
}

impl Merge {
    pub fn new(outer: Source, inner: Source, merge: Arc<plan::Merge>) -> Merge {
        Merge { outer, inner, merge }
    }
    fn check(&self, run: &Run<'_>) -> Result<()> {
        for required in &self.merge.required {
            let value = required.eval(&run.scene(), self.outer.row())?;
            let null = match &value {
                Value::Map(map) => map.iter().find(|(_, value)| value.is_null()),
                _ => None,
            };
            if let Some((key, _)) = null {
                let message = format!("MERGE cannot use null for `{key}`: nothing would ever match it again");
                return Err(Error::runtime(Class::SemanticError, "MergeReadOwnWrites", message));
            }
        }
        Ok(())
    }
}

impl Operator for Merge {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.outer.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.outer.advance(run)? {
                return Ok(false);
            }
            run.budget.step(1)?;
            self.check(run)?;
            self.inner.reset(run, self.outer.row())?;
            let before = out.len();
            while self.inner.advance(run)? {
                out.push_moved(self.inner.row_mut());
            }
            if out.len() == before {
                let mut row = self.outer.row().to_vec();
                create(run, &self.merge.create, &mut row)?;
                apply(run, &self.merge.on_create, &row)?;
                out.push_moved(&mut row);
                continue;
            }
            for index in before..out.len() {
                apply(run, &self.merge.on_match, out.row(index))?;
            }
        }
        Ok(true)
    }
}
