//! The façade: open a store, submit commands, take snapshots, ask about the past.
//!
//! One writer thread decides, commits and publishes; requests that wait become consecutive entries of one
//! transaction. Readers take the current snapshot and never wait for the writer.

mod alone;
mod bulk;
pub mod care;
pub mod history;
mod past;
pub mod purge;
mod recovery;
mod repeat;
mod seen;
pub mod undoing;
mod writer;

use crate::command::{Answer, Command, Context, Decider, decide};
use crate::error::{Error, Kind, Result};
use crate::graph::{Draft, Records, Snapshot};
use crate::model::{IdKey, LogId, Position, SmolStr};
use crate::schema::{SchemaEdit, catalogue};
use crate::store::{CommitLog, Fresh, Location, Opened, Store, Unread};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

/// An open inventory. Cheap to share behind `Arc`; the last one dropped stops the writer.
#[derive(Debug)]
pub struct Cmdb {
    shared: Arc<Shared>,
    sender: Option<SyncSender<writer::Request>>,
    writer: Option<JoinHandle<()>>,
    opened: Opened,
}

#[derive(Debug)]
struct Shared {
    location: Location,
    current: RwLock<Arc<Snapshot>>,
    /// Empty while the store is being reopened.
    store: RwLock<Option<Arc<Store>>>,
    published: (Mutex<Position>, Condvar),
    past: past::Past,
    retry: recovery::Retry,
    /// Records that were left in the flat snapshot file when the store was opened.
    unread: Option<Unread>,
    /// A value was erased since the store was opened; no flat snapshot file is written until it is opened again.
    erased: AtomicBool,
}

/// What a committed command yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The state that contains the command: its own entry, or the current one if nothing had to change.
    pub position: Position,
    pub changed: bool,
    pub answer: Answer,
    /// The commit id had been stored before; nothing was done again.
    pub duplicate: bool,
}

/// A command that was handed in.
#[derive(Debug)]
pub struct Pending(Receiver<Result<Receipt>>);

impl Pending {
    /// As [`Cmdb::submit`] returns.
    pub fn wait(self) -> Result<Receipt> {
        self.0.recv().map_err(|_| stopped())?
    }
}

/// What a new graph begins with.
#[derive(Clone, Debug)]
pub struct Founding {
    pub log: LogId,
    pub id_key: IdKey,
    pub open_schema: bool,
}

/// How often a reader asks for a store that others keep taking for themselves.
const STORE_ATTEMPTS: usize = 100;
/// Requests that may wait for the writer; more are held back at the door.
const QUEUE_MAX: usize = 1024;

impl Cmdb {
    /// Opens what is at `location`. From the flat snapshot file records are read and checked when they are first
    /// asked for, see [`Cmdb::sound`]; else all of them are.
    pub fn open(location: Location) -> Result<Cmdb> {
        if !location.exists() {
            let place = match &location {
                Location::Folder(path) => path.display().to_string(),
                Location::Backend(_) => "the backend".to_owned(),
            };
            return Err(Error::new(
                Kind::Unavailable,
                "store.missing",
                format!("{place} holds no cmdb data"),
            )
            .hint("`cmdb init` or `cmdb import` makes a new folder; `--data DIR` names another one"));
        }
        let store = Store::open(&location)?;
        let fresh = store.load_quickly()?.into_fresh()?;
        Ok(Cmdb::start(location, store, fresh))
    }
    /// Makes a new graph at `location` with the built-in catalogue. Nothing is there until this returns.
    pub fn create(location: Location, founding: Founding, context: &Context) -> Result<Cmdb> {
        Cmdb::create_with(location, founding, catalogue::built_in()?, context)
    }
    /// The same with a schema of the caller's instead of the catalogue.
    pub fn create_with(
        location: Location,
        founding: Founding,
        schema: SchemaEdit,
        context: &Context,
    ) -> Result<Cmdb> {
        // Two processes that find an empty folder must not both believe that theirs became the store.
        let _alone = location.lock_creation()?;
        if location.exists() {
            return Err(Error::refused("store.exists", "the folder already holds cmdb data")
                .hint("use it as it is, or name another one with --data"));
        }
        location.check_not_foreign()?;
        let store = Store::create(&location, founding.log)?;
        let found = crate::command::schema::Found {
            id_key: founding.id_key,
            open_schema: founding.open_schema,
            schema,
        };
        let mut draft = Draft::on(&Snapshot::empty());
        let (entry, _) = writer::decide_entry(&mut draft, context, Command::Found(found), &store)?;
        let entry =
            entry.ok_or_else(|| Error::new(Kind::Internal, "engine.found", "founding yielded no facts"))?;
        let mut finished = draft.finish()?;
        store.commit(&[entry], &finished.snapshot, &finished.dirty)?;
        store.finish(&location)?;
        finished.publish();
        Ok(Cmdb::start(location, store, finished.snapshot.into()))
    }
    /// Opens what is there, or makes a new graph.
    pub fn open_or_create(location: Location, founding: Founding, context: &Context) -> Result<Cmdb> {
        if location.exists() {
            return Cmdb::open(location);
        }
        match Cmdb::create(location.clone(), founding, context) {
            // Somebody else was quicker.
            Err(e) if e.code() == "store.exists" => Cmdb::open(location),
            made => made,
        }
    }
    fn start(location: Location, store: Store, fresh: Fresh) -> Cmdb {
        let Fresh { snapshot, opened, unread } = fresh;
        let shared = Arc::new(Shared {
            location,
            published: (Mutex::new(snapshot.position()), Condvar::new()),
            current: RwLock::new(Arc::new(snapshot)),
            store: RwLock::new(Some(Arc::new(store))),
            past: past::Past::default(),
            retry: recovery::Retry::default(),
            unread,
            erased: AtomicBool::new(false),
        });
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        let writer = std::thread::Builder::new()
            .name("cmdb-writer".into())
            .spawn({
                let shared = shared.clone();
                move || writer::run(&shared, &receiver)
            })
            .ok();
        Cmdb { shared, sender: Some(sender), writer, opened }
    }

    /// How the graph came about when the store was opened.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }
    /// The newest published state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot()
    }
    /// Whether what was worked out from snapshots up to now may be believed. To be asked before an answer leaves: a
    /// record that is first asked for may turn out to be lost, and then reads as if it had never been.
    ///
    /// # Errors
    /// `corrupt` once that has happened; it stays so.
    pub fn sound(&self) -> Result<()> {
        self.shared.sound()
    }
    /// Reads and checks every record that nobody has asked for since the store was opened. Whether some of them had
    /// to be taken from the rows, because the flat snapshot file was damaged.
    ///
    /// # Errors
    /// As [`Cmdb::sound`].
    pub fn settle(&self) -> Result<bool> {
        self.shared.settle()
    }
    /// Decides, commits and publishes a command; returns when it is durable and visible.
    ///
    /// # Errors
    /// The rule that refuses it, or `unavailable` if the store failed; then nothing was stored.
    pub fn submit(&self, context: Context, command: Command) -> Result<Receipt> {
        self.hand_in(context, command)?.wait()
    }
    /// The same without waiting for it. Commands are taken in the order in which they are handed in.
    pub fn hand_in(&self, context: Context, command: Command) -> Result<Pending> {
        let (reply, answer) = sync_channel(1);
        let request = writer::Request::Command { context, command: Box::new(command), reply };
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        sender.send(request).map_err(|_| stopped())?;
        Ok(Pending(answer))
    }
    /// Decides a command on the current state and keeps nothing: the answer, and the state as it would be.
    pub fn dry_run(&self, context: &Context, command: Command) -> Result<(Answer, Snapshot)> {
        let mut draft = Draft::on(&self.snapshot());
        draft.begin_entry(context.time_ms);
        let mut decider = Decider::new(&mut draft, context);
        let answer = decide(&mut decider, command)?;
        Ok((answer, draft.finish()?.snapshot))
    }
    /// The state at a past position; the newest ones asked for are kept.
    pub fn at(&self, position: Position) -> Result<Arc<Snapshot>> {
        match self.shared.past.at(&self.shared, position) {
            Err(e) if e.code() == "store.reopening" => {
                self.store()?;
                self.shared.past.at(&self.shared, position)
            }
            done => done,
        }
    }
    /// Waits until `position` is published.
    ///
    /// # Errors
    /// `unavailable` when it did not come in time.
    pub fn wait_for(&self, position: Position, timeout: Duration) -> Result<Arc<Snapshot>> {
        let (lock, published) = &self.shared.published;
        let at = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, _) = published
            .wait_timeout_while(at, timeout, |at| *at < position)
            .unwrap_or_else(PoisonError::into_inner);
        if *at < position {
            let message = format!("position {position} is not reached yet; the newest is {at}");
            return Err(
                Error::new(Kind::Unavailable, "position.not-reached", message).hint("try again shortly")
            );
        }
        drop(at);
        Ok(self.snapshot())
    }
    /// The store, for reading log, headers and undo records.
    pub fn store(&self) -> Result<Arc<Store>> {
        for _ in 0..STORE_ATTEMPTS {
            if let Ok(store) = self.shared.store() {
                return Ok(store);
            }
            // Closed after a failure, or out of reach for a moment: the writer brings it back if it can.
            self.recall()?;
        }
        self.shared.store()
    }
    fn recall(&self) -> Result<()> {
        let (reply, answer) = sync_channel(1);
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        sender.send(writer::Request::Recall(reply)).map_err(|_| stopped())?;
        answer.recv().map_err(|_| stopped())?
    }
    /// Lays the graph out anew in dependency order; worth it after a large import, and what makes those of its parts
    /// visible that were taken out of sight.
    pub fn reorder(&self) -> Result<()> {
        let (reply, answer) = sync_channel(1);
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        sender.send(writer::Request::Reorder(reply)).map_err(|_| stopped())?;
        answer.recv().map_err(|_| stopped())?
    }
    /// When the entry at `position` was accepted.
    pub fn time_of(&self, position: Position) -> Result<i64> {
        Ok(self.store()?.header(position)?.map_or(0, |h| h.time_ms))
    }
    /// Who made an entry; none for one that is not durable yet. May be asked on the writer: it never waits for it.
    pub fn actor_of(&self, position: Position) -> Result<Option<SmolStr>> {
        Ok(self.shared.store()?.header(position)?.map(|h| h.actor))
    }
    pub fn log_id(&self) -> Result<LogId> {
        Ok(self.store()?.identity())
    }
}

fn stopped() -> Error {
    Error::new(Kind::Unavailable, "engine.stopped", "the inventory is being closed").hint("start cmdb again")
}

impl Shared {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn store(&self) -> Result<Arc<Store>> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(|| {
            Error::new(Kind::Unavailable, "store.reopening", "the store is being reopened after a failure")
                .hint("try again shortly")
        })
    }
    fn sound(&self) -> Result<()> {
        self.unread.as_ref().map_or(Ok(()), Unread::sound)
    }
    /// See [`Cmdb::settle`]. Until then the store is held as it was when it was opened.
    fn settle(&self) -> Result<bool> {
        let Some(unread) = &self.unread else { return Ok(false) };
        unread.read_all()?;
        let took_rows = unread.took_rows();
        if let (true, Ok(store)) = (took_rows, self.store()) {
            store.flat_is_at(None);
        }
        Ok(took_rows)
    }
    /// Whether anybody but this holds the store.
    fn is_read(&self) -> bool {
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        store.as_ref().is_some_and(|store| Arc::strong_count(store) > 1)
    }
    /// Makes a snapshot the current one and wakes whoever waits for its position.
    fn publish(&self, snapshot: Snapshot) {
        let position = snapshot.position();
        let old = {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, Arc::new(snapshot))
        };
        // Freed outside the lock; what it shares with the new one stays.
        drop(old);
        *self.published.0.lock().unwrap_or_else(PoisonError::into_inner) = position;
        self.published.1.notify_all();
    }
}

impl Drop for Cmdb {
    fn drop(&mut self) {
        self.sender.take();
        if let Some(writer) = self.writer.take() {
            // A panicking writer has already failed every request that waited.
            let _ = writer.join();
        }
        if care::is_worth_keeping(&self.shared.snapshot()) {
            // Without it the next start takes longer, and that is all.
            let _ = self.write_flat();
        }
        // Whoever still has a snapshot must not keep others from opening the store.
        if let Some(unread) = &self.shared.unread {
            unread.let_go();
        }
    }
}

/// The head of a snapshot in one line, for logs.
pub fn describe(snapshot: &Snapshot) -> String {
    let counts = snapshot.counts();
    format!(
        "position {}, {} items, {} relationships, {} classes",
        snapshot.position(),
        counts.items,
        counts.relationships,
        snapshot.schema().classes().count()
    )
}
