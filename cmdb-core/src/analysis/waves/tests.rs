//! Rolling work over a cluster, orders, and a brute-force planner over random estates.

use super::*;
use crate::analysis::collision::stakes;
use crate::analysis::impact::tests::oracle::{Asked, Oracle, Shape};
use crate::analysis::impact::tests::shapes::{build, random_roots, random_shape};
use crate::analysis::testing::{Estate, Random, TestGraph};

fn task(graph: &TestGraph, item: &str, after: &[usize]) -> Task {
    Task { roots: vec![Root { item: graph.dense(item), state: State::Down }], after: after.to_vec() }
}

fn plan_all(graph: &TestGraph, tasks: &[Task], held: &[Root]) -> Plan {
    let stakes = stakes(graph.view());
    plan(graph.view(), Batch { tasks, held, stakes: &stakes, worst: State::Degraded, wave_max: usize::MAX })
}

fn cluster(members: usize, needs: &str) -> TestGraph {
    let mut text = "Shop: BusinessService\n".to_owned();
    for n in 0..members {
        text += &format!("Shop -> h{n:03} group=g needs={needs}\n");
    }
    Estate::parse(&text).build()
}

#[test]
fn a_cluster_is_patched_in_halves_and_the_plan_says_why() {
    let graph = cluster(4, "2");
    let tasks: Vec<Task> = (0..4).map(|n| task(&graph, &format!("h{n:03}"), &[])).collect();
    let plan = plan_all(&graph, &tasks, &[]);
    assert!(plan.exact);
    assert_eq!(plan.waves.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    let shop = graph.dense("Shop");
    assert!(plan.residual.iter().all(|r| r == &[(shop, State::AtRisk)]));
    assert!(
        plan.waits.iter().all(|w| w.with.len() == 2 && w.services == [(shop, State::Down)]),
        "{:?}",
        plan.waits
    );
    let broken = [Root { item: graph.dense("h000"), state: State::Down }];
    assert_eq!(plan_all(&graph, &tasks[1..], &broken).waves.len(), 3, "one is down already");
}

#[test]
fn two_hundred_hosts_in_waves() {
    let graph = cluster(200, "75%");
    let tasks: Vec<Task> = (0..200).map(|n| task(&graph, &format!("h{n:03}"), &[])).collect();
    let plan = plan_all(&graph, &tasks, &[]);
    assert!(!plan.exact);
    assert_eq!(plan.waves.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 50, 50]);
}

#[test]
fn what_cannot_be_done_safely_is_named_with_its_reason() {
    let graph =
        Estate::parse("Shop: BusinessService\nShop -> db\nShop -> a group=g\nShop -> b group=g").build();
    let tasks = [
        task(&graph, "db", &[]),
        task(&graph, "a", &[0]),
        task(&graph, "b", &[]),
        task(&graph, "b", &[4]),
        task(&graph, "b", &[3]),
    ];
    let plan = plan_all(&graph, &tasks, &[]);
    let shop = graph.dense("Shop");
    let expected = [
        (0, Why::Alone(vec![(shop, State::Down)])),
        (1, Why::Follows(0)),
        (3, Why::Circle(vec![3, 4])),
        (4, Why::Circle(vec![3, 4])),
    ];
    assert_eq!(plan.impossible, expected);
    assert_eq!(plan.waves, [[2]]);
}

#[test]
fn random_batches_have_as_few_waves_as_brute_force_finds() {
    let mut random = Random(77);
    for _ in 0..400 {
        let shape = random_shape(&mut random);
        let count = 1 + random.below(5) as usize;
        let roots: Vec<Vec<(usize, State)>> = (0..count).map(|_| random_roots(&mut random, &shape)).collect();
        let after: Vec<Vec<usize>> =
            (0..count).map(|at| (0..at).filter(|_| random.once_in(4)).collect()).collect();
        let held = if random.once_in(2) { random_roots(&mut random, &shape) } else { Vec::new() };
        check(&shape, &roots, &after, &held);
    }
}

fn check(shape: &Shape, roots: &[Vec<(usize, State)>], after: &[Vec<usize>], held: &[(usize, State)]) {
    let order: Vec<usize> = (0..shape.hidden.len()).collect();
    let links: Vec<usize> = (0..shape.links.len()).collect();
    let built = build(shape, &order, &links, true);
    let real = |roots: &[(usize, State)]| -> Vec<Root> {
        roots.iter().map(|(item, state)| Root { item: built.dense[*item], state: *state }).collect()
    };
    let tasks: Vec<Task> =
        roots.iter().zip(after).map(|(r, a)| Task { roots: real(r), after: a.clone() }).collect();
    let held_roots = real(held);
    let batch = Batch {
        tasks: &tasks,
        held: &held_roots,
        stakes: &built.dense,
        worst: State::Degraded,
        wave_max: usize::MAX,
    };
    let found = plan(built.graph.view(), batch);
    let states = |set: &[usize]| {
        let all = set.iter().flat_map(|t| roots[*t].iter()).chain(held).copied().collect();
        Oracle::new(shape, &Asked { roots: all, ..Asked::default() }).states()
    };
    let base = states(&[]);
    let safe = |set: &[usize]| {
        states(set).iter().zip(&base).all(|(state, base)| *state < State::Degraded || state <= base)
    };
    let alone: Vec<bool> = (0..tasks.len()).map(|t| safe(&[t])).collect();
    let mut possible = alone.clone();
    for task in 0..tasks.len() {
        possible[task] &= after[task].iter().all(|before| possible[*before]);
    }
    let out: Vec<usize> = found.impossible.iter().map(|(task, _)| *task).collect();
    assert_eq!(out, (0..tasks.len()).filter(|t| !possible[*t]).collect::<Vec<_>>(), "{shape:#?} {roots:?}");
    let mut done: Vec<usize> = Vec::new();
    for wave in &found.waves {
        assert!(safe(wave), "an unsafe wave: {wave:?} {shape:#?} {roots:?}");
        assert!(wave.iter().all(|t| after[*t].iter().all(|before| done.contains(before))));
        done.extend(wave);
    }
    let wanted: Vec<usize> = (0..tasks.len()).filter(|t| possible[*t]).collect();
    done.sort_unstable();
    assert_eq!(done, wanted);
    assert_eq!(found.waves.len(), fewest(&wanted, after, &safe), "{shape:#?} {roots:?}");
    first_fit_is_safe(&built.graph, batch, &wanted, after, &safe);
}

/// First fit may take more waves and must be as safe.
fn first_fit_is_safe(
    graph: &TestGraph,
    batch: Batch<'_>,
    wanted: &[usize],
    after: &[Vec<usize>],
    safe: &dyn Fn(&[usize]) -> bool,
) {
    let activities = activities(&batch);
    let calendar = Calendar { activities: &activities, periods: &[], stakes: batch.stakes };
    let ground = Ground::new(graph.view(), calendar);
    let held = if batch.held.is_empty() { Vec::new() } else { ground.alone(batch.tasks.len()).to_vec() };
    let mut planning = Planning { view: graph.view(), batch, held, joint: Joint::new(&ground) };
    let mut done: Vec<usize> = Vec::new();
    for wave in planning.first_fit(wanted) {
        assert!(safe(&wave));
        assert!(wave.iter().all(|t| after[*t].iter().all(|before| done.contains(before))));
        done.extend(&wave);
    }
    assert_eq!(done.len(), wanted.len());
}

/// Tries every assignment of tasks to waves.
fn fewest(tasks: &[usize], after: &[Vec<usize>], safe: &dyn Fn(&[usize]) -> bool) -> usize {
    let n = tasks.len();
    (0..=n)
        .find(|waves| {
            (0..waves.pow(n as u32)).any(|code| {
                let wave_of = |at: usize| code / waves.pow(at as u32) % waves;
                let place = |task: usize| tasks.iter().position(|t| *t == task);
                let in_order = (0..n).all(|at| {
                    after[tasks[at]].iter().filter_map(|b| place(*b)).all(|b| wave_of(b) < wave_of(at))
                });
                in_order
                    && (0..*waves).all(|wave| {
                        let members: Vec<usize> =
                            (0..n).filter(|at| wave_of(*at) == wave).map(|at| tasks[at]).collect();
                        safe(&members)
                    })
            })
        })
        .unwrap_or(n)
}
