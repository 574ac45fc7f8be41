//! DISTINCT and ORDER BY.

use super::batch::{Batch, Source};
use super::row::amount;
use super::store::{Kept, Ledger};
use super::{Operator, Run};
use crate::error::Result;
use crate::plan::Sorting;
use crate::value::Value;
use crate::value::compare::order;
use crate::value::key::Key;
use crate::value::size::row_bytes;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// The first of all rows that are alike in their columns.
pub struct Distinct {
    source: Source,
    from: usize,
    seen: FxHashSet<Box<[Key]>>,
    ledger: Ledger,
}

impl Distinct {
    pub fn new(source: Source, from: usize) -> Distinct {
        Distinct { source, from, seen: FxHashSet::default(), ledger: Ledger::default() }
    }
}

/// Bytes an entry of a hash table costs beyond its values.
pub const ENTRY_BYTES: u64 = 32;

impl Operator for Distinct {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.seen.clear();
        self.ledger.clear(run);
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            run.budget.step(1)?;
            let columns = &self.source.row()[self.from..];
            let key: Box<[Key]> = columns.iter().cloned().map(Key).collect();
            let bytes = row_bytes(columns) + ENTRY_BYTES;
            if self.seen.insert(key) {
                self.ledger.add(run, bytes)?;
                out.push_moved(self.source.row_mut());
            }
        }
        Ok(true)
    }
}

/// A row under way with what it is ordered by.
struct Sortable {
    keys: Box<[Value]>,
    /// Rows that compare alike stay in the order they came in.
    turn: u64,
    row: Box<[Value]>,
    sorting: Arc<Sorting>,
}

impl Ord for Sortable {
    fn cmp(&self, other: &Sortable) -> Ordering {
        compare(&self.sorting, &self.keys, &other.keys).then(self.turn.cmp(&other.turn))
    }
}
impl PartialOrd for Sortable {
    fn partial_cmp(&self, other: &Sortable) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Sortable {
    fn eq(&self, other: &Sortable) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Sortable {}

fn compare(sorting: &Sorting, left: &[Value], right: &[Value]) -> Ordering {
    for ((_, descending), (left, right)) in sorting.keys.iter().zip(left.iter().zip(right)) {
        let found = order(left, right);
        if found.is_ne() {
            return if *descending { found.reverse() } else { found };
        }
    }
    Ordering::Equal
}

/// Rows in order; with a limit only the first ones are kept while they come in.
pub struct Sort {
    source: Source,
    sorting: Arc<Sorting>,
    kept: Kept,
    filled: bool,
}

/// With more rows than this wanted, all are sorted at once rather than sifted.
const TOP_ROWS_MAX: u64 = 100_000;

impl Sort {
    pub fn new(source: Source, sorting: Arc<Sorting>) -> Sort {
        let kept = Kept::new(source.width());
        Sort { source, sorting, kept, filled: false }
    }
    fn wanted(&self, run: &Run<'_>) -> Result<Option<u64>> {
        let Some(limit) = &self.sorting.limit else { return Ok(None) };
        let skip = self.sorting.skip.as_ref().map_or(Ok(0), |skip| amount(run, "SKIP", skip))?;
        Ok(Some(amount(run, "LIMIT", limit)?.saturating_add(skip)))
    }
    fn sortable(&mut self, run: &Run<'_>, turn: u64) -> Result<Sortable> {
        let scene = run.scene();
        let row = self.source.row();
        let keys: Box<[Value]> =
            self.sorting.keys.iter().map(|(key, _)| key.eval(&scene, row)).collect::<Result<_>>()?;
        run.budget.step(1)?;
        let row = self.source.row_mut().iter_mut().map(std::mem::take).collect();
        Ok(Sortable { keys, turn, row, sorting: self.sorting.clone() })
    }
    fn fill(&mut self, run: &mut Run<'_>) -> Result<()> {
        let top = self.wanted(run)?.filter(|wanted| *wanted <= TOP_ROWS_MAX);
        let mut rows = BinaryHeap::new();
        let mut all = Vec::new();
        let mut turn = 0;
        while self.source.advance(run)? {
            let next = self.sortable(run, turn)?;
            turn += 1;
            let bytes = row_bytes(&next.row) + row_bytes(&next.keys);
            match top {
                Some(top) if rows.len() as u64 >= top => {
                    if rows.peek().is_some_and(|last| next < *last) {
                        rows.pop();
                        rows.push(next);
                    }
                }
                Some(_) => {
                    self.kept.ledger.add(run, bytes)?;
                    rows.push(next);
                }
                None => {
                    self.kept.ledger.add(run, bytes)?;
                    all.push(next);
                }
            }
        }
        all.sort_unstable();
        for mut sortable in all.into_iter().chain(rows.into_sorted_vec()) {
            self.kept.rows.push_moved(&mut sortable.row);
        }
        Ok(())
    }
}

impl Operator for Sort {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.kept.clear(run);
        self.filled = false;
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
