//! Expressions over rows: compiled once against a scope, evaluated for each row.

use crate::error::Result;
use crate::scene::Scene;
use crate::syntax::tree::{Expression, PathPattern, Query};
use crate::value::{SmolStr, Value};

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
