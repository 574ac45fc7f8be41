//! Promise: impact with gates, states and depth costs at most twice plain reachability on a hand-written CSR
//! (2.5 times for sets of 50 roots).

use cmdb_benches::baseline::{Csr, Scratch};
use cmdb_benches::estate::Estate;
use cmdb_benches::inventory::Inventory;
use cmdb_benches::{SEED, nodes};
use cmdb_core::analysis::impact::{self, Question, Root, State, impact as compute};
use cmdb_core::graph::View;
use criterion::{Criterion, criterion_group, criterion_main};

fn roots(inventory: &Inventory, items: &[u32]) -> Vec<Root> {
    items.iter().map(|i| Root { item: inventory.dense(*i), state: State::Down }).collect()
}

fn single_and_sets(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let csr = Csr::reversed(estate.nodes(), &estate.dependencies());
    let inventory = Inventory::new(&estate, true).expect("the estate is legal");
    let view = View::full(&inventory.snapshot);
    let questions = [
        ("100 single roots", estate.starts(SEED).into_iter().map(|s| vec![s]).collect::<Vec<_>>()),
        ("20 sets of 50 roots", estate.change_sets(SEED)),
    ];
    for (name, sets) in questions {
        let mut group = c.benchmark_group(format!("impact of {name}, {} CIs", estate.nodes()));
        group.sample_size(10);
        let mut scratch = Scratch::new(estate.nodes());
        group.bench_function("baseline: reachability on plain CSR", |b| {
            b.iter(|| sets.iter().map(|s| scratch.reach_from_all(&csr, s)).sum::<usize>());
        });
        let asked: Vec<Vec<Root>> = sets.iter().map(|s| roots(&inventory, s)).collect();
        let mut ours = impact::Scratch::default();
        group.bench_function("cmdb: states, gates, depth, protected", |b| {
            let mut count = |roots: &Vec<Root>| {
                let answer = compute(view, &Question::new(roots), &mut ours);
                let count = answer.order.len();
                ours.recycle(answer);
                count
            };
            b.iter(|| asked.iter().map(&mut count).sum::<usize>());
        });
        group.finish();
    }
}

criterion_group!(benches, single_and_sets);
criterion_main!(benches);
