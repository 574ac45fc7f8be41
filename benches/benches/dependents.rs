//! Promise: the full blast radius costs at most 1.1 times a hand-written CSR, through the real snapshot.

use cmdb_benches::baseline::{Csr, PathScratch, PetgraphWalk, Scratch};
use cmdb_benches::estate::Estate;
use cmdb_benches::inventory::Inventory;
use cmdb_benches::{SEED, nodes};
use cmdb_core::analysis::{path, reach};
use cmdb_core::graph::View;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn dependents(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let pairs = estate.dependencies();
    let csr = Csr::reversed(estate.nodes(), &pairs);
    let forward = Csr::new(estate.nodes(), &pairs);
    let inventory = Inventory::new(&estate, false).expect("the estate is legal");
    let view = View::full(&inventory.snapshot);
    let starts = estate.starts(SEED);
    let dense: Vec<u32> = starts.iter().map(|s| inventory.dense(*s)).collect();
    let mut group = c.benchmark_group(format!("dependents of 100 items, {} CIs", estate.nodes()));
    group.sample_size(10);
    let mut scratch = Scratch::new(estate.nodes());
    group.bench_function("baseline: plain CSR, ids as given", |b| {
        b.iter(|| starts.iter().map(|s| scratch.reach(&csr, *s)).sum::<usize>());
    });
    let mut walk = PetgraphWalk::new(estate.nodes(), &pairs);
    group.bench_function("baseline: petgraph DiGraph Bfs", |b| {
        b.iter(|| starts.iter().map(|s| walk.dependents(*s)).sum::<usize>());
    });
    let mut ours = reach::Scratch::default();
    group.bench_function("cmdb", |b| {
        b.iter(|| {
            let count = |s: &u32| {
                let starts = [*s];
                reach::reach(view, &reach::Question::dependents(&starts), &reach::Limits::none(), &mut ours)
                    .count()
            };
            dense.iter().map(count).sum::<usize>()
        });
    });
    group.finish();
    change_sets(c, &estate, &csr, &inventory);
    paths(c, &estate, [&forward, &csr], &inventory);
}

fn change_sets(c: &mut Criterion, estate: &Estate, csr: &Csr, inventory: &Inventory) {
    let sets = estate.change_sets(SEED);
    let dense: Vec<Vec<u32>> =
        sets.iter().map(|set| set.iter().map(|s| inventory.dense(*s)).collect()).collect();
    let mut group = c.benchmark_group(format!("dependents of 20 change sets of 50, {} CIs", estate.nodes()));
    group.sample_size(10);
    let mut scratch = Scratch::new(estate.nodes());
    group.bench_function("baseline: plain CSR, ids as given", |b| {
        b.iter(|| sets.iter().map(|s| scratch.reach_from_all(csr, s)).sum::<usize>());
    });
    let view = View::full(&inventory.snapshot);
    let mut ours = reach::Scratch::default();
    group.bench_function("cmdb", |b| {
        b.iter(|| {
            let mut count = |s: &Vec<u32>| {
                reach::reach(view, &reach::Question::dependents(s), &reach::Limits::none(), &mut ours).count()
            };
            dense.iter().map(&mut count).sum::<usize>()
        });
    });
    group.finish();
}

fn paths(c: &mut Criterion, estate: &Estate, csr: [&Csr; 2], inventory: &Inventory) {
    let pairs = estate.path_pairs(SEED);
    let mut group = c.benchmark_group(format!("50 shortest paths, {} CIs", estate.nodes()));
    group.sample_size(10);
    let mut scratch = PathScratch::new(estate.nodes());
    group.bench_function("baseline: bidirectional on CSR, steps only", |b| {
        b.iter(|| pairs.iter().filter_map(|(a, z)| scratch.steps(csr[0], csr[1], *a, *z)).sum::<u32>());
    });
    let view = View::full(&inventory.snapshot);
    let dense: Vec<(u32, u32)> =
        pairs.iter().map(|(a, z)| (inventory.dense(*a), inventory.dense(*z))).collect();
    group.bench_function("cmdb, hops named in order", |b| {
        let mut scratch = path::Scratch::default();
        b.iter(|| {
            for (from, to) in &dense {
                let question =
                    path::Question { from: *from, to: *to, limit: 1, depth_max: None, types: None };
                black_box(path::paths(view, &question, &reach::Limits::none(), &mut scratch));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, dependents);
criterion_main!(benches);
