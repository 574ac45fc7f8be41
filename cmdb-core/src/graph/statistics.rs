//! How many items each class and how many relationships each type has: estimates for planning, never answers.

use super::adjacency::Adjacency;
use super::snapshot::{Counts, NO_CLASS, Snapshot};
use crate::model::Symbol;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts as they were when they were taken; shared by the snapshots of one graph until it has grown or shrunk by a tenth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Items by class, subclasses not included.
    pub classes: FxHashMap<Symbol, u64>,
    pub types: FxHashMap<Symbol, u64>,
}

/// Where the snapshots of one graph keep the newest counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<Option<Taken>>>);

type Taken = (Counts, Arc<Statistics>);

/// Counts may be off by this share of the graph before they are taken anew.
const DRIFT_DIVISOR: u32 = 10;

impl Snapshot {
    /// The counts of this very snapshot; reads a word for each item and relationship.
    pub fn count_now(&self) -> Statistics {
        take(self)
    }
    /// Recent counts, exact for a snapshot whose graph has not changed since they were taken.
    pub fn statistics(&self) -> Arc<Statistics> {
        let mut shelf = self.shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, known)) = &*shelf
            && near(then.items, self.counts.items)
            && near(then.relationships, self.counts.relationships)
        {
            return known.clone();
        }
        let taken = Arc::new(take(self));
        *shelf = Some((self.counts, taken.clone()));
        taken
    }
}

fn near(then: u32, now: u32) -> bool {
    then.abs_diff(now) <= then / DRIFT_DIVISOR
}

fn take(snapshot: &Snapshot) -> Statistics {
    let mut statistics = Statistics::default();
    let mut count: Vec<u64> = Vec::new();
    for (dense, class) in snapshot.class_of.iter().enumerate() {
        if *class != NO_CLASS && !snapshot.is_gone(dense as u32) {
            bump(&mut count, *class);
        }
    }
    statistics.classes = gather(&count);
    count.clear();
    for adjacency in [&snapshot.dependencies, &snapshot.outgoing] {
        types(adjacency, snapshot.nodes(), &mut count);
    }
    statistics.types = gather(&count);
    statistics
}

fn types(adjacency: &Adjacency, rows: u32, count: &mut Vec<u64>) {
    for row in 0..rows {
        for part in adjacency.row(row).parts() {
            part.kinds().iter().for_each(|kind| bump(count, kind >> super::adjacency::flag::BITS));
        }
    }
}

fn bump(count: &mut Vec<u64>, symbol: u32) {
    let at = symbol as usize;
    if at >= count.len() {
        count.resize(at + 1, 0);
    }
    count[at] += 1;
}

fn gather(count: &[u64]) -> FxHashMap<Symbol, u64> {
    let counted = count.iter().enumerate().filter(|(_, n)| **n > 0);
    counted.map(|(symbol, n)| (Symbol(symbol as u32), *n)).collect()
}
