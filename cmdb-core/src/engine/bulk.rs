//! Parts of a large import: each is one durable entry, but they are laid into the adjacency and published together.
//!
//! Laying 60,000 relationships at random copies every page of a graph, whatever its size; doing it for each part
//! would make an import quadratic. So parts that ask for it stay out of sight until somebody asks to see them: the
//! import's end, another command, work on the store alone, or a pause of the importer. Nothing of that is lost on
//! the way: an unseen part is in log and tables like any other, and a restart shows it.

use super::writer::{Request, decide_entry};
use super::{Receipt, Shared, recovery};
use crate::command::{Answer, Command, Context};
use crate::error::Result;
use crate::graph::{Draft, Ends, Snapshot, build};
use crate::store::CommitLog;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// An importer that sends nothing for so long is taken to have gone.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Relationships that may stay out of the adjacency; eight bytes each to find them by.
const UNLAID_MAX: usize = 32_000_000;
/// Parts taken the ordinary way once another command came between, since every such command costs a new layout.
const ORDINARY_PARTS: u32 = 16;

/// See the module.
#[derive(Default)]
pub(super) struct Bulk {
    /// The newest state, its adjacency that of the published one, and what the adjacency lacks.
    unseen: Option<(Snapshot, Ends)>,
    /// Parts still to be taken the ordinary way.
    ordinary: u32,
}

impl Bulk {
    /// The next request; whatever is out of sight is shown if none comes for long.
    pub(super) fn next(&mut self, shared: &Shared, requests: &Receiver<Request>) -> Option<Request> {
        if self.unseen.is_some() {
            match requests.recv_timeout(PAUSE_MAX) {
                Ok(request) => return Some(request),
                Err(RecvTimeoutError::Disconnected) => return None,
                // A store that cannot be read then tells whoever asks next.
                Err(RecvTimeoutError::Timeout) => drop(self.lay(shared)),
            }
        }
        requests.recv().ok()
    }
    /// Whether a command is a part to be taken out of sight.
    pub(super) fn takes(&mut self, command: &Command) -> bool {
        let Command::Import(part) = command else { return false };
        // New definitions may make known items found by other attributes than before.
        if !part.unseen || part.last || !part.define.is_empty() {
            return false;
        }
        let ordinary = self.ordinary > 0;
        self.ordinary = self.ordinary.saturating_sub(1);
        !ordinary
    }
    /// Another command comes between.
    pub(super) fn interrupted(&mut self, shared: &Shared) {
        if self.unseen.is_some() {
            self.ordinary = ORDINARY_PARTS;
            drop(self.lay(shared));
        }
    }
    /// Lays everything anew and publishes it; whether there was anything out of sight.
    pub(super) fn lay(&mut self, shared: &Shared) -> Result<bool> {
        let Some((snapshot, missing)) = self.unseen.take() else { return Ok(false) };
        drop(missing);
        // A reopened store may already have shown it.
        if snapshot.position() > shared.snapshot().position() {
            match build::rebuild(snapshot) {
                Ok(laid) => shared.publish(laid),
                Err(_) => drop(recovery::reopen(shared)?),
            }
        }
        Ok(true)
    }
    /// Decides and commits one part.
    pub(super) fn commit(
        &mut self,
        shared: &Shared,
        context: Context,
        command: Command,
        reply: &SyncSender<Result<Receipt>>,
    ) {
        let (base, missing) = match self.unseen.take() {
            Some(unseen) => unseen,
            None => {
                // Much is about to be written, and a store held as it was could use no space again.
                drop(shared.settle());
                ((*shared.snapshot()).clone(), Ends::default())
            }
        };
        let id = context.commit;
        match part(shared, &base, missing, context, command) {
            Ok((receipt, snapshot, missing)) => {
                let full = missing.len() > UNLAID_MAX;
                self.unseen = Some((snapshot, missing));
                let laid = if full { self.lay(shared) } else { Ok(false) };
                drop(reply.send(laid.map(|_| receipt)));
            }
            Err(e) => {
                // What is missing went with the draft; laying what there was needs nothing of it.
                self.unseen = Some((base, Ends::default()));
                let outcome = recovery::after_failure(shared, &e);
                let laid = self.lay(shared);
                let stored = outcome.of(id).map(|position| {
                    let answer = Answer::Nothing;
                    Receipt { position, changed: true, answer, duplicate: false }
                });
                drop(reply.send(laid.and(stored)));
            }
        }
    }
}

/// One part as the next entry after `base`; the state with it, and what the adjacency of that lacks.
fn part(
    shared: &Shared,
    base: &Snapshot,
    missing: Ends,
    context: Context,
    command: Command,
) -> Result<(Receipt, Snapshot, Ends)> {
    let store = recovery::store(shared)?;
    if let Some(position) = store.resolve(context.commit)? {
        let receipt = Receipt { position, changed: false, answer: Answer::Nothing, duplicate: true };
        return Ok((receipt, base.clone(), missing));
    }
    let mut draft = Draft::unlaid(base, missing);
    let (entry, receipt) = decide_entry(&mut draft, &context, command, &store)?;
    let Some(entry) = entry else { return Ok((receipt, base.clone(), draft.into_unlaid())) };
    let mut finished = draft.finish()?;
    shared.sound()?;
    store.commit(&[entry], &finished.snapshot, &finished.dirty)?;
    finished.publish();
    Ok((receipt, finished.snapshot, finished.unlaid))
}
