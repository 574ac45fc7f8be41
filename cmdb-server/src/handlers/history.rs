//! What happened to an item, and what one log entry made.

use crate::api;
use crate::call::Call;
use crate::convert::{Convert, item_ref, timestamp};
use crate::cursor::LIMIT_MAX;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::Result;
use cmdb_core::command::{Right, resolve};
use cmdb_core::engine::history::{HistoryEntry, ItemChange, RelationshipChange};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Attribute, ItemId, ItemNumber};
use cmdb_import::json;
use std::collections::BTreeMap;

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let page = call.page()?;
        let cmdb = call.app.cmdb()?;
        let snapshot = call.snapshot_of(&page)?;
        let number = item_or_removed(&snapshot, call.path("ref"))?;
        let limit = page.limit.unwrap_or(LIMIT_MAX);
        let wanted = (page.offset as usize).saturating_add(limit).saturating_add(1);
        let entries = cmdb.history_until(&snapshot, number, wanted)?;
        let total = entries.len() as u64;
        let shown = entries.iter().skip(page.offset as usize).take(limit);
        let convert = Convert::new(&snapshot, cmdb);
        let entries: Vec<_> = shown.map(|e| entry(&convert, e)).collect::<Result<_>>()?;
        let next_cursor = page.next(snapshot.position(), entries.len(), total);
        let next = call.next_url(&next_cursor);
        let item = item_ref(&snapshot, snapshot.dense(number));
        Ok(Reply::json(&api::History { position: snapshot.position().0, item, entries, next_cursor })
            .next_page(next))
    }
    Route::read("/api/v1/items/{ref}/history", "read_item_history", handler)
        .summary(
            "What happened to an item and its relationships up to a position, newest first; by its id for a removed one, too",
        )
        .paged()
        .gives::<api::History>()
}

fn item_or_removed(snapshot: &Snapshot, reference: &str) -> Result<ItemNumber> {
    resolve(snapshot, reference).or_else(|error| {
        let id = reference.parse().ok().map(ItemId);
        let number = id.and_then(|id| snapshot.id_key().item_number(id));
        number.filter(|n| snapshot.item_bytes(n.0).is_some()).ok_or(error)
    })
}

fn entry(convert: &Convert<'_>, entry: &HistoryEntry) -> Result<api::HistoryEntry> {
    let mut changes = Vec::new();
    if let Some(change) = &entry.item {
        item_changes(convert.snapshot, change, &mut changes);
    }
    let relationships = entry.relationships.iter().map(|r| relationship_change(convert, r));
    Ok(api::HistoryEntry {
        position: entry.position.0,
        at: timestamp(entry.time_ms),
        actor: entry.actor.to_string(),
        message: entry.message.to_string(),
        version: entry.item.as_ref().map(|c| c.after.version),
        changes,
        relationships: relationships.collect::<Result<_>>()?,
    })
}

fn item_changes(snapshot: &Snapshot, change: &ItemChange, out: &mut Vec<api::Change>) {
    let (before, after) = (change.before.as_ref(), &change.after);
    let text = |symbol| snapshot.names().text(symbol).to_owned();
    let mut note = |field: &str, before: Option<serde_json::Value>, after: Option<serde_json::Value>| {
        if before != after {
            out.push(api::Change { field: field.to_owned(), before, after });
        }
    };
    let exists = |removed: bool| (!removed).then(|| true.into());
    note("exists", before.and_then(|b| exists(b.removed)), exists(after.removed));
    if after.removed {
        return;
    }
    let word = |s: Option<cmdb_core::model::Symbol>| s.map(|s| text(s).into());
    note("class", before.and_then(|b| word(b.class())), word(after.class()));
    let name = |n: &Option<cmdb_core::model::SmolStr>| n.as_ref().map(|n| n.as_str().into());
    note("name", before.and_then(|b| name(&b.name)), name(&after.name));
    note("status", before.and_then(|b| word(b.status)), word(after.status));
    let old = before.map(|b| b.attributes.as_slice()).unwrap_or(&[]);
    for (key, (before, after)) in changed_attributes(old, &after.attributes) {
        note(&text(key), before, after);
    }
}

type BeforeAfter = (Option<serde_json::Value>, Option<serde_json::Value>);

/// Attributes of either side, with their values on both.
pub(crate) fn changed_attributes(
    before: &[Attribute],
    after: &[Attribute],
) -> BTreeMap<cmdb_core::model::Symbol, BeforeAfter> {
    let mut all: BTreeMap<_, BeforeAfter> = BTreeMap::new();
    for attribute in before {
        all.entry(attribute.key).or_default().0 = Some(json::from_value(&attribute.value));
    }
    for attribute in after {
        all.entry(attribute.key).or_default().1 = Some(json::from_value(&attribute.value));
    }
    all.retain(|_, (before, after)| before != after);
    all
}

fn relationship_change(
    convert: &Convert<'_>,
    change: &RelationshipChange,
) -> Result<api::RelationshipChange> {
    let what = match (&change.before, change.after.removed) {
        (_, true) => "ended",
        (None, false) => "created",
        (Some(before), false) if before.removed => "created",
        (Some(_), false) => "edited",
    };
    let relationship = convert.relationship(change.relationship, &change.after)?;
    Ok(api::RelationshipChange { what, relationship })
}

pub fn purge() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::PurgeQuestion = call.json()?;
        let purged = call.app.cmdb()?.purge(call.context()?, call.path("ref"), &body.attribute)?;
        let position = purged.receipt.position;
        Ok(Reply::json(&api::Purged { position: position.0, entries: purged.entries }).at(position))
    }
    Route::post("/api/v1/items/{ref}/purge", "purge_attribute", Right::Administer, handler)
        .summary("Erases what an attribute of an item ever held, from the whole log")
        .takes::<api::PurgeQuestion>()
        .gives::<api::Purged>()
}
