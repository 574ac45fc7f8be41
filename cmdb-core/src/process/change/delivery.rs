//! What was done, beside what was planned: every field of the change's items that is not what the proposal says.
//!
//! Three states are compared: before the change, as proposed (the planned edits laid over the state before), and after.

use super::record::ChangeRecord;
use crate::command::reference::label;
use crate::error::Result;
use crate::graph::{Records, Snapshot};
use crate::model::{Item, ItemNumber, Position, SmolStr, Value};
use crate::process::fields::{Related, count, get_text, item_map, list, map, text, time};
use crate::process::proposal::lay;
use crate::process::queries::Queries;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Discrepancies kept with a record; the count is whole.
pub const DISCREPANCIES_MAX: usize = 1_000;
/// Edits linked to a record; the count is whole.
pub const EDITS_MAX: usize = 1_000;
/// Attributes in which sources note that they looked, which no plan has to foresee.
const HOUSEKEEPING: &[&str] = &["last_seen", "last_verified"];

/// An entry of the log that edited one of the change's items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkedEdit {
    pub position: Position,
    pub at_ms: i64,
    pub actor: SmolStr,
    pub message: SmolStr,
    pub item: ItemNumber,
}

/// What was done, as kept in the record.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The newest position that was looked at.
    pub upto: Position,
    pub value: Value,
}

/// The items of a change: what it affects, what its proposal touches, and what came of items it creates.
pub fn scope(
    before: &Arc<Snapshot>,
    record: &ChangeRecord,
    queries: &dyn Queries,
) -> Result<(Vec<ItemNumber>, Option<Arc<Snapshot>>)> {
    let mut items: Vec<ItemNumber> = record.affected.iter().map(|a| a.item).collect();
    let proposed = match record.proposal.as_slice() {
        [] => None,
        edits => Some(lay(before, edits, queries)?),
    };
    items.extend(proposed.iter().flat_map(|p| p.touched.iter().copied()));
    items.sort_unstable();
    items.dedup();
    Ok((items, proposed.map(|p| p.snapshot)))
}

/// Compares what was planned with what was done.
pub fn delivered(
    before: &Arc<Snapshot>,
    after: &Arc<Snapshot>,
    record: &ChangeRecord,
    mut edits: Vec<LinkedEdit>,
    queries: &dyn Queries,
) -> Result<Delivered> {
    let (items, proposed) = scope(before, record, queries)?;
    let planned = proposed.as_ref().unwrap_or(before);
    let mut found = Vec::new();
    for item in items {
        match item.0 < before.nodes() {
            true => compare(before, planned, after, item, item, &mut found)?,
            false => created(planned, after, item, &mut found)?,
        }
    }
    edits.sort();
    let total = found.len();
    let shown_edits = edits.iter().take(EDITS_MAX).map(|edit| {
        map([
            ("position", Some(Value::Integer(edit.position.0 as i64))),
            ("at", Some(time(edit.at_ms))),
            ("by", text(&edit.actor)),
            ("message", text(&edit.message)),
            ("item", Some(item_map(&**after, edit.item))),
        ])
    });
    let value = map([
        // As it was named at the start: the name that it would have had may be another state's.
        ("baseline", record.delivery.as_ref().and_then(|begun| text(get_text(begun, "baseline")))),
        ("from", Some(Value::Integer(before.position().0 as i64))),
        ("to", Some(Value::Integer(after.position().0 as i64))),
        ("planned_edits", count(record.proposal.len())),
        ("edits", list(shown_edits)),
        ("edits_count", count(edits.len())),
        ("discrepancies", list(found.into_iter().take(DISCREPANCIES_MAX))),
        ("discrepancies_count", count(total)),
    ]);
    Ok(Delivered { upto: after.position(), value })
}

/// Notes each field that is not as planned.
fn compare(
    before: &Snapshot,
    planned: &Snapshot,
    after: &Snapshot,
    item: ItemNumber,
    item_after: ItemNumber,
    found: &mut Vec<Value>,
) -> Result<()> {
    let was = fields(before, item)?;
    let (plan, is) = (fields(planned, item)?, fields(after, item_after)?);
    let names: BTreeSet<&String> = was.keys().chain(plan.keys()).chain(is.keys()).collect();
    for field in names {
        let (was, plan, is) = (was.get(field), plan.get(field), is.get(field));
        if plan == is || HOUSEKEEPING.contains(&field.as_str()) {
            continue;
        }
        let kind = match (plan == was, is == was) {
            (true, _) => "unplanned",
            (false, true) => "not_done",
            (false, false) => "done_differently",
        };
        found.push(map([
            ("kind", text(kind)),
            ("item", Some(item_map(after, item_after))),
            ("field", text(field)),
            ("before", was.cloned()),
            ("planned", plan.cloned()),
            ("actual", is.cloned()),
        ]));
    }
    Ok(())
}

/// An item that was to be created: sought by class and name.
fn created(planned: &Snapshot, after: &Snapshot, item: ItemNumber, found: &mut Vec<Value>) -> Result<()> {
    let Some(record) = planned.item(item)? else { return Ok(()) };
    let name = record.name.as_deref().unwrap_or("");
    let same_class = |n: &ItemNumber| after.class(*n) == record.class();
    match after.named(name, 16).into_iter().find(same_class) {
        Some(actual) => compare(&Snapshot::empty(), planned, after, item, actual, found),
        None => {
            found.push(map([
                ("kind", text("not_done")),
                ("item", Some(item_map(planned, item))),
                ("field", text("item")),
                ("planned", text(&label(planned, item))),
            ]));
            Ok(())
        }
    }
}

/// Everything that can differ about an item: name, class, status, attributes, and relationships by type and ends.
fn fields(snapshot: &Snapshot, number: ItemNumber) -> Result<BTreeMap<String, Value>> {
    let mut out = BTreeMap::new();
    if number.0 >= snapshot.nodes() {
        return Ok(out);
    }
    let Some(item) = snapshot.item(number)? else { return Ok(out) };
    let names = snapshot.names();
    out.extend(item.name.as_ref().map(|n| ("name".to_owned(), Value::Text(n.clone()))));
    out.extend(item.class().map(|c| ("class".to_owned(), Value::text(names.text(c)))));
    out.extend(item.status.map(|s| ("status".to_owned(), Value::text(names.text(s)))));
    let attributes = |item: &Item| -> Vec<(String, Value)> {
        item.attributes.iter().map(|a| (names.text(a.key).to_owned(), a.value.clone())).collect()
    };
    out.extend(attributes(&item));
    for (_, record) in snapshot.relationships_at(number)? {
        let (source, target) = (record.identity.source, record.identity.target);
        // Records come and go with the process itself.
        if is_record(snapshot, source) || is_record(snapshot, target) {
            continue;
        }
        let kind = names.text(record.identity.kind);
        let group = record.identity.group.as_deref().map(|g| format!(" in group {g}")).unwrap_or_default();
        let key = format!("{} {kind} {}{group}", label(snapshot, source), label(snapshot, target));
        let stated = record.attributes.iter().map(|a| (SmolStr::new(names.text(a.key)), a.value.clone()));
        out.insert(key, Value::map(stated));
    }
    Ok(out)
}

fn is_record(snapshot: &Snapshot, number: ItemNumber) -> bool {
    let record = snapshot.names().get("Record");
    record.zip(snapshot.class(number)).is_some_and(|(record, class)| snapshot.schema().is_a(class, record))
}
