//! A strict runner for conformance scenarios in Gherkin: outlines expanded, nothing skipped. A wrong phase, type or
//! detail of an error fails, so does a panic, five seconds without an answer, or a side effect that was not announced.
//! Wrong answers are counted apart from errors, for they harm users more.

pub mod cell;
pub mod compare;
pub mod gherkin;
pub mod observe;
pub mod procedure;
pub mod report;
pub mod scenario;
pub mod step;
pub mod subjects;

use cell::Cell;
use cmdb_query::run::Output;
use cmdb_query::scene::Parameters;
use cmdb_query::value::{SmolStr, Value};
use cmdb_query::{graph::Graph, procedure::Procedures};
use scenario::Instance;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long one scenario may take.
pub const SCENARIO_TIMEOUT: Duration = Duration::from_secs(5);

/// What is tested: something that holds one graph and runs queries on it.
pub trait Subject {
    /// Runs one query; a refused or failed one leaves the graph as it was.
    fn run(
        &mut self,
        text: &str,
        parameters: &Parameters,
        procedures: &Procedures,
    ) -> cmdb_query::Result<Taken>;
    /// Shows the graph as it is now.
    fn observe(&self, look: &mut dyn FnMut(&dyn Graph));
}

/// Rows as they came.
#[derive(Debug, Default)]
pub struct Taken {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

impl Output for Taken {
    fn columns(&mut self, names: &[SmolStr]) -> cmdb_query::Result<()> {
        self.columns = names.iter().map(SmolStr::to_string).collect();
        Ok(())
    }
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> cmdb_query::Result<()> {
        self.rows.push(values.iter().map(|v| Cell::of(graph, v)).collect());
        Ok(())
    }
}

/// Makes a subject with an empty graph.
pub type Factory = dyn Fn() -> Box<dyn Subject> + Send + Sync;

/// How one instance ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// Rows, order, side effects differ, or an expected error did not come.
    WrongAnswer(String),
    /// An error came where none, or another one, was expected.
    Error(String),
    Panic(String),
    Timeout,
    /// The runner does not understand the scenario: a defect of the runner.
    Unreadable(String),
}

/// Runs every instance, two at a time, and gives their verdicts in the order of the instances.
pub fn run_all(instances: &[Instance], graphs: &Path, make: &'static Factory) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(vec![Verdict::Timeout; instances.len()]);
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get()).min(4);
    std::thread::scope(|threads| {
        for _ in 0..workers {
            threads.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(instance) = instances.get(at) else { break };
                    let verdict = run_one(instance, graphs, make);
                    verdicts.lock().unwrap_or_else(|e| e.into_inner())[at] = verdict;
                }
            });
        }
    });
    verdicts.into_inner().unwrap_or_else(|e| e.into_inner())
}

/// Runs one instance on a thread of its own, so that one that never ends cannot stop the rest.
fn run_one(instance: &Instance, graphs: &Path, make: &'static Factory) -> Verdict {
    let (send, receive) = channel();
    let (instance, graphs) = (instance.clone(), graphs.to_owned());
    let work = move || {
        let run = std::panic::AssertUnwindSafe(|| step::play(&instance, &graphs, &mut *make()));
        let verdict = std::panic::catch_unwind(run).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Verdict::Panic(text.unwrap_or_default())
        });
        // The receiver may have given up.
        let _ = send.send(verdict);
    };
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(work);
    if thread.is_err() {
        return Verdict::Unreadable("no thread".into());
    }
    receive.recv_timeout(SCENARIO_TIMEOUT).unwrap_or(Verdict::Timeout)
}
