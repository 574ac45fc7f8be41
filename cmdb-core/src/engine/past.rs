//! Past positions: the current snapshot with the entries since walked back.

use super::Shared;
use crate::error::{Error, Result};
use crate::graph::{Draft, Snapshot};
use crate::model::Position;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Past snapshots kept.
const KEPT: usize = 4;

/// The past snapshots asked for last.
#[derive(Debug, Default)]
pub(super) struct Past {
    kept: Mutex<VecDeque<Arc<Snapshot>>>,
}

impl Past {
    /// Drops every past snapshot kept: after a purge they would still know what was erased.
    pub(super) fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
    pub(super) fn at(&self, shared: &Shared, position: Position) -> Result<Arc<Snapshot>> {
        let current = shared.snapshot();
        if position == current.position() {
            return Ok(current);
        }
        if position > current.position() || position.0 == 0 {
            let message =
                format!("there is no position {position}; positions run from 1 to {}", current.position());
            return Err(Error::not_found("position.unknown", message).hint("`cmdb log` lists the entries"));
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(|s| s.position() == position) {
            return Ok(found.clone());
        }
        // Any kept snapshot after the position is a nearer start than the current one.
        let nearest = kept.iter().filter(|s| s.position() > position).min_by_key(|s| s.position());
        let start = nearest.cloned().unwrap_or(current);
        let snapshot = Arc::new(walk_back(shared, &start, position)?);
        kept.push_front(snapshot.clone());
        kept.truncate(KEPT);
        Ok(snapshot)
    }
}

fn walk_back(shared: &Shared, start: &Snapshot, position: Position) -> Result<Snapshot> {
    let store = shared.store()?;
    let mut draft = Draft::on(start);
    let counts = start.counts();
    let mut existing = (counts.item_numbers, counts.relationship_numbers);
    for at in (position.0 + 1..=start.position().0).rev() {
        let undo = store.undo(Position(at))?;
        draft.walk_back(&undo, existing)?;
        existing = (undo.items, undo.relationships);
    }
    let time_ms = store.header(position)?.map_or(0, |h| h.time_ms);
    draft.settle(position, time_ms)
}
