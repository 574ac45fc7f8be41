//! The writer thread: decide → append and apply in one transaction → publish → answer.

use super::bulk::Bulk;
use super::{Receipt, Shared, recovery, repeat};
use crate::command::decider::Recorded;
use crate::command::{Command, Context, Decider, decide};
use crate::error::{Error, Kind, Result};
use crate::graph::{Draft, Undo, build};
use crate::store::log::{ENTRY_BYTES_MAX, Header, pack};
use crate::store::{CommitLog, NewEntry, Payload, Store};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Requests at most in one transaction.
const BATCH_MAX: usize = 256;
/// How long writes are held up until readers let go of the store; whoever needs it alone asks again.
const ALONE_PATIENCE: Duration = Duration::from_millis(250);

/// Work on the store alone; what it returns answers the caller, once the store is within reach again.
pub(super) type Exclusive = Box<dyn FnOnce(Result<&mut Store>) -> Box<dyn FnOnce()> + Send>;

pub(super) enum Request {
    Command {
        context: Context,
        command: Box<Command>,
        reply: SyncSender<Result<Receipt>>,
    },
    Exclusive(Exclusive),
    /// Brings the store back within reach, if need be and if it can be.
    Recall(SyncSender<Result<()>>),
    Reorder(SyncSender<Result<()>>),
}

/// A command that was decided and waits for its transaction.
struct Decided {
    context: Context,
    receipt: Receipt,
    reply: SyncSender<Result<Receipt>>,
}

pub(super) fn run(shared: &Shared, requests: &Receiver<Request>) {
    let mut bulk = Bulk::default();
    while let Some(first) = bulk.next(shared, requests) {
        let mut commands = Vec::new();
        let mut other = None;
        let mut next = Some(first);
        while let Some(request) = next.take() {
            match request {
                Request::Command { context, command, reply } if !bulk.takes(&command) => {
                    commands.push((context, *command, reply));
                }
                request => {
                    other = Some(request);
                    break;
                }
            }
            if commands.len() < BATCH_MAX {
                next = requests.try_recv().ok();
            }
        }
        if !commands.is_empty() {
            bulk.interrupted(shared);
            without_fault(shared, || commit(shared, commands));
        }
        match other {
            Some(Request::Command { context, command, reply }) => {
                without_fault(shared, || bulk.commit(shared, context, *command, &reply));
            }
            Some(Request::Exclusive(work)) => {
                bulk.interrupted(shared);
                exclusively(shared, work);
            }
            Some(Request::Recall(reply)) => drop(reply.send(recovery::store(shared).map(drop))),
            Some(Request::Reorder(reply)) => {
                let laid = bulk.lay(shared);
                let answer = laid.and_then(|laid| if laid { Ok(()) } else { reorder(shared) });
                drop(reply.send(answer));
            }
            None => {}
        }
    }
}

/// A fault of ours in one decision must not end the writer: what was published stays what it is, and whoever waited
/// is told by the loss of their reply.
fn without_fault(shared: &Shared, work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        drop(recovery::reopen(shared));
    }
}

type Waiting = (Context, Command, SyncSender<Result<Receipt>>);

fn commit(shared: &Shared, commands: Vec<Waiting>) {
    let store = match recovery::store(shared) {
        Ok(store) => store,
        Err(e) => return commands.into_iter().for_each(|(_, _, reply)| drop(reply.send(Err(e.clone())))),
    };
    let mut draft = Draft::on(&shared.snapshot());
    let mut decided: Vec<Decided> = Vec::new();
    let mut entries: Vec<(NewEntry, Undo)> = Vec::new();
    let alone = commands.len() == 1;
    let mut failure: Option<Error> = None;
    for (context, command, reply) in commands {
        if let Some(first) = decided.iter().find(|d| d.context.commit.same_key(context.commit)) {
            if first.context.commit != context.commit {
                drop(reply.send(Err(repeat::key_reused(first.receipt.position))));
                continue;
            }
            // Repeated while the first try is in this very transaction; answered together with it.
            let receipt = Receipt { changed: false, duplicate: true, ..first.receipt.clone() };
            decided.push(Decided { context, receipt, reply });
            continue;
        }
        match repeat::said_before(&store, context.commit) {
            Ok(None) => {}
            Ok(Some(receipt)) => {
                drop(reply.send(Ok(receipt)));
                continue;
            }
            Err(e) => {
                failure = recovery::is_failure(&e).then(|| e.clone()).or(failure);
                drop(reply.send(Err(e)));
                continue;
            }
        }
        // Several requests share a draft; one that is refused must leave no trace in it.
        let before = (!alone).then(|| draft.clone());
        match decide_entry(&mut draft, &context, command, &store) {
            Ok((entry, receipt)) => {
                match entry {
                    Some(entry) => entries.push(entry),
                    None => draft = before.unwrap_or_else(|| Draft::on(&shared.snapshot())),
                }
                decided.push(Decided { context, receipt, reply });
            }
            Err(e) => {
                draft = before.unwrap_or_else(|| Draft::on(&shared.snapshot()));
                failure = recovery::is_failure(&e).then(|| e.clone()).or(failure);
                // A refusal, too, may rest on records that are lost.
                drop(reply.send(Err(shared.sound().err().unwrap_or(e))));
            }
        }
    }
    if let Err(e) = shared.sound() {
        return decided.into_iter().for_each(|d| drop(d.reply.send(Err(e.clone()))));
    }
    if let (Some(e), true) = (&failure, entries.is_empty()) {
        drop(store);
        recovery::after_failure(shared, e);
        return decided.into_iter().for_each(|d| drop(d.reply.send(Ok(d.receipt))));
    }
    if entries.is_empty() {
        return decided.into_iter().for_each(|d| drop(d.reply.send(Ok(d.receipt))));
    }
    let stored = draft.finish().and_then(|finished| {
        shared.sound()?;
        store.commit(&entries, &finished.snapshot, &finished.dirty)?;
        Ok(finished)
    });
    drop(store);
    match stored {
        Ok(mut finished) => {
            finished.publish();
            shared.publish(finished.snapshot);
            decided.into_iter().for_each(|d| drop(d.reply.send(Ok(d.receipt))));
        }
        Err(e) => {
            let outcome = recovery::after_failure(shared, &e);
            for d in decided {
                let answer = outcome.of(d.context.commit).map(|position| Receipt { position, ..d.receipt });
                drop(d.reply.send(answer));
            }
        }
    }
}

/// What was decided, short of its payload.
pub(super) struct Outline {
    header: Header,
    salt: [u8; 16],
    recorded: Recorded,
    pub(super) undo: Undo,
}

/// Decides one command as the draft's next entry; no entry where nothing has to change.
pub(super) fn decide_entry(
    draft: &mut Draft,
    context: &Context,
    command: Command,
    store: &Store,
) -> Result<(Option<(NewEntry, Undo)>, Receipt)> {
    let (outline, receipt) = outline(draft, context, command)?;
    let entry = outline.map(|mut outline| {
        let undo = std::mem::take(&mut outline.undo);
        Ok((outline.entry(store)?, undo))
    });
    Ok((entry.transpose()?, receipt))
}

/// The same with the payload left to be made, which for many facts takes a while.
pub(super) fn outline(
    draft: &mut Draft,
    context: &Context,
    command: Command,
) -> Result<(Option<Outline>, Receipt)> {
    let before = draft.base().position();
    let moment = draft.begin_entry(context.time_ms);
    let mut decider = Decider::new(draft, context);
    let message = if context.message.is_empty() { command.name().into() } else { context.message.clone() };
    let answer = decide(&mut decider, command)?;
    let recorded = decider.finish();
    if recorded.is_empty() {
        return Ok((None, Receipt { position: before, changed: false, answer, duplicate: false }));
    }
    let header = Header {
        commit: context.commit,
        time_ms: moment.time_ms,
        actor: context.principal.name.clone(),
        message,
        facts: recorded.count(),
    };
    let outline = Outline { header, salt: context.salt, recorded, undo: draft.end_entry() };
    let receipt = Receipt { position: moment.position, changed: true, answer, duplicate: false };
    Ok((Some(outline), receipt))
}

impl Outline {
    /// The entry; its facts are staged as blobs where they are too many.
    pub(super) fn entry(self, store: &Store) -> Result<NewEntry> {
        Ok(NewEntry { payload: payload(&self.recorded, store)?, header: self.header, salt: self.salt })
    }
}

/// The payload of an entry: its facts, or the hashes of blobs that hold them where they are too many.
fn payload(recorded: &Recorded, store: &Store) -> Result<Vec<u8>> {
    let mut segments: Vec<Vec<u8>> = recorded.payloads().map(|bytes| pack(&bytes)).collect();
    if let [only] = segments.as_mut_slice()
        && only.len() <= ENTRY_BYTES_MAX
    {
        return Ok(std::mem::take(only));
    }
    let blobs = segments.iter().map(|segment| store.stage(segment)).collect::<Result<Vec<_>>>()?;
    Payload::Staged { blobs }.encode()
}

/// Takes the store out of reach of readers for `work`.
fn exclusively(shared: &Shared, work: Exclusive) {
    let taken = recovery::store(shared).map(drop).and_then(|()| {
        let taken = shared.store.write().unwrap_or_else(PoisonError::into_inner).take();
        taken.ok_or_else(|| Error::new(Kind::Unavailable, "store.reopening", "the store is being reopened"))
    });
    let answer = match taken {
        Err(e) => work(Err(e)),
        Ok(taken) => {
            let (store, answer) = alone(taken, work);
            let usable = store.check_usable();
            *shared.store.write().unwrap_or_else(PoisonError::into_inner) = Some(store);
            if let Err(e) = usable {
                recovery::after_failure(shared, &e);
            }
            answer
        }
    };
    answer();
}

/// Waits a moment for others to let go of the store, then does the work.
fn alone(mut store: Arc<Store>, work: Exclusive) -> (Arc<Store>, Box<dyn FnOnce()>) {
    let started = Instant::now();
    loop {
        match Arc::try_unwrap(store) {
            Ok(mut alone) => {
                let answer = work(Ok(&mut alone));
                return (Arc::new(alone), answer);
            }
            Err(busy) if started.elapsed() > ALONE_PATIENCE => {
                let error = Error::new(Kind::Unavailable, "store.busy", "the store is being read");
                return (busy, work(Err(error.hint("try again later"))));
            }
            Err(busy) => {
                store = busy;
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

fn reorder(shared: &Shared) -> Result<()> {
    let snapshot = build::rebuild((*shared.snapshot()).clone())?;
    shared.publish(snapshot);
    Ok(())
}
