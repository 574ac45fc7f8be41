//! Erasing a value from everything that was ever stored of an item: payloads, undo records, staged blobs. The purge
//! is itself an entry, and entry and erasure are one transaction, so a crash leaves both or neither.
//!
//! What redb freed keeps its bytes in the file until it is used again; `compact` gives most of it back, a backup
//! restored into a new folder has none of it. Backups made before the purge keep the value.

use super::alone::PURGE_PATIENCE;
use super::{Cmdb, Receipt, Shared, repeat, writer};
use crate::command::reference::label;
use crate::command::schema::NotePurge;
use crate::command::{Command, Context, Right, access, resolve};
use crate::error::{Error, Kind, Result};
use crate::fact::Fact;
use crate::graph::{Draft, Records, Snapshot, Undo};
use crate::model::{Item, ItemId, ItemNumber, Position, Symbol};
use crate::store::erase::Erasure;
use crate::store::{CommitLog, Payload, Store, log};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What a purge did.
#[derive(Clone, Debug, PartialEq)]
pub struct Purged {
    pub receipt: Receipt,
    /// Entries whose payload held the value.
    pub entries: u64,
}

impl Cmdb {
    /// Erases what `attribute` of an item ever held, now and in every entry. `item` is a REF, or the id of an item
    /// that was removed.
    ///
    /// # Errors
    /// Besides the usual ones `unavailable` when the store failed; repeat the call with the same commit id.
    pub fn purge(&self, context: Context, item: &str, attribute: &str) -> Result<Purged> {
        access::check(&context.principal, Right::Administer)?;
        let shared: Arc<Shared> = self.shared.clone();
        let (item, attribute) = (item.to_owned(), attribute.to_owned());
        let purged =
            self.exclusively(PURGE_PATIENCE, move |store| purge(&shared, store, &context, &item, &attribute));
        // Also after a failure: it may have been stored.
        self.shared.past.forget();
        purged
    }
}

fn purge(shared: &Shared, store: &Store, context: &Context, item: &str, attribute: &str) -> Result<Purged> {
    if let Some(receipt) = repeat::said_before(store, context.commit)? {
        let entries = purged_entries(store, receipt.position)?;
        return Ok(Purged { receipt, entries });
    }
    let snapshot = shared.snapshot();
    let item = find(&snapshot, item)?;
    let name = attribute;
    let attribute = snapshot.names().get(name).ok_or_else(|| {
        Error::not_found("attribute.unknown", format!("no attribute was ever called \"{name}\""))
    })?;
    let mut erasure = erase(store, &snapshot, item, attribute)?;
    if erasure.payloads.is_empty() && erasure.undo.is_empty() && !holds(&snapshot, item, attribute)? {
        let item = label(&*snapshot, item);
        let message = format!("{item} has no \"{name}\" and never had; there is nothing to erase");
        return Err(Error::not_found("attribute.never-set", message)
            .hint("`cmdb show` lists what it has, `cmdb history` what it had"));
    }
    erasure.blobs_gone.extend(store.orphaned_blobs()?);
    let entries = erasure.payloads.len() as u64;

    let mut draft = Draft::on(&snapshot);
    let note = Command::NotePurge(NotePurge { item, attribute, entries });
    let (entry, receipt) = writer::decide_entry(&mut draft, context, note, store)?;
    let (entry, mut undo) =
        entry.ok_or_else(|| Error::new(Kind::Internal, "engine.purge", "a purge yielded no facts"))?;
    scrub_undo(&mut undo, item, attribute)?;
    let mut finished = draft.finish()?;
    shared.sound()?;
    // The index that the file is written from still knows the value's hash until the next start.
    shared.erased.store(true, Ordering::Relaxed);
    store.remove_flat()?;
    store.commit_erasing(&[(entry, undo)], &finished.snapshot, &finished.dirty, &erasure)?;
    finished.publish();
    shared.publish(finished.snapshot);
    Ok(Purged { receipt, entries })
}

fn holds(snapshot: &Snapshot, item: ItemNumber, attribute: Symbol) -> Result<bool> {
    Ok(snapshot.item_or_tombstone(item)?.is_some_and(|item| item.attribute(attribute).is_some()))
}

/// What a purge that is said again had erased.
fn purged_entries(store: &Store, position: Position) -> Result<u64> {
    let Some(entry) = store.read(Position(position.0 - 1), 1)?.into_iter().next() else { return Ok(0) };
    let noted = |fact: &Fact| match fact {
        Fact::Purged { entries, .. } => Some(*entries),
        _ => None,
    };
    Ok(log::facts(store, &entry)?.iter().find_map(noted).unwrap_or(0))
}

/// A live item by REF, or any item by its id.
fn find(snapshot: &Snapshot, reference: &str) -> Result<ItemNumber> {
    let by_id = reference.parse().ok().and_then(|id| snapshot.id_key().item_number(ItemId(id)));
    match by_id.filter(|number| snapshot.item_bytes(number.0).is_some()) {
        Some(number) => Ok(number),
        None => resolve(snapshot, reference),
    }
}

/// Everything in the item's chain of entries that holds the attribute, rewritten without it.
fn erase(store: &Store, snapshot: &Snapshot, item: ItemNumber, attribute: Symbol) -> Result<Erasure> {
    let mut erasure = Erasure::default();
    let mut record = snapshot.item_bytes(item.0).map(<[u8]>::to_vec);
    while let Some(bytes) = record {
        let position = Item::decode(&bytes)?.updated;
        let mut undo = store.undo(position)?;
        record = undo.item(item.0).map(<[u8]>::to_vec);
        if scrub_undo(&mut undo, item, attribute)? {
            erasure.undo.push((position, undo));
        }
        scrub_payload(store, position, item, attribute, &mut erasure)?;
    }
    Ok(erasure)
}

fn scrub_undo(undo: &mut Undo, item: ItemNumber, attribute: Symbol) -> Result<bool> {
    let mut changed = false;
    for (_, record) in undo.item_records.iter_mut().filter(|(number, _)| *number == item.0) {
        changed |= scrub_record(record, attribute)?;
    }
    Ok(changed)
}

fn scrub_record(record: &mut Vec<u8>, attribute: Symbol) -> Result<bool> {
    let mut item = Item::decode(record)?;
    let claimed = item.claims.len();
    item.claims.retain(|claim| claim.key != attribute);
    let held = item.unset(attribute) | (item.claims.len() != claimed);
    if held {
        *record = item.encode();
    }
    Ok(held)
}

fn scrub_payload(
    store: &Store,
    position: Position,
    item: ItemNumber,
    attribute: Symbol,
    erasure: &mut Erasure,
) -> Result<()> {
    let entries = store.read(Position(position.0 - 1), 0)?;
    let Some(entry) = entries.first() else { return Ok(()) };
    match Payload::decode(&entry.payload)? {
        Payload::Inline(mut facts) => {
            if scrub_facts(&mut facts, item, attribute)? {
                erasure.payloads.push((position, Payload::Inline(facts).encode()?));
            }
        }
        Payload::Staged { mut blobs } => {
            let mut changed = false;
            for hash in &mut blobs {
                let Payload::Inline(mut facts) = Payload::decode(&store.staged(*hash)?)? else { continue };
                if !scrub_facts(&mut facts, item, attribute)? {
                    continue;
                }
                let blob = Payload::Inline(facts).encode()?;
                erasure.blobs_gone.push(*hash);
                *hash = blake3::hash(&blob).into();
                erasure.blobs.push(blob);
                changed = true;
            }
            if changed {
                erasure.payloads.push((position, Payload::Staged { blobs }.encode()?));
            }
        }
    }
    Ok(())
}

/// Takes the attribute out of what facts say about the item. A cleared value replays to the same end as the value,
/// because the purge clears it in any case.
fn scrub_facts(facts: &mut [Fact], item: ItemNumber, attribute: Symbol) -> Result<bool> {
    let mut changed = false;
    for fact in facts {
        match fact {
            Fact::ItemCreated(new) if new.item == item => {
                let before = new.attributes.len();
                new.attributes.retain(|(key, _)| *key != attribute);
                changed |= new.attributes.len() != before;
            }
            Fact::ItemEdited { item: edited, edit, .. } if *edited == item => {
                for (_, value) in edit.attributes.iter_mut().filter(|(key, _)| *key == attribute) {
                    changed |= value.take().is_some();
                }
            }
            Fact::ItemClaimed { item: claimed, attributes, .. } if *claimed == item => {
                for (_, value) in attributes.iter_mut().filter(|(key, _)| *key == attribute) {
                    changed |= value.take().is_some();
                }
            }
            Fact::ItemRestored { item: restored, record } if *restored == item => {
                changed |= scrub_record(record, attribute)?;
            }
            _ => {}
        }
    }
    Ok(changed)
}
