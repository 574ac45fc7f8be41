//! Path values, made of the relationships a row holds.

use super::Operator;
use super::Run;
use super::batch::{Batch, Source};
use super::expand::far_end;
use crate::error::Result;
use crate::graph::Graph;
use crate::plan::PathSlots;
use crate::value::{Edge, Node, Path, Value};
use std::sync::Arc;

/// Adds one path value for each named path.
pub struct Paths {
    pub source: Source,
    pub paths: Arc<Vec<PathSlots>>,
}

impl Operator for Paths {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            let row = self.source.row();
            let mut made = Vec::with_capacity(self.paths.len());
            for path in self.paths.iter() {
                let value = path_of(run.graph(), row, path);
                if let Value::Path(path) = &value {
                    run.budget.step(1 + path.edges.len() as u64)?;
                }
                made.push(value);
            }
            out.push_values(row, made);
        }
        Ok(true)
    }
}

/// Null where a part of it is null.
pub fn path_of(graph: &dyn Graph, row: &[Value], path: &PathSlots) -> Value {
    let Value::Node(start) = row[path.start] else { return Value::Null };
    let mut edges = Vec::new();
    for slot in &path.edges {
        match &row[*slot] {
            Value::Edge(edge) => edges.push(*edge),
            Value::List(list) => {
                edges.extend(list.iter().filter_map(|value| match value {
                    Value::Edge(edge) => Some(*edge),
                    _ => None,
                }));
            }
            _ => return Value::Null,
        }
    }
    walk(graph, start, edges)
}

/// The path over relationships from a node.
pub fn walk(graph: &dyn Graph, start: Node, edges: Vec<Edge>) -> Value {
    let mut nodes = Vec::with_capacity(edges.len() + 1);
    nodes.push(start);
    let mut node = start;
    for edge in &edges {
        node = far_end(graph, *edge, node);
        nodes.push(node);
    }
    Value::Path(Arc::new(Path { nodes, edges }))
}
