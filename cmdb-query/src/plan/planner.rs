//! The planner: what it knows, and how it makes steps.

use super::{Input, Plan, Step};
use crate::error::{Error, Result};
use crate::evaluate::{self, Compiled, Scope};
use crate::graph::{Graph, Symbol, Word};
use crate::procedure::Procedures;
use crate::syntax::tree::{Expression, LabelExpression, Query, Span};
use crate::value::SmolStr;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};

/// Steps a plan has at most. Operators call each other as deep as a plan is, and the stack is not without end.
pub const PLAN_STEPS_MAX: usize = 1_000;

/// Plans one query over one state of a graph.
pub struct Planner<'a> {
    pub(super) graph: &'a dyn Graph,
    pub(super) procedures: &'a Procedures,
    pub(super) text: &'a str,
    /// The plan will be shown: details are written out.
    pub(super) shown: bool,
    /// The pattern of a MERGE is planned: an index may come to be, or to hold something, while it runs.
    pub(super) merging: Cell<bool>,
    /// Counts of nodes by label, asked for once.
    counts: RefCell<FxHashMap<Option<Symbol>, u64>>,
    hidden: Cell<u32>,
    number: Cell<usize>,
    notices: RefCell<Vec<String>>,
}

/// A plan and what it yields.
pub struct Planned {
    pub plan: Plan,
    /// Its columns; none if it does not end with RETURN. They are the last values of its rows.
    pub columns: Vec<SmolStr>,
}

/// The plan so far within one part of a query, and what its rows hold.
pub(super) struct Part {
    pub plan: Plan,
    pub scope: Scope,
    /// Leading values that belong to the query around this one.
    pub base: usize,
    /// Something since the last barrier reads the graph.
    pub reads: bool,
    /// Something since the last barrier changes it.
    pub writes: bool,
    /// Something anywhere before changes it.
    pub wrote: bool,
}

impl<'a> Planner<'a> {
    pub fn new(graph: &'a dyn Graph, procedures: &'a Procedures, text: &'a str, shown: bool) -> Planner<'a> {
        let (hidden, number, notices) = (Cell::new(0), Cell::new(0), RefCell::default());
        let (merging, counts) = (Cell::new(false), RefCell::default());
        Planner { graph, procedures, text, shown, merging, counts, hidden, number, notices }
    }
    /// Plans a whole query.
    ///
    /// # Errors
    /// What the checker leaves to be found here: names of functions in expressions, and our own limits.
    pub fn plan(&self, query: &Query) -> Result<Planned> {
        self.plan_query(query, &Scope::default(), false)
    }
    /// How many steps were planned.
    pub fn steps(&self) -> usize {
        self.number.get()
    }
    pub fn notices(&self) -> Vec<String> {
        self.notices.take()
    }
    pub(super) fn notice(&self, text: String) {
        let mut notices = self.notices.borrow_mut();
        if !notices.contains(&text) {
            notices.push(text);
        }
    }
    /// Tells of a name that the schema does not define.
    pub(super) fn notice_name(&self, word: Word, name: &str) {
        self.graph.undefined(word, name).into_iter().for_each(|text| self.notice(text));
    }
    /// Tells of labels or types that the schema does not define.
    pub(super) fn notice_undefined(&self, word: Word, names: &LabelExpression) {
        match names {
            LabelExpression::Name(name) => self.notice_name(word, &name.name),
            LabelExpression::And(all) | LabelExpression::Or(all) => {
                all.iter().for_each(|one| self.notice_undefined(word, one));
            }
            LabelExpression::Not(one) => self.notice_undefined(word, one),
            LabelExpression::Any(_) => {}
        }
    }
    pub(super) fn step(&self, step: Step, rows: f64, width: usize, details: impl FnOnce() -> String) -> Plan {
        let number = self.number.get();
        self.number.set(number + 1);
        let details = if self.shown { details() } else { String::new() };
        Plan { step, rows, width, details, number }
    }
    /// A step that keeps the width of its input.
    pub(super) fn over(
        &self,
        input: Plan,
        share: f64,
        make: impl FnOnce(Input) -> Step,
        details: impl FnOnce() -> String,
    ) -> Plan {
        let (rows, width) = (input.rows * share, input.width);
        self.step(make(Box::new(input)), rows, width, details)
    }
    pub(super) fn argument(&self, width: usize) -> Plan {
        self.step(Step::Argument, 1.0, width, String::new)
    }
    /// Whether so many more steps may be planned.
    pub(super) fn room(&self, more: usize) -> Result<()> {
        if self.number.get().saturating_add(more) <= PLAN_STEPS_MAX {
            return Ok(());
        }
        let message = format!("the query needs more than {PLAN_STEPS_MAX} steps");
        Err(Error::limit("PlanLimit", message)
            .hint("send it in parts, or pass data as a parameter and UNWIND it"))
    }
    pub(super) fn count_nodes(&self, label: Option<Symbol>) -> u64 {
        *self.counts.borrow_mut().entry(label).or_insert_with(|| self.graph.count_nodes(label))
    }
    /// A name no query can write.
    pub(super) fn hidden(&self) -> SmolStr {
        let number = self.hidden.get() + 1;
        self.hidden.set(number);
        smol_str::format_smolstr!(" {number}")
    }
    pub(super) fn compile(&self, expression: &Expression, scope: &Scope) -> Result<Compiled> {
        evaluate::compile(expression, scope, self)
    }
    /// What was written at a place.
    pub(super) fn written(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// Whether a name was made by [`Planner::hidden`].
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with(' ')
}

impl Part {
    pub fn new(planner: &Planner<'_>, scope: Scope) -> Part {
        let base = scope.len();
        Part { plan: planner.argument(base), scope, base, reads: false, writes: false, wrote: false }
    }
    pub fn map(self, change: impl FnOnce(Plan) -> Plan) -> Part {
        let Part { plan, scope, base, reads, writes, wrote } = self;
        Part { plan: change(plan), scope, base, reads, writes, wrote }
    }
    /// A barrier: all rows so far are known before the first goes on.
    pub fn barrier(self, planner: &Planner<'_>) -> Part {
        let mut part = self.map(|plan| planner.over(plan, 1.0, Step::Eager, String::new));
        part.wrote |= part.writes;
        (part.reads, part.writes) = (false, false);
        part
    }
    /// Before reading: what was written must be complete.
    pub fn reading(self, planner: &Planner<'_>) -> Part {
        let mut part = if self.writes { self.barrier(planner) } else { self };
        part.reads = true;
        part
    }
    /// Before writing: what was read must not be disturbed.
    pub fn writing(self, planner: &Planner<'_>) -> Part {
        let mut part = if self.reads { self.barrier(planner) } else { self };
        (part.writes, part.wrote) = (true, true);
        part
    }
}
