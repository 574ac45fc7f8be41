//! Work that needs the store to itself: compaction, the check of its pages, erasure.
//!
//! A reader may keep the store for long; a backup does. Whoever waits for it to end must hold up neither writes nor
//! other readers, so the store is taken out of reach only for a moment, and again when nobody seems to read it.

use super::{Cmdb, stopped, writer};
use crate::error::{Error, Kind, Result};
use crate::store::Store;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long compaction and the check of all pages wait for readers to end.
pub(super) const CARE_PATIENCE: Duration = Duration::from_secs(600);
/// How long a purge waits; whoever asked for it waits, too.
pub(super) const PURGE_PATIENCE: Duration = Duration::from_secs(60);
/// After this the store is asked for though somebody seems to read it: many short readers look like a long one.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody reads.
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl Cmdb {
    /// Runs `work` with the store to itself, between two commits. Reading snapshots goes on meanwhile.
    ///
    /// # Errors
    /// Besides those of `work`, `unavailable` when somebody read the store all the time for as long as `patience`.
    pub fn exclusively<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        // What is still to be read holds the store as it was when it was opened; what is lost of it does not.
        drop(self.settle());
        let started = Instant::now();
        let work = Arc::new(Mutex::new(Some(work)));
        loop {
            let ask = started + patience.min(started.elapsed() + ASK_EVERY);
            while self.shared.is_read() && Instant::now() < ask {
                std::thread::sleep(LOOK_EVERY);
            }
            let work = work.clone();
            let done = self.between_commits(move |store| {
                let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
                match work {
                    Some(work) => work(store),
                    None => Err(Error::new(Kind::Internal, "engine.alone", "the work was done before")),
                }
            });
            match done {
                Err(e) if e.code() == "store.busy" && started.elapsed() < patience => {}
                Err(e) if e.code() == "store.busy" => return Err(busy(patience)),
                done => return done,
            }
        }
    }
    fn between_commits<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = sync_channel(1);
        let work = Box::new(move |store: Result<&mut Store>| -> Box<dyn FnOnce()> {
            let done = store.and_then(work);
            Box::new(move || drop(reply.send(done)))
        });
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        sender.send(writer::Request::Exclusive(work)).map_err(|_| stopped())?;
        answer.recv().map_err(|_| stopped())?
    }
}

fn busy(patience: Duration) -> Error {
    let message =
        format!("the store was read without a pause for {} s, and nothing was done", patience.as_secs());
    Error::new(Kind::Unavailable, "store.busy", message)
        .hint("a backup reads the store until it is written; try again when it has ended")
}
