//! Drawings of small and random estates: nothing is lost, nothing overlaps, nothing moves that should stay.

use super::*;
use crate::analysis::impact::{Explainer, Impact, Question, Root, Scratch, impact};
use crate::analysis::testing::{Estate, Random, TestGraph};
use crate::graph::adjacency::flag;
use crate::model::Value;

const BY_CLASS: &[GroupBy] = &[GroupBy::Class];

fn options<'a>(group_by: &'a [GroupBy], boxes_max: usize, open: &'a [&'a str]) -> Options<'a> {
    Options { columns: Columns::Rings, group_by, boxes_max, open, all_links: false }
}

/// What is drawn when `roots` are down.
fn drawn(graph: &TestGraph, roots: &[&str], options: &Options<'_>) -> (Subject, Drawing) {
    let roots: Vec<Root> = roots.iter().map(|r| Root { item: graph.dense(r), state: State::Down }).collect();
    let question = Question::new(&roots);
    let answer: Impact = impact(graph.view(), &question, &mut Scratch::default());
    let items: Vec<u32> = roots.iter().map(|r| r.item).collect();
    let subject = Subject::of_impact(graph.view(), &items, &answer, true);
    let explainer = Explainer::new(graph.view(), &question, &answer);
    let drawing = draw(graph.view(), &subject, options, None, &explainer).unwrap();
    (subject, drawing)
}

fn name<'g>(graph: &'g TestGraph, subject: &Subject, figure: &Figure) -> &'g str {
    graph.name(subject.members[figure.members[0] as usize].item)
}

/// A service on two servers of which it needs one; a hypervisor under one of them.
fn shop() -> TestGraph {
    Estate::parse(
        "shop: BusinessService
         shop -> web1 group=web needs=1
         shop -> web2 group=web
         web1 -> esx1 type=runs_on
         web2 -> esx2 type=runs_on
         esx1: Hypervisor
         esx2: Hypervisor",
    )
    .build()
}

#[test]
fn few_items_are_a_box_each_and_redundancy_is_drawn() {
    let graph = shop();
    let (subject, drawing) = drawn(&graph, &["esx1"], &options(BY_CLASS, 60, &[]));
    let names: Vec<&str> = drawing.figures.iter().map(|f| name(&graph, &subject, f)).collect();
    assert_eq!(names, ["esx1", "web1", "shop"]);
    assert_eq!(drawing.columns.iter().map(|c| c.steps).collect::<Vec<_>>(), [(0, 0), (1, 1), (2, 2)]);
    let gate = &drawing.figures[2].gates[0];
    assert_eq!((gate.proof.needed, gate.proof.left, gate.proof.of), (1000, 1000, 2000));
    assert!(gate.area.x + gate.area.width < drawing.figures[2].area.x, "it stands before its box");
    let to_gate = drawing.links.iter().find(|l| l.to == 2).unwrap();
    assert_eq!((to_gate.from, to_gate.gate, to_gate.state), (1, Some(0), State::AtRisk));
}

#[test]
fn what_redundancy_keeps_up_is_drawn_as_protected() {
    let graph = Estate::parse(
        "shop -> web1 group=web needs=1
         shop -> web2 group=web
         shop -> web3 group=web",
    )
    .build();
    let (subject, drawing) = drawn(&graph, &["web1"], &options(BY_CLASS, 60, &[]));
    let shop = drawing.figures.iter().find(|f| name(&graph, &subject, f) == "shop").unwrap();
    assert_eq!((shop.tally.of(State::Up), shop.tally.worst()), (1, State::Up));
    assert_eq!(shop.gates.len(), 1);
}

/// One switch that carries 40 hypervisors with 10 virtual machines each.
fn farm() -> TestGraph {
    let mut estate = Estate::new().item("switch", "Switch");
    for host in 0..40 {
        let host_name = format!("esx{host:02}");
        let site = if host % 2 == 0 { "AMS1" } else { "FRA2" };
        estate =
            estate.item(&host_name, "Hypervisor").item_attribute(&host_name, "location", Value::text(site));
        estate = estate.edge(&host_name, "switch");
        for machine in 0..10 {
            let machine = format!("vm{host:02}-{machine}");
            estate = estate.item(&machine, "VirtualMachine").typed(&machine, "runs_on", &host_name);
        }
    }
    estate.build()
}

#[test]
fn many_items_are_grouped_by_class_and_site_with_counts() {
    let graph = farm();
    let by = [GroupBy::Class, GroupBy::Site];
    let (_, drawing) = drawn(&graph, &["switch"], &options(&by, 60, &[]));
    assert_eq!(drawing.group_by, by);
    let groups: Vec<(&str, u32)> =
        drawing.figures.iter().map(|f| (f.id.as_str(), f.tally.of(State::Down))).skip(1).collect();
    let mut sorted = groups.clone();
    sorted.sort_unstable();
    let expected = [
        ("1/Hypervisor/AMS1", 20),
        ("1/Hypervisor/FRA2", 20),
        ("2/VirtualMachine/AMS1", 200),
        ("2/VirtualMachine/FRA2", 200),
    ];
    assert_eq!(sorted, expected);
}

#[test]
fn an_opened_group_shows_its_worst_members_and_how_many_more_there_are() {
    let graph = farm();
    let by = [GroupBy::Class, GroupBy::Site];
    let (_, closed) = drawn(&graph, &["switch"], &options(&by, 60, &[]));
    let (_, opened) = drawn(&graph, &["switch"], &options(&by, 60, &["2/VirtualMachine/AMS1", "no such"]));
    let group = opened.figure("2/VirtualMachine/AMS1").unwrap();
    assert!(group.open && group.members.len() == 200);
    let rest = opened.figure("rest:2/VirtualMachine/AMS1").unwrap();
    assert_eq!((rest.kind, rest.tally.total()), (FigureKind::Rest, 180));
    assert_eq!(opened.figures.len(), closed.figures.len() + OPENED_MAX + 1);
    for figure in &closed.figures {
        let now = opened.figure(&figure.id).unwrap();
        assert_eq!(now.area.x, figure.area.x);
        if figure.column != group.column {
            assert_eq!(now.area, figure.area, "{} stays where it was", figure.id);
        }
    }
}

#[test]
fn a_long_chain_is_folded_and_says_how_far_it_goes() {
    let graph = Estate::numbered(200, (1..200).map(|n| (n, n - 1))).build();
    let (_, drawing) = drawn(&graph, &["n0"], &options(BY_CLASS, 60, &[]));
    assert_eq!(drawing.columns.len(), COLUMNS_MAX as usize);
    assert_eq!(drawing.columns.last().unwrap().steps, (9, 199));
    assert!(drawing.figures.len() <= 60);
    let (_, drawing) = drawn(&graph, &["n0"], &options(&[], 12, &[]));
    assert!(drawing.figures.len() <= 12);
}

#[test]
fn classes_share_a_column_where_columns_are_tiers() {
    let graph = Estate::parse(
        "san: StorageArray
         esx: Hypervisor
         vm1: VirtualMachine
         vm2: VirtualMachine
         vm3: VirtualMachine
         esx -> san
         vm1 -> esx
         vm2 -> esx
         vm3 -> san",
    )
    .build();
    let tiers = Options { columns: Columns::Tiers, ..options(BY_CLASS, 60, &[]) };
    let (_, drawing) = drawn(&graph, &["san"], &tiers);
    let classes: Vec<Vec<&str>> =
        drawing.columns.iter().map(|c| c.classes.iter().map(|c| c.as_str()).collect()).collect();
    assert_eq!(classes, [vec!["StorageArray"], vec!["Hypervisor"], vec!["VirtualMachine"]]);
}

#[test]
fn services_claim_what_they_stand_on_the_most_critical_first() {
    let mut estate = Estate::parse(
        "pay: BusinessService
         news: BusinessService
         pay -> db
         news -> db
         news -> cms
         db -> san
         cms -> san",
    );
    estate = estate.item_attribute("pay", "criticality", Value::Integer(1));
    estate = estate.item_attribute("news", "criticality", Value::Integer(3));
    let graph = estate.build();
    let (subject, _) = drawn(&graph, &["san"], &options(BY_CLASS, 60, &[]));
    let values = keys::values(graph.view(), &subject, GroupBy::Service).unwrap();
    let of = |item: &str| values.text(subject.index_of(graph.dense(item)).unwrap() as usize).as_str();
    assert_eq!((of("db"), of("cms"), of("san"), of("news")), ("pay", "news", "pay", "news"));
}

#[test]
fn a_machine_is_where_its_rack_is() {
    let mut estate = Estate::parse(
        "fra: Site
         room: Room
         rack: Rack
         esx: Hypervisor
         vm: VirtualMachine
         app: Application
         rack -> room type=located_in
         room -> fra type=located_in
         esx -> rack type=located_in
         vm -> esx type=runs_on
         app -> vm",
    );
    estate = estate.item("lonely", "Server").edge("lonely", "fra");
    let graph = estate.build();
    let (subject, _) = drawn(&graph, &["fra"], &options(BY_CLASS, 60, &[]));
    let values = keys::values(graph.view(), &subject, GroupBy::Site).unwrap();
    let of = |item: &str| values.text(subject.index_of(graph.dense(item)).unwrap() as usize).as_str();
    assert_eq!((of("vm"), of("rack"), of("fra")), ("fra", "fra", "fra"));
    assert_eq!((of("app"), of("lonely")), ("", ""), "what nothing is said of stands nowhere");
}

fn random_estate(random: &mut Random) -> Estate {
    let classes = ["Server", "Database", "Application", "BusinessService", "Switch"];
    let nodes = 2 + random.below(120);
    let edges: Vec<(u32, u32)> = (0..random.below(300))
        .map(|_| (random.below(nodes), random.below(nodes)))
        .filter(|(a, b)| a != b)
        .collect();
    let mut edges = edges;
    edges.sort_unstable();
    edges.dedup();
    let mut estate = Estate::numbered(nodes, edges);
    for n in 0..nodes {
        let name = format!("n{n}");
        estate = estate.item(&name, classes[random.below(5) as usize]);
        if random.once_in(3) {
            let site = format!("S{}", random.below(4));
            estate = estate.item_attribute(&name, "location", Value::text(&site));
        }
    }
    estate
}

/// Relationships between members, counted without any of the machinery.
fn relationships(graph: &TestGraph, subject: &Subject) -> u64 {
    let row = |m: &Member| {
        let row = graph.snapshot.dependencies().row(m.item);
        let counted = row.entries().filter(|e| e.kind & flag::SHADOW == 0);
        counted.filter(|e| subject.members.iter().any(|o| o.item == e.other())).count() as u64
    };
    subject.members.iter().map(row).sum()
}

#[test]
fn nothing_is_lost_and_nothing_overlaps_whatever_the_estate() {
    let mut random = Random(11);
    for round in 0..300 {
        let graph = random_estate(&mut random).build();
        let by = [GroupBy::Class, GroupBy::Site, GroupBy::Service];
        let max = BOXES_MIN + random.below(60) as usize;
        let mut asked = options(&by[..random.below(4) as usize], max, &[]);
        asked.columns = if random.once_in(2) { Columns::Tiers } else { Columns::Rings };
        let (subject, closed) = drawn(&graph, &["n0"], &asked);
        let ids: Vec<&str> =
            closed.figures.iter().map(|f| f.id.as_str()).filter(|_| random.once_in(4)).collect();
        for asked in [asked.clone(), Options { open: &ids, ..asked }] {
            let (_, drawing) = drawn(&graph, &["n0"], &asked);
            check(&graph, &subject, &drawing, round);
            let opened: usize =
                drawing.figures.iter().filter(|f| f.open).map(|f| f.members.len().min(21)).sum();
            assert!(drawing.figures.len() <= max + opened, "round {round}");
        }
    }
}

fn check(graph: &TestGraph, subject: &Subject, drawing: &Drawing, round: usize) {
    let shut = || drawing.figures.iter().filter(|f| !f.open);
    let mut members: Vec<u32> = shut().flat_map(|f| f.members.clone()).collect();
    members.sort_unstable();
    assert_eq!(members, (0..subject.members.len() as u32).collect::<Vec<_>>(), "round {round}: each once");
    let counted: u32 = shut().map(|f| f.tally.total()).sum();
    assert_eq!(counted as usize, subject.members.len());
    let inner: u64 = drawing.figures.iter().map(|f| f.inner).sum();
    let links: u64 = drawing.links.iter().map(|l| l.relationships).sum();
    assert_eq!(inner + links + drawing.hidden_relationships, relationships(graph, subject), "round {round}");
    for pair in drawing.figures.windows(2).filter(|p| p[0].column == p[1].column) {
        let end = pair[0].area.y + pair[0].area.height;
        assert!(pair[1].area.y >= end, "round {round}: {} and {} overlap", pair[0].id, pair[1].id);
    }
    for figure in &drawing.figures {
        let area = figure.area;
        assert!(
            area.x >= 0.0 && area.x + area.width <= drawing.width && area.y + area.height <= drawing.height
        );
    }
}

#[test]
fn a_drawing_does_not_depend_on_how_items_are_numbered() {
    let mut random = Random(5);
    for round in 0..60 {
        let estate = || random_estate(&mut Random(round));
        let (whole, edited) = (estate().build(), estate().build_by_edits());
        let by = [GroupBy::Class, GroupBy::Site];
        let asked = options(&by, BOXES_MIN + random.below(80) as usize, &[]);
        let looks = |graph: &TestGraph| {
            let (_, drawing) = drawn(graph, &["n0"], &asked);
            let links: Vec<_> = drawing.links.iter().map(|l| (l.from, l.to, l.path.clone())).collect();
            (drawing.figures.iter().map(|f| (f.id.clone(), f.area)).collect::<Vec<_>>(), links)
        };
        assert_eq!(looks(&whole), looks(&edited), "round {round}");
    }
}
