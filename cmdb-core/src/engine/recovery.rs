//! After a failed commit: the store's handle is poisoned, so it is closed and opened again, and what was or was not
//! stored is looked up rather than guessed. Where it cannot be opened either, reading goes on from memory and the
//! next request tries again. Runs on the writer thread only.

use super::Shared;
use crate::error::{Error, Kind, Result};
use crate::model::{CommitId, Position};
use crate::store::{CommitLog, Store};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two attempts to reopen a store that would not open.
const PAUSE: Duration = Duration::from_millis(100);
/// How long readers may keep a store that is to be closed.
const READERS_PATIENCE: Duration = Duration::from_secs(10);

/// When reopening failed last, and why.
#[derive(Debug, Default)]
pub(super) struct Retry(Mutex<Option<(Instant, Error)>>);

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

/// Whether an error says that the store's handle cannot be used any more.
pub(super) fn is_failure(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unavailable | Kind::Corrupt)
}

/// Reopens the store if the failure was the store's own.
pub(super) fn after_failure(shared: &Shared, error: &Error) -> Outcome {
    if !is_failure(error) {
        return Outcome { store: None, error: error.clone() };
    }
    match reopen(shared) {
        Ok(store) => Outcome { store: Some(store), error: error.clone() },
        Err(reopening) => {
            let error = suspended(error.message(), &reopening);
            let mut last = shared.retry.0.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some((Instant::now(), error.clone()));
            Outcome { store: None, error }
        }
    }
}

fn suspended(message: &str, cause: &Error) -> Error {
    let kind = if cause.kind() == Kind::Corrupt { Kind::Corrupt } else { Kind::Unavailable };
    Error::new(kind, "store.failed", message)
        .hint("reading goes on from memory; writing resumes when the store can be opened again")
        .caused_by(cause.clone())
}

/// The store; where it is closed after a failure, an attempt to open it again.
pub(super) fn store(shared: &Shared) -> Result<Arc<Store>> {
    if let Ok(store) = shared.store() {
        return Ok(store);
    }
    let mut last = shared.retry.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, error)) = &*last
        && at.elapsed() < PAUSE
    {
        return Err(error.clone());
    }
    match reopen(shared) {
        Ok(store) => {
            *last = None;
            Ok(store)
        }
        Err(e) => {
            let error = suspended(e.message(), &e);
            *last = Some((Instant::now(), error.clone()));
            Err(error)
        }
    }
}

/// Closes and opens the store; publishes what it holds if that is more than what is visible.
pub(super) fn reopen(shared: &Shared) -> Result<Arc<Store>> {
    // What is still to be read would keep the file locked.
    drop(shared.settle());
    let old = shared.store.write().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(old) = old {
        close(old);
    }
    let store = Store::open(&shared.location)?;
    let (tail, _) = store.tail()?;
    let visible = shared.snapshot().position();
    if tail < visible {
        let message = format!("the store ends at {tail}, but {visible} was acknowledged");
        return Err(Error::corrupt("store.lost", message).hint(
            "do not restart: back up what is in memory with `cmdb export`, then restore the newest backup",
        ));
    }
    if tail > visible {
        shared.publish(store.load()?.into_snapshot()?);
    }
    let store = Arc::new(store);
    *shared.store.write().unwrap_or_else(PoisonError::into_inner) = Some(store.clone());
    Ok(store)
}

/// Waits for readers to let go of the store, then drops it.
fn close(store: Arc<Store>) {
    let started = Instant::now();
    let mut store = store;
    while let Err(busy) = Arc::try_unwrap(store) {
        if started.elapsed() > READERS_PATIENCE {
            return;
        }
        store = busy;
        std::thread::sleep(Duration::from_millis(2));
    }
}
