//! Properties over random estates of two to twelve items: the engine says what the oracle says.

use super::super::explain::Explainer;
use super::super::{Impact, Question, Root, Scratch, State, impact};
use super::oracle::{Asked, Oracle, Place, Shape};
use super::shapes::{Built, build, random_filter, random_roots, random_shape, shuffled, symbols};
use crate::analysis::testing::Random;
use crate::graph::View;

const GRAPHS: usize = 3_000;

/// Four times the same with other seeds, so that they run side by side.
#[test]
fn random_estates_agree_with_the_oracle_1() {
    run(1);
}
#[test]
fn random_estates_agree_with_the_oracle_2() {
    run(2);
}
#[test]
fn random_estates_agree_with_the_oracle_3() {
    run(3);
}
#[test]
fn random_estates_agree_with_the_oracle_4() {
    run(4);
}

fn run(seed: u64) {
    let mut random = Random(seed);
    let mut scratch = Scratch::default();
    for _ in 0..GRAPHS {
        let shape = random_shape(&mut random);
        let (items, links) = (shape.hidden.len(), shape.links.len());
        let in_order = |n: usize| (0..n).collect::<Vec<_>>();
        let built = build(&shape, &in_order(items), &in_order(links), true);
        let item_order = shuffled(&mut random, items);
        let renumbered = build(&shape, &item_order, &shuffled(&mut random, links), random.once_in(2));

        let mut asked = Asked { roots: random_roots(&mut random, &shape), ..Asked::default() };
        let (places, chains) = check(&shape, &built, &asked, &mut scratch);
        assert_eq!(
            (&places, &chains),
            (&check(&shape, &renumbered, &asked, &mut scratch).0, &chains),
            "renumbered"
        );
        check_cut(&shape, &built, &asked, &chains, random.below(4), &mut scratch);

        let mut worse = asked.clone();
        worse.roots.push((random.below(items as u32) as usize, State::ALL[1 + random.below(3) as usize]));
        let (with_one_more, _) = check(&shape, &built, &worse, &mut scratch);
        let state = |place: &Place| place.map_or(State::Up, |p| p.0);
        for (before, after) in places.iter().zip(&with_one_more) {
            assert!(
                state(after) >= state(before),
                "one failure more improved something: {shape:?} {worse:?}"
            );
        }

        random_filter(&mut random, &mut asked);
        let (_, chains) = check(&shape, &built, &asked, &mut scratch);
        check_cut(&shape, &built, &asked, &chains, random.below(3), &mut scratch);
        let order = shuffled(&mut random, items);
        let oracle = Oracle::new(&shape, &asked);
        assert_eq!(
            oracle.states(),
            oracle.states_in(&order),
            "the order of evaluation matters: {shape:?} {asked:?}"
        );
    }
}

/// One step of a chain: item, dependency, and the state given.
type Chain = Vec<(usize, usize, State)>;

/// Asks the engine and compares everything it says with the oracle.
fn check(shape: &Shape, built: &Built, asked: &Asked, scratch: &mut Scratch) -> (Vec<Place>, Vec<Chain>) {
    let context = || format!("{shape:#?}\n{asked:?}");
    let oracle = Oracle::new(shape, asked);
    let expected = oracle.places();
    let states: Vec<State> = expected.iter().map(|p| p.map_or(State::Up, |p| p.0)).collect();
    assert_eq!(states, oracle.states(), "the oracle disagrees with itself: {}", context());

    with_question(built, asked, |view, question| {
        let answer = impact(view, question, scratch);
        assert!(answer.complete && answer.frontier.is_empty());
        let (places, protected) = placed(built, &answer);
        assert_eq!(places, expected, "{}", context());
        assert_eq!(protected, oracle.protected(&expected), "protected: {}", context());

        let explainer = Explainer::new(view, question, &answer);
        let chains = (0..places.len()).map(|item| chain(built, &explainer, item)).collect::<Vec<_>>();
        for (item, chain) in chains.iter().enumerate().filter(|(item, _)| places[*item].is_some()) {
            check_chain(&oracle, &places, item, chain, asked, &context);
            for gate in explainer.gates(built.dense[item]).unwrap() {
                let group: usize = gate.group[1..].parse().unwrap();
                assert_eq!(gate.state, oracle.gate(group, |m| states[m]), "{gate:?}: {}", context());
            }
        }
        (places, chains)
    })
}

fn check_chain(
    oracle: &Oracle<'_>,
    places: &[Place],
    item: usize,
    chain: &Chain,
    asked: &Asked,
    context: &dyn Fn() -> String,
) {
    let depth = places[item].unwrap().1;
    assert_eq!(chain.len(), depth as usize, "the chain of {item} is as long as its depth: {}", context());
    let mut at = item;
    for &(from, on, state) in chain {
        assert_eq!(from, at);
        assert_eq!(Some(state), places[on].map(|p| p.0));
        assert!(oracle.explains(places, from, on), "{on} is no reason for {from}: {}", context());
        at = on;
    }
    let root = (at, places[at].unwrap().0);
    assert!(asked.roots.contains(&root), "the chain of {item} ends at no root: {}", context());
}

/// A depth limit shows the same answer as far as it goes, and says whether anything lies beyond.
fn check_cut(
    shape: &Shape,
    built: &Built,
    asked: &Asked,
    chains: &[Chain],
    depth_max: u32,
    scratch: &mut Scratch,
) {
    let (whole, whole_protected) =
        with_question(built, asked, |view, question| placed(built, &impact(view, question, scratch)));
    let asked = Asked { depth_max: Some(depth_max), ..asked.clone() };
    with_question(built, &asked, |view, question| {
        let answer = impact(view, question, scratch);
        let (places, protected) = placed(built, &answer);
        let within: Vec<Place> = whole.iter().map(|p| p.filter(|p| p.1 <= depth_max)).collect();
        assert_eq!(places, within, "{shape:#?} {asked:?}");
        let within: Vec<Option<u32>> =
            whole_protected.iter().map(|d| d.filter(|d| *d <= depth_max)).collect();
        assert_eq!(protected, within, "{shape:#?} {asked:?}");
        assert_eq!(answer.complete, places == whole && protected == whole_protected, "{shape:#?} {asked:?}");
        let mut frontier: Vec<usize> = answer.frontier.iter().map(|dense| built.of_dense(*dense)).collect();
        frontier.sort_unstable();
        let edge = Oracle::new(shape, &asked).edge(&whole, &whole_protected, depth_max);
        assert_eq!(frontier, edge, "{shape:#?} {asked:?}");
        let explainer = Explainer::new(view, question, &answer);
        for item in (0..places.len()).filter(|item| places[*item].is_some()) {
            assert_eq!(chain(built, &explainer, item), chains[item], "{shape:#?} {asked:?}");
        }
    });
}

fn with_question<T>(built: &Built, asked: &Asked, then: impl FnOnce(View<'_>, &Question<'_>) -> T) -> T {
    let roots: Vec<Root> =
        asked.roots.iter().map(|(item, state)| Root { item: built.dense[*item], state: *state }).collect();
    let types = asked.kinds.as_ref().map(|kinds| symbols(&built.graph, kinds));
    let question = Question {
        depth_max: asked.depth_max,
        types: types.as_deref(),
        sure_links_only: asked.sure_links_only,
        ..Question::new(&roots)
    };
    then(built.graph.view(), &question)
}

/// An answer by items of the shape: places of what is not up, depths of what is protected.
fn placed(built: &Built, answer: &Impact) -> (Vec<Place>, Vec<Option<u32>>) {
    let (mut places, mut protected) = (vec![None; built.dense.len()], vec![None; built.dense.len()]);
    let mut listed = 0;
    for wave in &answer.waves {
        for &dense in answer.items(wave) {
            let item = built.of_dense(dense);
            assert!(places[item].is_none() && protected[item].is_none(), "listed twice");
            match wave.state {
                State::Up => protected[item] = Some(wave.depth),
                state => places[item] = Some((state, wave.depth)),
            }
            listed += 1;
        }
    }
    assert_eq!(listed, answer.order.len());
    assert!(answer.waves.is_sorted_by_key(|wave| (std::cmp::Reverse(wave.state), wave.depth)));
    (places, protected)
}

fn chain(built: &Built, explainer: &Explainer<'_>, item: usize) -> Chain {
    let steps = explainer.chain(built.dense[item]).unwrap();
    steps.iter().map(|s| (built.of_dense(s.item), built.of_dense(s.on), s.state)).collect()
}
