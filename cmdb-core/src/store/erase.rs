//! What a purge rewrites: payloads, undo records and staged blobs of older entries. Headers, payload hashes and the
//! chain stay, so that the log still verifies; a rewritten payload is marked and loses its salt.

use super::embedded::{Store, payload_row};
use super::log::{self, Payload};
use super::seal;
use super::tables::*;
use crate::error::Result;
use crate::graph::Undo;
use crate::model::Position;
use redb::{ReadableTable, WriteTransaction};
use std::collections::BTreeSet;

/// Rows to be rewritten beside a commit; nothing by default.
#[derive(Debug, Default)]
pub(crate) struct Erasure {
    /// Encoded payloads.
    pub(crate) payloads: Vec<(Position, Vec<u8>)>,
    pub(crate) undo: Vec<(Position, Undo)>,
    /// Blobs that the new payloads name.
    pub(crate) blobs: Vec<Vec<u8>>,
    /// Blobs that no entry names any more.
    pub(crate) blobs_gone: Vec<[u8; 32]>,
}

impl Erasure {
    pub(super) fn write(&self, txn: &WriteTransaction) -> Result<()> {
        if !self.payloads.is_empty() {
            let mut table = txn.open_table(PAYLOADS).step("write")?;
            for (position, payload) in &self.payloads {
                put(&mut table, "payloads", position.0, &payload_row(true, &[0; 16], payload))?;
            }
        }
        if !self.undo.is_empty() {
            let mut table = txn.open_table(UNDO).step("write")?;
            for (position, before) in &self.undo {
                put(&mut table, "undo", position.0, &log::pack(&before.encode()))?;
            }
        }
        if !self.blobs.is_empty() || !self.blobs_gone.is_empty() {
            let mut table = txn.open_table(BLOBS).step("write")?;
            for blob in &self.blobs {
                let hash: [u8; 32] = blake3::hash(blob).into();
                let sealed = seal::seal("blobs", &hash, blob);
                table.insert(hash.as_slice(), sealed.as_slice()).step("write")?;
            }
            for hash in &self.blobs_gone {
                table.remove(hash.as_slice()).step("write")?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// Blobs that no entry names: what a request staged and then never committed.
    pub(crate) fn orphaned_blobs(&self) -> Result<Vec<[u8; 32]>> {
        super::border::guard(|| {
            let txn = self.reading()?;
            let mut orphans: BTreeSet<[u8; 32]> = BTreeSet::new();
            for row in txn.open_table(BLOBS).step("read")?.iter().step("read")? {
                let (key, _) = row.step("read")?;
                orphans.extend(<[u8; 32]>::try_from(key.value()));
            }
            if orphans.is_empty() {
                return Ok(Vec::new());
            }
            for row in txn.open_table(PAYLOADS).step("read")?.iter().step("read")? {
                let (key, row) = row.step("read")?;
                let content = seal::open("payloads", &key.value().to_be_bytes(), row.value())?;
                if let Payload::Staged { blobs } = Payload::decode(content.get(17..).unwrap_or(&[]))? {
                    orphans.retain(|hash| !blobs.contains(hash));
                }
            }
            Ok(orphans.into_iter().collect())
        })
    }
}
