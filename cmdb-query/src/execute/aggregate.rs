//! Groups of rows and what is gathered of each.

use super::batch::{Batch, Source};
use super::order::ENTRY_BYTES;
use super::store::{Kept, Ledger};
use super::{Operator, Run};
use crate::error::Result;
use crate::evaluate::aggregate::Gathered;
use crate::plan::Aggregation;
use crate::value::Value;
use crate::value::key::Key;
use crate::value::size::row_bytes;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// One row for each group: the leading values, the keys, what was gathered. In the order the groups were first seen.
pub struct Aggregate {
    source: Source,
    aggregation: Arc<Aggregation>,
    argument: Vec<Value>,
    kept: Kept,
    filled: bool,
}

impl Aggregate {
    pub fn new(source: Source, aggregation: Arc<Aggregation>, width: usize) -> Aggregate {
        Aggregate { source, aggregation, argument: Vec::new(), kept: Kept::new(width), filled: false }
    }
    fn start(&self) -> Vec<Gathered> {
        self.aggregation.gatherers.iter().map(|gatherer| gatherer.start()).collect()
    }
    fn fill(&mut self, run: &mut Run<'_>) -> Result<()> {
        if self.aggregation.keys.is_empty() {
            let groups = vec![(Box::from([]), self.gather_all(run)?)];
            return self.finish(run, groups);
        }
        let mut ledger = Ledger::default();
        let groups = self.gather_groups(run, &mut ledger)?;
        self.finish(run, groups)?;
        ledger.clear(run);
        Ok(())
    }
    fn gather_all(&mut self, run: &mut Run<'_>) -> Result<Vec<Gathered>> {
        let mut gathered = self.start();
        if self.aggregation.gatherers.iter().all(|gatherer| gatherer.counts_rows())
            && let Some(count) = self.source.count(run)?
        {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            gathered.iter_mut().for_each(|gathered| gathered.count(count));
            return Ok(gathered);
        }
        while self.source.advance(run)? {
            run.budget.step(1)?;
            let scene = run.scene();
            for (gatherer, gathered) in self.aggregation.gatherers.iter().zip(&mut gathered) {
                gatherer.add(gathered, &scene, self.source.row())?;
            }
        }
        Ok(gathered)
    }
    fn gather_groups(&mut self, run: &mut Run<'_>, ledger: &mut Ledger) -> Result<Groups> {
        let mut numbers: FxHashMap<Box<[Key]>, usize> = FxHashMap::default();
        let mut groups: Groups = Vec::new();
        let mut keys = Vec::new();
        while self.source.advance(run)? {
            run.budget.step(1)?;
            let scene = run.scene();
            let row = self.source.row();
            keys.clear();
            for key in &self.aggregation.keys {
                keys.push(Key(key.eval(&scene, row)?));
            }
            let number = match numbers.get(keys.as_slice()) {
                Some(number) => *number,
                None => {
                    let values: Box<[Value]> = keys.iter().map(|key| key.0.clone()).collect();
                    ledger.add(run, 2 * row_bytes(&values) + ENTRY_BYTES)?;
                    numbers.insert(keys.drain(..).collect(), groups.len());
                    groups.push((values, self.start()));
                    groups.len() - 1
                }
            };
            for (gatherer, gathered) in self.aggregation.gatherers.iter().zip(&mut groups[number].1) {
                gatherer.add(gathered, &scene, row)?;
            }
        }
        Ok(groups)
    }
    fn finish(&mut self, run: &Run<'_>, groups: Groups) -> Result<()> {
        let scene = run.scene();
        let base = &self.argument[..self.aggregation.base];
        for (keys, gathered) in groups {
            let mut row: Vec<Value> = base.iter().cloned().chain(keys).collect();
            for gathered in gathered {
                row.push(gathered.finish(&scene)?);
            }
            self.kept.push(run, &mut row)?;
        }
        Ok(())
    }
}

type Groups = Vec<(Box<[Value]>, Vec<Gathered>)>;

impl Operator for Aggregate {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.kept.clear(run);
        self.filled = false;
        self.argument.clear();
        self.argument.extend_from_slice(argument);
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        if !self.filled {
            self.fill(run)?;
            self.filled = true;
        }
        Ok(self.kept.drain(out))
    }
}
