//! DELETE and DETACH DELETE.

use super::batch::{Batch, Source};
use super::store::Kept;
use super::{Operator, Run};
use crate::error::{Class, Error, Result};
use crate::plan;
use crate::syntax::tree::Direction;
use crate::value::{Edge, Entity, Node, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Takes in all rows and what they name, then deletes: relationships first, then nodes.
pub struct Delete {
    source: Source,
    delete: Arc<plan::Delete>,
    kept: Kept,
    done: bool,
}

#[derive(Default)]
struct Targets {
    nodes: BTreeSet<Node>,
    edges: BTreeSet<Edge>,
}

impl Delete {
    pub fn new(source: Source, delete: Arc<plan::Delete>) -> Delete {
        let kept = Kept::new(source.width());
        Delete { source, delete, kept, done: false }
    }
    fn run(&mut self, run: &mut Run<'_>) -> Result<()> {
        let mut targets = Targets::default();
        while self.source.advance(run)? {
            run.budget.step(1)?;
            for target in &self.delete.targets {
                collect(&target.eval(&run.scene(), self.source.row())?, &mut targets)?;
            }
            self.kept.push(run, self.source.row_mut())?;
        }
        if self.delete.detach {
            for node in &targets.nodes {
                targets.edges.extend(edges_of(run, *node)?);
            }
        }
        for edge in targets.edges {
            delete_edge(run, edge)?;
        }
        for node in targets.nodes {
            if edges_of(run, node)?.is_empty() {
                delete_node(run, node)?;
            } else {
                run.doomed.push(node);
            }
        }
        Ok(())
    }
}

fn collect(value: &Value, targets: &mut Targets) -> Result<()> {
    match value {
        Value::Null => {}
        Value::Node(node) => {
            targets.nodes.insert(*node);
        }
        Value::Edge(edge) => {
            targets.edges.insert(*edge);
        }
        Value::Path(path) => {
            targets.nodes.extend(path.nodes.iter().copied());
            targets.edges.extend(path.edges.iter().copied());
        }
        other => {
            let message =
                format!("only nodes, relationships and paths can be deleted, not {}", other.kind_name());
            return Err(Error::kind("InvalidArgumentType", message));
        }
    }
    Ok(())
}

fn edges_of(run: &Run<'_>, node: Node) -> Result<Vec<Edge>> {
    let mut hops = Vec::new();
    if run.graph().exists(Entity::Node(node)) {
        run.graph().expand(node, Direction::Both, None, &mut hops);
    }
    run.budget.step(1 + hops.len() as u64)?;
    Ok(hops.into_iter().map(|hop| hop.edge).collect())
}

fn delete_edge(run: &mut Run<'_>, edge: Edge) -> Result<()> {
    if run.graph().exists(Entity::Edge(edge)) {
        run.sink()?.delete_edge(edge)?;
        run.stats.relationships_deleted += 1;
    }
    Ok(())
}

fn delete_node(run: &mut Run<'_>, node: Node) -> Result<()> {
    if run.graph().exists(Entity::Node(node)) {
        run.sink()?.delete_node(node)?;
        run.stats.nodes_deleted += 1;
    }
    Ok(())
}

/// The end of a query: nodes that still had relationships when they were to be deleted must have none now.
///
/// # Errors
/// When one is left.
pub fn settle(run: &mut Run<'_>) -> Result<()> {
    for node in std::mem::take(&mut run.doomed) {
        let left = edges_of(run, node)?.len();
        if left > 0 {
            let message =
                format!("{} cannot be deleted: it still has {left} relationships", called(run, node));
            return Err(Error::runtime(Class::ConstraintVerificationFailed, "DeleteConnectedNode", message)
                .hint("`DETACH DELETE` deletes them too"));
        }
        delete_node(run, node)?;
    }
    Ok(())
}

/// A node by its name, where it has one, and its id.
fn called(run: &Run<'_>, node: Node) -> String {
    let (graph, entity) = (run.graph(), Entity::Node(node));
    let id = graph.element_id(entity);
    match graph.key("name").map(|key| graph.property(entity, key)) {
        Some(Value::Text(name)) => format!("\"{name}\" ({id})"),
        _ => format!("node {id}"),
    }
}

impl Operator for Delete {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.kept.clear(run);
        self.done = false;
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        if !self.done {
            self.run(run)?;
            self.done = true;
        }
        Ok(self.kept.drain(out))
    }
}
