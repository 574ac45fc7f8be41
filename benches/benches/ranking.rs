//! Promise: how many items each CI's loss reaches, exactly, for all CIs, at most 1.5 times the hand-written method.

use cmdb_benches::baseline::{Csr, Ranking};
use cmdb_benches::estate::{Estate, class};
use cmdb_benches::inventory::Inventory;
use cmdb_benches::{SEED, nodes};
use cmdb_core::analysis::ranking;
use cmdb_core::graph::{Records, View};
use criterion::{Criterion, criterion_group, criterion_main};
use std::sync::atomic::AtomicBool;

fn all_items(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let csr = Csr::reversed(estate.nodes(), &estate.dependencies());
    let inventory = Inventory::new(&estate, false).expect("the estate is legal");
    let view = View::full(&inventory.snapshot);
    let service = inventory.snapshot.names().get("business_service");
    let is_service = |dense: u32| inventory.snapshot.class_of(dense) == service;
    let mut group = c.benchmark_group(format!("ranking of all {} CIs, items and services", estate.nodes()));
    group.sample_size(10);
    group.bench_function("baseline: SCC, contracted chains, blocked bitsets", |b| {
        b.iter(|| {
            let ranking = Ranking::new(&csr);
            let services =
                ranking.dependents_where(|id| estate.class_of[id as usize] == class::BUSINESS_SERVICE);
            (ranking.dependents(), services)
        });
    });
    group.bench_function("cmdb", |b| b.iter(|| ranking::rank(view, &is_service, &AtomicBool::new(false))));
    group.bench_function("cmdb, by class", |b| {
        b.iter(|| ranking::rank_by_class(view, &is_service, &AtomicBool::new(false)));
    });
    group.finish();
}

criterion_group!(benches, all_items);
criterion_main!(benches);
