//! Our own scenarios, for what the conformance suite has none: shortest and quantified paths, label expressions,
//! subqueries, FOREACH, map projections, SHOW, EXPLAIN. Every one of them holds on a graph in memory.

#![allow(clippy::print_stdout, reason = "the table is what this test is read for")]

use cmdb_query::check::{Context, check};
use cmdb_query::error::Phase;
use cmdb_query::procedure::Procedures;
use cmdb_query::syntax::parse;
use cmdb_tck::scenario::{self, Instance};
use cmdb_tck::subjects::InMemory;
use cmdb_tck::{report, run_all};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What there are at least: a scenario that is no longer read must not go unnoticed.
const INSTANCES_MIN: usize = 400;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios")
}

/// Whether this instance is about a query that is refused before it runs.
fn is_refused_early(instance: &Instance) -> bool {
    instance.steps.iter().any(|step| step.text.contains("should be raised at compile time"))
}

#[test]
fn every_scenario_holds() {
    let only = std::env::var("CMDB_TCK_ONLY").unwrap_or_default();
    let mut instances = scenario::load(&folder()).unwrap();
    assert!(instances.len() >= INSTANCES_MIN, "only {} instances were read", instances.len());
    instances.retain(|instance| instance.name.contains(&only));
    let verdicts = run_all(&instances, &folder(), &|| Box::new(InMemory::default()));
    let failures = report::failures(&instances, &verdicts);
    for (name, verdict) in &failures {
        println!("{name}\n    {verdict:?}");
    }
    println!("{}", report::table(&instances, &verdicts));
    assert!(failures.is_empty(), "{} scenarios fail", failures.len());
}

#[test]
fn no_two_scenarios_have_the_same_name() {
    let instances = scenario::load(&folder()).unwrap();
    let mut names = BTreeSet::new();
    for instance in &instances {
        assert!(names.insert(&instance.name), "{}", instance.name);
    }
}

/// A scenario with a mistake in its query would otherwise pass as one that expects some other error.
#[test]
fn queries_that_are_to_run_are_accepted() {
    let procedures = Procedures::default();
    let context = Context { procedures: &procedures, parameters: None, read_only: false };
    let mut wrong = 0;
    for instance in scenario::load(&folder()).unwrap() {
        let docs = instance.steps.iter().filter_map(|step| step.doc.as_deref());
        let refused = docs.filter_map(|text| parse(text).and_then(|it| check(&it, &context)).err());
        let refused: Vec<_> = refused.collect();
        let fits = if is_refused_early(&instance) { refused.len() == 1 } else { refused.is_empty() };
        if !fits {
            wrong += 1;
            println!("{}", instance.name);
            for error in &refused {
                assert_eq!(error.phase(), Phase::Compile);
                println!("    {:?} {}: {error}", error.class(), error.detail());
            }
        }
    }
    assert_eq!(wrong, 0);
}
