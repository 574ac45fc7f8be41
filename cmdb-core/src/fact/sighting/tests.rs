//! The sets against a plain map from number to run.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

struct Random(u64);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32) % n
    }
}

fn set(random: &mut Random, most: u32) -> BTreeSet<u32> {
    match random.below(3) {
        // A feed that goes on where it was, one that lost some, one of a few.
        0 => (0..random.below(most) + 1).collect(),
        1 => (0..most).filter(|_| random.below(4) > 0).collect(),
        _ => (0..random.below(6)).map(|_| random.below(most) * 70_001 % 200_000).collect(),
    }
}

fn run(number: u64, at_ms: i64, items: &BTreeSet<u32>, relationships: &BTreeSet<u32>) -> Sighting {
    Sighting {
        import: format!("imp-{number}").into(),
        at_ms,
        until_ms: at_ms,
        position: Position(number * 2),
        items: items.iter().copied().collect(),
        relationships: relationships.iter().copied().collect(),
    }
}

/// The naive answer: (time, run) of the newest run by number.
type Oracle = BTreeMap<u32, (i64, u64)>;

fn check(sightings: &Sightings, items: &Oracle, relationships: &Oracle, exact: bool) {
    assert!(sightings.runs.len() <= RUNS_MAX);
    let newest = sightings.runs.last().map_or(0, |run| run.until_ms);
    let told = |found: Option<&Sighting>, number: u32, oracle: &Oracle| match (found, oracle.get(&number)) {
        (None, None) => {}
        (Some(run), Some((at, id))) if exact => {
            assert_eq!((run.at_ms, run.import.as_str()), (*at, format!("imp-{id}").as_str()), "{number}");
        }
        (Some(run), Some((at, _))) => {
            assert!((run.at_ms..=run.until_ms).contains(at), "{number}");
            let (age, error) = ((newest - run.at_ms) as f64, (at - run.at_ms) as f64);
            assert!(error <= age / 2.0, "{number}: {error} of {age}");
        }
        (found, known) => panic!("{number}: {found:?} instead of {known:?}"),
    };
    let mut numbers: BTreeSet<u32> = items.keys().chain(relationships.keys()).copied().collect();
    numbers.extend([0, 1, 199_999]);
    for number in numbers {
        told(sightings.of_item(number), number, items);
        told(sightings.of_relationship(number), number, relationships);
    }
    for (at, run) in sightings.runs.iter().enumerate() {
        for other in &sightings.runs[at + 1..] {
            assert!(run.items.common(&other.items).is_empty(), "no item is in two sets");
            assert!(run.relationships.common(&other.relationships).is_empty());
            assert!(run.position < other.position && run.at_ms <= other.at_ms);
        }
    }
}

#[test]
fn the_newest_run_of_each_number_is_what_a_plain_map_says() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let mut sightings = Sightings::default();
        let (mut items, mut relationships) = (Oracle::new(), Oracle::new());
        let runs = if seed % 6 == 0 { 400 } else { 40 };
        let mut at = 1_000;
        for number in 1..=runs {
            at += i64::from(random.below(10_000)) + 1;
            let (seen, related) = (set(&mut random, 120), set(&mut random, 60));
            items.extend(seen.iter().map(|n| (*n, (at, number))));
            relationships.extend(related.iter().map(|n| (*n, (at, number))));
            sightings.see(run(number, at, &seen, &related));
        }
        check(&sightings, &items, &relationships, runs < RUNS_MAX as u64);
        let bytes = postcard::to_stdvec(&sightings).unwrap();
        assert_eq!(postcard::from_bytes::<Sightings>(&bytes).unwrap(), sightings);
    }
}

#[test]
fn a_run_taken_back_leaves_what_would_be_there_without_it() {
    for seed in 0..200 {
        let mut random = Random(seed + 1_000);
        let runs: Vec<_> = (1..=12u64)
            .map(|number| (number, number as i64 * 100, set(&mut random, 90), set(&mut random, 40)))
            .collect();
        let victim = random.below(12) as usize;
        let (mut with, mut without, mut before) =
            (Sightings::default(), Sightings::default(), Sightings::default());
        for (at, (number, at_ms, items, relationships)) in runs.iter().enumerate() {
            if at == victim {
                before = with.clone();
            } else {
                without.see(run(*number, *at_ms, items, relationships));
            }
            with.see(run(*number, *at_ms, items, relationships));
        }
        let is_there = with.runs.iter().any(|run| run.import == format!("imp-{}", victim + 1));
        assert_eq!(with.forget(&format!("imp-{}", victim + 1), Some(&before)), is_there);
        assert_eq!(with, without, "seed {seed}, run {victim}");
        assert!(!with.forget("", Some(&before)));
    }
}

#[test]
fn a_dense_feed_of_a_million_costs_next_to_nothing_to_keep() {
    let mut words = vec![u64::MAX; 1_000_000 / 64];
    let mut sightings = Sightings { source: "feed".into(), ..Sightings::default() };
    for number in 1..=200u64 {
        // Each run lacks one more.
        words[number as usize * 31] &= !1;
        let items = Numbers::of_bits(&words);
        let at_ms = number as i64 * 3_600_000;
        sightings.see(Sighting {
            items,
            at_ms,
            until_ms: at_ms,
            position: Position(number),
            ..Sighting::default()
        });
    }
    let bytes = postcard::to_stdvec(&sightings).unwrap();
    assert!(bytes.len() < 8_000, "{} bytes", bytes.len());
}
