//! Everything around one run that an expression may ask: the graph, parameters, the clock, chance, and the budget.

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::value::{SmolStr, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

pub type Parameters = BTreeMap<SmolStr, Value>;

/// The moment a query runs at, given from outside; the same all through one query.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    pub seconds: i64,
    pub nanoseconds: i32,
}

/// What one run may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub deadline: Option<Instant>,
    /// Bytes held at once by sorts, aggregates, lists, joins and paths.
    pub memory_bytes: u64,
    pub rows: u64,
    /// Nodes, relationships and rows looked at.
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { deadline: None, memory_bytes: 1 << 30, rows: 10_000_000, steps: u64::MAX }
    }
}

/// What one run has used. Asked in every loop; cheap.
#[derive(Debug)]
pub struct Budget<'a> {
    limits: Limits,
    /// Tells runs apart: what one run has looked up, such as a symbol, is not good for the next.
    run: u32,
    cancelled: Option<&'a AtomicBool>,
    steps: Cell<u64>,
    next_look: Cell<u64>,
    memory: Cell<u64>,
    missed: RefCell<Vec<SmolStr>>,
}

/// Unknown property keys remembered of one run.
const MISSED_MAX: usize = 8;

/// Steps between two looks at the clock and the cancel flag.
const STEPS_PER_LOOK: u64 = 4_096;

/// The number of the next run; 0 is no run.
static NEXT_RUN: AtomicU32 = AtomicU32::new(1);

impl<'a> Budget<'a> {
    pub fn new(limits: Limits, cancelled: Option<&'a AtomicBool>) -> Budget<'a> {
        Budget {
            limits,
            run: NEXT_RUN.fetch_add(1, Ordering::Relaxed).max(1),
            cancelled,
            steps: Cell::new(0),
            next_look: Cell::new(STEPS_PER_LOOK),
            memory: Cell::new(0),
            missed: RefCell::default(),
        }
    }
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
    /// Notes that an element was asked for a property whose key the graph does not know.
    pub fn miss(&self, key: &SmolStr) {
        let mut missed = self.missed.borrow_mut();
        if missed.len() < MISSED_MAX && !missed.contains(key) {
            missed.push(key.clone());
        }
    }
    /// Keys noted so far.
    pub fn missed(&self) -> Vec<SmolStr> {
        self.missed.borrow().clone()
    }
    /// What stops the run from outside, for work that looks at nothing else.
    pub fn cancelled(&self) -> Option<&'a AtomicBool> {
        self.cancelled
    }
    /// The number of this run within the process.
    pub fn run(&self) -> u32 {
        self.run
    }
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }
    /// Charges `count` steps.
    ///
    /// # Errors
    /// The limit that was passed, by name.
    #[inline]
    pub fn step(&self, count: u64) -> Result<()> {
        let steps = self.steps.get() + count;
        self.steps.set(steps);
        if steps < self.next_look.get() { Ok(()) } else { self.look(steps) }
    }
    #[cold]
    fn look(&self, steps: u64) -> Result<()> {
        self.next_look.set(steps + STEPS_PER_LOOK);
        // Whoever watches the deadline stops the run by the flag as well: the deadline is the reason to be named.
        if self.limits.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Error::limit("Deadline", "the query passed its deadline")
                .hint("narrow the pattern, bound its length, or ask for a higher `timeout_ms`"));
        }
        if self.cancelled.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::runtime(
                crate::error::Class::Cancelled,
                "Cancelled",
                "the query was cancelled",
            ));
        }
        if steps > self.limits.steps {
            return Err(Error::limit(
                "StepLimit",
                format!("the query passed its limit of {} steps", self.limits.steps),
            )
            .hint("narrow the pattern, bound its length, or ask for a higher `max_steps`"));
        }
        Ok(())
    }
    /// Charges memory that is kept; give it back with [`Budget::release`].
    ///
    /// # Errors
    /// When the query would hold more than it may.
    pub fn hold(&self, bytes: u64) -> Result<()> {
        let memory = self.memory.get().saturating_add(bytes);
        self.memory.set(memory);
        if memory <= self.limits.memory_bytes {
            return Ok(());
        }
        let message = format!("the query passed its memory limit of {} bytes", self.limits.memory_bytes);
        Err(Error::limit("MemoryLimit", message).hint("return fewer rows, or aggregate earlier"))
    }
    pub fn release(&self, bytes: u64) {
        self.memory.set(self.memory.get().saturating_sub(bytes));
    }
}

/// What functions and procedures get.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub graph: &'a dyn Graph,
    pub parameters: &'a Parameters,
    pub clock: Clock,
    /// State of the generator behind `rand()` and `randomUUID()`; seeded from outside.
    pub chance: &'a Cell<u64>,
    pub budget: &'a Budget<'a>,
}
