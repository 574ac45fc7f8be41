//! Cycles against mutual reachability on random graphs.

use super::*;
use crate::analysis::testing::{self, BulkLink, Estate, FAR, Plain, Random, TestGraph};
use crate::graph::Records;

/// Components by asking of every pair whether each reaches the other, by item number.
fn expected(plain: &Plain, types: u32) -> Vec<Vec<u32>> {
    let visible: Vec<u32> = (0..plain.nodes).filter(|n| !plain.hidden[*n as usize]).collect();
    let reach: Vec<Vec<u32>> = (0..plain.nodes).map(|n| plain.distances(&[n], false, types)).collect();
    let both = |a: u32, b: u32| reach[a as usize][b as usize] != FAR && reach[b as usize][a as usize] != FAR;
    let is_loop = |n: u32| plain.edges.iter().any(|e| e.0 == n && e.1 == n && types >> e.2 & 1 == 1);
    let mut out: Vec<Vec<u32>> = Vec::new();
    for &n in &visible {
        if out.iter().any(|members| members.contains(&n)) {
            continue;
        }
        let members: Vec<u32> = visible.iter().copied().filter(|m| both(n, *m)).collect();
        if members.len() > 1 || is_loop(n) {
            out.push(members);
        }
    }
    out
}

fn check_witness(graph: &TestGraph, plain: &Plain, cycle: &Cycle, types: u32) {
    let hops = &cycle.witness;
    assert_eq!(hops[0].source, cycle.members[0]);
    assert_eq!(hops[hops.len() - 1].target, cycle.members[0]);
    assert!(hops.windows(2).all(|w| w[0].target == w[1].source));
    assert!(hops.iter().all(|hop| cycle.members.contains(&hop.source)));
    for hop in hops {
        let (dependent, dependency, kind) = plain.edges[hop.relationship as usize];
        assert_eq!((graph.nth(dependent), graph.nth(dependency)), (hop.source, hop.target));
        assert!(types >> kind & 1 == 1);
    }
    let first = graph.snapshot.number(cycle.members[0]).0;
    let next =
        plain.edges.iter().filter(|e| e.0 == first && types >> e.2 & 1 == 1 && !plain.hidden[e.1 as usize]);
    let shortest =
        next.map(|e| plain.distances(&[e.1], false, types)[first as usize].saturating_add(1)).min();
    assert_eq!(shortest, Some(hops.len() as u32), "{plain:?}");
}

#[test]
fn cycles_of_random_graphs_are_those_of_mutual_reachability() {
    let mut random = Random(3);
    for round in 0..3_000 {
        let plain = Plain::random(&mut random, 12, 2);
        let estate = plain.estate(&mut random);
        let graph = if round % 2 == 0 { estate.build() } else { estate.build_by_edits() };
        let bits = if random.once_in(2) { 7 } else { random.below(8) };
        let filter =
            TypeFilter::of(Plain::type_names(bits).filter_map(|name| graph.snapshot.names().get(name)));
        let got = cycles(graph.view(), (bits != 7).then_some(&filter), 100);
        let mut sizes: Vec<usize> = got.cycles.iter().map(|c| c.members.len()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b));
        sizes.clear();
        let by_name = |n: &u32| graph.name(graph.nth(*n)).to_owned();
        let mut want = expected(&plain, bits);
        want.iter_mut().for_each(|members| members.sort_by_key(by_name));
        want.sort_by_key(|members| (std::cmp::Reverse(members.len()), by_name(&members[0])));
        let dense: Vec<Vec<u32>> = want.iter().map(|m| m.iter().map(|n| graph.nth(*n)).collect()).collect();
        assert_eq!(got.total, dense.len());
        let members: Vec<Vec<u32>> = got.cycles.iter().map(|c| c.members.clone()).collect();
        assert_eq!(members, dense, "{plain:?}");
        got.cycles.iter().for_each(|cycle| check_witness(&graph, &plain, cycle, bits));
        let one = cycles(graph.view(), (bits != 7).then_some(&filter), 1);
        assert_eq!((one.total, one.cycles.len()), (got.total, got.total.min(1)));
    }
}

#[test]
fn the_witness_is_short_and_goes_by_name() {
    let graph = Estate::parse(
        "a -> d
         a -> c
         c -> a
         d -> a
         d -> e
         e -> f
         f -> a
         self -> self",
    )
    .build();
    let found = cycles(graph.view(), None, 10);
    let names: Vec<Vec<&str>> = found.cycles.iter().map(|c| graph.names(&c.members)).collect();
    assert_eq!(names, [vec!["a", "c", "d", "e", "f"], vec!["self"]]);
    let way = |cycle: &Cycle| -> Vec<u32> { cycle.witness.iter().map(|hop| hop.target).collect() };
    assert_eq!(graph.names(&way(&found.cycles[0])), ["c", "a"]);
    assert_eq!(graph.names(&way(&found.cycles[1])), ["self"]);
}

fn largest(nodes: u32, edges: impl Iterator<Item = (u32, u32)>) -> (usize, usize, usize) {
    let link = |(dependent, dependency)| BulkLink { dependent, dependency, ..Default::default() };
    let graph = testing::bulk(nodes, edges.map(link));
    let found = cycles(graph.view(), None, 3);
    let first = found.cycles.first();
    (found.total, first.map_or(0, |c| c.members.len()), first.map_or(0, |c| c.witness.len()))
}

#[test]
fn chain_star_clique_and_circle_are_searched_without_recursion() {
    let n = 1_000_000;
    assert_eq!(largest(n, (1..n).map(|i| (i, i - 1))), (0, 0, 0));
    assert_eq!(largest(n, (1..n).flat_map(|i| [(i, 0), (0, i)])), (1, n as usize, 2));
    assert_eq!(
        largest(500, (0..500).flat_map(|a| (0..500).filter(move |b| *b != a).map(move |b| (a, b)))),
        (1, 500, 2)
    );
    assert_eq!(largest(100_000, (0..100_000).map(|i| (i, (i + 1) % 100_000))), (1, 100_000, 100_000));
}
