//! The shop of two hosts, corners, and a brute-force evaluator over random estates and calendars.

use super::*;
use crate::analysis::impact::Scratch;
use crate::analysis::impact::tests::oracle::{Asked, Group, How, Link, Needs, Oracle, Shape};
use crate::analysis::impact::tests::shapes::{build, random_roots, random_shape};
use crate::analysis::testing::{Estate, Random, TestGraph};
use crate::graph::Records;
use std::collections::BTreeMap;

const SHOP: &str = "Shop: BusinessService
    Shop -> web1 group=web needs=1
    Shop -> web2 group=web
    Shop -> app1 group=app needs=2
    Shop -> app2 group=app
    Shop -> app3 group=app
    web1 -> esx1
    app1 -> esx1
    web2 -> esx2
    app2 -> esx2
    app3 -> esx2";

fn minutes(start: i64, end: i64) -> Span {
    Span { start_ms: start * 60_000, end_ms: end * 60_000 }
}

fn change(graph: &TestGraph, items: &[&str], span: Span) -> Activity {
    let root = |name: &&str| Root { item: graph.dense(name), state: State::Down };
    let roots = items.iter().map(root).collect();
    Activity { doing: Doing::Change, span, planned: span, roots, claims: Vec::new(), after: Vec::new() }
}

fn report(graph: &TestGraph, activities: &[Activity], periods: &[Period]) -> Report {
    let stakes = stakes(graph.view());
    collisions(graph.view(), Calendar { activities, periods, stakes: &stakes })
}

/// One line a collision: kind, activities, services with states.
fn told(graph: &TestGraph, report: &Report) -> Vec<String> {
    let service = |s: &(u32, State)| format!("{} {}", graph.name(s.0), s.1.word());
    let line = |c: &Collision| {
        format!(
            "{} {:?} {}",
            c.kind.word(),
            c.activities,
            c.services.iter().map(service).collect::<Vec<_>>().join(", ")
        )
    };
    report.collisions.iter().map(line).collect()
}

#[test]
fn two_harmless_changes_take_the_shop_down_only_while_they_run_together() {
    let graph = Estate::parse(SHOP).build();
    let esx1 = change(&graph, &["esx1"], minutes(0, 60));
    let together = [esx1.clone(), change(&graph, &["app2"], minutes(30, 90))];
    let found = report(&graph, &together, &[]);
    assert_eq!(told(&graph, &found), ["joint_cut [0, 1] Shop down"]);
    assert_eq!(found.collisions[0].span, minutes(30, 60));
    let apart = [esx1, change(&graph, &["app2"], minutes(60, 90))];
    assert!(report(&graph, &apart, &[]).collisions.is_empty());
}

#[test]
fn the_reason_names_the_gate_and_what_each_change_takes_of_it() {
    let graph = Estate::parse(SHOP).build();
    let both = [change(&graph, &["esx1"], minutes(0, 60)), change(&graph, &["app2"], minutes(30, 90))];
    let shop = graph.dense("Shop");
    let why = reason(graph.view(), &both, &[0, 1], shop, &mut Scratch::default()).unwrap().unwrap();
    assert_eq!((graph.name(why.item), why.gate.group.as_str()), ("Shop", "app"));
    assert_eq!((why.gate.needed, why.gate.left, why.gate.of), (2000, 1000, 3000));
    let taken: Vec<_> =
        why.taken.iter().map(|t| (t.activity, graph.name(t.member), graph.name(t.by))).collect();
    assert_eq!(taken, [(0, "app1", "esx1"), (1, "app2", "app2")]);
}

#[test]
fn an_open_outage_counts_as_something_that_runs() {
    let graph = Estate::parse(SHOP).build();
    let broken = change(&graph, &["app3"], Span { start_ms: i64::MIN, end_ms: i64::MAX });
    let outage = Activity { doing: Doing::Outage, ..broken };
    let esx1 = change(&graph, &["esx1"], minutes(0, 60));
    assert_eq!(told(&graph, &report(&graph, &[outage.clone(), esx1], &[])), ["joint_cut [0, 1] Shop down"]);
    let another = Activity { doing: Doing::Outage, ..change(&graph, &["app1"], minutes(0, 60)) };
    assert!(report(&graph, &[outage, another], &[]).collisions.is_empty(), "nobody plans an outage");
}

#[test]
fn three_changes_of_which_every_two_are_harmless() {
    let graph = Estate::parse(
        "Shop: BusinessService
         Shop -> a group=g needs=2
         Shop -> b group=g
         Shop -> c group=g
         Shop -> d group=g",
    )
    .build();
    let all: Vec<Activity> = ["a", "b", "c"].map(|n| change(&graph, &[n], minutes(0, 9))).into();
    let expected = [
        "joint_cut [0, 1, 2] Shop down",
        "joint_margin [0, 1] Shop at_risk",
        "joint_margin [0, 2] Shop at_risk",
        "joint_margin [1, 2] Shop at_risk",
    ];
    assert_eq!(told(&graph, &report(&graph, &all, &[])), expected);
}

#[test]
fn direct_collisions_name_items_people_and_orders() {
    let graph = Estate::parse(SHOP).build();
    let mut all = [
        change(&graph, &["esx2"], minutes(0, 60)),
        change(&graph, &["app2"], minutes(30, 90)),
        change(&graph, &["app2"], minutes(80, 99)),
    ];
    all[0].claims = vec!["Ada".into()];
    all[1].claims = vec!["Ada".into()];
    all[1].after = vec![0];
    let found = report(&graph, &all, &[]);
    let expected = [
        "radius [0, 1] Shop down",
        "order [0, 1] Shop down",
        "same_person [0, 1] Shop down",
        "same_item [1, 2] Shop at_risk",
    ];
    assert_eq!(told(&graph, &found), expected);
    assert_eq!(found.collisions[0].items, [(graph.dense("app2"), State::Down)]);
}

#[test]
fn freezes_protect_what_is_hit_and_windows_hold_whole_changes() {
    let graph = Estate::parse(SHOP).build();
    let all = [change(&graph, &["esx2"], minutes(30, 60))];
    let period = |kind, span, scope: &str| Period {
        kind,
        spans: vec![span],
        scope: vec![graph.dense(scope)],
        excepted: Vec::new(),
    };
    let freeze = period(PeriodKind::Freeze, minutes(50, 99), "Shop");
    assert_eq!(told(&graph, &report(&graph, &all, std::slice::from_ref(&freeze))), ["freeze [0] Shop down"]);
    let excepted = Period { excepted: vec![0], ..freeze };
    assert!(report(&graph, &all, &[excepted]).collisions.is_empty());
    assert!(
        report(&graph, &all, &[period(PeriodKind::Freeze, minutes(60, 99), "Shop")]).collisions.is_empty()
    );
    let window = |start, end, scope| period(PeriodKind::Maintenance, minutes(start, end), scope);
    assert_eq!(
        told(&graph, &report(&graph, &all, &[window(0, 50, "esx2")])),
        ["outside_window [0] Shop down"]
    );
    assert_eq!(
        told(&graph, &report(&graph, &all, &[window(0, 50, "Shop")])),
        ["outside_window [0] Shop down"]
    );
    let one_of_two = [window(0, 50, "Shop"), window(30, 60, "Shop")];
    assert!(report(&graph, &all, &one_of_two).collisions.is_empty());
}

#[test]
fn a_patch_night_of_thirty_hosts_ends_and_says_that_it_did_not_list_every_set() {
    let mut text = "Shop: BusinessService\n".to_owned();
    for n in 0..30 {
        text += &format!("Shop -> h{n:02} group=g needs=50%\n");
    }
    let graph = Estate::parse(&text).build();
    let all: Vec<Activity> = (0..30).map(|n| change(&graph, &[&format!("h{n:02}")], minutes(0, 9))).collect();
    let found = report(&graph, &all, &[]);
    assert!(!found.complete);
    let cuts: Vec<&Collision> =
        found.collisions.iter().filter(|c| c.kind == CollisionKind::JointCut).collect();
    assert!(!cuts.is_empty() && cuts.iter().all(|c| c.activities.len() == 16), "needs 15 of 30");
}

const CASES: usize = 500;

/// Four times the same with other seeds, so that they run side by side.
#[test]
fn random_calendars_agree_with_brute_force_1() {
    random_calendars(11);
}
#[test]
fn random_calendars_agree_with_brute_force_2() {
    random_calendars(12);
}
#[test]
fn random_calendars_agree_with_brute_force_3() {
    random_calendars(13);
}
#[test]
fn random_calendars_agree_with_brute_force_4() {
    random_calendars(14);
}

/// What every set of activities that run together leaves a stake in, and no smaller part of it does.
type Blamed = BTreeMap<(Vec<usize>, usize), State>;

/// Whose doing, when, and what it forces.
type Acting = (Doing, Span, Vec<(usize, State)>);

struct Case {
    shape: Shape,
    activities: Vec<Acting>,
}

/// Two to six activities on an estate with more redundancy than most, or hardly anything would be joint.
fn random_case(random: &mut Random) -> Case {
    let mut shape = random_shape(random);
    let items = shape.hidden.len() as u32;
    for _ in 0..random.below(4) {
        let group = shape.groups.len();
        shape.groups.push(Group {
            dependent: random.below(items) as usize,
            needs: Needs::Count(1 + random.below(2)),
        });
        for _ in 0..2 + random.below(3) {
            let how = How::Member { group, halves: 2, standby: random.once_in(6) };
            let (dependent, dependency) = (shape.groups[group].dependent, random.below(items) as usize);
            shape.links.push(Link { dependent, dependency, kind: "depends_on", how, unsure: false });
        }
    }
    let activity = |_| {
        let start = i64::from(random.below(12));
        let span = minutes(start, start + 1 + i64::from(random.below(8)));
        let doing = if random.once_in(5) { Doing::Outage } else { Doing::Change };
        let mut roots = random_roots(random, &shape);
        if !random.once_in(3) {
            roots = vec![(roots[0].0, State::Down)];
        }
        (doing, span, roots)
    };
    let count = 2 + (shape.links.len() + shape.groups.len()) % 5;
    Case { activities: (0..count).map(activity).collect(), shape }
}

fn random_calendars(seed: u64) {
    let mut random = Random(seed);
    let mut joint_found = 0;
    for _ in 0..CASES {
        let case = random_case(&mut random);
        let expected = brute_force(&case);
        joint_found += expected.len();
        let found = engine(&case);
        assert_eq!(found, expected, "{:#?} {:?}", case.shape, case.activities);
    }
    assert!(joint_found > CASES / 8, "the cases are too tame to show anything: {joint_found}");
}

/// Tries every set at every instant, straight from the definition and with the naive evaluator of impact.
fn brute_force(case: &Case) -> Blamed {
    let n = case.activities.len();
    let states_of = |set: usize| {
        let roots = (0..n).filter(|a| set >> a & 1 != 0).flat_map(|a| case.activities[a].2.clone());
        let asked = Asked { roots: roots.collect(), ..Asked::default() };
        Oracle::new(&case.shape, &asked).states()
    };
    let states: Vec<Vec<State>> = (0..1 << n).map(states_of).collect();
    let runs_together = |set: usize| {
        (0..20).any(|minute| {
            let now = minutes(minute, minute + 1);
            (0..n).filter(|a| set >> a & 1 != 0).all(|a| case.activities[a].1.contains(&now))
        })
    };
    let mut blamed = Blamed::new();
    for set in (0..1usize << n).filter(|s| s.count_ones() > 1 && runs_together(*s)) {
        let members: Vec<usize> = (0..n).filter(|a| set >> a & 1 != 0).collect();
        if members.iter().all(|a| case.activities[*a].0 == Doing::Outage) {
            continue;
        }
        for (item, state) in states[set].iter().enumerate() {
            if members.iter().all(|a| states[set & !(1 << a)][item] < *state) {
                blamed.insert((members.clone(), item), *state);
            }
        }
    }
    blamed
}

fn engine(case: &Case) -> Blamed {
    engine_of(case, CollisionKind::is_joint)
}

fn engine_of(case: &Case, wanted: impl Fn(CollisionKind) -> bool) -> Blamed {
    let (items, links) = (case.shape.hidden.len(), case.shape.links.len());
    let built = build(&case.shape, &(0..items).collect::<Vec<_>>(), &(0..links).collect::<Vec<_>>(), true);
    let activity = |(doing, span, roots): &Acting| Activity {
        doing: *doing,
        span: *span,
        planned: *span,
        roots: roots.iter().map(|(item, state)| Root { item: built.dense[*item], state: *state }).collect(),
        claims: Vec::new(),
        after: Vec::new(),
    };
    let activities: Vec<Activity> = case.activities.iter().map(activity).collect();
    let calendar = Calendar { activities: &activities, periods: &[], stakes: &built.dense };
    let report = collisions(built.graph.view(), calendar);
    assert!(report.complete);
    let joint = report.collisions.into_iter().filter(|c| wanted(c.kind));
    let mut blamed = Blamed::new();
    for collision in joint {
        for (item, state) in collision.services {
            let before = blamed.insert((collision.activities.clone(), built.of_dense(item)), state);
            assert!(before.is_none(), "found twice");
        }
    }
    blamed
}

#[test]
fn two_edits_that_fail_together_take_the_shop_down_and_one_beside_planned_work_does() {
    let graph = Estate::parse(SHOP).build();
    let edited = |name: &str, span| {
        let mut activity = change(&graph, &[name], span);
        activity.roots[0].state = State::Up;
        activity
    };
    let both = [edited("esx1", minutes(0, 60)), edited("app2", minutes(30, 90))];
    assert_eq!(told(&graph, &report(&graph, &both, &[])), ["joint_failure [0, 1] Shop down"]);
    let one = [change(&graph, &["esx1"], minutes(0, 60)), edited("app2", minutes(30, 90))];
    assert_eq!(told(&graph, &report(&graph, &one, &[])), ["joint_failure [0, 1] Shop down"]);
    let apart = [edited("esx1", minutes(0, 30)), edited("app2", minutes(30, 90))];
    assert!(report(&graph, &apart, &[]).collisions.is_empty());
    // What fails by itself as badly, or is planned to be as bad, is nothing that the two do together.
    let alone = [edited("esx2", minutes(0, 60)), edited("app1", minutes(30, 90))];
    assert!(report(&graph, &alone, &[]).collisions.is_empty());
    let planned = [change(&graph, &["esx1"], minutes(0, 60)), change(&graph, &["app2"], minutes(30, 90))];
    assert_eq!(told(&graph, &report(&graph, &planned, &[])), ["joint_cut [0, 1] Shop down"]);
}

#[test]
fn pairs_that_fail_agree_with_brute_force() {
    let mut random = Random(15);
    let mut found_any = 0;
    for _ in 0..CASES {
        let case = random_case(&mut random);
        let expected = failing_pairs(&case);
        found_any += expected.len();
        assert_eq!(engine_of(&case, |kind| kind == CollisionKind::JointFailure), expected);
    }
    assert!(found_any > CASES / 20, "the cases are too tame to show anything: {found_any}");
}

/// Every overlapping pair of which one may fail worse than planned, straight from the definition.
fn failing_pairs(case: &Case) -> Blamed {
    let states = |set: &[usize], fails: bool| {
        let roots = set.iter().flat_map(|a| {
            let (doing, _, roots) = &case.activities[*a];
            let down = fails && *doing == Doing::Change;
            roots.iter().map(move |(item, state)| (*item, if down { State::Down } else { *state }))
        });
        let asked = Asked { roots: roots.collect(), ..Asked::default() };
        Oracle::new(&case.shape, &asked).states()
    };
    let may_fail = |a: usize| {
        let (doing, _, roots) = &case.activities[a];
        *doing == Doing::Change && roots.iter().any(|(_, state)| *state != State::Down)
    };
    let mut blamed = Blamed::new();
    for a in 0..case.activities.len() {
        for b in a + 1..case.activities.len() {
            if !case.activities[a].1.meets(&case.activities[b].1) || !(may_fail(a) || may_fail(b)) {
                continue;
            }
            let (joint, planned) = (states(&[a, b], true), states(&[a, b], false));
            let (alone_a, alone_b) = (states(&[a], true), states(&[b], true));
            for (item, state) in joint.iter().enumerate() {
                let milder = alone_a[item].max(alone_b[item]).max(planned[item]);
                if *state >= State::Degraded && *state > milder {
                    blamed.insert((vec![a, b], item), *state);
                }
            }
        }
    }
    blamed
}

#[test]
fn without_business_services_the_tops_of_the_graph_are_at_stake() {
    let graph = Estate::parse("a -> b\nc -> b\nb -> d\nlonely: Server").build();
    assert_eq!(graph.names(&stakes(graph.view())).len(), 2);
    assert!(graph.snapshot.named("lonely", 1).len() == 1);
}

#[test]
fn the_picture_shows_what_runs_together_and_what_it_does() {
    let graph = Estate::parse(SHOP).build();
    let all = [change(&graph, &["esx1"], minutes(0, 60)), change(&graph, &["app2"], minutes(30, 90))];
    let stakes = stakes(graph.view());
    let calendar = Calendar { activities: &all, periods: &[], stakes: &stakes };
    let shop = graph.dense("Shop");
    let told: Vec<_> = picture(graph.view(), calendar, minutes(10, 99))
        .into_iter()
        .map(|m| (m.span, m.running, m.stakes))
        .collect();
    let expected = [
        (minutes(10, 30), vec![0], vec![(shop, State::AtRisk)]),
        (minutes(30, 60), vec![0, 1], vec![(shop, State::Down)]),
        (minutes(60, 90), vec![1], vec![(shop, State::AtRisk)]),
    ];
    assert_eq!(told, expected);
}
