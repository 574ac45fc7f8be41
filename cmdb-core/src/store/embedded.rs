//! The embedded log and the tables, in one redb file: one transaction writes both.

use super::location::Location;
use super::log::{self, Appended, ChainHash, CommitLog, Entry, Header, NewEntry, check_size};
use super::tables::*;
use super::seal;
use crate::error::{Error, Kind, Result};
use crate::fact::setting::Settings;
use crate::graph::block::Block;
use crate::graph::draft::{Dirty, decode_schema, encode_schema};
use crate::graph::snapshot::Counts;
use crate::graph::{Records, Snapshot, Undo};
use crate::model::{CommitId, IdKey, LogId, Position, SmolStr};
use crate::schema::{Names, Schema};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The store of one data folder. Reads may run beside the one writer.
#[derive(Debug)]
pub struct Store {
    database: Database,
    /// Logs this store went through, with the position each began after; the last one is written to.
    logs: Vec<(u64, LogId)>,
}

/// Everything that is needed to rebuild the newest snapshot.
#[derive(Debug)]
pub struct Loaded {
    pub position: Position,
    pub time_ms: i64,
    pub id_key: IdKey,
    pub counts: Counts,
    pub state_hash: u128,
    pub names: Names,
    pub schema: Schema,
    pub settings: Settings,
    pub items: Vec<Block>,
    pub relationships: Vec<Block>,
}

/// The row that every commit rewrites.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    position: u64,
    chain: [u8; 32],
    time_ms: i64,
    id_key: IdKey,
    item_numbers: u32,
    relationship_numbers: u32,
    items: u32,
    relationships: u32,
    state_hash: u128,
}

#[derive(Serialize, Deserialize)]
struct EntryRow {
    header: Vec<u8>,
    payload_hash: [u8; 32],
    chain: [u8; 32],
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
        let store = Store { database: location.create()?, logs: vec![(0, log_id)] };
        let txn = store.begin()?;
        {
            let mut meta = txn.open_table(META).step("create")?;
            put_text(&mut meta, "meta", "format", &FORMAT.to_le_bytes())?;
            put_text(&mut meta, "meta", "logs", &encode(&store.logs)?)?;
            for table in [ENTRIES, PAYLOADS, ITEMS, RELATIONSHIPS, UNDO, NAMES, AUDIT] {
                txn.open_table(table).step("create")?;
            }
            txn.open_table(COMMITS).step("create")?;
            txn.open_table(BLOBS).step("create")?;
            txn.open_table(SETTINGS).step("create")?;
        }
        txn.commit().step("commit")?;
        Ok(store)
    }
    /// Gives a filled new store its final name.
    pub fn finish(&self, location: &Location) -> Result<()> {
        location.finish()
    }
    pub fn open(location: &Location) -> Result<Store> {
        let database = location.open()?;
        let txn = database.begin_read().step("read")?;
        let not_ours = || {
            Error::corrupt("store.not-ours", "the file is a database, but not one of cmdb's")
                .hint("`--data DIR` names another folder")
        };
        let meta = txn.open_table(META).map_err(|_| not_ours())?;
        let format = get_text(&meta, "meta", "format")?.ok_or_else(not_ours)?;
        let format = u32::from_le_bytes(format.try_into().map_err(|_| not_ours())?);
        if format > FORMAT {
            let message = format!("the data is in format {format}; this version of cmdb reads up to {FORMAT}");
            return Err(Error::new(Kind::Unavailable, "store.newer", message).hint("upgrade cmdb"));
        }
        let logs: Vec<(u64, LogId)> = decode(&get_text(&meta, "meta", "logs")?.ok_or_else(not_ours)?)?;
        drop((meta, txn));
        Ok(Store { database, logs })
    }

    fn begin(&self) -> Result<WriteTransaction> {
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
        for (entry, _) in batch {
            check_size(entry)?;
        }
        let txn = self.begin()?;
        let expected = Position(snapshot.position().0 - batch.len() as u64);
        let entries: Vec<&NewEntry> = batch.iter().map(|(entry, _)| entry).collect();
        let (tail, _) = tail_of(&txn.open_table(META).step("read")?)?;
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
        write_dirty(&txn, snapshot, dirty)?;
        let mut meta = txn.open_table(META).step("write")?;
        put_text(&mut meta, "meta", "head", &head_of(snapshot, chain))?;
        drop(meta);
        txn.commit().step("commit")?;
        Ok(snapshot.position())
    }
    /// Reads everything; every row's checksum is looked at.
    pub fn load(&self) -> Result<Loaded> {
        let txn = self.database.begin_read().step("read")?;
        let meta = txn.open_table(META).step("read")?;
        let head = head_row(&meta)?.ok_or_else(|| Error::corrupt("store.no-head", "the store has no head row"))?;
        let names = load_names(&txn.open_table(NAMES).step("read")?)?;
        let schema = match get_text(&meta, "meta", "schema")? {
            Some(bytes) => decode_schema(&log::unpack(&bytes)?, &names)?,
            None => Schema::default(),
        };
        let mut settings = Settings::default();
        for row in txn.open_table(SETTINGS).step("read")?.iter().step("read")? {
            let (key, row) = row.step("read")?;
            let content = seal::open("settings", key.value().as_bytes(), row.value())?;
            settings.put(decode(content)?);
        }
        Ok(Loaded {
            position: Position(head.position),
            time_ms: head.time_ms,
            id_key: head.id_key,
            counts: Counts {
                item_numbers: head.item_numbers,
                relationship_numbers: head.relationship_numbers,
                items: head.items,
                relationships: head.relationships,
            },
            state_hash: head.state_hash,
            names,
            schema,
            settings,
            items: load_blocks(&txn.open_table(ITEMS).step("read")?, "items")?,
            relationships: load_blocks(&txn.open_table(RELATIONSHIPS).step("read")?, "relationships")?,
        })
    }
    /// What it takes to walk back the entry at `position`.
    pub fn undo(&self, position: Position) -> Result<Undo> {
        let txn = self.database.begin_read().step("read")?;
        let table = txn.open_table(UNDO).step("read")?;
        let row = get(&table, "undo", position.0)?.ok_or_else(|| {
            Error::corrupt("store.no-undo", format!("the store cannot walk back entry {position}"))
        })?;
        Undo::decode(&log::unpack(&row)?)
    }
    /// The header of one entry.
    pub fn header(&self, position: Position) -> Result<Option<Header>> {
        let txn = self.database.begin_read().step("read")?;
        let table = txn.open_table(ENTRIES).step("read")?;
        let Some(row) = get(&table, "entries", position.0)? else { return Ok(None) };
        let row: EntryRow = decode(&row)?;
        decode(&row.header).map(Some)
    }
    /// The last position whose time is not after `time_ms`; 0 if none.
    pub fn position_at(&self, time_ms: i64) -> Result<Position> {
        let (mut low, mut high) = (0, self.tail()?.0.0);
        while low < high {
            let middle = (low + high).div_ceil(2);
            match self.header(Position(middle))? {
                Some(header) if header.time_ms <= time_ms => low = middle,
                _ => high = middle - 1,
            }
        }
        Ok(Position(low))
    }
    /// Adds to the audit stream; the oldest records make room.
    pub fn audit(&self, records: &[AuditRecord]) -> Result<()> {
        let txn = self.begin()?;
        {
            let mut table = txn.open_table(AUDIT).step("write")?;
            let mut next = table.last().step("read")?.map_or(1, |(key, _)| key.value() + 1);
            for record in records {
                put(&mut table, "audit", next, &encode(record)?)?;
                next += 1;
            }
            table.retain(|key, _| key + AUDIT_MAX >= next).step("write")?;
        }
        txn.commit().step("commit")
    }
    /// The newest audit records, newest first.
    pub fn audit_records(&self, max: usize) -> Result<Vec<(u64, AuditRecord)>> {
        let txn = self.database.begin_read().step("read")?;
        let table = txn.open_table(AUDIT).step("read")?;
        let mut out = Vec::new();
        for row in table.iter().step("read")?.rev().take(max) {
            let (key, row) = row.step("read")?;
            let content = seal::open("audit", &key.value().to_be_bytes(), row.value())?;
            out.push((key.value(), decode(content)?));
        }
        Ok(out)
    }
    /// Replaces payloads and undo records after a purge; headers and chain stay.
    pub(crate) fn rewrite(&self, payloads: &[(Position, Vec<u8>)], undo: &[(Position, Undo)]) -> Result<()> {
        let txn = self.begin()?;
        {
            let mut table = txn.open_table(PAYLOADS).step("write")?;
            for (position, payload) in payloads {
                put(&mut table, "payloads", position.0, &payload_row(true, &[0; 16], payload))?;
            }
            let mut table = txn.open_table(UNDO).step("write")?;
            for (position, before) in undo {
                put(&mut table, "undo", position.0, &log::pack(&before.encode()))?;
            }
        }
        txn.commit().step("commit")
    }
    /// redb's own check of every page; needs the store for itself.
    pub fn check_pages(&mut self) -> Result<bool> {
        self.database.check_integrity().step("check")
    }
    /// Gives unused space back to the file system; needs the store for itself.
    pub fn compact(&mut self) -> Result<bool> {
        self.database.compact().step("compact")
    }
    /// Bytes of rows stored and of the whole file's pages in use.
    pub fn stored_bytes(&self) -> Result<(u64, u64)> {
        let txn = self.database.begin_write().step("begin a transaction")?;
        let stats = txn.stats().step("read")?;
        let out = (stats.stored_bytes(), stats.allocated_pages() * stats.page_size() as u64);
        txn.abort().step("end a transaction")?;
        Ok(out)
    }
    /// Calls `check` with every sealed row of every table: table, key, content or the damage found.
    pub(super) fn scan(&self, mut check: impl FnMut(&'static str, u64, Result<&[u8]>)) -> Result<()> {
        let txn = self.database.begin_read().step("read")?;
        let tables = [
            (ENTRIES, "entries"),
            (PAYLOADS, "payloads"),
            (ITEMS, "items"),
            (RELATIONSHIPS, "relationships"),
            (UNDO, "undo"),
            (NAMES, "names"),
            (AUDIT, "audit"),
        ];
        for (definition, name) in tables {
            for row in txn.open_table(definition).step("read")?.iter().step("read")? {
                let (key, row) = row.step("read")?;
                check(name, key.value(), seal::open(name, &key.value().to_be_bytes(), row.value()));
            }
        }
        for (definition, name) in [(META, "meta"), (SETTINGS, "settings")] {
            for row in txn.open_table(definition).step("read")?.iter().step("read")? {
                let (key, row) = row.step("read")?;
                check(name, 0, seal::open(name, key.value().as_bytes(), row.value()));
            }
        }
        Ok(())
    }
    /// The log that the entry at `position` was written to.
    pub fn log_of(&self, position: Position) -> LogId {
        let under = self.logs.iter().rev().find(|(after, _)| *after < position.0);
        under.map_or(LogId([0; 16]), |(_, id)| *id)
    }
    /// How many entries the log holds.
    pub fn entries(&self) -> Result<u64> {
        let txn = self.database.begin_read().step("read")?;
        txn.open_table(ENTRIES).step("read")?.len().step("read")
    }
}

fn decode<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Result<T> {
    postcard::from_bytes(bytes)
        .map_err(|e| Error::corrupt("store.decode", "a stored row does not decode").caused_by(e))
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value)
        .map_err(|e| Error::new(Kind::Internal, "store.encode", "a row does not encode").caused_by(e))
}

fn head_of(snapshot: &Snapshot, chain: ChainHash) -> Vec<u8> {
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
    };
    encode(&head).unwrap_or_default()
}

fn head_row(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<Option<Head>> {
    get_text(meta, "meta", "head")?.map(|row| decode(&row)).transpose()
}

/// Position and chain of the last entry.
fn tail_of(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<(Position, ChainHash)> {
    match get_text(meta, "meta", "tail")? {
        Some(row) => {
            let (position, chain): (u64, [u8; 32]) = decode(&row)?;
            Ok((Position(position), ChainHash(chain)))
        }
        None => Ok((Position(0), ChainHash::default())),
    }
}

fn payload_row(purged: bool, salt: &[u8; 16], payload: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(17 + payload.len());
    row.push(u8::from(purged));
    row.extend_from_slice(salt);
    row.extend_from_slice(payload);
    row
}

/// Appends to the log's tables inside a transaction; the new head of the chain.
fn append_in(txn: &WriteTransaction, log: LogId, expected: Position, batch: &[&NewEntry]) -> Result<ChainHash> {
    let mut meta = txn.open_table(META).step("write")?;
    let (_, mut chain) = tail_of(&meta)?;
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
        commits.insert(entry.header.commit.0.as_slice(), position).step("write")?;
    }
    put_text(&mut meta, "meta", "tail", &encode(&(position, chain.0))?)?;
    Ok(chain)
}

fn write_dirty(txn: &WriteTransaction, snapshot: &Snapshot, dirty: &Dirty) -> Result<()> {
    for (definition, name, blocks) in
        [(ITEMS, "items", &dirty.item_blocks), (RELATIONSHIPS, "relationships", &dirty.relationship_blocks)]
    {
        let mut table = txn.open_table(definition).step("write")?;
        for (number, block) in blocks {
            put(&mut table, name, u64::from(*number), block.bytes())?;
        }
    }
    let mut settings = txn.open_table(SETTINGS).step("write")?;
    for setting in &dirty.settings {
        put_text(&mut settings, "settings", &setting.key(), &encode(setting)?)?;
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
    Ok(())
}

fn load_names(table: &impl ReadableTable<u64, &'static [u8]>) -> Result<Names> {
    let mut names = Names::default();
    for row in table.iter().step("read")? {
        let (key, row) = row.step("read")?;
        let content = seal::open("names", &key.value().to_be_bytes(), row.value())?;
        if key.value() != names.len() as u64 {
            return Err(Error::corrupt("store.names", "the stored names have a gap"));
        }
        let texts: Vec<SmolStr> = decode(content)?;
        for text in texts {
            names.push(text);
        }
    }
    Ok(names)
}

fn load_blocks(table: &impl ReadableTable<u64, &'static [u8]>, name: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    for row in table.iter().step("read")? {
        let (key, row) = row.step("read")?;
        let content = seal::open(name, &key.value().to_be_bytes(), row.value())?;
        if key.value() != blocks.len() as u64 {
            let message = format!("{name} block {} is missing", blocks.len());
            return Err(Error::corrupt("store.block-missing", message));
        }
        blocks.push(Block::from_bytes(content)?);
    }
    Ok(blocks)
}

impl CommitLog for Store {
    fn identity(&self) -> LogId {
        self.logs.last().map_or(LogId([0; 16]), |(_, id)| *id)
    }
    fn append(&self, expected: Position, batch: &[NewEntry]) -> Result<Appended> {
        batch.iter().try_for_each(check_size)?;
        if let Some(position) = batch.first().map(|e| self.resolve(e.header.commit)).transpose()?.flatten() {
            return Ok(Appended::Duplicate { position });
        }
        let txn = self.begin()?;
        let (tail, _) = tail_of(&txn.open_table(META).step("read")?)?;
        if tail != expected {
            txn.abort().step("end a transaction")?;
            return Ok(Appended::Conflict { tail });
        }
        let chain = append_in(&txn, self.identity(), expected, &batch.iter().collect::<Vec<_>>())?;
        txn.commit().step("commit")?;
        Ok(Appended::Committed { position: Position(expected.0 + batch.len() as u64), chain })
    }
    fn resolve(&self, commit: CommitId) -> Result<Option<Position>> {
        let txn = self.database.begin_read().step("read")?;
        let table = txn.open_table(COMMITS).step("read")?;
        Ok(table.get(commit.0.as_slice()).step("read")?.map(|row| Position(row.value())))
    }
    fn tail(&self) -> Result<(Position, ChainHash)> {
        let txn = self.database.begin_read().step("read")?;
        tail_of(&txn.open_table(META).step("read")?)
    }
    fn read(&self, after: Position, bytes_max: usize) -> Result<Vec<Entry>> {
        let txn = self.database.begin_read().step("read")?;
        let entries = txn.open_table(ENTRIES).step("read")?;
        let payloads = txn.open_table(PAYLOADS).step("read")?;
        let mut out: Vec<Entry> = Vec::new();
        let mut bytes = 0;
        for row in entries.range(after.0 + 1..).step("read")? {
            let (key, row) = row.step("read")?;
            let position = key.value();
            let content = seal::open("entries", &position.to_be_bytes(), row.value())?;
            let row: EntryRow = decode(content)?;
            let payload = get(&payloads, "payloads", position)?
                .filter(|p| p.len() >= 17)
                .ok_or_else(|| Error::corrupt("log.no-payload", format!("entry {position} has no payload")))?;
            bytes += payload.len();
            if bytes > bytes_max && !out.is_empty() {
                break;
            }
            let mut salt = [0; 16];
            salt.copy_from_slice(&payload[1..17]);
            out.push(Entry {
                position: Position(position),
                header: decode(&row.header)?,
                payload_hash: row.payload_hash,
                chain: ChainHash(row.chain),
                salt,
                payload: payload[17..].to_vec(),
                purged: payload[0] != 0,
            });
        }
        Ok(out)
    }
    fn stage(&self, blob: &[u8]) -> Result<[u8; 32]> {
        if blob.len() > log::BLOB_BYTES_MAX {
            return Err(Error::limit("log.blob-too-large", format!("a staged blob holds at most {} bytes", log::BLOB_BYTES_MAX)));
        }
        let hash: [u8; 32] = blake3::hash(blob).into();
        let txn = self.begin()?;
        {
            let mut table = txn.open_table(BLOBS).step("write")?;
            let sealed = seal::seal("blobs", &hash, blob);
            table.insert(hash.as_slice(), sealed.as_slice()).step("write")?;
        }
        txn.commit().step("commit")?;
        Ok(hash)
    }
    fn staged(&self, hash: [u8; 32]) -> Result<Vec<u8>> {
        let txn = self.database.begin_read().step("read")?;
        let table = txn.open_table(BLOBS).step("read")?;
        let missing = || Error::corrupt("log.no-blob", "an entry names a staged blob that is not there");
        let row = table.get(hash.as_slice()).step("read")?.ok_or_else(missing)?;
        seal::open("blobs", &hash, row.value()).map(<[u8]>::to_vec)
    }
}

impl Loaded {
    /// The newest snapshot, its graph built from the records.
    ///
    /// # Errors
    /// `corrupt` if the records do not add up to what the head says.
    pub fn into_snapshot(self) -> Result<Snapshot> {
        let expected = (self.counts, self.state_hash);
        let mut snapshot = Snapshot::empty();
        snapshot.position = self.position;
        snapshot.time_ms = self.time_ms;
        snapshot.id_key = self.id_key;
        snapshot.counts = self.counts;
        snapshot.names = Arc::new(self.names);
        snapshot.schema = Arc::new(self.schema);
        snapshot.settings = Arc::new(self.settings);
        snapshot.items = crate::graph::cow::CowTable::from_rows(self.items);
        snapshot.relationships = crate::graph::cow::CowTable::from_rows(self.relationships);
        let snapshot = crate::graph::build::rebuild(snapshot)?;
        if (snapshot.counts(), snapshot.state_hash()) != expected {
            return Err(Error::corrupt("store.state", "the stored records do not add up to the stored state hash")
                .hint("restore the newest backup into an empty folder with `cmdb restore`"));
        }
        Ok(snapshot)
    }
}

