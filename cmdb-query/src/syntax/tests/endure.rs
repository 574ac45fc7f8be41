//! Texts run on a small, dense graph within tight limits: each ends soon after its deadline, and none ends the process.

use crate::error::{Class, Result};
use crate::graph::{Graph, Sink};
use crate::memory::MemoryGraph;
use crate::procedure::Procedures;
use crate::run::{Output, Request, Store, run};
use crate::scene::{Clock, Limits, Parameters};
use crate::value::{SmolStr, Value};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_millis(100);
/// The machine may be busy with other things; a query that does not look at its deadline takes far longer.
const TOLERANCE: Duration = Duration::from_secs(3);
/// After so long the text is shown and the process ended: a hang would show nothing.
const HANG: Duration = Duration::from_secs(30);
const MEMORY_BYTES: u64 = 32 << 20;
const ROWS: u64 = 100_000;
const STEPS: u64 = 50_000_000;
const NODES: usize = 12;

/// What is under way: the text and since when.
type UnderWay = Arc<Mutex<Option<(String, Instant)>>>;

pub(super) struct Ground {
    graph: MemoryGraph,
    parameters: Parameters,
    under_way: UnderWay,
    ran: Cell<usize>,
    stopped: Cell<usize>,
    longest: RefCell<(Duration, String)>,
}

/// Takes rows and keeps none.
struct Nowhere;

impl Output for Nowhere {
    fn columns(&mut self, _: &[SmolStr]) -> Result<()> {
        Ok(())
    }
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> Result<()> {
        for value in values {
            if let Value::Node(node) = value {
                graph.labels_of(*node);
            }
        }
        Ok(())
    }
}

fn dense() -> Result<MemoryGraph> {
    let mut graph = MemoryGraph::default();
    let mut nodes = Vec::new();
    for at in 0..NODES {
        let labels = [["A", "B", "N"][at % 3].into()];
        let properties = vec![("k".into(), Value::Integer(at as i64)), ("name".into(), Value::text("a"))];
        nodes.push(graph.create_node(&labels, properties)?);
    }
    for (at, source) in nodes.iter().enumerate() {
        for step in [0, 1, 1, 2, 5] {
            let target = nodes[(at + step) % NODES];
            let properties = vec![("w".into(), Value::Integer(step as i64))];
            graph.create_edge(["R", "S", "T"][step % 3], *source, target, properties)?;
        }
    }
    Ok(graph)
}

impl Ground {
    pub(super) fn new() -> Ground {
        let under_way = UnderWay::default();
        let watched = Arc::downgrade(&under_way);
        std::thread::spawn(move || {
            while let Some(under_way) = watched.upgrade() {
                let text = under_way.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some((text, _)) = text.filter(|(_, since)| since.elapsed() > HANG) {
                    eprintln!("this does not end:\n{text}");
                    std::process::abort();
                }
                drop(under_way);
                std::thread::sleep(Duration::from_secs(1));
            }
        });
        let parameters = [("p".into(), Value::list(vec![Value::Integer(1), Value::Null]))].into();
        let (ran, stopped, longest) = Default::default();
        Ground { graph: dense().unwrap(), parameters, under_way, ran, stopped, longest }
    }

    /// Runs a text on a graph of its own.
    pub(super) fn run(&self, text: &str) {
        let (mut graph, procedures) = (self.graph.clone(), Procedures::default());
        let start = Instant::now();
        let request = Request {
            text,
            parameters: &self.parameters,
            procedures: &procedures,
            clock: Clock { seconds: 1_790_000_000, nanoseconds: 0 },
            chance: 7,
            limits: Limits {
                deadline: Some(start + DEADLINE),
                memory_bytes: MEMORY_BYTES,
                rows: ROWS,
                steps: STEPS,
            },
            cancelled: None,
        };
        *self.under_way.lock().unwrap() = Some((text.to_owned(), start));
        let work = AssertUnwindSafe(|| run(&request, Store::Write(&mut graph), &mut Nowhere));
        let done = catch_unwind(work).unwrap_or_else(|panic| {
            eprintln!("this panics:\n{text}");
            resume_unwind(panic)
        });
        let took = start.elapsed();
        *self.under_way.lock().unwrap() = None;
        match done {
            Ok(_) => self.ran.set(self.ran.get() + 1),
            Err(error) => {
                assert_ne!(error.class(), Class::Internal, "{text}\n{error}");
                let limited = error.class() == Class::LimitExceeded;
                self.stopped.set(self.stopped.get() + usize::from(limited));
            }
        }
        if took > self.longest.borrow().0 {
            *self.longest.borrow_mut() = (took, text.to_owned());
        }
        assert!(took < DEADLINE + TOLERANCE, "took {took:?}:\n{text}");
    }

    pub(super) fn ran(&self) -> usize {
        self.ran.get()
    }
    pub(super) fn stopped(&self) -> usize {
        self.stopped.get()
    }
    pub(super) fn longest(&self) -> (Duration, String) {
        self.longest.borrow().clone()
    }
}
