//! The embedded log and the tables, in one redb file: one transaction writes both.

use super::border::{Base, guard};
use super::erase::Erasure;
use super::flat;
use super::load::{self, Loaded};
use super::location::Location;
use super::log::{self, ChainHash, CommitLog, Entry, Header, NewEntry, check_size};
use super::note::{self, Note, Noted};
use super::seal;
use super::tables::*;
use crate::error::{Error, Kind, Result};
use crate::graph::draft::{Dirty, encode_schema};
use crate::graph::{Records, Snapshot, Undo};
use crate::model::{IdKey, ItemNumber, LogId, Position, RelationshipNumber, SmolStr};
use redb::{
    Durability, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, WriteTransaction,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The store of one data folder. Reads may run beside the one writer.
#[derive(Debug)]
pub struct Store {
    pub(super) database: Base,
    /// Logs this store went through, with the position each began after; the last one is written to.
    pub(super) logs: Vec<(u64, LogId)>,
    /// Set once the store has its final name.
    note: OnceLock<Note>,
    /// The note beside the store was missing or unreadable when it was opened.
    note_missing: bool,
    /// Where the flat snapshot file is, and the entry that it was found or written for.
    flat: OnceLock<PathBuf>,
    flat_at: Mutex<Option<ChainHash>>,
}

/// The row that every commit rewrites.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) position: u64,
    pub(super) chain: [u8; 32],
    pub(super) time_ms: i64,
    pub(super) id_key: IdKey,
    pub(super) item_numbers: u32,
    pub(super) relationship_numbers: u32,
    pub(super) items: u32,
    pub(super) relationships: u32,
    pub(super) state_hash: u128,
    pub(super) names: u32,
    pub(super) sums: Sums,
}

/// Sums over the rows of tables that are rewritten: each row's seal fits an older version of it, too, and the state
/// hash covers content alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub(super) items: u128,
    pub(super) relationships: u128,
    pub(super) settings: u128,
    pub(super) ended: u128,
}

/// The end of the log.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tail {
    pub(super) position: u64,
    pub(super) chain: [u8; 32],
    /// Sum over the rows of the index of commit ids.
    pub(super) commits_sum: u128,
}

#[derive(Serialize, Deserialize)]
pub(super) struct EntryRow {
    pub(super) header: Vec<u8>,
    pub(super) payload_hash: [u8; 32],
    pub(super) chain: [u8; 32],
}

/// One denied or refused attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    pub time_ms: i64,
    pub actor: SmolStr,
    pub action: SmolStr,
    pub code: SmolStr,
    pub message: SmolStr,
}

/// Audit records kept; the oldest make room.
pub const AUDIT_MAX: u64 = 100_000;

impl Store {
    /// Makes a new store with an empty log. Nothing is visible under the final name before `finish`.
    pub fn create(location: &Location, log_id: LogId) -> Result<Store> {
        guard(|| {
            let store = Store::raw(location, log_id)?;
            let txn = store.begin()?;
            {
                let mut meta = txn.open_table(META).step("create")?;
                put_text(&mut meta, "meta", "format", &FORMAT.to_le_bytes())?;
                put_text(&mut meta, "meta", "logs", &encode(&store.logs)?)?;
            }
            make_tables(&txn)?;
            txn.commit().step("commit")?;
            Ok(store)
        })
    }
    /// An empty file to be filled.
    pub(super) fn raw(location: &Location, log_id: LogId) -> Result<Store> {
        Ok(Store { logs: vec![(0, log_id)], ..Store::bare(Base::new(location.create()?)) })
    }
    fn bare(database: Base) -> Store {
        let (note, flat, flat_at) = (OnceLock::new(), OnceLock::new(), Mutex::default());
        Store { database, logs: Vec::new(), note, note_missing: false, flat, flat_at }
    }
    /// Gives a filled new store its final name.
    pub fn finish(&self, location: &Location) -> Result<()> {
        location.finish()?;
        self.note_at(location);
        let (position, chain) = self.tail()?;
        self.noted(position, chain);
        Ok(())
    }
    /// Opens a finished store; nothing but its format is looked at yet.
    pub fn open(location: &Location) -> Result<Store> {
        guard(|| {
            let database = Base::new(location.open()?);
            let txn = database.begin_read().step("read")?;
            let not_ours = || {
                Error::corrupt("store.not-ours", "the file is a database, but not one of cmdb's")
                    .hint("`--data DIR` names another folder")
            };
            let meta = txn.open_table(META).map_err(|_| not_ours())?;
            let format = get_text(&meta, "meta", "format")?.ok_or_else(not_ours)?;
            let format = u32::from_le_bytes(format.try_into().map_err(|_| not_ours())?);
            if format > FORMAT {
                let message =
                    format!("the data is in format {format}; this version of cmdb reads up to {FORMAT}");
                return Err(Error::new(Kind::Unavailable, "store.newer", message).hint("upgrade cmdb"));
            }
            let logs: Vec<(u64, LogId)> = decode(&get_text(&meta, "meta", "logs")?.ok_or_else(not_ours)?)?;
            drop((meta, txn));
            let path = location.note();
            let noted = path.as_ref().and_then(|path| note::read(path));
            let note_missing = path.is_some() && noted.is_none();
            let store = Store { logs, note_missing, ..Store::bare(database) };
            store.note_at(location);
            noted.map_or(Ok(()), |noted| store.check_noted(&noted))?;
            Ok(store)
        })
    }

    /// Refuses a store that lacks what was acknowledged, or has something else in its place.
    fn check_noted(&self, noted: &Noted) -> Result<()> {
        let lost = |message: String| {
            Err(Error::corrupt("store.lost", message).hint(
                "restore the newest backup; if the file was replaced by an older one on purpose, remove cmdb.head",
            ))
        };
        // The note of another log was left behind by somebody who moved the store away.
        if !self.logs.iter().any(|(_, log)| *log == noted.log) {
            return Ok(());
        }
        let (tail, _) = self.tail()?;
        if tail < noted.position {
            return lost(format!("the store ends at entry {tail}, but {} was acknowledged", noted.position));
        }
        let same = |entry: &Entry| entry.position == noted.position && entry.chain == noted.chain;
        if !self.read(Position(noted.position.0.saturating_sub(1)), 0)?.first().is_some_and(same) {
            return lost(format!("entry {} is not the one that was acknowledged", noted.position));
        }
        Ok(())
    }
    /// Why it is not known whether the store is the newest one that was acknowledged; nothing if it is.
    pub fn unnoted(&self) -> Option<&'static str> {
        self.note_missing.then_some(
            "cmdb.head was missing or unreadable when the store was opened: had an older copy taken its place, \
             nothing would have told",
        )
    }
    fn note_at(&self, location: &Location) {
        if let Some(path) = location.note() {
            self.note.get_or_init(|| Note::at(path));
        }
        if let Some(path) = location.flat() {
            self.flat.get_or_init(|| path);
        }
    }
    fn noted(&self, position: Position, chain: ChainHash) {
        if let Some(note) = self.note.get() {
            note.write(&Noted { log: self.identity(), position, chain });
        }
    }

    pub(super) fn begin(&self) -> Result<WriteTransaction> {
        let mut txn = self.database.begin_write().step("begin a transaction")?;
        txn.set_durability(Durability::Immediate).step("begin a transaction")?;
        // Two-phase, so that a crash never has to be told apart by a checksum an attacker could forge.
        txn.set_quick_repair(true);
        Ok(txn)
    }

    /// One commit: the batch appended to the log and the tables brought to `snapshot`, in one transaction.
    ///
    /// # Errors
    /// `unavailable`: it is not known whether the commit was stored; reopen and ask [`CommitLog::resolve`].
    pub fn commit(&self, batch: &[(NewEntry, Undo)], snapshot: &Snapshot, dirty: &Dirty) -> Result<Position> {
        self.commit_erasing(batch, snapshot, dirty, &Erasure::default())
    }
    /// The same, with older entries rewritten in the same transaction.
    pub(crate) fn commit_erasing(
        &self,
        batch: &[(NewEntry, Undo)],
        snapshot: &Snapshot,
        dirty: &Dirty,
        erasure: &Erasure,
    ) -> Result<Position> {
        guard(|| {
            for (entry, _) in batch {
                check_size(entry)?;
            }
            let txn = self.begin()?;
            let expected = Position(snapshot.position().0 - batch.len() as u64);
            let entries: Vec<&NewEntry> = batch.iter().map(|(entry, _)| entry).collect();
            let (tail, head) = {
                let meta = txn.open_table(META).step("read")?;
                (Position(tail_of(&meta)?.position), load::head_row(&meta)?)
            };
            if tail != expected {
                let message = format!("the log is at {tail}, not at {expected}");
                return Err(Error::new(Kind::Stale, "log.conflict", message));
            }
            let chain = append_in(&txn, self.identity(), expected, &entries)?;
            {
                let mut undo = txn.open_table(UNDO).step("write")?;
                for (i, (_, before)) in batch.iter().enumerate() {
                    put(&mut undo, "undo", expected.0 + 1 + i as u64, &log::pack(&before.encode()))?;
                }
            }
            erasure.write(&txn)?;
            let sums = write_dirty(&txn, snapshot, dirty, head.map_or(Sums::default(), |h| h.sums))?;
            let mut meta = txn.open_table(META).step("write")?;
            put_text(&mut meta, "meta", "head", &head_of(snapshot, chain, sums)?)?;
            drop(meta);
            txn.commit().step("commit")?;
            self.noted(snapshot.position(), chain);
            Ok(snapshot.position())
        })
    }
    /// What it takes to walk back the entry at `position`.
    pub fn undo(&self, position: Position) -> Result<Undo> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let table = txn.open_table(UNDO).step("read")?;
            let row = get(&table, "undo", position.0)?.ok_or_else(|| {
                Error::corrupt("store.no-undo", format!("the store cannot walk back entry {position}"))
            })?;
            Undo::decode(&log::unpack(&row)?)
        })
    }
    /// The header of one entry.
    pub fn header(&self, position: Position) -> Result<Option<Header>> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let table = txn.open_table(ENTRIES).step("read")?;
            let Some(row) = get(&table, "entries", position.0)? else {
                let tail = tail_of(&txn.open_table(META).step("read")?)?;
                return if (1..=tail.position).contains(&position.0) {
                    Err(no_entry(position.0))
                } else {
                    Ok(None)
                };
            };
            let row: EntryRow = decode(&row)?;
            decode(&row.header).map(Some)
        })
    }
    /// The last position whose time is not after `time_ms`; 0 if none.
    pub fn position_at(&self, time_ms: i64) -> Result<Position> {
        guard(|| {
            let (mut low, mut high) = (0, self.tail()?.0.0);
            while low < high {
                let middle = (low + high).div_ceil(2);
                match self.header(Position(middle))? {
                    Some(header) if header.time_ms <= time_ms => low = middle,
                    _ => high = middle - 1,
                }
            }
            Ok(Position(low))
        })
    }
    /// Adds to the audit stream; the oldest records make room.
    pub fn audit(&self, records: &[AuditRecord]) -> Result<()> {
        guard(|| {
            let txn = self.begin()?;
            {
                let mut table = txn.open_table(AUDIT).step("write")?;
                let mut next = table.last().step("read")?.map_or(1, |(key, _)| key.value() + 1);
                for record in records {
                    put(&mut table, "audit", next, &encode(record)?)?;
                    next += 1;
                }
                let mut meta = txn.open_table(META).step("write")?;
                put_text(&mut meta, "meta", "audit", &encode(&(next - 1))?)?;
                while table.first().step("read")?.is_some_and(|(key, _)| key.value() + AUDIT_MAX < next) {
                    table.pop_first().step("write")?;
                }
            }
            txn.commit().step("commit")
        })
    }
    /// The newest audit records, newest first.
    pub fn audit_records(&self, max: usize) -> Result<Vec<(u64, AuditRecord)>> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let table = txn.open_table(AUDIT).step("read")?;
            let mut out: Vec<(u64, AuditRecord)> = Vec::new();
            let last = get_text(&txn.open_table(META).step("read")?, "meta", "audit")?;
            let mut next: u64 = last.map(|row| decode(&row)).transpose()?.unwrap_or(0);
            for row in table.iter().step("read")?.rev().take(max) {
                let (key, row) = row.step("read")?;
                if key.value() != next {
                    return Err(Error::corrupt("audit.gap", format!("audit record {next} is missing")));
                }
                next -= 1;
                let content = seal::open("audit", &key.value().to_be_bytes(), row.value())?;
                out.push((key.value(), decode(content)?));
            }
            Ok(out)
        })
    }
    /// Reads everything; every row's checksum is looked at.
    pub fn load(&self) -> Result<Loaded> {
        guard(|| load::load_rows(&self.reading()?))
    }
    /// The same, from the flat snapshot file if it is the newest state's.
    pub fn load_quickly(&self) -> Result<Loaded> {
        guard(|| {
            let mut chain = None;
            let loaded = load::load(self.reading()?, |head| {
                let path = self.flat.get().ok_or("the store is in no folder")?;
                chain = Some(ChainHash(head.chain));
                flat::Flat::open(path, &self.bound(head))
            })?;
            self.flat_is_at(chain.filter(|_| loaded.is_laid()));
            Ok(loaded)
        })
    }
    /// Reads the rows of all records and keeps none.
    pub(crate) fn scrub(&self) -> Result<()> {
        guard(|| load::check_records(&self.reading()?))
    }
    /// What the flat snapshot file holds as far as is known; nothing makes the next writing replace it.
    pub(crate) fn flat_is_at(&self, chain: Option<ChainHash>) {
        *self.flat_at.lock().unwrap_or_else(PoisonError::into_inner) = chain;
    }
    fn bound(&self, head: &Head) -> flat::Bound {
        flat::Bound {
            log: self.identity(),
            position: Position(head.position),
            chain: ChainHash(head.chain),
            state_hash: head.state_hash,
            item_numbers: head.item_numbers,
            relationship_numbers: head.relationship_numbers,
        }
    }
    /// Removes the flat snapshot file.
    pub(crate) fn remove_flat(&self) -> Result<()> {
        let Some(path) = self.flat.get() else { return Ok(()) };
        self.flat_is_at(None);
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                let message = format!("the flat snapshot file could not be removed: {e}");
                Err(Error::new(Kind::Unavailable, "store.flat", message).caused_by(e))
            }
            _ => Ok(()),
        }
    }
    /// Writes the flat snapshot file for the newest state. False where there is nothing to write: the file is there
    /// already, the snapshot is not the newest state, or the store is in no folder.
    pub fn write_flat(&self, snapshot: &Snapshot) -> Result<bool> {
        guard(|| {
            let Some(path) = self.flat.get() else { return Ok(false) };
            let mut written = self.flat_at.lock().unwrap_or_else(PoisonError::into_inner);
            let head = load::head_row(&self.reading()?.open_table(META).step("read")?)?;
            let Some(head) = head.filter(|head| head.position == snapshot.position().0) else {
                return Ok(false);
            };
            if *written == Some(ChainHash(head.chain)) || head.state_hash != snapshot.state_hash() {
                return Ok(false);
            }
            *written = None;
            flat::write(path, snapshot, self.bound(&head)).map_err(|e| {
                let message = format!("the flat snapshot file could not be written: {e}");
                Error::new(Kind::Unavailable, "store.flat", message).caused_by(e)
            })?;
            *written = Some(ChainHash(head.chain));
            Ok(true)
        })
    }
    /// One state of all tables.
    pub(super) fn reading(&self) -> Result<ReadTransaction> {
        self.database.begin_read().step("read")
    }
    /// Whether the handle still takes transactions; after a failure it has to be reopened.
    pub(crate) fn check_usable(&self) -> Result<()> {
        guard(|| self.begin()?.abort().step("end a transaction"))
    }
    /// redb's own check of every page; needs the store for itself.
    pub fn check_pages(&mut self) -> Result<bool> {
        guard(|| self.database.check_integrity().step("check"))
    }
    /// Gives unused space back to the file system; needs the store for itself.
    pub fn compact(&mut self) -> Result<bool> {
        guard(|| self.database.compact().step("compact"))
    }
    /// Bytes of rows stored and of the whole file's pages in use.
    pub fn stored_bytes(&self) -> Result<(u64, u64)> {
        guard(|| {
            let txn = self.database.begin_write().step("begin a transaction")?;
            let stats = txn.stats().step("read")?;
            let out = (stats.stored_bytes(), stats.allocated_pages() * stats.page_size() as u64);
            txn.abort().step("end a transaction")?;
            Ok(out)
        })
    }
    /// Relationships at an item that have ended, ascending.
    pub fn ended(&self, item: ItemNumber) -> Result<Vec<RelationshipNumber>> {
        guard(|| {
            let txn = self.reading()?;
            let table = txn.open_table(ENDED).step("read")?;
            let first = u64::from(item.0) << 32;
            let mut out = Vec::new();
            for row in table.range(first..=first | u64::from(u32::MAX)).step("read")? {
                let (key, row) = row.step("read")?;
                seal::open("ended", &key.value().to_be_bytes(), row.value())?;
                out.push(RelationshipNumber(key.value() as u32));
            }
            Ok(out)
        })
    }
    /// The log that the entry at `position` was written to.
    pub fn log_of(&self, position: Position) -> LogId {
        let under = self.logs.iter().rev().find(|(after, _)| *after < position.0);
        under.map_or(LogId([0; 16]), |(_, id)| *id)
    }
    /// How many entries the log holds.
    pub fn entries(&self) -> Result<u64> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            txn.open_table(ENTRIES).step("read")?.len().step("read")
        })
    }
}

/// Makes every table, so that reading never meets a missing one.
pub(super) fn make_tables(txn: &WriteTransaction) -> Result<()> {
    for (table, _) in NUMBERED {
        txn.open_table(table).step("create")?;
    }
    for (table, _) in NAMED {
        txn.open_table(table).step("create")?;
    }
    txn.open_table(COMMITS).step("create")?;
    txn.open_table(BLOBS).step("create")?;
    Ok(())
}

/// An entry between 1 and the tail is not there.
pub(super) fn no_entry(position: u64) -> Error {
    Error::corrupt("log.no-entry", format!("entry {position} is missing from the log"))
        .hint("run `cmdb verify --full`, then restore from the newest backup")
}

fn head_of(snapshot: &Snapshot, chain: ChainHash, sums: Sums) -> Result<Vec<u8>> {
    let counts = snapshot.counts();
    let head = Head {
        position: snapshot.position().0,
        chain: chain.0,
        time_ms: snapshot.time_ms(),
        id_key: snapshot.id_key(),
        item_numbers: counts.item_numbers,
        relationship_numbers: counts.relationship_numbers,
        items: counts.items,
        relationships: counts.relationships,
        state_hash: snapshot.state_hash(),
        names: snapshot.names().len() as u32,
        sums,
    };
    encode(&head)
}

/// The end of the log; position 0 while it is empty.
pub(super) fn tail_of(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<Tail> {
    Ok(get_text(meta, "meta", "tail")?.map(|row| decode(&row)).transpose()?.unwrap_or_default())
}

pub(super) fn payload_row(purged: bool, salt: &[u8; 16], payload: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(17 + payload.len());
    row.push(u8::from(purged));
    row.extend_from_slice(salt);
    row.extend_from_slice(payload);
    row
}

/// Appends to the log's tables inside a transaction; the new head of the chain.
pub(super) fn append_in(
    txn: &WriteTransaction,
    log: LogId,
    expected: Position,
    batch: &[&NewEntry],
) -> Result<ChainHash> {
    let mut meta = txn.open_table(META).step("write")?;
    let mut tail = tail_of(&meta)?;
    let mut chain = ChainHash(tail.chain);
    let mut entries = txn.open_table(ENTRIES).step("write")?;
    let mut payloads = txn.open_table(PAYLOADS).step("write")?;
    let mut commits = txn.open_table(COMMITS).step("write")?;
    let mut position = expected.0;
    for entry in batch {
        position += 1;
        let header = encode(&entry.header)?;
        let payload_hash = log::payload_hash(&entry.salt, &entry.payload);
        chain = log::chain(chain, log, Position(position), &header, &payload_hash);
        let row = EntryRow { header, payload_hash, chain: chain.0 };
        put(&mut entries, "entries", position, &encode(&row)?)?;
        put(&mut payloads, "payloads", position, &payload_row(false, &entry.salt, &entry.payload))?;
        if commits.insert(entry.header.commit.0.as_slice(), position).step("write")?.is_some() {
            let message = format!("commit {} is stored already", entry.header.commit);
            return Err(Error::new(Kind::Stale, "log.duplicate", message));
        }
        tail.commits_sum = tail.commits_sum.wrapping_add(commit_sum(&entry.header.commit.0, position));
    }
    tail.position = position;
    tail.chain = chain.0;
    put_text(&mut meta, "meta", "tail", &encode(&tail)?)?;
    Ok(chain)
}

/// Writes what changed; the sums carried on from the head before.
fn write_dirty(txn: &WriteTransaction, snapshot: &Snapshot, dirty: &Dirty, mut sums: Sums) -> Result<Sums> {
    for (definition, name, blocks, sum) in [
        (ITEMS, "items", &dirty.item_blocks, &mut sums.items),
        (RELATIONSHIPS, "relationships", &dirty.relationship_blocks, &mut sums.relationships),
    ] {
        let mut table = txn.open_table(definition).step("write")?;
        for (number, block) in blocks {
            let key = u64::from(*number);
            let sealed = seal::seal(name, &key.to_be_bytes(), block.bytes());
            *sum = sum.wrapping_add(row_sum(&key.to_be_bytes(), &sealed));
            if let Some(old) = table.insert(key, sealed.as_slice()).step("write")? {
                *sum = sum.wrapping_sub(row_sum(&key.to_be_bytes(), old.value()));
            }
        }
    }
    let mut settings = txn.open_table(SETTINGS).step("write")?;
    for setting in &dirty.settings {
        let key = setting.key();
        let sealed = seal::seal("settings", key.as_bytes(), &encode(setting)?);
        sums.settings = sums.settings.wrapping_add(row_sum(key.as_bytes(), &sealed));
        if let Some(old) = settings.insert(key.as_str(), sealed.as_slice()).step("write")? {
            sums.settings = sums.settings.wrapping_sub(row_sum(key.as_bytes(), old.value()));
        }
    }
    if !dirty.ended.is_empty() {
        let mut ended = txn.open_table(ENDED).step("write")?;
        for (item, relationship) in &dirty.ended {
            let key = u64::from(*item) << 32 | u64::from(*relationship);
            let sealed = seal::seal("ended", &key.to_be_bytes(), &[]);
            if ended.insert(key, sealed.as_slice()).step("write")?.is_none() {
                sums.ended = sums.ended.wrapping_add(key_sum(key));
            }
        }
    }
    let new_names = snapshot.names().since(dirty.names_from);
    if !new_names.is_empty() {
        let mut names = txn.open_table(NAMES).step("write")?;
        put(&mut names, "names", dirty.names_from as u64, &encode(&new_names)?)?;
    }
    if dirty.schema {
        let mut meta = txn.open_table(META).step("write")?;
        put_text(&mut meta, "meta", "schema", &log::pack(&encode_schema(snapshot.schema())))?;
    }
    Ok(sums)
}
