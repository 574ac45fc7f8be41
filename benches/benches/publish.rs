#![allow(clippy::print_stdout)]
//! Promise: publishing costs what the commit costs: one edit at most 0.1 ms at a million CIs, on the biggest hub's
//! row, too; a thousand random edits at most 20 ms. Baseline: rebuilding the adjacency, as a design without
//! copy-on-write has to.

use cmdb_benches::baseline::Csr;
use cmdb_benches::estate::Estate;
use cmdb_benches::inventory::Inventory;
use cmdb_benches::{SEED, nodes};
use cmdb_core::fact::{Fact, NewRelationship};
use cmdb_core::graph::{Draft, Records, Snapshot};
use cmdb_core::model::{ItemNumber, RelationshipNumber};
use cmdb_core::schema::symbols;
use criterion::{Criterion, criterion_group, criterion_main};

/// Stages the relationships and finishes the snapshot, as the writer does beside its transaction.
fn publish(snapshot: &Snapshot, pairs: &[(u32, u32)]) -> Snapshot {
    let mut draft = Draft::on(snapshot);
    draft.begin_entry(1);
    let kind = snapshot.names().get("depends_on").expect("in the catalogue");
    let first = snapshot.counts().relationship_numbers;
    for (i, (source, target)) in pairs.iter().enumerate() {
        let related = NewRelationship {
            relationship: RelationshipNumber(first + i as u32),
            kind,
            source: ItemNumber(*source),
            target: ItemNumber(*target),
            group: None,
            attributes: Vec::new(),
            origin: symbols::MANUAL,
        };
        draft.apply(Fact::Related(related)).expect("the ends exist");
    }
    let mut finished = draft.finish().expect("the draft is legal");
    finished.publish();
    finished.snapshot
}

fn edits(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let pairs = estate.dependencies();
    let inventory = Inventory::new(&estate, false).expect("the estate is legal");
    let hub = estate.hubs()[0];
    let n = estate.nodes();
    let random: Vec<(u32, u32)> =
        (0..1000u32).map(|i| (i.wrapping_mul(2_654_435_761) % n, i.wrapping_mul(40_503) % n)).collect();
    let mut group = c.benchmark_group(format!("publish, {n} CIs"));
    group.sample_size(20);
    group.bench_function("baseline: both directions rebuilt", |b| {
        b.iter(|| (Csr::new(n, &pairs), Csr::reversed(n, &pairs)));
    });
    group.bench_function("one edit, random row", |b| b.iter(|| publish(&inventory.snapshot, &random[7..8])));
    group.bench_function("one edit, the biggest hub's row", |b| {
        b.iter(|| publish(&inventory.snapshot, &[(n / 2, hub)]))
    });
    group.bench_function("1,000 random edits", |b| b.iter(|| publish(&inventory.snapshot, &random)));
    group.finish();
    drop(inventory);
    memory(&estate);
}

/// Promise: at most 64 bytes resident a relationship, and 400 a CI with name and ten short attributes.
fn memory(estate: &Estate) {
    let snapshot = Inventory::with_attributes(estate, ATTRIBUTES).expect("the estate is legal").snapshot;
    let (counts, m) = (snapshot.counts(), snapshot.memory());
    let each = |bytes: usize, many: u32| bytes as f64 / f64::from(many.max(1));
    println!(
        "memory at {} CIs with {ATTRIBUTES} attributes, {} relationships: {m:?}",
        counts.items, counts.relationships
    );
    println!(
        "{:.0} bytes a CI (record, columns, order, index), {:.0} bytes a relationship (record, both directions)",
        each(m.items + m.columns + m.index, counts.items),
        each(m.relationships + m.adjacency, counts.relationships),
    );
}

/// Attributes of a CI in the memory promise.
const ATTRIBUTES: usize = 10;

criterion_group!(benches, edits);
criterion_main!(benches);
