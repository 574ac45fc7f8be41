//! One query from text to rows: the door of this crate.

mod index;
mod show;

use crate::check;
use crate::error::{Error, Result};
use crate::execute::batch::Source;
use crate::execute::{Counted, Run, build, settle};
use crate::graph::{Graph, Sink, Word};
use crate::plan::{Planned, Planner, describe};
use crate::procedure::Procedures;
use crate::scene::{Budget, Clock, Limits, Parameters};
use crate::syntax::{
    self,
    tree::{Body, Mode, Query, Statement},
};
use crate::value::{SmolStr, Value};
use std::cell::Cell;
use std::sync::atomic::AtomicBool;

/// The longest query text, in bytes.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// What is asked, and within what.
pub struct Request<'a> {
    pub text: &'a str,
    pub parameters: &'a Parameters,
    pub procedures: &'a Procedures,
    pub clock: Clock,
    /// Seeds `rand()` and `randomUUID()`.
    pub chance: u64,
    pub limits: Limits,
    pub cancelled: Option<&'a AtomicBool>,
}

/// Where a query runs. A writing query needs a sink; on a graph it is refused before it starts.
pub enum Store<'a> {
    Read(&'a dyn Graph),
    Write(&'a mut dyn Sink),
}

impl Store<'_> {
    /// The same store for a while.
    fn lent(&mut self) -> Store<'_> {
        match self {
            Store::Read(graph) => Store::Read(*graph),
            Store::Write(sink) => Store::Write(&mut **sink),
        }
    }
}

/// Who takes the answer. Rows come as they are found; an error stops the query.
pub trait Output {
    fn columns(&mut self, names: &[SmolStr]) -> Result<()>;
    /// Nodes, relationships and paths are read from `graph` now, for they may not exist later.
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> Result<()>;
}

/// What a query changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub nodes_created: u64,
    pub nodes_deleted: u64,
    pub relationships_created: u64,
    pub relationships_deleted: u64,
    pub properties_set: u64,
    pub labels_added: u64,
    pub labels_removed: u64,
    pub indexes_added: u64,
    pub indexes_removed: u64,
}

/// What there is to say after the last row.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub columns: Vec<SmolStr>,
    pub rows: u64,
    pub stats: Stats,
    /// For EXPLAIN and PROFILE.
    pub plan: Option<crate::plan::Description>,
    /// Things worth knowing, such as an unbounded pattern or a cartesian product.
    pub notices: Vec<String>,
}

/// Runs one query.
///
/// # Errors
/// Refused queries with phase, class, detail and place; a limit by its name; what the sink refuses.
pub fn run(request: &Request<'_>, store: Store<'_>, output: &mut dyn Output) -> Result<Summary> {
    let statement = parse(request.text)?;
    let context = check::Context {
        procedures: request.procedures,
        parameters: Some(request.parameters),
        read_only: matches!(store, Store::Read(_)),
    };
    let checked = check::check(&statement, &context)?;
    match &statement.body {
        Body::Query(query) => run_query(request, query, statement.mode, checked, store, output),
        Body::Index(command) => index::run(command, statement.mode, store, output),
        Body::Show(show) => show::run(request, show, checked.columns, store, output),
    }
}

fn parse(text: &str) -> Result<Statement> {
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("the query is longer than {TEXT_BYTES_MAX} bytes");
        return Err(Error::limit("TextLimit", message).hint("pass data as parameters"));
    }
    syntax::parse(text)
}

/// Whether a text writes, without looking at data: decides which store it needs.
///
/// # Errors
/// A text that is no query.
pub fn writes(text: &str) -> Result<bool> {
    parse(text).map(|statement| check::writes(&statement))
}

fn run_query(
    request: &Request<'_>,
    query: &Query,
    mode: Mode,
    checked: check::Checked,
    mut store: Store<'_>,
    output: &mut dyn Output,
) -> Result<Summary> {
    let graph: &dyn Graph = match &store {
        Store::Read(graph) => *graph,
        Store::Write(sink) => sink.as_graph(),
    };
    let planner = Planner::new(graph, request.procedures, request.text, mode != Mode::Run);
    let planned = planner.plan(query)?;
    let (mut notices, steps) = (planner.notices(), planner.steps());
    if mode == Mode::Explain {
        output.columns(&[])?;
        let plan = Some(describe(&planned.plan, None));
        return Ok(Summary { plan, notices, ..Summary::default() });
    }
    let chance = Cell::new(request.chance);
    let budget = Budget::new(request.limits, request.cancelled);
    let counted = (mode == Mode::Profile).then(|| vec![Counted::default(); steps]);
    let mut run = Run {
        store: store.lent(),
        parameters: request.parameters,
        clock: request.clock,
        chance: &chance,
        budget: &budget,
        stats: Stats::default(),
        doomed: Vec::new(),
        counted,
    };
    let columns = planned.columns.clone();
    let rows = rows(&mut run, &planned, request.limits.rows, output)?;
    settle(&mut run)?;
    if checked.writes {
        run.sink()?.finish()?;
    }
    let graph = run.graph();
    notices.extend(budget.missed().iter().filter_map(|key| graph.undefined(Word::Key, key)));
    let plan = run.counted.as_deref().map(|counted| describe(&planned.plan, Some(counted)));
    Ok(Summary { columns, rows, stats: run.stats, plan, notices })
}

/// Pulls the rows and hands them on as they come.
fn rows(run: &mut Run<'_>, planned: &Planned, most: u64, output: &mut dyn Output) -> Result<u64> {
    output.columns(&planned.columns)?;
    let counting = run.counted.is_some();
    let mut source = Source::new(build(&planned.plan, counting), planned.plan.width);
    source.reset(run, &[])?;
    let mut rows = 0;
    while source.advance(run)? {
        if planned.columns.is_empty() {
            continue;
        }
        rows += 1;
        if rows > most {
            let message = format!("the query passed its limit of {most} rows");
            return Err(Error::limit("RowLimit", message).hint("add LIMIT, or ask for a higher `max_rows`"));
        }
        output.row(run.graph(), source.row())?;
    }
    Ok(rows)
}
