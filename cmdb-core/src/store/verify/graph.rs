//! Records ≡ graph: what the tables hold, built anew, against what is in memory.

use super::VerifyReport;
use crate::error::Result;
use crate::graph::adjacency::{Adjacency, Gate};
use crate::graph::group::GroupRow;
use crate::graph::{Records, Snapshot};
use crate::model::{ItemNumber, Relationship, RelationshipNumber};
use crate::store::seal;
use crate::store::tables::*;
use redb::{ReadTransaction, ReadableTable};

/// An entry of a row, free of dense ids and of places in the group table.
type Neighbour = (Gate, ItemNumber, u32, u32, Option<(ItemNumber, GroupRow)>);

/// One of the four adjacencies of a snapshot.
type Direction = fn(&Snapshot) -> &Adjacency;

pub(super) fn compare(stored: &Snapshot, live: &Snapshot, report: &mut VerifyReport) {
    if (stored.state_hash(), stored.counts()) != (live.state_hash(), live.counts()) {
        report.find("graph", "the graph in memory does not hold what the tables hold");
    }
    if stored.settings() != live.settings() {
        report.find("settings", "baselines, users, tokens or import runs in memory are not those stored");
    }
    let same_names = stored.names().since(0) == live.names().since(0);
    if !same_names || stored.schema().definitions() != live.schema().definitions() {
        report.find("schema", "names or schema in memory are not those stored");
    }
    let directions: [(&str, Direction); 4] = [
        ("dependencies", Snapshot::dependencies),
        ("dependents", Snapshot::dependents),
        ("outgoing", Snapshot::outgoing),
        ("incoming", Snapshot::incoming),
    ];
    for number in (0..live.counts().item_numbers).map(ItemNumber) {
        let (a, b) = (stored.dense(number), live.dense(number));
        let columns = |s: &Snapshot, dense| (s.is_hidden(dense), s.is_gone(dense), s.class_of(dense));
        if columns(stored, a) != columns(live, b) {
            report.find(format!("item {number}"), "class or liveness in memory is not what the tables say");
        }
        for (name, direction) in directions {
            if row(stored, direction(stored), a) != row(live, direction(live), b) {
                report.find(format!("item {number}"), format!("its {name} in memory are not those stored"));
            }
        }
    }
}

fn row(snapshot: &Snapshot, adjacency: &Adjacency, dense: u32) -> Vec<Neighbour> {
    let mut out: Vec<Neighbour> = adjacency
        .row(dense)
        .entries()
        .map(|e| {
            let group = (e.gate() == Gate::Group).then(|| {
                let row = snapshot.group(e.group);
                (snapshot.number(row.dependent), GroupRow { dependent: 0, ..row })
            });
            (e.gate(), snapshot.number(e.other()), e.kind, e.number, group)
        })
        .collect();
    out.sort_by_key(|n| n.3);
    out
}

/// Relationships that ended are filed under both of their items; those that came back (an undo, an un-merge) stay filed,
/// since they are part of the items' history, and nothing is filed that never was.
pub(super) fn ended(txn: &ReadTransaction, stored: &Snapshot, report: &mut VerifyReport) -> Result<()> {
    let mut expected: Vec<u64> = Vec::new();
    for number in (0..stored.counts().relationship_numbers).map(RelationshipNumber) {
        let Some(record) = stored.relationship_bytes(number.0) else { continue };
        let record = Relationship::decode(record)?;
        if record.removed {
            let key = |item: ItemNumber| u64::from(item.0) << 32 | u64::from(number.0);
            expected.extend([key(record.identity.source), key(record.identity.target)]);
        }
    }
    expected.sort_unstable();
    expected.dedup();
    let mut filed: Vec<u64> = Vec::with_capacity(expected.len());
    for row in txn.open_table(ENDED).step("read")?.iter().step("read")? {
        let (key, row) = row.step("read")?;
        seal::open("ended", &key.value().to_be_bytes(), row.value())?;
        filed.push(key.value());
    }
    let items = u64::from(stored.counts().item_numbers);
    let relationships = u64::from(stored.counts().relationship_numbers);
    let never_was = |key: &u64| key >> 32 >= items || key & u64::from(u32::MAX) >= relationships;
    // Both ascend: the table by its key, the other since it was sorted.
    let missing = expected.iter().any(|key| filed.binary_search(key).is_err());
    if missing || filed.iter().any(never_was) {
        report.find("ended", "ended relationships are not all filed under their items");
    }
    Ok(())
}
