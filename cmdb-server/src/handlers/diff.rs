//! What differs between two states.

use crate::api;
use crate::call::Call;
use crate::convert::{Convert, item_ref};
use crate::handlers::history::changed_attributes;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::Right;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::item::content_of;
use cmdb_core::model::{Item, ItemNumber, RelationshipNumber, Symbol};
use cmdb_core::{Cmdb, Result};

/// Differences of each kind listed at most; counts are always whole.
const LISTED_MAX: usize = 1_000;

pub fn compare() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let a = call.snapshot_at(Some(call.required("a")?))?;
        let b = call.snapshot_at(call.text("b"))?;
        let mut diff = api::Diff {
            a: a.position().0,
            b: b.position().0,
            summary: api::DiffSummary::default(),
            items: Vec::new(),
            relationships: Vec::new(),
            complete: true,
        };
        items(&a, &b, &mut diff)?;
        relationships(&a, &b, call.app.cmdb()?, &mut diff)?;
        Ok(Reply::json(&diff).at(b.position()))
    }
    Route::get("/api/v1/diff", "diff", Right::Read, handler)
        .summary("What differs between two positions, times or baselines")
        .text("a", "position, time or baseline")
        .text("b", "the same; the newest state if not stated")
        .gives::<api::Diff>()
}

fn items(a: &Snapshot, b: &Snapshot, diff: &mut api::Diff) -> Result<()> {
    let end = a.counts().item_numbers.max(b.counts().item_numbers);
    for number in (0..end).map(ItemNumber) {
        let (before, after) = (a.item_bytes(number.0), b.item_bytes(number.0));
        if before == after {
            continue;
        }
        let (before, after) = (a.item(number)?, b.item(number)?);
        let (what, shown) = match (&before, &after) {
            (None, None) => continue,
            (None, Some(_)) => {
                diff.summary.items_created += 1;
                ("created", b)
            }
            (Some(_), None) => {
                diff.summary.items_removed += 1;
                ("removed", a)
            }
            (Some(before), Some(after)) => {
                if content_of(&before.encode()) == content_of(&after.encode()) {
                    continue;
                }
                diff.summary.items_edited += 1;
                ("edited", b)
            }
        };
        if diff.items.len() == LISTED_MAX {
            diff.complete = false;
            continue;
        }
        let api::ItemRef { id, class, name } = item_ref(shown, shown.dense(number));
        let changes = changes(b, before.as_ref(), after.as_ref());
        diff.items.push(api::ItemDiff { what, id, class, name, changes });
    }
    Ok(())
}

fn changes(snapshot: &Snapshot, before: Option<&Item>, after: Option<&Item>) -> Vec<api::Change> {
    let mut out = Vec::new();
    let word = |symbol: Option<Symbol>| symbol.map(|s| snapshot.names().text(s).into());
    let mut note = |field: &str, before: Option<serde_json::Value>, after: Option<serde_json::Value>| {
        if before != after {
            out.push(api::Change { field: field.to_owned(), before, after });
        }
    };
    let name = |item: &Item| item.name.as_ref().map(|n| n.as_str().into());
    note("class", before.and_then(|i| word(i.class())), after.and_then(|i| word(i.class())));
    note("name", before.and_then(name), after.and_then(name));
    note("status", before.and_then(|i| word(i.status)), after.and_then(|i| word(i.status)));
    let attributes = |item: Option<&Item>| item.map(|i| i.attributes.clone()).unwrap_or_default();
    for (key, (old, new)) in changed_attributes(&attributes(before), &attributes(after)) {
        note(snapshot.names().text(key), old, new);
    }
    out
}

fn relationships(a: &Snapshot, b: &Snapshot, cmdb: &Cmdb, diff: &mut api::Diff) -> Result<()> {
    let (in_a, in_b) = (Convert::new(a, cmdb), Convert::new(b, cmdb));
    let end = a.counts().relationship_numbers.max(b.counts().relationship_numbers);
    for number in (0..end).map(RelationshipNumber) {
        if a.relationship_bytes(number.0) == b.relationship_bytes(number.0) {
            continue;
        }
        let (what, shown) = match (a.relationship(number)?, b.relationship(number)?) {
            (None, None) => continue,
            (None, Some(after)) => {
                diff.summary.relationships_created += 1;
                ("created", in_b.relationship(number, &after)?)
            }
            (Some(before), None) => {
                diff.summary.relationships_ended += 1;
                ("ended", in_a.relationship(number, &before)?)
            }
            (Some(before), Some(after)) => {
                if content_of(&before.encode()) == content_of(&after.encode()) {
                    continue;
                }
                diff.summary.relationships_edited += 1;
                ("edited", in_b.relationship(number, &after)?)
            }
        };
        match diff.relationships.len() == LISTED_MAX {
            true => diff.complete = false,
            false => diff.relationships.push(api::RelationshipChange { what, relationship: shown }),
        }
    }
    Ok(())
}
