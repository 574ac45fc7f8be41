//! The conformance scenarios on the product: an open-schema graph in a store of its own, edits through the log. And the
//! runner on two stubs, to show what a suite gives to those who do nothing.

use cmdb_core::Cmdb;
use cmdb_core::command::{Command, Context};
use cmdb_core::engine::Founding;
use cmdb_core::graph::View;
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{CommitId, IdKey, LogId};
use cmdb_core::store::Location;
use cmdb_query::error::{Class, Error};
use cmdb_query::estate::{QueryProgram, Seen};
use cmdb_query::graph::Graph;
use cmdb_query::procedure::Procedures;
use cmdb_query::run::{self, Store};
use cmdb_query::scene::Parameters;
use cmdb_tck::scenario::{self, Instance};
use cmdb_tck::subjects::{Refusing, Silent, request};
use cmdb_tck::{Factory, Subject, Taken, Verdict, report, run_all};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Instances that may fail, one a line; the list may only shrink.
const MAY_FAIL: &str = include_str!("tck_failing.txt");

/// The product with an open schema.
struct Product {
    cmdb: Cmdb,
    commits: u128,
}

impl Product {
    fn new() -> Product {
        let founding = Founding { log: LogId([7; 16]), id_key: IdKey([9; 16]), open_schema: true };
        let cmdb = Cmdb::create(Location::in_memory(), founding, &context(0)).expect("a graph in memory");
        Product { cmdb, commits: 0 }
    }
    fn write(
        &mut self,
        text: &str,
        parameters: &Parameters,
        procedures: &Procedures,
    ) -> cmdb_query::Result<Taken> {
        self.commits += 1;
        let asked = request(text, parameters, procedures);
        let program = Arc::new(QueryProgram {
            text: text.to_owned(),
            parameters: parameters.clone(),
            procedures: procedures.clone(),
            clock: asked.clock,
            chance: asked.chance,
            limits: asked.limits,
            cancelled: None,
            output: Taken::default,
            done: Mutex::default(),
        });
        let submitted = self.cmdb.submit(context(self.commits), Command::Run(program.clone()));
        match (program.take(), submitted) {
            (Some(Ok((taken, _))), Ok(_)) => Ok(taken),
            (Some(Err(e)), _) => Err(e),
            (_, Err(e)) => Err(Error::runtime(Class::Internal, "Store", e.message())),
            (None, Ok(_)) => Err(Error::runtime(Class::Internal, "Unrun", "the query did not run")),
        }
    }
}

fn context(commit: u128) -> Context {
    Context {
        principal: Principal::local(),
        time_ms: 1_790_000_000_000,
        commit: CommitId(commit.to_le_bytes()),
        salt: [1; 16],
        message: "".into(),
    }
}

impl Subject for Product {
    fn run(
        &mut self,
        text: &str,
        parameters: &Parameters,
        procedures: &Procedures,
    ) -> cmdb_query::Result<Taken> {
        if run::writes(text)? {
            return self.write(text, parameters, procedures);
        }
        let snapshot = self.cmdb.snapshot();
        let mut taken = Taken::default();
        let graph = Seen::of(View::full(&snapshot));
        run::run(&request(text, parameters, procedures), Store::Read(&graph), &mut taken)?;
        Ok(taken)
    }
    fn observe(&self, look: &mut dyn FnMut(&dyn Graph)) {
        look(&Seen::of(View::full(&self.cmdb.snapshot())));
    }
}

/// The features folder that was named, else the suite beside the repository.
fn features() -> Option<PathBuf> {
    match std::env::var_os("CMDB_TCK_DIR") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => cmdb_tests::shared("data/opencypher-tck/features"),
    }
}

/// The named graphs: beside the features, else those beside the repository.
fn graphs(features: &Path) -> PathBuf {
    let beside = features.join("../graphs");
    let shared = || cmdb_tests::shared("data/opencypher-tck/graphs");
    if beside.exists() { beside } else { shared().unwrap_or(beside) }
}

fn load() -> Option<(Vec<Instance>, PathBuf)> {
    let Some(features) = features() else {
        println!("SKIPPED: no conformance scenarios beside the repository");
        return None;
    };
    let instances = scenario::load(&features).expect("feature files");
    Some((instances, graphs(&features)))
}

fn score(factory: &'static Factory) -> Option<(Vec<Instance>, Vec<Verdict>)> {
    let (instances, graphs) = load()?;
    let verdicts = run_all(&instances, &graphs, factory);
    Some((instances, verdicts))
}

#[test]
fn tck() {
    let Some((instances, verdicts)) = score(&|| Box::new(Product::new())) else { return };
    let failures = report::failures(&instances, &verdicts);
    println!("{}", report::table(&instances, &verdicts));
    for (name, verdict) in &failures {
        println!("failed: {name}\n    {verdict:?}");
    }
    let total = report::total(&verdicts);
    println!("tck: {} of {} instances passed", total.passed, total.all());
    if std::env::var_os("CMDB_TCK_DIR").is_some() {
        return;
    }
    let may_fail: BTreeSet<&str> =
        MAY_FAIL.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let failed: BTreeSet<&str> = failures.iter().map(|(name, _)| *name).collect();
    let new: Vec<_> = failed.difference(&may_fail).collect();
    let mended: Vec<_> = may_fail.difference(&failed).collect();
    assert!(new.is_empty(), "these passed before: {new:#?}");
    assert!(mended.is_empty(), "these pass now; take them off tests/it/tck_failing.txt: {mended:#?}");
    assert_eq!(total.panics, 0);
}

#[test]
fn tck_selftest() {
    let Some((_, silent)) = score(&|| Box::<Silent>::default()) else { return };
    let Some((_, refusing)) = score(&|| Box::<Refusing>::default()) else { return };
    let (silent, refusing) = (report::total(&silent), report::total(&refusing));
    println!(
        "tck-selftest: a stub that returns nothing passes {}, one that always errs {}, of {}",
        silent.passed,
        refusing.passed,
        silent.all()
    );
    // Neither can pass what expects rows, and a refusal of everything passes only one kind of error.
    assert!(silent.passed * 10 < silent.all());
    assert!(refusing.passed * 10 < refusing.all());
    assert_eq!(silent.unreadable + refusing.unreadable, 0);
}
