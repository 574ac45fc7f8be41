//! Shapes made to overflow a stack or to make something quadratic.

use super::super::explain::Explainer;
use super::super::{Impact, Question, Root, Scratch, State, impact};
use crate::analysis::testing::{BulkLink, TestGraph, bulk};
use std::time::{Duration, Instant};

/// Far above what linear work takes, far below what quadratic work would.
const PATIENCE: Duration = Duration::from_secs(15);

fn link(dependent: u32, dependency: u32) -> BulkLink {
    BulkLink { dependent, dependency, ..BulkLink::default() }
}

fn down(graph: &TestGraph, items: impl IntoIterator<Item = u32>) -> Vec<Root> {
    items.into_iter().map(|n| Root { item: graph.nth(n), state: State::Down }).collect()
}

/// Asks; the time taken is printed with `--nocapture`.
fn ask(graph: &TestGraph, what: &str, question: &Question<'_>) -> Impact {
    timed(what, || impact(graph.view(), question, &mut Scratch::default()))
}

#[expect(clippy::print_stderr, reason = "shown with --nocapture, for whoever wants the figures")]
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let took = start.elapsed();
    eprintln!("{what}: {took:?}");
    assert!(took < PATIENCE, "{what} took {took:?}");
    result
}

#[test]
fn a_chain_and_a_star_of_a_million() {
    const N: u32 = 1_000_000;
    // Every item depends on item 0, and from 2 on also on the one before it.
    let links = (1..N).map(|i| link(i, 0)).chain((2..N).map(|i| link(i, i - 1)));
    let graph = bulk(N, links);

    let hub = down(&graph, [0]);
    let star = ask(&graph, "star", &Question::new(&hub));
    assert_eq!((star.count(State::Down), star.waves.len()), (N as usize, 2));

    let end = down(&graph, [1]);
    let question = Question::new(&end);
    let chain = ask(&graph, "chain", &question);
    assert_eq!((chain.count(State::Down), chain.waves.len()), (N as usize - 1, N as usize - 1));
    timed("witness chain", || {
        let explainer = Explainer::new(graph.view(), &question, &chain);
        assert_eq!(explainer.chain(graph.nth(N - 1)).unwrap().len(), N as usize - 2);
    });
    let near = ask(&graph, "chain cut", &Question { depth_max: Some(10), ..question });
    assert_eq!((near.order.len(), near.complete, near.frontier.len()), (11, false, 1));
}

#[test]
fn a_cycle_of_a_hundred_thousand() {
    const N: u32 = 100_000;
    let graph = bulk(N, (0..N).map(|i| link(i, (i + 1) % N)));
    let roots = down(&graph, [7]);
    let answer = ask(&graph, "cycle", &Question::new(&roots));
    assert_eq!((answer.count(State::Down), answer.waves.len()), (N as usize, N as usize));
}

/// Each of 500 items needs half of the 499 others.
#[test]
fn everything_in_a_group_with_everything_else() {
    const N: u32 = 500;
    let member = |i: u32, j: u32| BulkLink {
        group: Some(0),
        needs: (j == (i + 1) % N).then_some(N / 2),
        ..link(i, j)
    };
    let graph = bulk(N, (0..N).flat_map(|i| (0..N).filter(move |j| *j != i).map(move |j| member(i, j))));
    let counts = |failing: u32| {
        let roots = down(&graph, 0..failing);
        let answer = ask(&graph, "half of all others", &Question::new(&roots));
        [State::Up, State::AtRisk, State::Down].map(|state| answer.count(state))
    };
    assert_eq!(counts(248), [252, 0, 248]);
    assert_eq!(counts(249), [0, 251, 249]);
    assert_eq!(counts(250), [0, 0, 500]);
}

/// The heaviest member is lost first and the rest hold until the last: the heaviest one left must be known at
/// each of a hundred thousand losses.
#[test]
fn a_group_of_a_hundred_thousand_weighted_members_fails_one_by_one() {
    const N: u32 = 100_000;
    const HEAVY: u32 = 1_000_000_000;
    let (dependent, cause) = (N, N + 1);
    let member = |i: u32| BulkLink {
        group: Some(0),
        weight: Some(if i == 0 { HEAVY } else { 1 + i % 1000 }),
        needs: (i == 0).then_some(1),
        ..link(dependent, i)
    };
    let graph = bulk(N + 2, (0..N).map(member).chain((1..N).map(|i| link(i, cause))));
    let roots = down(&graph, [0, cause]);
    let question = Question::new(&roots);
    let answer = ask(&graph, "weighted members", &question);
    assert_eq!(answer.count(State::Down), N as usize + 2);
    timed("proof over weighted members", || {
        let explainer = Explainer::new(graph.view(), &question, &answer);
        assert_eq!(explainer.place(graph.nth(dependent)), (State::Down, 2));
        let chain = explainer.chain(graph.nth(dependent)).unwrap();
        assert_eq!(chain.len(), 2);
        assert_eq!(chain[0].gate.as_ref().unwrap().lost.len(), N as usize);
    });
}

/// One item with a thousand weighted groups of a hundred, each with its margin lost.
#[test]
fn a_thousand_weighted_groups_on_one_item() {
    const GROUPS: u32 = 1000;
    const SIZE: u32 = 100;
    const N: u32 = GROUPS * SIZE;
    let (dependent, cause) = (N, N + 1);
    let member = |i: u32| BulkLink {
        group: Some(i / SIZE),
        weight: Some(1 + i % SIZE),
        needs: i.is_multiple_of(SIZE).then_some(SIZE * (SIZE + 1) / 2 - SIZE - 1),
        ..link(dependent, i)
    };
    let failing = (0..N).filter(|i| i % SIZE == SIZE - 1);
    let graph = bulk(N + 2, (0..N).map(member).chain(failing.map(|i| link(i, cause))));
    let roots = down(&graph, [cause]);
    let question = Question::new(&roots);
    let answer = ask(&graph, "a thousand groups", &question);
    assert_eq!([State::Down, State::AtRisk].map(|s| answer.count(s)), [GROUPS as usize + 1, 1]);
    timed("proof of a thousand groups", || {
        let explainer = Explainer::new(graph.view(), &question, &answer);
        assert_eq!(explainer.gates(graph.nth(dependent)).unwrap().len(), GROUPS as usize);
    });
}
