//! Backup and restore: a logical stream of all tables from one read transaction.
//!
//! Layout: magic, then frames. A frame is kind (1 byte), raw and packed length (4 bytes each, little-endian),
//! BLAKE3 of the previous frame's hash and all of this frame but the hash, and zstd-packed bytes. The raw bytes of all
//! row frames together are rows: table (1 byte), key length (4), key, value length (4), value. The last frame is the
//! trailer, which counts the rows; its hash, being chained, stands for the whole backup. Rows travel with their seals.

use super::border::guard;
use super::embedded::{Store, make_tables, tail_of};
use super::location::Location;
use super::seal;
use super::tables::*;
use crate::error::{Error, Kind, Result};
use crate::model::LogId;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The last byte is the version of the layout.
const MAGIC: &[u8; 8] = b"cmdbbak\x01";
/// Raw bytes of a frame at most.
const CHUNK_BYTES: usize = 1 << 20;
const PACKED_BYTES_MAX: usize = CHUNK_BYTES + (64 << 10);
/// A key at most: the text of a setting's name.
const KEY_BYTES_MAX: usize = 64 << 10;
/// A value at most: a staged blob with its seal, or a large schema.
const VALUE_BYTES_MAX: usize = 256 << 20;
/// Restored bytes after which a transaction ends.
const TRANSACTION_BYTES: usize = 32 << 20;

const ROWS: u8 = 1;
const TRAILER: u8 = 2;
/// Tables by their number in a backup: first the numbered ones, then the named ones, then these.
const COMMITS_AT: u8 = (NUMBERED.len() + NAMED.len()) as u8;
const BLOBS_AT: u8 = COMMITS_AT + 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupReport {
    pub log: LogId,
    pub position: u64,
    pub chain: [u8; 32],
    pub rows: u64,
    /// Bytes before packing.
    pub bytes: u64,
}

/// Writes one consistent state of `store` to `out`. Every row is checked on the way.
pub fn backup(store: &Store, out: &mut dyn Write) -> Result<BackupReport> {
    guard(|| {
        let txn = store.reading()?;
        let tail = tail_of(&txn.open_table(META).step("read")?)?;
        let log = store.log_of(crate::model::Position(tail.position));
        let mut report = BackupReport { log, position: tail.position, chain: tail.chain, rows: 0, bytes: 0 };
        out.write_all(MAGIC).map_err(write_failed)?;
        let mut sink = Sink { out, buffer: Vec::with_capacity(CHUNK_BYTES), hash: start() };
        all_rows(&txn, |table, key, value| {
            report.rows += 1;
            report.bytes += (key.len() + value.len()) as u64;
            sink.bytes(&[table])?;
            sink.bytes(&(key.len() as u32).to_le_bytes())?;
            sink.bytes(key)?;
            sink.bytes(&(value.len() as u32).to_le_bytes())?;
            sink.bytes(value)
        })?;
        sink.frame(ROWS)?;
        sink.buffer = encode(&report)?;
        sink.frame(TRAILER)?;
        sink.out.flush().map_err(write_failed)?;
        Ok(report)
    })
}

fn start() -> [u8; 32] {
    blake3::hash(MAGIC).into()
}

fn write_failed(error: std::io::Error) -> Error {
    Error::new(Kind::Unavailable, "backup.write", format!("the backup could not be written: {error}"))
        .hint("check the space where it goes; what was written of it is of no use")
        .caused_by(error)
}

fn all_rows(txn: &ReadTransaction, mut row: impl FnMut(u8, &[u8], &[u8]) -> Result<()>) -> Result<()> {
    for (at, (definition, name)) in NUMBERED.into_iter().enumerate() {
        for entry in txn.open_table(definition).step("read")?.iter().step("read")? {
            let (key, value) = entry.step("read")?;
            let key = key.value().to_be_bytes();
            seal::open(name, &key, value.value())?;
            row(at as u8, &key, value.value())?;
        }
    }
    for (at, (definition, name)) in NAMED.into_iter().enumerate() {
        for entry in txn.open_table(definition).step("read")?.iter().step("read")? {
            let (key, value) = entry.step("read")?;
            seal::open(name, key.value().as_bytes(), value.value())?;
            row((NUMBERED.len() + at) as u8, key.value().as_bytes(), value.value())?;
        }
    }
    for entry in txn.open_table(COMMITS).step("read")?.iter().step("read")? {
        let (key, value) = entry.step("read")?;
        row(COMMITS_AT, key.value(), &value.value().to_le_bytes())?;
    }
    for entry in txn.open_table(BLOBS).step("read")?.iter().step("read")? {
        let (key, value) = entry.step("read")?;
        seal::open("blobs", key.value(), value.value())?;
        row(BLOBS_AT, key.value(), value.value())?;
    }
    Ok(())
}

/// The writing end of the frames.
struct Sink<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    hash: [u8; 32],
}

impl Sink<'_> {
    fn bytes(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = rest;
            if self.buffer.len() == CHUNK_BYTES {
                self.frame(ROWS)?;
            }
        }
        Ok(())
    }
    fn frame(&mut self, kind: u8) -> Result<()> {
        let packed = zstd::bulk::compress(&self.buffer, 1).map_err(write_failed)?;
        let head = head(kind, self.buffer.len(), packed.len());
        self.hash = link(&self.hash, &head, &packed);
        let parts: [&[u8]; 3] = [&head, &self.hash, &packed];
        parts.into_iter().try_for_each(|part| self.out.write_all(part)).map_err(write_failed)?;
        self.buffer.clear();
        Ok(())
    }
}

fn head(kind: u8, raw: usize, packed: usize) -> [u8; 9] {
    let mut head = [kind; 9];
    head[1..5].copy_from_slice(&(raw as u32).to_le_bytes());
    head[5..].copy_from_slice(&(packed as u32).to_le_bytes());
    head
}

fn link(previous: &[u8; 32], head: &[u8; 9], packed: &[u8]) -> [u8; 32] {
    blake3::Hasher::new().update(previous).update(head).update(packed).finalize().into()
}

/// Fills a new store from a backup, under its temporary name: the caller verifies it and finishes it, or discards it.
pub fn restore(input: &mut dyn Read, location: &Location, new_log: LogId) -> Result<Store> {
    location.check_empty()?;
    guard(|| {
        let mut source = Source::begin(input)?;
        let mut store = Store::raw(location, new_log)?;
        let mut txn = store.begin()?;
        make_tables(&txn)?;
        let (mut rows, mut bytes, mut pending) = (0u64, 0u64, 0usize);
        while let Some(table) = source.table()? {
            let key = source.part(KEY_BYTES_MAX)?;
            let value = source.part(VALUE_BYTES_MAX)?;
            rows += 1;
            bytes += (key.len() + value.len()) as u64;
            pending += key.len() + value.len();
            put_row(&txn, table, &key, &value)?;
            if pending > TRANSACTION_BYTES {
                txn.commit().step("commit")?;
                txn = store.begin()?;
                pending = 0;
            }
        }
        let report = source.end()?;
        if (report.rows, report.bytes) != (rows, bytes) {
            return Err(damaged("it holds other rows than it says"));
        }
        {
            let mut meta = txn.open_table(META).step("write")?;
            let logs = get_text(&meta, "meta", "logs")?.ok_or_else(|| damaged("it names no log"))?;
            store.logs = decode(&logs)?;
            store.logs.push((report.position, new_log));
            put_text(&mut meta, "meta", "logs", &encode(&store.logs)?)?;
        }
        txn.commit().step("commit")?;
        Ok(store)
    })
}

fn put_row(txn: &WriteTransaction, table: u8, key: &[u8], value: &[u8]) -> Result<()> {
    let wrong = |_| damaged("a key is not one");
    let at = usize::from(table);
    if let Some((definition, name)) = NUMBERED.get(at) {
        seal::open(name, key, value)?;
        let key = u64::from_be_bytes(key.try_into().map_err(|_| damaged("a key is not one"))?);
        txn.open_table(*definition).step("write")?.insert(key, value).step("write")?;
    } else if let Some((definition, name)) = NAMED.get(at - NUMBERED.len()) {
        seal::open(name, key, value)?;
        let key = std::str::from_utf8(key).map_err(wrong)?;
        txn.open_table(*definition).step("write")?.insert(key, value).step("write")?;
    } else if table == COMMITS_AT {
        let position = u64::from_le_bytes(value.try_into().map_err(|_| damaged("a commit has no position"))?);
        txn.open_table(COMMITS).step("write")?.insert(key, position).step("write")?;
    } else if table == BLOBS_AT {
        seal::open("blobs", key, value)?;
        txn.open_table(BLOBS).step("write")?.insert(key, value).step("write")?;
    } else {
        return Err(damaged("it holds a table that this version does not know"));
    }
    Ok(())
}

fn damaged(what: &str) -> Error {
    Error::corrupt("backup.damaged", format!("the backup is damaged: {what}"))
        .hint("nothing was restored; use another backup")
}

/// The reading end of the frames.
struct Source<'a> {
    input: &'a mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    frames: u64,
    hash: [u8; 32],
    trailer: Option<BackupReport>,
}

impl<'a> Source<'a> {
    fn begin(input: &'a mut dyn Read) -> Result<Source<'a>> {
        let mut magic = [0; 8];
        read_exactly(input, &mut magic)?;
        if magic[..7] != MAGIC[..7] {
            return Err(Error::corrupt("backup.not-ours", "this is not a backup of cmdb")
                .hint("`cmdb backup FILE` makes one"));
        }
        if magic != *MAGIC {
            return Err(Error::new(
                Kind::Unavailable,
                "backup.newer",
                "the backup is of a layout that this version cannot read",
            )
            .hint("upgrade cmdb"));
        }
        Ok(Source { input, buffer: Vec::new(), at: 0, frames: 0, hash: start(), trailer: None })
    }
    /// Reads the next frame; every byte of it is covered by its hash.
    fn frame(&mut self) -> Result<()> {
        let mut head = [0; 9];
        let mut hash = [0; 32];
        read_exactly(self.input, &mut head)?;
        read_exactly(self.input, &mut hash)?;
        self.frames += 1;
        let here = || damaged(&format!("chunk {} is not what was written", self.frames));
        let length =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (raw, packed) = (length(1), length(5));
        if raw > CHUNK_BYTES || packed > PACKED_BYTES_MAX {
            return Err(here());
        }
        let mut bytes = vec![0; packed];
        read_exactly(self.input, &mut bytes)?;
        if link(&self.hash, &head, &bytes) != hash {
            return Err(here());
        }
        self.buffer = zstd::bulk::decompress(&bytes, raw).map_err(|e| here().caused_by(e))?;
        if self.buffer.len() != raw {
            return Err(here());
        }
        (self.at, self.hash) = (0, hash);
        match head[0] {
            ROWS => Ok(()),
            TRAILER => {
                self.trailer = Some(decode(&self.buffer)?);
                Ok(())
            }
            _ => Err(here()),
        }
    }
    /// The table of the next row; nothing when the trailer was reached.
    fn table(&mut self) -> Result<Option<u8>> {
        while self.trailer.is_none() && self.at == self.buffer.len() {
            self.frame()?;
        }
        if self.trailer.is_some() {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(self.buffer[self.at - 1]))
    }
    fn bytes(&mut self, count: usize) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(count.min(CHUNK_BYTES));
        while out.len() < count {
            if self.at == self.buffer.len() {
                self.frame()?;
                if self.trailer.is_some() {
                    return Err(damaged("a row is cut short"));
                }
            }
            let now = (count - out.len()).min(self.buffer.len() - self.at);
            out.extend_from_slice(&self.buffer[self.at..self.at + now]);
            self.at += now;
        }
        Ok(out)
    }
    fn part(&mut self, max: usize) -> Result<Vec<u8>> {
        let length = self.bytes(4)?;
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
        if length > max { Err(damaged("a row is too long")) } else { self.bytes(length) }
    }
    /// What the trailer says; nothing may follow it.
    fn end(self) -> Result<BackupReport> {
        let mut more = [0; 1];
        let followed = self.input.read(&mut more).map_err(read_failed)? > 0;
        self.trailer.filter(|_| !followed).ok_or_else(|| damaged("something follows its end"))
    }
}

fn read_exactly(input: &mut dyn Read, buffer: &mut [u8]) -> Result<()> {
    input.read_exact(buffer).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged("it is cut short"),
        _ => read_failed(e),
    })
}

fn read_failed(error: std::io::Error) -> Error {
    Error::new(Kind::Unavailable, "backup.read", format!("the backup could not be read: {error}"))
        .caused_by(error)
}
