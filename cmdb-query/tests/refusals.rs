//! Which queries of the conformance scenarios are refused before they run, and that no other one is.

#![allow(clippy::unwrap_used, reason = "a scenario that is not understood fails the test")]
#![allow(clippy::print_stdout, reason = "the list of differences is what this test is read for")]

use cmdb_query::check::{Context, check};
use cmdb_query::error::{Error, Phase};
use cmdb_query::procedure::Procedures;
use cmdb_query::scene::Parameters;
use cmdb_query::syntax::parse;
use cmdb_tck::procedure::{Declared, named};
use cmdb_tck::scenario::{self, Instance};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An error as a scenario announces it.
struct Announced {
    class: String,
    phase: String,
    detail: String,
}

/// One query of a scenario with everything that decides whether it may run.
struct Question {
    text: String,
    /// Of the queries of a scenario, the one that is announced to fail.
    announced: Option<Announced>,
}

fn announced(instance: &Instance) -> Option<Announced> {
    instance.steps.iter().find_map(|step| {
        let (class, rest) = step.text.split_once(" should be raised at ")?;
        let (phase, detail) = rest.split_once(':')?;
        let class = class.trim_start_matches("an ").trim_start_matches("a ").to_owned();
        Some(Announced { class, phase: phase.trim().to_owned(), detail: detail.trim().to_owned() })
    })
}

fn questions(instance: &Instance) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for step in &instance.steps {
        let fails = match step.text.trim_end_matches(':') {
            "executing query" => announced(instance),
            "having executed" | "after having executed" | "executing control query" => None,
            _ => continue,
        };
        let text = step.doc.clone().unwrap_or_default();
        questions.push(Question { text, announced: fails });
    }
    questions
}

fn refused(text: &str, procedures: &Procedures, parameters: &Parameters) -> Option<Error> {
    let context = Context { procedures, parameters: Some(parameters), read_only: false };
    parse(text).and_then(|statement| check(&statement, &context)).err()
}

/// What is wrong with how a query was judged.
fn difference(question: &Question, error: Option<&Error>) -> Option<String> {
    let got =
        error.map_or("accepted".to_owned(), |e| format!("{:?} {} ({})", e.class(), e.detail(), e.message()));
    match (&question.announced, error) {
        (Some(announced), Some(error)) if announced.phase != "runtime" => {
            let fits = error.phase() == Phase::Compile
                && format!("{:?}", error.class()) == announced.class
                && (announced.detail == "*" || announced.detail == error.detail());
            (!fits).then(|| format!("expected {} {}, got {got}", announced.class, announced.detail))
        }
        (Some(announced), None) if announced.phase == "compile time" => {
            Some(format!("expected {} {}, got {got}", announced.class, announced.detail))
        }
        (_, None) => None,
        (_, Some(_)) => Some(format!("expected to be accepted, got {got}")),
    }
}

fn differences(instance: &Instance) -> Vec<String> {
    let mut procedures = Procedures::default();
    let mut parameters = Parameters::new();
    let nothing = Vec::new();
    for step in &instance.steps {
        if let Some(signature) = step.text.strip_prefix("there exists a procedure ") {
            procedures.add(Arc::new(Declared::parse(signature, step.table.as_ref()).unwrap()));
        } else if step.text.starts_with("parameters are") {
            for (name, cell) in named(step.table.as_ref().unwrap_or(&nothing)).unwrap() {
                parameters.insert(name.into(), cell.to_value().unwrap());
            }
        }
    }
    let judge = |question: &Question| {
        let error = refused(&question.text, &procedures, &parameters);
        difference(question, error.as_ref())
            .map(|what| format!("{what}\n      {}", question.text.replace('\n', "\n      ")))
    };
    questions(instance).iter().filter_map(judge).collect()
}

#[test]
fn queries_are_refused_as_the_scenarios_announce_and_no_others() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/opencypher-tck/features");
    let folder = std::env::var_os("CMDB_TCK_DIR").map_or(beside, PathBuf::from);
    if !folder.exists() {
        println!("SKIPPED: no scenarios at {}", folder.display());
        return;
    }
    let instances = scenario::load(&folder).unwrap();
    let mut wrong = 0;
    for instance in &instances {
        let found = differences(instance);
        wrong += usize::from(!found.is_empty());
        for difference in found {
            println!("{}\n   {difference}", instance.name);
        }
    }
    println!("refusals: {} of {} instances judged as announced", instances.len() - wrong, instances.len());
    assert_eq!(wrong, 0);
}
