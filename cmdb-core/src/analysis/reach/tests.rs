//! Searches against a plain oracle on random graphs, and hostile shapes.

use super::*;
use crate::analysis::testing::{self, BulkLink, Estate, FAR, Plain, Random, TestGraph};
use crate::graph::{Draft, Records};
use std::sync::atomic::AtomicBool;

fn found(graph: &TestGraph, question: &Question<'_>, scratch: &mut Scratch) -> (Vec<(u32, u32)>, bool) {
    let reached = reach(graph.view(), question, &Limits::none(), scratch);
    let listed: Vec<(u32, u32)> = reached.with_depth().collect();
    for (index, (item, depth)) in listed.iter().enumerate() {
        assert_eq!((reached.order[index], reached.depth_of(index)), (*item, *depth));
    }
    assert_eq!(listed.len(), reached.count());
    (listed, reached.complete)
}

fn types(graph: &TestGraph, bits: u32) -> TypeFilter {
    TypeFilter::of(Plain::type_names(bits).filter_map(|name| graph.snapshot.names().get(name)))
}

/// Random graphs with cycles, loops, parallel edges and hidden items: every direction, depth, filter and set of
/// starts against relaxation over all edges.
#[test]
fn what_is_reached_equals_relaxation_over_all_edges() {
    let mut random = Random(1);
    let mut scratch = Scratch::default();
    for round in 0..3_000 {
        let plain = Plain::random(&mut random, 14, 3);
        let estate = plain.estate(&mut random);
        let graph = if round % 2 == 0 { estate.build() } else { estate.build_by_edits() };
        for _ in 0..6 {
            let starts: Vec<u32> = (0..random.below(4)).map(|_| random.below(plain.nodes)).collect();
            let dense: Vec<u32> = starts.iter().map(|n| graph.nth(*n)).collect();
            let bits = if random.once_in(2) { 7 } else { random.below(8) };
            let filter = types(&graph, bits);
            let depth = random.once_in(2).then(|| random.below(4));
            let dependents = random.once_in(2);
            let question = Question {
                starts: &dense,
                direction: if dependents { Direction::Dependents } else { Direction::Dependencies },
                depth_max: depth,
                types: (bits != 7).then_some(&filter),
            };
            let distance = plain.distances(&starts, dependents, bits);
            let mut expected: Vec<(u32, u32)> = (0..plain.nodes)
                .map(|n| (graph.nth(n), distance[n as usize]))
                .filter(|(_, d)| *d > 0 && *d != FAR && depth.is_none_or(|max| *d <= max))
                .collect();
            let all = distance.iter().filter(|d| **d > 0 && **d != FAR).count();
            let (mut got, complete) = found(&graph, &question, &mut scratch);
            assert!(got.windows(2).all(|w| w[0].1 <= w[1].1), "nearest first");
            assert_eq!(complete, expected.len() == all, "{plain:?} {starts:?} {depth:?}");
            expected.sort_unstable();
            got.sort_unstable();
            assert_eq!(got, expected, "{plain:?} {starts:?} {question:?}");
        }
    }
}

#[test]
fn a_start_on_a_cycle_is_not_its_own_dependent_and_a_hidden_start_is_expanded() {
    let graph = Estate::parse(
        "a -> b
         b -> a
         c -> b
         d -> old
         e -> gone-too
         gone-too -> old
         old: Server retired
         gone-too: Server retired",
    )
    .build();
    let named = |start: &str| -> Vec<String> {
        let starts = [graph.dense(start)];
        let mut scratch = Scratch::default();
        let reached = reach(graph.view(), &Question::dependents(&starts), &Limits::none(), &mut scratch);
        let mut names: Vec<String> = graph.names(reached.order).into_iter().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(named("a"), ["b", "c"]);
    assert_eq!(named("old"), ["d"], "nothing passes through gone-too");
}

#[test]
fn classes_are_counted() {
    let graph = Estate::parse(
        "shop: BusinessService
         shop -> app
         app: Application
         till -> app
         app -> db
         other -> db",
    )
    .build();
    let starts = [graph.dense("db")];
    let mut scratch = Scratch::default();
    let reached = reach(graph.view(), &Question::dependents(&starts), &Limits::none(), &mut scratch);
    let named = |class: &str| graph.snapshot.names().get(class);
    let mut expected = vec![(named("BusinessService"), 1), (named("Application"), 1), (named("Server"), 2)];
    expected.sort();
    assert_eq!(reached.by_class(&graph.snapshot), expected);
}

#[test]
fn budget_and_cancellation_cut_the_answer_short_and_say_so() {
    let graph = Estate::numbered(10_000, (1..10_000).map(|n| (n, n - 1))).build();
    let starts = [graph.nth(0)];
    let question = Question::dependents(&starts);
    let mut scratch = Scratch::default();
    let never = AtomicBool::new(false);
    let limits = Limits { steps_max: Some(100), cancelled: &never };
    let reached = reach(graph.view(), &question, &limits, &mut scratch);
    assert_eq!((reached.count(), reached.complete, reached.waves.len()), (100, false, 100));
    let limits = Limits { steps_max: Some(10_000), cancelled: &never };
    let reached = reach(graph.view(), &question, &limits, &mut scratch);
    assert_eq!((reached.count(), reached.complete), (9_999, true));
    let limits = Limits { steps_max: None, cancelled: &AtomicBool::new(true) };
    let reached = reach(graph.view(), &question, &limits, &mut scratch);
    assert_eq!((reached.count(), reached.complete), (0, false));
}

/// A scratch goes from graph to graph, and from one state of a graph to the next.
#[test]
fn a_scratch_used_before_answers_like_a_new_one() {
    let (small, large) =
        (Estate::numbered(3, [(0, 1), (1, 2)]), Estate::numbered(200, (1..200).map(|n| (n, 0))));
    let small = small.hidden("n1").build_by_edits();
    let large = large.build_by_edits();
    let mut draft = Draft::on(&large.snapshot);
    draft.begin_entry(3);
    let retired = draft.names().get("retired");
    let edit = crate::fact::kinds::ItemEdit { status: Some(retired), ..Default::default() };
    let fact = crate::fact::Fact::ItemEdited {
        item: crate::model::ItemNumber(150),
        edit,
        source: crate::schema::symbols::MANUAL,
    };
    draft.apply(fact).unwrap();
    let edited = TestGraph { snapshot: draft.finish().unwrap().snapshot };
    let mut scratch = Scratch::default();
    for _ in 0..2 {
        for (graph, start, expected) in
            [(&large, 0, 199), (&small, 2, 0), (&edited, 0, 198), (&large, 5, 0), (&large, 0, 199)]
        {
            let starts = [graph.nth(start)];
            assert_eq!(found(graph, &Question::dependents(&starts), &mut scratch).0.len(), expected);
        }
    }
}

fn counts_both_ways(graph: &TestGraph, start: u32) -> (usize, usize) {
    let starts = [graph.nth(start)];
    Scratch::with(|scratch| {
        let up = reach(graph.view(), &Question::dependents(&starts), &Limits::none(), scratch).count();
        let down = reach(graph.view(), &Question::dependencies(&starts), &Limits::none(), scratch).count();
        (up, down)
    })
}

#[test]
fn chain_star_clique_and_circle_are_walked_without_recursion() {
    let n = 1_000_000;
    let chain = bulk(n, (1..n).map(|i| (i, i - 1)));
    assert_eq!(counts_both_ways(&chain, 10), (n as usize - 11, 10));
    drop(chain);
    let star = bulk(n, (1..n).map(|i| (i, 0)));
    assert_eq!(counts_both_ways(&star, 0), (n as usize - 1, 0));
    assert_eq!(counts_both_ways(&star, 77), (0, 1));
    drop(star);
    let clique = bulk(500, (0..500).flat_map(|a| (0..500).map(move |b| (a, b))));
    assert_eq!(counts_both_ways(&clique, 7), (499, 499));
    let circle = bulk(100_000, (0..100_000).map(|i| (i, (i + 1) % 100_000)));
    assert_eq!(counts_both_ways(&circle, 7), (99_999, 99_999));
}

fn bulk(nodes: u32, edges: impl Iterator<Item = (u32, u32)>) -> TestGraph {
    testing::bulk(
        nodes,
        edges.map(|(dependent, dependency)| BulkLink { dependent, dependency, ..Default::default() }),
    )
}
