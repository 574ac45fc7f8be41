//! Rows of two independent plans, paired.

use super::batch::{Batch, Source};
use super::order::ENTRY_BYTES;
use super::store::Kept;
use super::{Operator, Run};
use crate::error::Result;
use crate::plan;
use crate::value::Value;
use crate::value::key::Key;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Each left row with the right rows that are equal in the keys. The right side is run once, below an empty row.
pub struct Join {
    left: Source,
    right: Source,
    join: Arc<plan::Join>,
    kept: Kept,
    /// Rows of the right side by their keys.
    table: FxHashMap<Box<[Key]>, Vec<u32>>,
    built: bool,
    matches: Vec<u32>,
    at: usize,
}

impl Join {
    pub fn new(left: Source, right: Source, join: Arc<plan::Join>) -> Join {
        let kept = Kept::new(right.width());
        let table = FxHashMap::default();
        Join { left, right, join, kept, table, built: false, matches: Vec::new(), at: 0 }
    }
    fn build(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.right.reset(run, &[])?;
        while self.right.advance(run)? {
            run.budget.step(1)?;
            if let Some(key) = key(run, &self.join.right, self.right.row())? {
                let number = self.kept.rows.len() as u32;
                self.kept.ledger.add(run, ENTRY_BYTES)?;
                self.table.entry(key).or_default().push(number);
                self.kept.push(run, self.right.row_mut())?;
            }
        }
        self.built = true;
        Ok(())
    }
}

/// None where a key is null: it equals nothing.
fn key(run: &Run<'_>, keys: &[crate::evaluate::Compiled], row: &[Value]) -> Result<Option<Box<[Key]>>> {
    let scene = run.scene();
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        let value = key.eval(&scene, row)?;
        if value.is_null() {
            return Ok(None);
        }
        values.push(Key(value));
    }
    Ok(Some(values.into()))
}

impl Operator for Join {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.kept.clear(run);
        self.table.clear();
        self.matches.clear();
        (self.built, self.at) = (false, 0);
        self.left.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some(number) = self.matches.get(self.at) {
                self.at += 1;
                run.budget.step(1)?;
                out.push_values(self.left.row(), self.kept.rows.row(*number as usize).iter().cloned());
                continue;
            }
            if !self.left.advance(run)? {
                return Ok(false);
            }
            if !self.built {
                self.build(run)?;
            }
            self.matches.clear();
            self.at = 0;
            if let Some(key) = key(run, &self.join.left, self.left.row())?
                && let Some(found) = self.table.get(&key)
            {
                self.matches.extend_from_slice(found);
            }
        }
        Ok(true)
    }
}
