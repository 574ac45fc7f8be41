//! Promise: all collisions of 2,000 changes over 90 days on 100,000 CIs in at most 10 s on two cores, joint cuts
//! included, beside the naive pairwise method, which sees none of those, and the naive method that evaluates
//! everything that runs at every instant, which sees that something is wrong and not whose fault it is.

use cmdb_benches::estate::{Estate, Random, class};
use cmdb_benches::inventory::Inventory;
use cmdb_benches::{SEED, nodes};
use cmdb_core::analysis::collision::{Activity, Calendar, CollisionKind, Doing, Span, collisions};
use cmdb_core::analysis::impact::{Question, Root, Scratch, State, impact};
use cmdb_core::graph::View;
use criterion::{Criterion, criterion_group, criterion_main};
use rayon::prelude::*;
use std::collections::BTreeSet;

const CHANGES: usize = 2_000;
const DAYS: i64 = 90;
const HOUR_MS: i64 = 3_600_000;

/// What changes usually touch, most often first.
const TOUCHED: &[u8] = &[
    class::VM,
    class::APP_INSTANCE,
    class::CONTAINER,
    class::HYPERVISOR,
    class::DATABASE,
    class::HOST,
    class::LOAD_BALANCER,
    class::QUEUE,
    class::NETWORK_SWITCH,
    class::STORAGE_VOLUME,
];

/// Changes of one to five items; two thirds at night, a third of those at weekends, as calendars are.
fn changes(estate: &Estate, inventory: &Inventory) -> Vec<Activity> {
    let mut random = Random::new(SEED);
    let pools: Vec<Vec<u32>> = TOUCHED.iter().map(|class| estate.of_class(*class)).collect();
    let mut draw = |n: u32| random.below(n);
    (0..CHANGES)
        .map(|_| {
            let day = match draw(3) {
                0 => i64::from(draw(DAYS as u32 / 7)) * 7 + 5,
                _ => i64::from(draw(DAYS as u32)),
            };
            let hour = if draw(3) < 2 { 22 + i64::from(draw(4)) } else { i64::from(draw(24)) };
            let start_ms = (day * 24 + hour) * HOUR_MS + i64::from(draw(4)) * HOUR_MS / 4;
            let span = Span { start_ms, end_ms: start_ms + HOUR_MS / 2 * (1 + i64::from(draw(8))) };
            let pool = &pools[(draw(10).min(draw(10))) as usize];
            let roots = (0..=draw(5))
                .map(|_| {
                    let item = inventory.dense(pool[draw(pool.len() as u32) as usize]);
                    Root { item, state: State::Down }
                })
                .collect();
            Activity {
                doing: Doing::Change,
                span,
                planned: span,
                roots,
                claims: Vec::new(),
                after: Vec::new(),
            }
        })
        .collect()
}

/// The same calendar, where every other change leaves up what it touches unless it fails.
fn half_edited(activities: &[Activity]) -> Vec<Activity> {
    let up = |root: &Root| Root { item: root.item, state: State::Up };
    let one = |(at, activity): (usize, &Activity)| match at % 2 {
        0 => activity.clone(),
        _ => Activity { roots: activity.roots.iter().map(up).collect(), ..activity.clone() },
    };
    activities.iter().enumerate().map(one).collect()
}

/// What other tools do: same item, or one in the other's radius, pair by pair; each radius computed once.
fn pairwise(view: View<'_>, activities: &[Activity]) -> usize {
    let radius: Vec<BTreeSet<u32>> = activities
        .par_iter()
        .map_init(Scratch::default, |scratch, activity| {
            let answer = impact(view, &Question::new(&activity.roots), scratch);
            let waves = answer.affected_waves().filter(|w| w.state >= State::Degraded);
            waves.flat_map(|wave| answer.items(wave).iter().copied()).collect()
        })
        .collect();
    let touches = |a: usize, b: usize| activities[b].roots.iter().any(|root| radius[a].contains(&root.item));
    (0..activities.len())
        .into_par_iter()
        .map(|a| {
            let later = a + 1..activities.len();
            later
                .filter(|b| activities[a].span.meets(&activities[*b].span))
                .filter(|b| touches(a, *b) || touches(*b, a))
                .count()
        })
        .sum()
}

/// Everything that runs at each instant at which that differs: how many services are worse than any change alone
/// makes them.
fn all_instants(view: View<'_>, activities: &[Activity], stakes: &[u32]) -> usize {
    let states = |roots: &[Root], scratch: &mut Scratch| {
        let answer = impact(view, &Question::new(roots), scratch);
        let mut states = vec![State::Up; stakes.len()];
        for wave in answer.affected_waves() {
            for item in answer.items(wave) {
                if let Ok(at) = stakes.binary_search(item) {
                    states[at] = wave.state;
                }
            }
        }
        scratch.recycle(answer);
        states
    };
    let instants: BTreeSet<i64> = activities.iter().flat_map(|a| [a.span.start_ms, a.span.end_ms]).collect();
    let instants: Vec<i64> = instants.into_iter().collect();
    instants
        .into_par_iter()
        .map_init(Scratch::default, |scratch, now| {
            let runs = |a: &&Activity| a.span.start_ms <= now && now < a.span.end_ms;
            let running: Vec<&Activity> = activities.iter().filter(runs).collect();
            let all: Vec<Root> = running.iter().flat_map(|a| a.roots.iter().copied()).collect();
            let together = states(&all, scratch);
            let mut alone = vec![State::Up; stakes.len()];
            for activity in running {
                let one = states(&activity.roots, scratch);
                alone.iter_mut().zip(one).for_each(|(worst, state)| *worst = state.max(*worst));
            }
            together.iter().zip(&alone).filter(|(joint, alone)| joint > alone).count()
        })
        .sum()
}

#[allow(clippy::print_stdout, reason = "the counts say what was measured")]
fn calendar_of_a_quarter(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let inventory = Inventory::new(&estate, true).expect("the estate is legal");
    let view = View::full(&inventory.snapshot);
    // The estate has a class of its own for business services.
    let services = estate.of_class(class::BUSINESS_SERVICE);
    let mut stakes: Vec<u32> = services.into_iter().map(|id| inventory.dense(id)).collect();
    stakes.sort_unstable();
    let activities = changes(&estate, &inventory);
    let calendar = Calendar { activities: &activities, periods: &[], stakes: &stakes };
    let report = collisions(view, calendar);
    let count = |kind| report.collisions.iter().filter(|c| c.kind == kind).count();
    println!(
        "{} changes, {} services: {} joint cuts, {} joint margins, {} in a radius, {} on the same item; complete: {}",
        activities.len(),
        stakes.len(),
        count(CollisionKind::JointCut),
        count(CollisionKind::JointMargin),
        count(CollisionKind::Radius),
        count(CollisionKind::SameItem),
        report.complete
    );
    let mut group =
        c.benchmark_group(format!("collisions of {CHANGES} changes in {DAYS} days, {} CIs", estate.nodes()));
    group.sample_size(10);
    group.bench_function("baseline: pairs by item and radius", |b| b.iter(|| pairwise(view, &activities)));
    group.bench_function("baseline: everything at every instant, no culprits", |b| {
        b.iter(|| all_instants(view, &activities, &stakes));
    });
    group.bench_function("cmdb: all collisions with minimal sets", |b| {
        b.iter(|| collisions(view, calendar).collisions.len());
    });
    let edited = half_edited(&activities);
    let calendar = Calendar { activities: &edited, ..calendar };
    let failures = collisions(view, calendar);
    let joint = failures.collisions.iter().filter(|c| c.kind == CollisionKind::JointFailure).count();
    println!(
        "half of the changes only edit: {joint} pairs dangerous if they fail; complete: {}",
        failures.complete
    );
    group.bench_function("cmdb: the same, half of the changes only edit", |b| {
        b.iter(|| collisions(view, calendar).collisions.len());
    });
    group.finish();
}

criterion_group!(benches, calendar_of_a_quarter);
criterion_main!(benches);
