//! Promise: 5,000 boxes are laid out in at most 5 ms, and an impact of 5,000 or 50,000 items is put together into
//! boxes in less time than its search and its table leave of 100 ms.

use cmdb_benches::estate::{Estate, Random};
use cmdb_benches::inventory::Inventory;
use cmdb_benches::{SEED, nodes};
use cmdb_core::analysis::drawing::layout::{Edge, Node, place};
use cmdb_core::analysis::drawing::{Columns, GroupBy, Options, Subject, draw};
use cmdb_core::analysis::impact::{Explainer, Question, Root, Scratch, State, impact};
use cmdb_core::graph::View;
use criterion::{Criterion, criterion_group, criterion_main};

/// Nine columns, 1.8 links a box, mostly to the next column: the shape of an impact drawn item by item.
fn layered(boxes: u32) -> (Vec<Node>, Vec<Edge>) {
    const COLUMNS: u32 = 9;
    let mut random = Random::new(SEED);
    let nodes = (0..boxes).map(|n| Node { column: n * COLUMNS / boxes, height: 44.0 }).collect();
    let in_column = boxes / COLUMNS;
    let edge = |_| {
        let a = random.below(boxes - in_column);
        let b = (a + in_column + random.below(in_column) / 2).min(boxes - 1);
        Edge { a, b, weight: 1.0 }
    };
    (nodes, (0..boxes * 9 / 5).map(edge).collect())
}

/// The textbook's barycentre method as one first writes it down: for every box the whole list of links is searched.
/// Only the order; heights come on top.
fn naive_order(nodes: &[Node], edges: &[Edge]) -> Vec<Vec<u32>> {
    let columns = nodes.iter().map(|n| n.column).max().unwrap_or(0);
    let of = |column| (0..nodes.len() as u32).filter(|n| nodes[*n as usize].column == column).collect();
    let mut order: Vec<Vec<u32>> = (0..=columns).map(of).collect();
    for sweep in 0..6 {
        for step in 1..order.len() {
            let (now, before) = match sweep % 2 {
                0 => (step, step - 1),
                _ => (order.len() - 1 - step, order.len() - step),
            };
            let places = order[before].clone();
            let mean = |node: &u32| {
                let others = edges.iter().filter_map(|e| match (e.a == *node, e.b == *node) {
                    (true, _) => Some(e.b),
                    (_, true) => Some(e.a),
                    _ => None,
                });
                let found: Vec<usize> = others.filter_map(|o| places.iter().position(|p| *p == o)).collect();
                found.iter().sum::<usize>() as f64 / found.len().max(1) as f64
            };
            order[now].sort_by_cached_key(|node| (mean(node) * 1e6) as u64);
        }
    }
    order
}

fn layout(c: &mut Criterion) {
    let mut group = c.benchmark_group("layout of boxes");
    for boxes in [200, 1_000, 5_000, 20_000] {
        let (nodes, edges) = layered(boxes);
        group.bench_function(format!("{boxes} boxes"), |b| b.iter(|| place(9, &nodes, &edges)));
        if boxes <= 5_000 {
            group.sample_size(10);
            group.bench_function(format!("baseline: {boxes} boxes, order alone, links searched"), |b| {
                b.iter(|| naive_order(&nodes, &edges));
            });
        }
    }
    group.finish();
}

/// The start whose impact is nearest to so many items.
fn root_of(view: View<'_>, inventory: &Inventory, estate: &Estate, wanted: usize) -> u32 {
    let mut scratch = Scratch::default();
    let mut size = |item: u32| {
        let roots = [Root { item, state: State::Down }];
        impact(view, &Question::new(&roots), &mut scratch).order.len()
    };
    let starts = (0..estate.nodes()).step_by(101).map(|id| inventory.dense(id));
    starts.min_by_key(|item| size(*item).abs_diff(wanted)).unwrap_or(0)
}

fn drawings(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let inventory = Inventory::described(&estate).expect("the estate is legal");
    let view = View::full(&inventory.snapshot);
    let mut group = c.benchmark_group(format!("drawing on {} CIs", estate.nodes()));
    group.sample_size(10);
    for wanted in [5_000, 50_000] {
        let item = root_of(view, &inventory, &estate, wanted);
        let roots = [Root { item, state: State::Down }];
        let question = Question::new(&roots);
        let answer = impact(view, &question, &mut Scratch::default());
        let subject = Subject::of_impact(view, &[item], &answer, true);
        let explainer = Explainer::new(view, &question, &answer);
        let by = [GroupBy::Class, GroupBy::Site];
        let options =
            Options { columns: Columns::Rings, group_by: &by, boxes_max: 60, open: &[], all_links: false };
        let name = format!("{} affected into 60 boxes", subject.members.len());
        group.bench_function(name, |b| b.iter(|| draw(view, &subject, &options, None, &explainer)));
    }
    group.finish();
}

criterion_group!(benches, layout, drawings);
criterion_main!(benches);
