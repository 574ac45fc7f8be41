//! When each source last named what: for every item and relationship the newest run that named it.
//!
//! Kept beside the items rather than in them: a run that changes nothing moves no record, no version and no state
//! hash. A run takes what it names out of the older sets, so the sets of one source never overlap, and together they
//! are about as large as what the source ever named: a few bytes where numbers follow each other, a bit a number at
//! worst.

use crate::model::{Numbers, Position, SmolStr};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs of one source that are told apart; see [`Sightings::see`].
pub const RUNS_MAX: usize = 64;

/// All sightings of one state, by source and whether it observed.
pub type Sighted = BTreeMap<(SmolStr, bool), Arc<Sightings>>;

/// What one source's runs named; a source that both observes and declares has one of each. Stored; change no field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    pub source: SmolStr,
    /// The runs read formats that observe (traffic, neighbours, scans) rather than state what should be.
    pub observed: bool,
    /// Oldest first; no number is in two of them.
    pub runs: Vec<Sighting>,
}

/// What one run named and no later run of its source has named since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The import; empty where several runs were put together.
    pub import: SmolStr,
    /// Milliseconds since 1970; of runs put together the oldest: that early for certain.
    pub at_ms: i64,
    /// Of runs put together the newest.
    pub until_ms: i64,
    /// The entry that ended the run; of runs put together the newest.
    pub position: Position,
    pub items: Numbers,
    pub relationships: Numbers,
}

impl Sighting {
    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.relationships.is_empty()
    }
}

impl Sightings {
    /// Takes a new run. Beyond [`RUNS_MAX`] two neighbours are put together, those whose distance is least beside
    /// their age: so an age is kept to about a fifth of it, whether a source runs hourly or yearly, and what is put
    /// together counts as seen when the older of the two saw it.
    pub fn see(&mut self, run: Sighting) {
        self.drop_named(&run.items, &run.relationships);
        if !run.is_empty() {
            self.insert(run);
        }
        self.shrink();
    }
    fn drop_named(&mut self, items: &Numbers, relationships: &Numbers) {
        for older in &mut self.runs {
            older.items = older.items.without(items);
            older.relationships = older.relationships.without(relationships);
        }
        self.runs.retain(|run| !run.is_empty());
    }
    fn insert(&mut self, run: Sighting) {
        let at = self.runs.partition_point(|known| known.position <= run.position);
        self.runs.insert(at, run);
    }
    fn shrink(&mut self) {
        while self.runs.len() > RUNS_MAX {
            let now = self.runs.last().map_or(0, |run| run.until_ms);
            // The newest stays apart: it is what the next run is compared with.
            let pairs = self.runs[..self.runs.len() - 1].windows(2).enumerate();
            let share = |pair: &[Sighting]| {
                let age = (now - pair[0].at_ms).max(1) as f64;
                (pair[1].until_ms - pair[0].at_ms) as f64 / age
            };
            let Some((at, _)) = pairs.min_by(|(_, a), (_, b)| share(a).total_cmp(&share(b))) else { return };
            let newer = self.runs.remove(at + 1);
            let older = &mut self.runs[at];
            older.import = SmolStr::default();
            (older.until_ms, older.position) = (newer.until_ms, newer.position);
            older.items = older.items.with(&newer.items);
            older.relationships = older.relationships.with(&newer.relationships);
        }
    }
    /// Takes a run back: what it named was last named as `before` says, the state before the run. A run that was put
    /// together with others stays. Says whether anything changed.
    pub fn forget(&mut self, import: &str, before: Option<&Sightings>) -> bool {
        let Some(at) = self.runs.iter().position(|run| run.import == import && !import.is_empty()) else {
            return false;
        };
        let taken = self.runs.remove(at);
        for older in before.iter().flat_map(|before| &before.runs) {
            let items = older.items.common(&taken.items);
            let relationships = older.relationships.common(&taken.relationships);
            match self.runs.iter_mut().find(|run| run.position == older.position) {
                Some(known) => {
                    known.items = known.items.with(&items);
                    known.relationships = known.relationships.with(&relationships);
                }
                None if items.is_empty() && relationships.is_empty() => {}
                None => self.insert(Sighting { items, relationships, ..older.clone() }),
            }
        }
        self.shrink();
        true
    }
    /// The newest run that named an item.
    pub fn of_item(&self, number: u32) -> Option<&Sighting> {
        self.runs.iter().rev().find(|run| run.items.has(number))
    }
    /// The newest run that named a relationship.
    pub fn of_relationship(&self, number: u32) -> Option<&Sighting> {
        self.runs.iter().rev().find(|run| run.relationships.has(number))
    }
}

#[cfg(test)]
mod tests;
