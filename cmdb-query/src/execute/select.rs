//! ANY, SHORTEST and GROUPS over patterns of any form: all ways are found, then the wanted ones kept.

use super::batch::{Batch, Source};
use super::store::Kept;
use super::{Operator, Run};
use crate::error::Result;
use crate::plan;
use crate::syntax::tree::Selector;
use crate::value::Value;
use crate::value::key::Key;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// For each outer row, the inner rows that the selector wants among those between the same two nodes.
pub struct Select {
    outer: Source,
    inner: Source,
    select: Arc<plan::Select>,
    kept: Kept,
    ready: bool,
}

impl Select {
    pub fn new(outer: Source, inner: Source, select: Arc<plan::Select>) -> Select {
        let kept = Kept::new(inner.width());
        Select { outer, inner, select, kept, ready: false }
    }
    fn fill(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.kept.clear(run);
        self.inner.reset(run, self.outer.row())?;
        let mut found: Vec<(u64, Vec<Value>)> = Vec::new();
        while self.inner.advance(run)? {
            run.budget.step(1)?;
            let row = self.inner.row();
            self.kept.ledger.add(run, crate::value::size::row_bytes(row))?;
            found.push((length(row, &self.select.edges), row.to_vec()));
        }
        found.sort_by_key(|(length, _)| *length);
        let mut pairs: FxHashMap<(Key, Key), Chosen> = FxHashMap::default();
        for (length, mut row) in found {
            let pair = (Key(row[self.select.start].clone()), Key(row[self.select.end].clone()));
            if pairs.entry(pair).or_default().wants(self.select.selector, length) {
                self.kept.rows.push_moved(&mut row);
            }
        }
        Ok(())
    }
}

/// What was chosen so far between two nodes; asked in order of length.
#[derive(Default)]
pub struct Chosen {
    paths: u64,
    groups: u64,
    last: Option<u64>,
}

impl Chosen {
    /// Whether one more of this length is wanted; counts it if so.
    pub fn wants(&mut self, selector: Selector, length: u64) -> bool {
        let wanted = self.may_want(selector, length);
        if wanted {
            self.paths += 1;
            self.groups += u64::from(self.last != Some(length));
            self.last = Some(length);
        }
        wanted
    }
}

impl Chosen {
    /// Whether one of this length, which is no shorter than any before, could be wanted.
    pub fn may_want(&self, selector: Selector, length: u64) -> bool {
        let new_group = self.last != Some(length);
        match selector {
            Selector::All => true,
            Selector::Any(count) | Selector::Shortest(count) => self.paths < count,
            Selector::ShortestPath => self.paths < 1,
            Selector::AllShortest | Selector::AllShortestPaths => !new_group || self.groups == 0,
            Selector::ShortestGroups(count) => !new_group || self.groups < count,
        }
    }
}

fn length(row: &[Value], edges: &[usize]) -> u64 {
    let lengths = edges.iter().map(|slot| match &row[*slot] {
        Value::List(list) => list.len() as u64,
        Value::Edge(_) => 1,
        _ => 0,
    });
    lengths.sum()
}

impl Operator for Select {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.kept.clear(run);
        self.ready = false;
        self.outer.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if self.ready && self.kept.drain(out) {
                return Ok(true);
            }
            if !self.outer.advance(run)? {
                self.ready = false;
                return Ok(false);
            }
            self.fill(run)?;
            self.ready = true;
        }
        Ok(true)
    }
}
