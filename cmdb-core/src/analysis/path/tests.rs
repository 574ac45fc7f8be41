//! Shortest paths against an oracle that relaxes every edge.

use super::*;
use crate::analysis::testing::{self, BulkLink, Estate, FAR, Plain, Random, TestGraph};
use std::collections::BTreeSet;

fn ask<'a>(from: u32, to: u32, limit: usize) -> Question<'a> {
    Question { from, to, limit, depth_max: None, types: None }
}

fn items(question: &Question<'_>, path: &[Hop]) -> Vec<u32> {
    assert!(path.windows(2).all(|w| w[0].target == w[1].source));
    assert!(path.first().is_none_or(|hop| hop.source == question.from));
    assert!(path.last().is_none_or(|hop| hop.target == question.to));
    std::iter::once(question.from).chain(path.iter().map(|hop| hop.target)).collect()
}

/// All shortest paths, by extending every path from the start along every edge that brings the end nearer.
fn expected(plain: &Plain, from: u32, to: u32, types: u32) -> BTreeSet<Vec<u32>> {
    let mut open = plain.clone();
    open.hidden[from as usize] = false;
    open.hidden[to as usize] = false;
    let left = open.distances(&[to], true, types);
    let mut paths = BTreeSet::from([vec![from]]);
    for step in (0..left[from as usize]).rev() {
        let longer = paths.iter().flat_map(|path| {
            let next = open
                .edges
                .iter()
                .filter(|e| e.0 == path[path.len() - 1] && types >> e.2 & 1 == 1)
                .map(|e| e.1);
            let near = next.filter(|n| left[*n as usize] == step && !open.hidden[*n as usize]);
            near.map(|n| path.iter().copied().chain([n]).collect::<Vec<u32>>()).collect::<Vec<_>>()
        });
        paths = longer.collect();
    }
    paths
}

fn check(plain: &Plain, graph: &TestGraph, random: &mut Random, scratch: &mut Scratch) {
    let (from, to) = (random.below(plain.nodes), random.below(plain.nodes));
    let bits = if random.once_in(2) { 7 } else { random.below(8) };
    let filter = TypeFilter::of(Plain::type_names(bits).filter_map(|name| graph.snapshot.names().get(name)));
    let limit = 1 + random.below(6) as usize;
    let depth_max = random.once_in(3).then(|| random.below(4));
    let types = (bits != 7).then_some(&filter);
    let question = Question { from: graph.nth(from), to: graph.nth(to), limit, depth_max, types };
    let got = paths(graph.view(), &question, &Limits::none(), scratch);
    let mut open = plain.clone();
    open.hidden[to as usize] = false;
    let length = open.distances(&[from], false, bits)[to as usize];
    if length == FAR || depth_max.is_some_and(|max| length > max) {
        assert_eq!((got.length, got.paths.len()), (None, 0), "{plain:?} {from} {to}");
        assert!(depth_max.is_some() || got.complete);
        return;
    }
    assert_eq!(got.length, Some(length), "{plain:?} {from} {to}");
    let mut all: Vec<Vec<u32>> = expected(plain, from, to, bits).into_iter().collect();
    all.sort_by_key(|path| path.iter().map(|n| graph.name(graph.nth(*n)).to_owned()).collect::<Vec<_>>());
    assert_eq!(got.complete, all.len() <= limit);
    all.truncate(limit);
    let dense = |path: &Vec<u32>| -> Vec<u32> { path.iter().map(|n| graph.nth(*n)).collect() };
    let want: Vec<Vec<u32>> = all.iter().map(dense).collect();
    let have: Vec<Vec<u32>> = got.paths.iter().map(|path| items(&question, path)).collect();
    assert_eq!(have, want, "{plain:?} {from} {to}");
    for hop in got.paths.iter().flatten() {
        let (dependent, dependency, kind) = plain.edges[hop.relationship as usize];
        assert_eq!((graph.nth(dependent), graph.nth(dependency)), (hop.source, hop.target));
        assert_eq!(hop.reversed, kind == 2);
        assert!(bits >> kind & 1 == 1);
    }
}

#[test]
fn all_shortest_paths_are_found_in_order_of_names() {
    let mut random = Random(2);
    let mut scratch = Scratch::default();
    for round in 0..3_000 {
        let plain = Plain::random(&mut random, 14, 3);
        let estate = plain.estate(&mut random);
        let graph = if round % 2 == 0 { estate.build() } else { estate.build_by_edits() };
        for _ in 0..8 {
            check(&plain, &graph, &mut random, &mut scratch);
        }
    }
}

#[test]
fn ties_go_by_class_and_name_and_parallel_relationships_by_type() {
    let graph = Estate::parse(
        "shop -> web-2
         shop -> web-1
         shop -> app
         app: Application
         web-1 -> db type=uses
         web-1 -> db type=runs_on
         db -> web-1 type=hosts
         web-2 -> db
         app -> db",
    )
    .build();
    let question = ask(graph.dense("shop"), graph.dense("db"), 10);
    let mut scratch = Scratch::default();
    let all = paths(graph.view(), &question, &Limits::none(), &mut scratch);
    assert!(all.complete);
    let by: Vec<&str> = all.paths.iter().map(|path| graph.name(path[0].target)).collect();
    assert_eq!(by, ["app", "web-1", "web-2"], "Application comes before Server");
    assert_eq!(all.paths[1][1].relationship, 5, "hosts comes before runs_on and uses");
    assert!(all.paths[1][1].reversed);
    let one = paths(graph.view(), &Question { limit: 1, ..question }, &Limits::none(), &mut scratch);
    assert_eq!((&one.paths[..], one.complete), (&all.paths[..1], false));
    let same = paths(graph.view(), &ask(question.from, question.from, 1), &Limits::none(), &mut scratch);
    assert_eq!(same, Paths { length: Some(0), paths: vec![vec![]], complete: true });
}

#[test]
fn budget_cuts_the_search_short_and_says_so() {
    let graph = Estate::numbered(1_000, (1..1_000).map(|n| (n, n - 1))).build();
    let never = std::sync::atomic::AtomicBool::new(false);
    let limits = Limits { steps_max: Some(50), cancelled: &never };
    let mut scratch = Scratch::default();
    let cut = paths(graph.view(), &ask(graph.nth(999), graph.nth(0), 1), &limits, &mut scratch);
    assert_eq!(cut, Paths { length: None, paths: vec![], complete: false });
}

fn length(graph: &TestGraph, from: u32, to: u32) -> Option<u32> {
    let question = ask(graph.nth(from), graph.nth(to), 3);
    let found = paths(graph.view(), &question, &Limits::none(), &mut Scratch::default());
    assert!(found.paths.iter().all(|path| Some(path.len() as u32) == found.length));
    found.length
}

#[test]
fn chain_star_clique_circle_and_ladder_are_searched_without_recursion() {
    let n = 1_000_000;
    let chain = bulk(n, (1..n).map(|i| (i, i - 1)));
    assert_eq!((length(&chain, n - 1, 0), length(&chain, 0, 1)), (Some(n - 1), None));
    let star = bulk(n, (1..n).map(|i| (i, 0)));
    assert_eq!((length(&star, 5, 0), length(&star, 5, 6)), (Some(1), None));
    let clique = bulk(500, (0..500).flat_map(|a| (0..500).map(move |b| (a, b))));
    assert_eq!(length(&clique, 3, 4), Some(1));
    let circle = bulk(100_000, (0..100_000).map(|i| (i, (i + 1) % 100_000)));
    assert_eq!(length(&circle, 7, 6), Some(99_999));
    // Two items a rung, each depending on both of the next: 2^1000 shortest paths.
    let ladder = bulk(2_002, (0..2_000).flat_map(|i| [(i, (i / 2 + 1) * 2), (i, (i / 2 + 1) * 2 + 1)]));
    assert_eq!(length(&ladder, 0, 2_001), Some(1_000));
}

fn bulk(nodes: u32, edges: impl Iterator<Item = (u32, u32)>) -> TestGraph {
    testing::bulk(
        nodes,
        edges.map(|(dependent, dependency)| BulkLink { dependent, dependency, ..Default::default() }),
    )
}
