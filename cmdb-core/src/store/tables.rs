//! The tables and their rows.

use super::seal;
use crate::error::{Error, Kind, Result};
use redb::{ReadableTable, Table, TableDefinition};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

/// Single rows: format, log id, head.
pub(super) const META: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("meta");
pub(super) const ENTRIES: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("entries");
pub(super) const PAYLOADS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("payloads");
pub(super) const COMMITS: TableDefinition<'static, &[u8], u64> = TableDefinition::new("commits");
pub(super) const BLOBS: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("blobs");
pub(super) const ITEMS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("items");
pub(super) const RELATIONSHIPS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("relationships");
pub(super) const UNDO: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("undo");
/// Names by their first symbol; one row a commit that added any.
pub(super) const NAMES: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("names");
pub(super) const SETTINGS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("settings");
/// Relationships that ended, by item: item number << 32 | relationship number.
pub(super) const ENDED: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("ended");
/// Denied and refused attempts.
pub(super) const AUDIT: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("audit");

/// The format this build writes and the newest it reads.
pub(super) const FORMAT: u32 = 1;

/// Tables with numbered, sealed rows, by their names in seals and messages.
pub(super) const NUMBERED: [(TableDefinition<'static, u64, &[u8]>, &str); 8] = [
    (ENTRIES, "entries"),
    (PAYLOADS, "payloads"),
    (ITEMS, "items"),
    (RELATIONSHIPS, "relationships"),
    (UNDO, "undo"),
    (NAMES, "names"),
    (ENDED, "ended"),
    (AUDIT, "audit"),
];
/// Tables with sealed rows under texts.
pub(super) const NAMED: [(TableDefinition<'static, &str, &[u8]>, &str); 2] =
    [(META, "meta"), (SETTINGS, "settings")];

/// Anything redb reports while reading or writing.
pub(super) fn failed(step: &'static str) -> impl Fn(redb::Error) -> Error {
    move |e| {
        let kind = match &e {
            redb::Error::Corrupted(_) => Kind::Corrupt,
            _ => Kind::Unavailable,
        };
        Error::new(kind, "store.io", format!("the store failed to {step}: {e}"))
            .hint("check disk space and the system log; acknowledged commits are safe")
            .caused_by(e)
    }
}

/// Turns any of redb's errors into ours.
pub(super) trait Step<T> {
    fn step(self, step: &'static str) -> Result<T>;
}

impl<T, E: Into<redb::Error>> Step<T> for std::result::Result<T, E> {
    fn step(self, step: &'static str) -> Result<T> {
        self.map_err(|e| failed(step)(e.into()))
    }
}

pub(super) fn put(table: &mut Table<'_, u64, &[u8]>, name: &str, key: u64, content: &[u8]) -> Result<()> {
    let sealed = seal::seal(name, &key.to_be_bytes(), content);
    table.insert(key, sealed.as_slice()).step("write")?;
    Ok(())
}

pub(super) fn get(
    table: &impl ReadableTable<u64, &'static [u8]>,
    name: &str,
    key: u64,
) -> Result<Option<Vec<u8>>> {
    let Some(row) = table.get(key).step("read")? else { return Ok(None) };
    seal::open(name, &key.to_be_bytes(), row.value()).map(|content| Some(content.to_vec()))
}

pub(super) fn put_text(
    table: &mut Table<'_, &str, &[u8]>,
    name: &str,
    key: &str,
    content: &[u8],
) -> Result<()> {
    let sealed = seal::seal(name, key.as_bytes(), content);
    table.insert(key, sealed.as_slice()).step("write")?;
    Ok(())
}

pub(super) fn get_text(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &str,
    key: &str,
) -> Result<Option<Vec<u8>>> {
    let Some(row) = table.get(key).step("read")? else { return Ok(None) };
    seal::open(name, key.as_bytes(), row.value()).map(|content| Some(content.to_vec()))
}

pub(super) fn decode<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Result<T> {
    postcard::from_bytes(bytes)
        .map_err(|e| Error::corrupt("store.decode", "a stored row does not decode").caused_by(e))
}

pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value)
        .map_err(|e| Error::new(Kind::Internal, "store.encode", "a row does not encode").caused_by(e))
}

/// One row's part in a sum over a table: the sum tells whether a row is missing or an old version. The head of the
/// sealed row stands for all of it.
pub(super) fn row_sum(key: &[u8], sealed: &[u8]) -> u128 {
    xxh3_128_with_seed(&sealed[..sealed.len().min(seal::HEAD)], xxh3_64(key))
}

pub(super) fn commit_sum(commit: &[u8], position: u64) -> u128 {
    xxh3_128_with_seed(commit, position)
}

pub(super) fn key_sum(key: u64) -> u128 {
    xxh3_128_with_seed(&key.to_be_bytes(), 0)
}
