//! Parts of a large import: each is one durable entry, but they are laid into the adjacency and published together.
//!
//! Laying 60,000 relationships at random copies every page of a graph, whatever its size; doing it for each part
//! would make an import quadratic. So parts that ask for it stay out of sight until somebody asks to see them: the
//! import's end, another command, work on the store alone, or a pause of the importer. Nothing of that is lost on
//! the way: an unseen part is in log and tables like any other, and a restart shows it.
//!
//! A part is written while the next one is decided. That next one rests on a state which is not durable yet; it is
//! dropped if the part before it fails, and nobody is answered before their own part is durable.

use super::writer::{Outline, Request, outline};
use super::{Receipt, Shared, recovery};
use crate::command::{Answer, Command, Context};
use crate::error::{Error, Kind, Result};
use crate::graph::draft::Dirty;
use crate::graph::{Draft, Ends, Snapshot, build};
use crate::model::CommitId;
use crate::store::{CommitLog, Store};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

/// An importer that sends nothing for so long is taken to have gone.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Relationships that may stay out of the adjacency; eight bytes each to find them by.
const UNLAID_MAX: usize = 32_000_000;
/// Parts taken the ordinary way once another command came between, since every such command costs a new layout.
const ORDINARY_PARTS: u32 = 16;

type Reply = SyncSender<Result<Receipt>>;

/// See the module.
#[derive(Default)]
pub(super) struct Bulk {
    /// The newest state, its adjacency that of the published one, and what the adjacency lacks.
    unseen: Option<(Snapshot, Ends)>,
    /// The part that leads to it, where that is still being written.
    writing: Option<Writing>,
    /// Parts still to be taken the ordinary way.
    ordinary: u32,
}

/// A part that was decided and is being written on a thread of its own.
struct Writing {
    thread: JoinHandle<Result<()>>,
    /// The state before it.
    base: Snapshot,
    commit: CommitId,
    receipt: Receipt,
    reply: Reply,
}

/// What one part comes to.
enum Part {
    /// Nothing has to be written.
    Nothing(Receipt, Ends),
    Decided(Box<Decided>),
}

struct Decided {
    receipt: Receipt,
    outline: Outline,
    snapshot: Snapshot,
    dirty: Dirty,
    missing: Ends,
}

impl Bulk {
    /// The next request; whatever is out of sight is shown if none comes for long.
    pub(super) fn next(&mut self, shared: &Shared, requests: &Receiver<Request>) -> Option<Request> {
        if let Ok(request) = requests.try_recv() {
            return Some(request);
        }
        // Whoever waits for it may send nothing before it is answered.
        drop(self.written(shared));
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
        drop(self.written(shared));
        if self.unseen.is_some() {
            self.ordinary = ORDINARY_PARTS;
            drop(self.lay(shared));
        }
    }
    /// Lays everything anew and publishes it; whether there was anything out of sight.
    pub(super) fn lay(&mut self, shared: &Shared) -> Result<bool> {
        self.written(shared)?;
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
    /// Decides one part and has it written; it is answered once it is durable.
    pub(super) fn commit(&mut self, shared: &Shared, context: Context, command: Command, reply: &Reply) {
        let (base, missing) = match self.unseen.take() {
            Some(unseen) => unseen,
            None => {
                // Much is about to be written, and a store held as it was could use no space again.
                drop(shared.settle());
                ((*shared.snapshot()).clone(), Ends::default())
            }
        };
        let id = context.commit;
        let part = part(shared, &base, missing, context, command);
        // What is missing went with the draft; laying what there was needs nothing of it.
        self.unseen = Some((base, Ends::default()));
        if let Err(e) = self.written(shared) {
            return drop(reply.send(Err(e)));
        }
        match part {
            Ok(Part::Nothing(receipt, missing)) => {
                self.unseen = self.unseen.take().map(|(base, _)| (base, missing));
                drop(reply.send(Ok(receipt)));
            }
            Ok(Part::Decided(decided)) => self.write(shared, id, *decided, reply.clone()),
            Err(e) => self.failed(shared, id, &e, reply),
        }
    }
    fn write(&mut self, shared: &Shared, commit: CommitId, decided: Decided, reply: Reply) {
        let Decided { receipt, outline, snapshot, dirty, missing } = decided;
        let store = match recovery::store(shared) {
            Ok(store) => store,
            Err(e) => return self.failed(shared, commit, &e, &reply),
        };
        let written = snapshot.clone();
        let work = move || write(&store, outline, &written, &dirty);
        let thread = std::thread::Builder::new().name("cmdb-part".into()).spawn(work);
        match thread {
            Ok(thread) => {
                let full = missing.len() > UNLAID_MAX;
                if let Some((base, _)) = self.unseen.replace((snapshot, missing)) {
                    self.writing = Some(Writing { thread, base, commit, receipt, reply });
                }
                if full {
                    // A failure is that part's answer.
                    drop(self.lay(shared));
                }
            }
            Err(e) => {
                let message = format!("no thread could be started to write an import's part: {e}");
                let error = Error::new(Kind::Unavailable, "engine.threads", message);
                self.failed(shared, commit, &error, &reply);
            }
        }
    }
    /// Waits for the part that is being written, and answers it.
    fn written(&mut self, shared: &Shared) -> Result<()> {
        let Some(Writing { thread, base, commit, receipt, reply }) = self.writing.take() else {
            return Ok(());
        };
        let stopped = |_| Err(Error::new(Kind::Internal, "engine.part", "writing a part stopped"));
        match thread.join().unwrap_or_else(stopped) {
            Ok(()) => {
                drop(reply.send(Ok(receipt)));
                Ok(())
            }
            Err(e) => {
                // What was decided since rests on a state that never came to be.
                self.unseen = Some((base, Ends::default()));
                self.failed(shared, commit, &e, &reply);
                Err(e)
            }
        }
    }
    /// A part was not decided or not written: shows what there was before it, and says what became of it.
    fn failed(&mut self, shared: &Shared, commit: CommitId, e: &Error, reply: &Reply) {
        let outcome = recovery::after_failure(shared, e);
        let laid = self.lay(shared);
        let stored = outcome.of(commit).map(|position| {
            let answer = Answer::Nothing;
            Receipt { position, changed: true, answer, duplicate: false }
        });
        drop(reply.send(laid.and(stored)));
    }
}

/// Decides one part as the next entry after `base`: the state with it, and what the adjacency of that lacks.
fn part(shared: &Shared, base: &Snapshot, missing: Ends, context: Context, command: Command) -> Result<Part> {
    let store = recovery::store(shared)?;
    if let Some(position) = store.resolve(context.commit)? {
        let receipt = Receipt { position, changed: false, answer: Answer::Nothing, duplicate: true };
        return Ok(Part::Nothing(receipt, missing));
    }
    let mut draft = Draft::unlaid(base, missing);
    let (outline, receipt) = outline(&mut draft, &context, command)?;
    let Some(outline) = outline else { return Ok(Part::Nothing(receipt, draft.into_unlaid())) };
    let mut finished = draft.finish()?;
    shared.sound()?;
    // The index holds candidates, so what never comes to be does no harm in it.
    finished.publish();
    let (snapshot, dirty, missing) = (finished.snapshot, finished.dirty, finished.unlaid);
    Ok(Part::Decided(Box::new(Decided { receipt, outline, snapshot, dirty, missing })))
}

fn write(store: &Arc<Store>, mut outline: Outline, snapshot: &Snapshot, dirty: &Dirty) -> Result<()> {
    let undo = std::mem::take(&mut outline.undo);
    let entry = outline.entry(store)?;
    store.commit(&[(entry, undo)], snapshot, dirty).map(drop)
}
