//! The tables and their rows.

use super::seal;
use crate::error::{Error, Kind, Result};
use redb::{ReadableTable, Table, TableDefinition};

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
/// Denied and refused attempts.
pub(super) const AUDIT: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("audit");

/// The format this build writes and the newest it reads.
pub(super) const FORMAT: u32 = 1;

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

pub(super) fn get(table: &impl ReadableTable<u64, &'static [u8]>, name: &str, key: u64) -> Result<Option<Vec<u8>>> {
    let Some(row) = table.get(key).step("read")? else { return Ok(None) };
    seal::open(name, &key.to_be_bytes(), row.value()).map(|content| Some(content.to_vec()))
}

pub(super) fn put_text(table: &mut Table<'_, &str, &[u8]>, name: &str, key: &str, content: &[u8]) -> Result<()> {
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
