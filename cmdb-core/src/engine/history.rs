//! What happened to one item, newest first: its own changes and those of the relationships at it.
//!
//! Nothing is stored for this but the records' own `updated` positions and the undo records: each record leads to
//! the entry that wrote it last, that entry's undo record to the one before. Relationships that ended are found by
//! a small table of their own. Only entries that are returned are read.

use super::Cmdb;
use crate::error::Result;
use crate::graph::{Records, Snapshot, Undo};
use crate::model::{Item, ItemNumber, Position, Relationship, RelationshipNumber, SmolStr};
use crate::store::Store;
use std::collections::{BTreeSet, BinaryHeap};

/// Entries at most in one answer.
pub const ENTRIES_MAX: usize = 10_000;

/// What one log entry did to an item.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    pub position: Position,
    pub time_ms: i64,
    pub actor: SmolStr,
    pub message: SmolStr,
    /// The item before and after, where the entry changed the item itself.
    pub item: Option<ItemChange>,
    /// Relationships at the item that the entry changed, by number.
    pub relationships: Vec<RelationshipChange>,
}

/// An item before and after an entry; before it was created there was none, after a removal `after.removed`.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemChange {
    pub before: Option<Item>,
    pub after: Item,
}

/// A relationship before and after an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationshipChange {
    pub relationship: RelationshipNumber,
    pub before: Option<Relationship>,
    pub after: Relationship,
}

/// One version of one record, on its way back to the first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    position: Position,
    /// The item itself sorts after its relationships.
    relationship: Option<std::cmp::Reverse<RelationshipNumber>>,
    record: Vec<u8>,
}

impl Cmdb {
    /// The newest `limit` entries that touched an item or its relationships; works for removed items, too.
    pub fn history(&self, item: ItemNumber, limit: usize) -> Result<Vec<HistoryEntry>> {
        self.history_until(&self.snapshot(), item, limit)
    }
    /// The same up to the position of a snapshot of this inventory.
    pub fn history_until(
        &self,
        snapshot: &Snapshot,
        item: ItemNumber,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>> {
        let limit = limit.min(ENTRIES_MAX);
        let store = self.store()?;
        let mut versions = newest_versions(&store, snapshot, item)?;
        let mut out: Vec<HistoryEntry> = Vec::new();
        let mut undo = Undo::default();
        while let Some(version) = versions.pop() {
            let position = version.position;
            if out.last().is_none_or(|e| e.position != position) {
                // The heap yields positions downwards, so an entry is complete once another one comes.
                if out.len() == limit {
                    break;
                }
                undo = store.undo(position)?;
                out.push(entry(&store, position)?);
            }
            let Some(entry) = out.last_mut() else { break };
            match version.relationship {
                None => {
                    let before = undo.item(item.0);
                    versions.extend(before.map(item_version).transpose()?);
                    let before = before.map(Item::decode).transpose()?;
                    entry.item = Some(ItemChange { before, after: Item::decode(&version.record)? });
                }
                Some(std::cmp::Reverse(number)) => {
                    let before = undo.relationship_records.iter().find(|(n, _)| *n == number.0);
                    let before = before.map(|(_, record)| record.as_slice());
                    versions.extend(before.map(|b| relationship_version(number, b)).transpose()?);
                    entry.relationships.push(RelationshipChange {
                        relationship: number,
                        before: before.map(Relationship::decode).transpose()?,
                        after: Relationship::decode(&version.record)?,
                    });
                }
            }
        }
        for entry in &mut out {
            entry.relationships.sort_by_key(|r| r.relationship);
        }
        Ok(out)
    }
}

fn item_version(record: &[u8]) -> Result<Version> {
    let position = Item::decode(record)?.updated;
    Ok(Version { position, relationship: None, record: record.to_vec() })
}

fn relationship_version(number: RelationshipNumber, record: &[u8]) -> Result<Version> {
    let position = Relationship::decode(record)?.updated;
    Ok(Version { position, relationship: Some(std::cmp::Reverse(number)), record: record.to_vec() })
}

/// The item as it is and every relationship at it as it is or ended.
fn newest_versions(store: &Store, snapshot: &Snapshot, item: ItemNumber) -> Result<BinaryHeap<Version>> {
    let mut versions = BinaryHeap::new();
    let Some(record) = snapshot.item_bytes(item.0) else { return Ok(versions) };
    // Walking back leaves of what was made later a record that was removed, and of a later time.
    let then = |version: &Version| version.position <= snapshot.position();
    versions.extend(Some(item_version(record)?).filter(then));
    // One that ended since the snapshot was taken is in both.
    let live = snapshot.relationships_of(item).into_iter().map(|(number, _)| number);
    let numbers: BTreeSet<RelationshipNumber> = live.chain(store.ended(item)?).collect();
    for number in numbers {
        if let Some(record) = snapshot.relationship_bytes(number.0) {
            versions.extend(Some(relationship_version(number, record)?).filter(then));
        }
    }
    Ok(versions)
}

fn entry(store: &Store, position: Position) -> Result<HistoryEntry> {
    let header = store.header(position)?;
    let (time_ms, actor, message) = header.map(|h| (h.time_ms, h.actor, h.message)).unwrap_or_default();
    Ok(HistoryEntry { position, time_ms, actor, message, item: None, relationships: Vec::new() })
}
