//! After a failed commit: the store's handle is poisoned, so it is closed and opened again, and what was or was not
//! stored is looked up rather than guessed.

use super::Shared;
use crate::error::{Error, Kind, Result};
use crate::model::{CommitId, Position};
use crate::store::{CommitLog, Store};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// What became of the requests of a failed commit.
pub(super) struct Outcome {
    store: Option<Arc<Store>>,
    error: Error,
}

impl Outcome {
    /// Where `commit` was stored after all; else the failure.
    pub(super) fn of(&self, commit: CommitId) -> Result<Position> {
        let found = self.store.as_ref().map(|store| store.resolve(commit)).transpose()?.flatten();
        found.ok_or_else(|| self.error.clone())
    }
}

/// Reopens the store if the failure was the store's own.
pub(super) fn after_failure(shared: &Shared, error: &Error) -> Outcome {
    if !matches!(error.kind(), Kind::Unavailable | Kind::Corrupt) {
        return Outcome { store: None, error: error.clone() };
    }
    match reopen(shared) {
        Ok(store) => Outcome { store: Some(store), error: error.clone() },
        Err(reopening) => Outcome {
            store: None,
            error: Error::new(Kind::Unavailable, "store.failed", error.message())
                .hint("reading goes on from memory; writing resumes when the store can be opened again")
                .caused_by(reopening),
        },
    }
}

/// Closes and opens the store; publishes what it holds if that is more than what is visible.
pub(super) fn reopen(shared: &Shared) -> Result<Arc<Store>> {
    let old = shared.store.write().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(old) = old {
        let started = Instant::now();
        let mut old = Some(old);
        while let Some(store) = old.take() {
            match Arc::try_unwrap(store) {
                Ok(store) => drop(store),
                Err(busy) if started.elapsed() > Duration::from_secs(10) => drop(busy),
                Err(busy) => {
                    old = Some(busy);
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }
    let store = Store::open(&shared.location)?;
    let (tail, _) = store.tail()?;
    if tail != shared.snapshot().position() {
        shared.publish(store.load()?.into_snapshot()?);
    }
    let store = Arc::new(store);
    *shared.store.write().unwrap_or_else(PoisonError::into_inner) = Some(store.clone());
    Ok(store)
}
