//! What sources had seen at a past position: read back from the entries in which their imports noted it.

use super::Cmdb;
use crate::error::Result;
use crate::fact::setting::Settings;
use crate::fact::sighting::{Sighted, Sightings};
use crate::fact::{Fact, Setting};
use crate::graph::{Records, Snapshot};
use crate::model::{Position, SmolStr};
use crate::store::{CommitLog, Store, log};
use std::sync::Arc;

/// Runs of a source that are looked through for a note at most. Only runs that ended early or named nothing have none,
/// and those of a source that both observes and declares have one of the two.
const RUNS_LOOKED_AT_MAX: usize = 256;

impl Cmdb {
    /// What each source had seen at a snapshot's position, whatever became of it since.
    ///
    /// # Errors
    /// Those of reading the log.
    pub fn sighted(&self, snapshot: &Snapshot) -> Result<Sighted> {
        let (settings, at) = (snapshot.settings(), snapshot.position());
        // Settings are read with today's values at any past position.
        let mut sighted = settings.sightings.clone();
        let mut sources: Vec<SmolStr> = settings.trails.values().map(|trail| trail.source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources.into_iter().filter(|source| has_moved(settings, source, at)) {
            let store = self.store()?;
            for observed in [false, true] {
                let key = (source.clone(), observed);
                match noted(&store, settings, &key, Position(at.0 + 1))? {
                    Some(then) => drop(sighted.insert(key, Arc::new(then))),
                    None => drop(sighted.remove(&key)),
                }
            }
        }
        Ok(sighted)
    }
}

/// Whether an import of the source was finished or taken back after `at`.
fn has_moved(settings: &Settings, source: &str, at: Position) -> bool {
    let later = |trail: &crate::fact::ImportTrail| {
        trail.undone.is_some_and(|p| p > at) || trail.entries.last().is_some_and(|(_, last)| *last > at)
    };
    settings.trails.values().filter(|trail| trail.source == source).any(later)
}

/// What a source had seen before `before`, without the runs that were taken back since.
pub(super) fn standing(
    store: &Store,
    settings: &Settings,
    key: &(SmolStr, bool),
    before: Position,
) -> Result<Option<Sightings>> {
    let Some(mut seen) = noted(store, settings, key, before)? else { return Ok(None) };
    // Each step takes the newest of them out and can only bring older ones back.
    for _ in 0..RUNS_LOOKED_AT_MAX {
        let mut trails = seen.runs.iter().rev().filter_map(|run| settings.trails.get(&run.import));
        let Some(undone) = trails.find(|trail| trail.undone.is_some()) else { break };
        let ended = undone.entries.last().map_or(Position(0), |(_, last)| *last);
        let earlier = noted(store, settings, key, ended)?;
        seen.forget(&undone.id, earlier.as_ref());
    }
    Ok(Some(seen))
}

/// The newest note before `before` of what a source had seen.
fn noted(
    store: &Store,
    settings: &Settings,
    (source, observed): &(SmolStr, bool),
    before: Position,
) -> Result<Option<Sightings>> {
    let trails = settings.trails.values().filter(|trail| trail.source == *source);
    let noted = trails.flat_map(|trail| [trail.entries.last().map(|(_, last)| *last), trail.undone]);
    let mut positions: Vec<Position> = noted.flatten().filter(|p| *p < before && p.0 > 0).collect();
    positions.sort_unstable();
    for position in positions.into_iter().rev().take(RUNS_LOOKED_AT_MAX) {
        let Some(entry) = store.read(Position(position.0 - 1), 1)?.into_iter().next() else { continue };
        let note = log::facts(store, &entry)?.into_iter().rev().find_map(|fact| match fact {
            Fact::Set(Setting::Sightings(s)) if s.source == *source && s.observed == *observed => Some(s),
            _ => None,
        });
        if note.is_some() {
            return Ok(note);
        }
    }
    Ok(None)
}
