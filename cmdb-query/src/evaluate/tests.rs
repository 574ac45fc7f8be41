//! What expressions yield, as tables of text and value. A row holds `n` and `m` (nodes, `gone` a deleted one), `r` (a
//! relationship from `n` to `m`), `p` (the path over it), `list`, `map` and `nothing`.

mod aggregates;
mod forms;
mod functions;
mod limits;

use super::{Compiled, Flow, Nested, Nester, Scope, compile};
use crate::error::{Class, Error, Phase, Result};
use crate::graph::Sink;
use crate::memory::MemoryGraph;
use crate::scene::{Budget, Clock, Limits, Parameters, Scene};
use crate::syntax::parse;
use crate::syntax::tree::{Body, ClauseKind, Expression, PathPattern, Query};
use crate::value::{Node, Path, SmolStr, Value};
use std::cell::Cell;
use std::sync::Arc;

/// Everything a test evaluates in.
pub struct Bench {
    graph: MemoryGraph,
    parameters: Parameters,
    limits: Limits,
    scope: Scope,
    row: Vec<Value>,
}

impl Bench {
    pub fn new() -> Bench {
        let mut graph = MemoryGraph::default();
        let named = |name: &str| vec![(SmolStr::new("name"), Value::text(name))];
        let n = graph.create_node(&["Server".into(), "Device".into()], named("web")).unwrap();
        let m = graph.create_node(&["Rack".into()], named("R1")).unwrap();
        let gone = graph.create_node(&["Server".into()], named("old")).unwrap();
        let r = graph.create_edge("MOUNTED_IN", n, m, vec![("slot".into(), Value::Integer(7))]).unwrap();
        graph.delete_node(gone).unwrap();
        let path = Path { nodes: vec![n, m], edges: vec![r] };
        let parameters = [
            (SmolStr::new("one"), Value::Integer(1)),
            (SmolStr::new("names"), Value::list((0..20).map(|i| Value::text(&format!("n{i}"))).collect())),
        ];
        let columns = [
            ("n", Value::Node(n)),
            ("m", Value::Node(m)),
            ("gone", Value::Node(gone)),
            ("r", Value::Edge(r)),
            ("p", Value::Path(Arc::new(path))),
            ("list", Value::list((1..=5).map(Value::Integer).collect())),
            ("map", Value::map([("a".into(), Value::Integer(1)), ("b".into(), Value::Null)])),
            ("nothing", Value::Null),
        ];
        let mut scope = Scope::default();
        let mut row = Vec::new();
        for (name, value) in columns {
            scope.push(name.into());
            row.push(value);
        }
        let parameters = parameters.into_iter().collect();
        Bench { graph, parameters, limits: Limits::default(), scope, row }
    }

    pub fn scene<T>(&self, run: impl FnOnce(&Scene<'_>) -> T) -> T {
        let budget = Budget::new(self.limits, None);
        let chance = Cell::new(1);
        let clock = Clock { seconds: 1_700_000_000, nanoseconds: 5_000_000 };
        let (graph, parameters) = (&self.graph, &self.parameters);
        run(&Scene { graph, parameters, clock, chance: &chance, budget: &budget })
    }

    pub fn compile(&self, text: &str) -> Result<Compiled> {
        compile(&expression(text), &self.scope, &Rows)
    }

    /// The value as a literal, or class and detail of the error.
    pub fn eval(&self, text: &str) -> String {
        let result =
            self.compile(text).and_then(|compiled| self.scene(|scene| compiled.eval(scene, &self.row)));
        match result {
            Ok(value) => value.to_string(),
            Err(error) => refusal(&error),
        }
    }
}

pub fn refusal(error: &Error) -> String {
    let phase = if error.phase() == Phase::Compile { "compile " } else { "" };
    format!("{phase}{:?}: {}", error.class(), error.detail())
}

/// The expression in `RETURN …`.
pub fn expression(text: &str) -> Expression {
    let statement = parse(&format!("RETURN {text} AS x")).unwrap_or_else(|error| panic!("{text}: {error}"));
    let Body::Query(query) = statement.body else { panic!("{text} is no query") };
    match query.first.clauses.into_iter().next().map(|clause| clause.kind) {
        Some(ClauseKind::Return(mut projection)) => projection.items.remove(0).expression,
        other => panic!("{other:?}"),
    }
}

pub fn check(text: &str, wanted: &str) {
    assert_eq!(Bench::new().eval(text), wanted, "{text}");
}

pub fn check_all(table: &[(&str, &str)]) {
    let bench = Bench::new();
    let wrong: Vec<String> = table
        .iter()
        .map(|(text, wanted)| (text, wanted, bench.eval(text)))
        .filter(|(_, wanted, got)| *wanted != got)
        .map(|(text, wanted, got)| format!("{text}: wanted {wanted}, got {got}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Stands in for the planner: every nested part yields the row and a node 0, then the row and a node 1.
struct Rows;

impl Nested for Rows {
    fn rows(
        &self,
        _: &Scene<'_>,
        row: &[Value],
        each: &mut dyn FnMut(&[Value]) -> Result<Flow>,
    ) -> Result<()> {
        for number in 0..2 {
            let mut wide = row.to_vec();
            wide.push(Value::Node(Node(number)));
            if each(&wide)? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

impl Nester for Rows {
    fn pattern(
        &self,
        _: Option<&SmolStr>,
        _: &PathPattern,
        _: Option<&Expression>,
        scope: &Scope,
    ) -> Result<(Box<dyn Nested>, Scope)> {
        let mut scope = scope.clone();
        scope.push("found".into());
        Ok((Box::new(Rows), scope))
    }
    fn shortest(&self, _: bool, _: &PathPattern, _: &Scope) -> Result<Box<dyn Nested>> {
        Ok(Box::new(Rows))
    }
    fn query(&self, _: &Query, _: &Scope) -> Result<Box<dyn Nested>> {
        Ok(Box::new(Rows))
    }
}

#[test]
fn an_unknown_function_is_refused_with_its_place() {
    let error = Bench::new().compile("1 + noSuch(2)").unwrap_err();
    assert_eq!((error.class(), error.detail()), (Class::SyntaxError, "UnknownFunction"));
    assert!(error.span().is_some());
}
