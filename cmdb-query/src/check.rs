//! Semantic analysis: what can be said against a query without looking at data.
//!
//! Every name must be known where it is used, every variable be used as what it is, every function and procedure
//! get arguments it could take, aggregates and patterns stand where they mean something, and clauses follow each
//! other as the language wants. What is not certain from the text alone is left to runtime, so a query that could
//! run is never refused.

mod call;
mod clause;
mod creation;
mod expression;
mod nearest;
mod operator;
mod pattern;
mod place;
mod procedure;
mod projection;
mod query;
mod same;
mod scope;
mod shape;
mod show;
mod subquery;
#[cfg(test)]
mod tests;
mod writes;

pub use nearest::nearest;
pub use same::same;
pub use show::{SHOWN, Shown, shown};
pub use subquery::leading_import;

use crate::error::{Class, Error, Phase, Result};
use crate::procedure::Procedures;
use crate::scene::Parameters;
use crate::syntax::tree::{Body, Mode, Span, Statement};
use crate::value::SmolStr;
use query::Role;
use scope::Scope;
use shape::Shape;

/// What a statement is checked against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub procedures: &'a Procedures,
    /// The parameters given; None where they are not known yet, then none is missed.
    pub parameters: Option<&'a Parameters>,
    /// Writing clauses are refused.
    pub read_only: bool,
}

/// What is known of a statement that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Names of the result columns; those of `*` in the order of their names.
    pub columns: Vec<SmolStr>,
    pub writes: bool,
}

/// A column or variable in the making.
#[derive(Clone, Debug)]
struct Column {
    name: SmolStr,
    shape: Shape,
}

struct Checker<'a> {
    context: &'a Context<'a>,
    mode: Mode,
    /// Aggregates seen so far in the projection at hand.
    aggregates: u64,
    work: usize,
}

/// Parts of the tree looked at and variables carried from scope to scope, all in all.
const WORK_MAX: usize = 4_000_000;

/// Checks a statement.
///
/// # Errors
/// The first thing that is wrong with it, with its place and, for names, the nearest known one.
pub fn check(statement: &Statement, context: &Context<'_>) -> Result<Checked> {
    let mut checker = Checker { context, mode: statement.mode, aggregates: 0, work: 0 };
    let columns = match &statement.body {
        Body::Query(query) => checker.query(query, Role::Whole, &Scope::default(), None)?,
        Body::Index(_) => Vec::new(),
        Body::Show(show) => checker.show(show)?,
    };
    let write = writes::writes(statement);
    if let (Some(span), true) = (write, context.read_only && statement.mode != Mode::Explain) {
        let message = "this query writes, and only reading is allowed here";
        return Err(Error::new(Phase::Compile, Class::Denied, "ReadOnly", message).at(span));
    }
    Ok(Checked { columns: columns.into_iter().map(|column| column.name).collect(), writes: write.is_some() })
}

/// Whether a statement writes; decides which store it needs before anything else is known of it.
pub fn writes(statement: &Statement) -> bool {
    writes::writes(statement).is_some()
}

impl Checker<'_> {
    /// Bounds what a text of many scopes with many variables can cost.
    fn charge(&mut self, work: usize) -> Result<()> {
        self.work = self.work.saturating_add(work);
        if self.work <= WORK_MAX {
            return Ok(());
        }
        let message = "the query has too many variables in too many scopes";
        Err(Error::new(Phase::Compile, Class::LimitExceeded, "QueryTooLarge", message)
            .hint("split it, or pass its data in a parameter"))
    }

    fn parameter(&self, name: &str, span: Span) -> Result<()> {
        let Some(given) = self.context.parameters else { return Ok(()) };
        if given.contains_key(name) || self.mode == Mode::Explain {
            return Ok(());
        }
        let message = format!("parameter `${name}` is not given");
        let error = Error::new(Phase::Compile, Class::ParameterMissing, "MissingParameter", message).at(span);
        Err(match nearest(name, given.keys().map(SmolStr::as_str)) {
            Some(known) => error.hint(format!("did you mean `${known}`?")),
            None => error,
        })
    }
}
