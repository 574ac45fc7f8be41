//! The small shop of the shared data: its table of expected answers, as far as it is about impact.

use super::super::explain::Explainer;
use super::super::{Question, Root, Scratch, State, impact};
use crate::analysis::testing::{Estate, TestGraph};

const SHOP: &str = "
    shop: BusinessService
    web1: ApplicationInstance
    web2: ApplicationInstance
    app1: ApplicationInstance
    app2: ApplicationInstance
    app3: ApplicationInstance
    esx1: Hypervisor
    esx2: Hypervisor
    db1: Database
    san1: StorageArray
    pdu1: PowerUnit
    shop -> web1 group=web needs=1
    shop -> web2 group=web needs=1
    shop -> app1 group=app needs=2
    shop -> app2 group=app needs=2
    shop -> app3 group=app needs=2
    shop -> db1
    db1 -> san1 type=stored_on
    web1 -> esx1 type=runs_on
    app1 -> esx1 type=runs_on
    web2 -> esx2 type=runs_on
    app2 -> esx2 type=runs_on
    app3 -> esx2 type=runs_on
    esx1 -> pdu1 type=powered_by
    esx2 -> pdu1 type=powered_by";

/// `name state depth` of everything affected, roots left out, worst first and then by name.
fn affected(graph: &TestGraph, down: &[&str]) -> Vec<String> {
    let roots: Vec<Root> = down.iter().map(|n| Root { item: graph.dense(n), state: State::Down }).collect();
    let answer = impact(graph.view(), &Question::new(&roots), &mut Scratch::default());
    assert!(answer.complete);
    let mut out = Vec::new();
    for wave in answer.affected_waves() {
        let mut names = graph.names(answer.items(wave));
        names.retain(|name| !down.contains(name));
        names.sort_unstable();
        out.extend(names.iter().map(|name| format!("{name} {} {}", wave.state.word(), wave.depth)));
    }
    out
}

#[test]
fn losing_esx1_leaves_the_shop_at_risk_and_not_down() {
    let graph = Estate::parse(SHOP).build();
    assert_eq!(affected(&graph, &["esx1"]), ["app1 down 1", "web1 down 1", "shop at_risk 2"]);
}

#[test]
fn losing_esx2_takes_the_shop_down() {
    let graph = Estate::parse(SHOP).build();
    assert_eq!(affected(&graph, &["esx2"]), ["app2 down 1", "app3 down 1", "web2 down 1", "shop down 2"]);
}

#[test]
fn esx1_and_app2_together_take_the_shop_down_though_neither_does_alone() {
    let graph = Estate::parse(SHOP).build();
    assert_eq!(affected(&graph, &["app2"]), ["shop at_risk 1"]);
    assert_eq!(affected(&graph, &["esx1", "app2"]), ["app1 down 1", "web1 down 1", "shop down 2"]);
}

#[test]
fn the_shop_explains_itself_by_chain_and_gates() {
    let graph = Estate::parse(SHOP).build();
    let roots = [Root { item: graph.dense("esx1"), state: State::Down }];
    let question = Question::new(&roots);
    let answer = impact(graph.view(), &question, &mut Scratch::default());
    let explainer = Explainer::new(graph.view(), &question, &answer);
    let shop = graph.dense("shop");

    let chain = explainer.chain(shop).unwrap();
    let steps: Vec<String> = chain
        .iter()
        .map(|s| format!("{} on {} {}", graph.name(s.item), graph.name(s.on), s.state.word()))
        .collect();
    // app1 and web1 tip a gate each in the same wave; ties go by class and name.
    assert_eq!(steps, ["shop on app1 down", "app1 on esx1 down"]);
    let gate = chain[0].gate.as_ref().unwrap();
    assert_eq!((gate.needed, gate.left, gate.of, gate.counted), (2000, 2000, 3000, true));
    assert_eq!((gate.state, graph.names(&gate.lost)), (State::AtRisk, vec!["app1"]));

    let gates = explainer.gates(shop).unwrap();
    let told: Vec<(&str, Vec<&str>)> =
        gates.iter().map(|g| (g.group.as_str(), graph.names(&g.lost))).collect();
    assert_eq!(told, [("app", vec!["app1"]), ("web", vec!["web1"])]);
}
