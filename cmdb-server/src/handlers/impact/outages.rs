//! What open outages hold down: `with_current`.
//!
//! An outage is open while its lifecycle calls its status live, and it holds from its start to its end where these
//! are stated. What its `affects` relationships lead to is in the state the record says.

use super::roots::{MAINTENANCE, parse_state};
use crate::convert::ClassSet;
use cmdb_core::Result;
use cmdb_core::analysis::impact::{Root, State};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, Symbol, Value};

const CLASS: &str = "Outage";
const AFFECTS: &str = "affects";

/// An item that a record holds in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub root: Root,
    pub planned: bool,
    /// Dense id of the record.
    pub record: u32,
}

/// Everything held by outages that are open at `now_ms`, by record as created and then by item.
pub fn held(snapshot: &Snapshot, now_ms: i64) -> Result<Vec<Held>> {
    let names = snapshot.names();
    let (Some(class), Some(affects)) = (names.get(CLASS), names.get(AFFECTS)) else { return Ok(Vec::new()) };
    let outages = ClassSet::of(snapshot, class);
    let is_open = |item: u32| outages.holds(snapshot.class_of(item)) && !snapshot.is_hidden(item);
    let mut records: Vec<u32> = (0..snapshot.nodes()).filter(|item| is_open(*item)).collect();
    records.sort_unstable_by_key(|record| snapshot.number(*record));
    let mut held = Vec::new();
    for record in records {
        if let Some(item) = snapshot.item(snapshot.number(record))?
            && lasts(snapshot, &item, now_ms)
        {
            add(snapshot, record, &item, affects, &mut held)?;
        }
    }
    Ok(held)
}

fn attribute<'i>(snapshot: &Snapshot, item: &'i Item, name: &str) -> Option<&'i Value> {
    item.attribute(snapshot.names().get(name)?)
}

/// Whether `now_ms` is not before the stated start and before the stated end.
fn lasts(snapshot: &Snapshot, item: &Item, now_ms: i64) -> bool {
    let time = |name: &str| match attribute(snapshot, item, name) {
        Some(Value::DateTime(time)) => Some(time.seconds.saturating_mul(1000)),
        _ => None,
    };
    time("started_at").is_none_or(|start| start <= now_ms) && time("ended_at").is_none_or(|end| now_ms < end)
}

fn add(snapshot: &Snapshot, record: u32, item: &Item, affects: Symbol, held: &mut Vec<Held>) -> Result<()> {
    let word = attribute(snapshot, item, "outage_state").and_then(Value::as_text).unwrap_or("down");
    // A catalogue of somebody's own may have other words; an outage is an outage.
    let state = parse_state(word).unwrap_or(State::Down);
    let mut targets = Vec::new();
    for (number, is_source) in snapshot.relationships_of(snapshot.number(record)) {
        let Some(relationship) = snapshot.relationship(number)?.filter(|_| is_source) else { continue };
        if relationship.identity.kind == affects {
            targets.push(relationship.identity.target);
        }
    }
    targets.sort_unstable();
    targets.dedup();
    let planned = word == MAINTENANCE;
    held.extend(targets.into_iter().map(|target| {
        let root = Root { item: snapshot.dense(target), state };
        Held { root, planned, record }
    }));
    Ok(())
}
