//! Expressions over rows: compiled once against a scope, evaluated for each row.

mod access;
pub mod aggregate;
mod arithmetic;
mod compile;
mod iterate;
mod logic;
mod member;
mod nested;
pub mod same;
mod step;
mod symbol;
#[cfg(test)]
mod tests;
mod text;

use crate::error::Result;
use crate::scene::Scene;
use crate::syntax::tree::{Expression, PathPattern, Query};
use crate::value::{SmolStr, Value};
pub use access::LabelTest;
pub(crate) use access::alive;
pub(crate) use arithmetic::overflow;
use compile::Compiler;
pub use compile::label_test;
use step::Step;
pub use symbol::Name;

/// The variables of a row and where they lie in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    names: Vec<SmolStr>,
}

impl Scope {
    /// Where the newest variable of this name lies.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.names.iter().rposition(|n| n == name)
    }
    /// Adds a variable at the end of the row.
    pub fn push(&mut self, name: SmolStr) -> usize {
        self.names.push(name);
        self.names.len() - 1
    }
    pub fn pop(&mut self) {
        self.names.pop();
    }
    pub fn names(&self) -> &[SmolStr] {
        &self.names
    }
    pub fn len(&self) -> usize {
        self.names.len()
    }
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// An expression ready to run, over rows of the scope it was compiled against.
#[derive(Debug)]
pub struct Compiled(Step);

impl Compiled {
    /// The value for a row. A row may be longer than the scope.
    ///
    /// # Errors
    /// Operands of the wrong kind, arithmetic that fails, a deleted element, a limit.
    pub fn eval(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Value> {
        self.0.eval(scene, row)
    }
    /// As a condition: true, false, or unknown. WHERE keeps a row only for true.
    ///
    /// # Errors
    /// As [`Compiled::eval`], and for a value that is neither boolean nor null.
    pub fn truth(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Option<bool>> {
        self.0.truth(scene, row)
    }
    /// Whether the condition is true.
    ///
    /// # Errors
    /// As [`Compiled::truth`].
    pub fn holds(&self, scene: &Scene<'_>, row: &[Value]) -> Result<bool> {
        Ok(self.truth(scene, row)? == Some(true))
    }
    /// The value, if it is the same for every row and run.
    pub fn constant(&self) -> Option<&Value> {
        match &self.0 {
            Step::Constant(value) => Some(value),
            _ => None,
        }
    }
    /// The slot, if the expression is a variable and nothing else.
    pub fn slot(&self) -> Option<usize> {
        match &self.0 {
            Step::Slot(slot) => Some(*slot),
            _ => None,
        }
    }
}

/// Compiles an expression without aggregates.
///
/// # Errors
/// Names and functions that are not known, and what the nested parts refuse.
pub fn compile(expression: &Expression, scope: &Scope, nester: &dyn Nester) -> Result<Compiled> {
    compile_given(expression, scope, nester, &[])
}

/// As [`compile`], where some expressions are computed already and lie in slots: aggregates (see `aggregate`) and grouping
/// keys. An expression counts as given wherever the same one is written, apart from its place in the text.
///
/// # Errors
/// As [`compile`].
pub fn compile_given(
    expression: &Expression,
    scope: &Scope,
    nester: &dyn Nester,
    given: &[(&Expression, usize)],
) -> Result<Compiled> {
    let mut compiler = Compiler { scope: scope.clone(), nester, given: given.to_vec() };
    compiler.step(expression).map(Compiled)
}

/// Whether to go on after a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    More,
    Enough,
}

/// A query or pattern inside an expression, planned against the scope around it.
pub trait Nested: Send + Sync {
    /// Hands on the rows that extend `row`: the outer row's values first, then what the nested part binds.
    fn rows(
        &self,
        scene: &Scene<'_>,
        row: &[Value],
        each: &mut dyn FnMut(&[Value]) -> Result<Flow>,
    ) -> Result<()>;
}

/// Who plans the nested parts of expressions: the planner; a stub in tests of expressions alone.
pub trait Nester {
    /// Rows are the outer scope plus the pattern's new variables (and `variable` for the path), in the scope given back.
    fn pattern(
        &self,
        variable: Option<&SmolStr>,
        path: &PathPattern,
        condition: Option<&Expression>,
        scope: &Scope,
    ) -> Result<(Box<dyn Nested>, Scope)>;
    /// `shortestPath`/`allShortestPaths`: as `pattern`, the path bound in the last slot.
    fn shortest(&self, all: bool, path: &PathPattern, scope: &Scope) -> Result<Box<dyn Nested>>;
    /// The rows of a whole query: its returned columns alone (for EXISTS and COUNT whatever it yields).
    fn query(&self, query: &Query, scope: &Scope) -> Result<Box<dyn Nested>>;
}
