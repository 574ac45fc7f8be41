//! One test for each corner that was, or nearly was, got wrong.

use super::super::blind::{BlindKind, BlindSpot, blind_spots};
use super::super::explain::Explainer;
use super::super::{Impact, Question, Root, Scratch, State, impact};
use crate::analysis::testing::{Estate, TestGraph};
use crate::graph::Records;
use std::sync::atomic::AtomicBool;

fn roots(graph: &TestGraph, roots: &[(&str, State)]) -> Vec<Root> {
    roots.iter().map(|(name, state)| Root { item: graph.dense(name), state: *state }).collect()
}

fn ask(graph: &TestGraph, question: &Question<'_>) -> Impact {
    impact(graph.view(), question, &mut Scratch::default())
}

/// State and depth of everything in the answer, one `name state depth` each, in the answer's order.
fn told(graph: &TestGraph, answer: &Impact) -> Vec<String> {
    let row = |item: &u32, wave: &super::super::Wave| {
        format!("{} {} {}", graph.name(*item), wave.state.word(), wave.depth)
    };
    answer.waves.iter().flat_map(|wave| answer.items(wave).iter().map(|item| row(item, wave))).collect()
}

fn check(estate: &str, failing: &[(&str, State)], expected: &[&str]) {
    let graph = Estate::parse(estate).build();
    let roots = roots(&graph, failing);
    assert_eq!(told(&graph, &ask(&graph, &Question::new(&roots))), expected);
}

#[test]
fn a_lost_standby_alone_changes_nothing() {
    let estate = "db -> one group=g
                  db -> two group=g standby";
    check(estate, &[("two", State::Down)], &["two down 0", "db up 1"]);
    check(estate, &[("one", State::Down)], &["one down 0", "db degraded 1"]);
    check(estate, &[("one", State::Down), ("two", State::Down)], &["one down 0", "two down 0", "db down 1"]);
    check(
        estate,
        &[("one", State::Down), ("two", State::AtRisk)],
        &["one down 0", "db degraded 1", "two at_risk 0"],
    );
}

#[test]
fn a_standby_lost_later_turns_degraded_into_down_at_the_later_depth() {
    check(
        "db -> one group=g
         db -> two group=g standby
         two -> switch
         switch -> power",
        &[("one", State::Down), ("power", State::Down)],
        &["one down 0", "power down 0", "switch down 1", "two down 2", "db down 3"],
    );
}

#[test]
fn a_light_member_degraded_beside_an_irreplaceable_one_is_a_risk() {
    check(
        "web -> big group=g needs=weight>=3 weight=5
         web -> small group=g",
        &[("small", State::Degraded)],
        &["small degraded 0", "web at_risk 1"],
    );
}

/// Whether there is a margin is asked at the first loss and again at the second, which takes the next heaviest.
#[test]
fn small_members_still_have_a_margin_once_the_heavy_ones_are_gone() {
    check(
        "web -> huge group=g needs=weight>=1 weight=10
         web -> big group=g weight=5
         web -> small-1 group=g
         web -> small-2 group=g",
        &[("huge", State::Down), ("big", State::Down)],
        &["huge down 0", "big down 0", "web up 1"],
    );
}

/// `near` is degraded at once, but the gate was gone without it: what tipped it is `far`, two links away.
#[test]
fn a_gate_is_not_blamed_on_a_member_that_did_not_tip_it() {
    let graph = Estate::parse(
        "web -> big group=g needs=2 weight=2
         web -> near group=g
         web -> spare group=g weight=2 standby
         big -> switch
         switch -> far",
    )
    .build();
    let roots = roots(&graph, &[("far", State::Down), ("near", State::Degraded)]);
    let question = Question::new(&roots);
    let answer = ask(&graph, &question);
    let expected = ["far down 0", "switch down 1", "big down 2", "near degraded 0", "web degraded 3"];
    assert_eq!(told(&graph, &answer), expected);
    let explainer = Explainer::new(graph.view(), &question, &answer);
    let chain = explainer.chain(graph.dense("web")).unwrap();
    assert_eq!(graph.names(&chain.iter().map(|s| s.on).collect::<Vec<_>>()), ["big", "switch", "far"]);
}

#[test]
fn a_member_by_two_types_stays_a_member_when_one_type_is_left_out() {
    let graph = Estate::parse(
        "web -> one group=g needs=3 weight=3
         web -> one group=g weight=1 type=runs_on
         web -> two group=g weight=1 type=runs_on",
    )
    .build();
    let roots = roots(&graph, &[("one", State::Down)]);
    let types = [graph.snapshot.names().get("runs_on").unwrap()];
    let question = Question { types: Some(&types), ..Question::new(&roots) };
    let answer = ask(&graph, &question);
    assert_eq!(told(&graph, &answer), ["one down 0", "web down 1"]);
    let explainer = Explainer::new(graph.view(), &question, &answer);
    let chain = explainer.chain(graph.dense("web")).unwrap();
    assert_eq!(chain.len(), 1);
    let gate = chain[0].gate.as_ref().unwrap();
    assert_eq!((gate.state, gate.left, gate.of), (State::Down, 1000, 4000));
}

/// The item at the limit would be down by a longer way; a shorter, milder one must not show it as at risk.
#[test]
fn a_depth_limit_hides_items_and_never_makes_them_look_better() {
    let graph = Estate::parse(
        "shop -> a
         a -> b
         b -> c
         shop -> one group=g
         shop -> two group=g",
    )
    .build();
    let roots = roots(&graph, &[("c", State::Down), ("one", State::Down)]);
    let question = Question { depth_max: Some(2), ..Question::new(&roots) };
    let answer = ask(&graph, &question);
    assert_eq!(told(&graph, &answer), ["c down 0", "one down 0", "b down 1", "a down 2"]);
    assert!(!answer.complete);
    assert_eq!(graph.names(&answer.frontier), ["a"]);
    let enough = Question { depth_max: Some(3), ..question };
    assert!(ask(&graph, &enough).complete, "nothing lies beyond");
}

#[test]
fn a_root_may_end_worse_than_it_was_forced_to() {
    check("app -> host", &[("app", State::AtRisk), ("host", State::Down)], &["host down 0", "app down 1"]);
}

#[test]
fn roots_that_are_not_live_or_not_there_do_nothing() {
    let graph = Estate::parse("app -> old\nold: Server retired").build();
    let mut roots = roots(&graph, &[("old", State::Down)]);
    roots.push(Root { item: 1_000_000, state: State::Down });
    roots.push(Root { item: graph.dense("app"), state: State::Up });
    assert_eq!(told(&graph, &ask(&graph, &Question::new(&roots))), Vec::<String>::new());
}

#[test]
fn a_cancelled_question_says_where_it_stopped() {
    let graph = Estate::parse("app -> host\nhost -> rack").build();
    let roots = roots(&graph, &[("rack", State::Down)]);
    let cancelled = AtomicBool::new(true);
    let answer = ask(&graph, &Question { cancelled: Some(&cancelled), ..Question::new(&roots) });
    assert_eq!(told(&graph, &answer), ["rack down 0"]);
    assert!(!answer.complete);
    assert_eq!(graph.names(&answer.frontier), ["rack"]);
}

fn spots(graph: &TestGraph, question: &Question<'_>) -> Vec<(BlindKind, Vec<String>)> {
    let mut scratch = Scratch::default();
    let answer = impact(graph.view(), question, &mut scratch);
    let named = |spot: BlindSpot| {
        assert_eq!(spot.count, spot.items.len());
        (spot.kind, graph.names(&spot.items).into_iter().map(str::to_owned).collect())
    };
    blind_spots(graph.view(), question, &answer, None, &mut scratch).into_iter().map(named).collect()
}

#[test]
fn a_retired_member_leaves_the_dependent_up_and_is_listed() {
    let graph = Estate::parse(
        "web -> one group=g needs=2
         web -> two group=g
         two: Server retired",
    )
    .build();
    let roots = roots(&graph, &[("one", State::Down)]);
    let question = Question::new(&roots);
    assert_eq!(told(&graph, &ask(&graph, &question)), ["one down 0", "web down 1"]);
    let listed: Vec<_> =
        spots(&graph, &question).into_iter().filter(|(kind, _)| *kind != BlindKind::NoDependencies).collect();
    assert_eq!(listed, [(BlindKind::NeedsCut, vec!["web".into()]), (BlindKind::NotLive, vec!["two".into()])]);
}

#[test]
fn of_many_retired_items_only_those_beside_affected_ones_are_listed() {
    let graph = Estate::parse(
        "web -> one
         web -> two
         three -> one
         four -> five
         six -> five
         two: Server retired
         three: Server retired
         four: Server retired
         six: Server retired",
    )
    .build();
    let roots = roots(&graph, &[("one", State::Down)]);
    let question = Question::new(&roots);
    assert_eq!(told(&graph, &ask(&graph, &question)), ["one down 0", "web down 1"]);
    let listed: Vec<_> =
        spots(&graph, &question).into_iter().filter(|(kind, _)| *kind == BlindKind::NotLive).collect();
    assert_eq!(listed, [(BlindKind::NotLive, vec!["three".into(), "two".into()])]);
}

#[test]
fn only_what_hangs_on_an_unsure_link_is_listed_whatever_the_depth_limit() {
    let graph = Estate::parse(
        "alone -> host confidence=0.2
         both -> host confidence=0.2
         both -> through
         through -> host",
    )
    .build();
    let roots = roots(&graph, &[("host", State::Down)]);
    for depth_max in [None, Some(1)] {
        let question = Question { depth_max, ..Question::new(&roots) };
        let unsure: Vec<_> = spots(&graph, &question)
            .into_iter()
            .filter(|(kind, _)| *kind == BlindKind::UnsureLinks)
            .collect();
        assert_eq!(unsure, [(BlindKind::UnsureLinks, vec!["alone".into()])]);
    }
    let question = Question { sure_links_only: true, ..Question::new(&roots) };
    assert_eq!(told(&graph, &ask(&graph, &question)), ["host down 0", "through down 1", "both down 2"]);
}

#[test]
fn classes_that_should_depend_on_something_and_do_not_are_listed() {
    let graph = Estate::parse(
        "shop: BusinessService
         till: BusinessService
         shop -> host",
    )
    .build();
    let roots = roots(&graph, &[("host", State::Down)]);
    let bare = spots(&graph, &Question::new(&roots)).into_iter().map(|(_, items)| items).collect::<Vec<_>>();
    assert!(bare.contains(&vec!["till".to_owned()]), "{bare:?}");
}
