//! CREATE, and what may be stored as a property.

use super::batch::{Batch, Source};
use super::{Operator, Run};
use crate::error::{Class, Error, Result};
use crate::plan;
use crate::value::size::bytes;
use crate::value::{Entity, Node, SmolStr, Value};
use std::sync::Arc;

/// What one element under way costs beside its properties, roughly.
const ELEMENT_BYTES: u64 = 256;

/// For each row, new nodes and relationships at its end.
pub struct Create {
    pub source: Source,
    pub create: Arc<plan::Create>,
}

impl Operator for Create {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            let mut row = self.source.row().to_vec();
            create(run, &self.create, &mut row)?;
            out.push_moved(&mut row);
        }
        Ok(true)
    }
}

/// Creates what the pattern says and adds it to the row: all nodes, then all relationships.
pub fn create(run: &mut Run<'_>, create: &plan::Create, row: &mut Vec<Value>) -> Result<()> {
    for node in &create.nodes {
        run.budget.step(1)?;
        let properties = match &node.properties {
            Some(properties) => entries(run, properties.eval(&run.scene(), row)?)?,
            None => Vec::new(),
        };
        charge(run, &properties)?;
        run.stats.nodes_created += 1;
        run.stats.labels_added += node.labels.len() as u64;
        run.stats.properties_set += properties.len() as u64;
        row.push(Value::Node(run.sink()?.create_node(&node.labels, properties)?));
    }
    for edge in &create.edges {
        run.budget.step(1)?;
        let (source, target) = (end(row, edge.source)?, end(row, edge.target)?);
        let properties = match &edge.properties {
            Some(properties) => entries(run, properties.eval(&run.scene(), row)?)?,
            None => Vec::new(),
        };
        charge(run, &properties)?;
        run.stats.relationships_created += 1;
        run.stats.properties_set += properties.len() as u64;
        row.push(Value::Edge(run.sink()?.create_edge(&edge.kind, source, target, properties)?));
    }
    Ok(())
}

/// What is created is kept until the query ends.
fn charge(run: &Run<'_>, properties: &[(SmolStr, Value)]) -> Result<()> {
    let properties: u64 = properties.iter().map(|(key, value)| key.len() as u64 + bytes(value)).sum();
    run.budget.hold(ELEMENT_BYTES + properties)
}

fn end(row: &[Value], slot: usize) -> Result<Node> {
    match &row[slot] {
        Value::Node(node) => Ok(*node),
        Value::Null => {
            let message = "a relationship cannot be created: one of its nodes is null";
            Err(Error::runtime(Class::EntityNotFound, "MissingNode", message)
                .hint("match the node without OPTIONAL, or filter with `IS NOT NULL`"))
        }
        other => {
            Err(Error::kind("InvalidArgumentType", format!("a node is wanted, not {}", other.kind_name())))
        }
    }
}

/// The properties a map, node or relationship stands for; null ones left out.
pub fn entries(run: &Run<'_>, value: Value) -> Result<Vec<(SmolStr, Value)>> {
    let entries = match value {
        Value::Map(map) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        Value::Node(node) => run.graph().properties(Entity::Node(node)),
        Value::Edge(edge) => run.graph().properties(Entity::Edge(edge)),
        Value::Null => Vec::new(),
        other => {
            let message =
                format!("properties come from a map, node or relationship, not {}", other.kind_name());
            return Err(Error::kind("InvalidArgumentType", message));
        }
    };
    let mut kept = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if !value.is_null() {
            storable(&key, &value)?;
            kept.push((key, value));
        }
    }
    Ok(kept)
}

/// # Errors
/// Values that cannot be a property: maps, elements, paths, and lists of anything but plain values.
pub fn storable(key: &str, value: &Value) -> Result<()> {
    let plain = |value: &Value| {
        matches!(
            value,
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) | Value::Temporal(_)
        )
    };
    let fine = match value {
        Value::List(values) => values.iter().all(plain),
        value => plain(value) || value.is_null(),
    };
    if fine {
        return Ok(());
    }
    let message = format!("`{key}` cannot hold {}", value.kind_name());
    Err(Error::kind("InvalidPropertyType", message)
        .hint("a property is a plain value, or a list of plain values without null"))
}
