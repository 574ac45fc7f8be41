//! The temporal conformance scenarios on expressions alone: a created node is a map of its properties, and a match
//! finds it. Says what the language means even where planner and executor are at fault.

#![allow(clippy::print_stdout, reason = "the figure is what this test is read for")]

use cmdb_query::evaluate::{Nested, Nester, Scope, compile};
use cmdb_query::memory::MemoryGraph;
use cmdb_query::scene::{Budget, Clock, Limits, Parameters, Scene};
use cmdb_query::syntax::tree::{
    Body, ClauseKind, Element, Expression, PathPattern, Pattern, Projection, Query,
};
use cmdb_query::value::{SmolStr, Value};
use cmdb_query::{Error, Result};
use cmdb_tck::cell::{self, Cell};
use cmdb_tck::scenario::{self, Instance};
use std::cell::Cell as StdCell;
use std::path::{Path, PathBuf};

struct Nothing;

fn unsupported<T>() -> Result<T> {
    Err(Error::kind("Unsupported", "not an expression alone"))
}

impl Nester for Nothing {
    fn pattern(
        &self,
        _: Option<&SmolStr>,
        _: &PathPattern,
        _: Option<&Expression>,
        _: &Scope,
    ) -> Result<(Box<dyn Nested>, Scope)> {
        unsupported()
    }
    fn shortest(&self, _: bool, _: &PathPattern, _: &Scope) -> Result<Box<dyn Nested>> {
        unsupported()
    }
    fn query(&self, _: &Query, _: &Scope) -> Result<Box<dyn Nested>> {
        unsupported()
    }
}

/// One row and the created node's properties.
#[derive(Default)]
struct Run {
    scope: Scope,
    row: Vec<Value>,
    node: Value,
}

impl Run {
    fn query(&mut self, text: &str) -> Result<Vec<Value>> {
        let Body::Query(query) = cmdb_query::syntax::parse(text)?.body else { return unsupported() };
        (self.scope, self.row) = (Scope::default(), Vec::new());
        for clause in &query.first.clauses {
            match &clause.kind {
                ClauseKind::With(projection) => self.project(projection)?,
                ClauseKind::Return(projection) => {
                    self.project(projection)?;
                    return Ok(self.row.clone());
                }
                ClauseKind::Create { pattern } => self.node = self.properties(pattern)?,
                ClauseKind::Match { pattern, .. } => {
                    let Element::Node(node) = &pattern.parts[0].path.elements[0] else {
                        return unsupported();
                    };
                    self.scope.push(node.variable.as_ref().unwrap().name.clone());
                    self.row.push(self.node.clone());
                }
                _ => return unsupported(),
            }
        }
        Ok(Vec::new())
    }
    fn properties(&self, pattern: &Pattern) -> Result<Value> {
        let Element::Node(node) = &pattern.parts[0].path.elements[0] else { return unsupported() };
        self.eval(node.properties.as_ref().unwrap())
    }
    fn project(&mut self, projection: &Projection) -> Result<()> {
        let mut next = Run::default();
        for item in &projection.items {
            next.row.push(self.eval(&item.expression)?);
            next.scope.push(item.alias.as_ref().map_or(item.text.clone(), |alias| alias.name.clone()));
        }
        (self.scope, self.row) = (next.scope, next.row);
        Ok(())
    }
    fn eval(&self, expression: &Expression) -> Result<Value> {
        let graph = MemoryGraph::default();
        let (parameters, chance) = (Parameters::new(), StdCell::new(1));
        let budget = Budget::new(Limits::default(), None);
        let clock = Clock { seconds: 1_795_000_000, nanoseconds: 123_456_789 };
        let scene = Scene { graph: &graph, parameters: &parameters, clock, chance: &chance, budget: &budget };
        compile(expression, &self.scope, &Nothing)?.eval(&scene, &self.row)
    }
}

fn play(instance: &Instance) -> std::result::Result<(), String> {
    let mut run = Run::default();
    let mut row = Vec::new();
    for step in &instance.steps {
        if let Some(query) = &step.doc {
            row = run.query(query).map_err(|e| format!("{}: {e}", e.detail()))?;
        }
        let expected = match &step.table {
            Some(table) if step.text.starts_with("the result should be") => &table[1],
            _ => continue,
        };
        let graph = MemoryGraph::default();
        let actual: Vec<Cell> = row.iter().map(|value| Cell::of(&graph, value)).collect();
        let expected: Vec<Cell> = expected.iter().map(|text| cell::parse(text).unwrap()).collect();
        if actual != expected {
            return Err(format!("expected {expected:?}, got {actual:?}"));
        }
    }
    Ok(())
}

#[test]
fn temporal_scenarios_on_expressions_alone() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/opencypher-tck/features");
    let folder = std::env::var_os("CMDB_TCK_DIR").map_or(beside, PathBuf::from).join("expressions/temporal");
    if !folder.exists() {
        println!("SKIPPED: no scenarios at {}", folder.display());
        return;
    }
    let instances = scenario::load(&folder).unwrap();
    let failures: Vec<_> =
        instances.iter().filter_map(|instance| Some((&instance.name, play(instance).err()?))).collect();
    for (name, failure) in &failures {
        println!("{name}\n    {failure}");
    }
    println!("{} of {} pass", instances.len() - failures.len(), instances.len());
    assert!(instances.len() >= 100 && failures.is_empty());
}
