//! The ranking against one search from every item.

use super::*;
use crate::analysis::reach::{Limits, Question, Scratch, reach};
use crate::analysis::testing::{self, BulkLink, Plain, Random, TestGraph};
use crate::graph::cow::CowTable;
use crate::graph::snapshot::NO_CLASS;
use crate::model::Symbol;

fn ranked(graph: &TestGraph, is_service: &dyn Fn(u32) -> bool) -> Ranking {
    rank(graph.view(), is_service, &AtomicBool::new(false)).unwrap()
}

/// Against a search from every item.
fn check(graph: &TestGraph, is_service: &dyn Fn(u32) -> bool) {
    let ranking = ranked(graph, is_service);
    let of_class = |item: u32| graph.snapshot.class_of(item) == Some(Symbol(1));
    let (by_class, counts) =
        classes::counted_above(2, graph.view(), &of_class, &AtomicBool::new(false)).unwrap();
    assert_eq!(by_class, ranked(graph, &of_class));
    let mut scratch = Scratch::default();
    for item in 0..graph.snapshot.nodes() {
        let found = reach(graph.view(), &Question::dependents(&[item]), &Limits::none(), &mut scratch);
        assert_eq!(
            ranking.reached[item as usize] as usize,
            found.count(),
            "dependents of {}",
            graph.name(item)
        );
        let counted = counts.of(graph.view(), item);
        assert!(counted.is_some() || found.count() <= 2, "{} has counts", graph.name(item));
        if let Some(counts) = counted {
            assert_eq!(counts, found.by_class(&graph.snapshot), "classes above {}", graph.name(item));
        }
        let services = found.order.iter().filter(|found| is_service(**found)).count();
        assert_eq!(ranking.services[item as usize] as usize, services, "services above {}", graph.name(item));
    }
}

/// Gives every item one of a few classes, or none, at random.
fn with_classes(mut graph: TestGraph, random: &mut Random) -> TestGraph {
    let class = |random: &mut Random| match random.below(6) {
        0 => NO_CLASS,
        class => class,
    };
    let classes = (0..graph.snapshot.nodes()).map(|_| class(random)).collect();
    graph.snapshot.class_of = CowTable::from_rows(classes);
    graph
}

fn bulk(nodes: u32, edges: impl IntoIterator<Item = (u32, u32)>) -> TestGraph {
    let link = |(dependent, dependency)| BulkLink { dependent, dependency, ..Default::default() };
    testing::bulk(nodes, edges.into_iter().map(link))
}

#[test]
fn equals_a_search_from_every_item_of_random_graphs() {
    let mut random = Random(4);
    for round in 0..3_000 {
        let plain = Plain::random(&mut random, 40, 3);
        let estate = plain.estate(&mut random);
        let graph = if round % 2 == 0 { estate.build() } else { estate.build_by_edits() };
        check(&with_classes(graph, &mut random), &|item| item % 3 == 0);
    }
}

/// Layers with hubs, chains and a few cycles: large enough for several blocks, for columns that stand for many, and
/// for both threads.
#[test]
fn equals_a_search_from_every_item_of_a_layered_estate() {
    let mut random = Random(5);
    for (nodes, cycles) in [(3_000, 0), (3_000, 40), (6_000, 10)] {
        let mut edges = Vec::new();
        for item in 1..nodes {
            for _ in 0..1 + random.below(3) {
                let reach = if random.once_in(3) { item } else { item.min(200) };
                edges.push((item, item - 1 - random.below(reach)));
            }
            if random.once_in(4) {
                edges.push((item, random.below(item.min(10))));
            }
        }
        for _ in 0..cycles {
            let from = random.below(nodes - 50);
            edges.push((from, from + random.below(50)));
        }
        check(&with_classes(bulk(nodes, edges), &mut random), &|item| item % 7 == 0);
    }
}

#[test]
fn a_cancelled_ranking_gives_nothing() {
    let graph = bulk(100, (1..100).flat_map(|i| [(i, i - 1), (i, i / 2)]));
    assert_eq!(rank(graph.view(), &|_| false, &AtomicBool::new(true)), None);
    let empty = TestGraph { snapshot: crate::graph::Snapshot::empty() };
    assert_eq!(ranked(&empty, &|_| false), Ranking::default());
}

#[test]
fn chain_star_clique_circle_and_comb_are_ranked_without_recursion() {
    let n = 1_000_000;
    let chain = bulk(n, (1..n).map(|i| (i, i - 1)));
    let ranking = ranked(&chain, &|item| item == chain.nth(n - 1));
    assert!((0..n).all(|i| ranking.reached[chain.nth(i) as usize] == n - 1 - i));
    assert_eq!(ranking.services.iter().sum::<u32>(), n - 1);
    drop(chain);
    let star = bulk(n, (2..n).flat_map(|i| [(i, 0), (i, 1)]));
    assert_eq!(ranked(&star, &|_| true).services[star.nth(1) as usize], n - 2);
    drop(star);
    let clique = bulk(500, (0..500).flat_map(|a| (0..500).map(move |b| (a, b))));
    assert_eq!(ranked(&clique, &|_| false).reached, vec![499; 500]);
    let circle = bulk(100_000, (0..100_000).map(|i| (i, (i + 1) % 100_000)));
    assert_eq!(ranked(&circle, &|_| true).services, vec![99_999; 100_000]);
    // A chain with a tooth on every item.
    let comb = bulk(100_000, (1..50_000).flat_map(|i| [(i, i - 1), (50_000 + i, i)]));
    assert_eq!(ranked(&comb, &|_| false).reached[comb.nth(0) as usize], 2 * 49_999);
}
