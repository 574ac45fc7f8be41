//! What an expression yields and a row holds.

pub mod compare;
pub mod key;
pub mod render;
pub mod size;
pub mod temporal;
#[cfg(test)]
mod tests;

pub use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;
use temporal::Temporal;

/// A node by its number in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub u32);

/// A relationship by its number in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge(pub u32);

/// A node or a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    Node(Node),
    Edge(Edge),
}

/// Nodes and relationships in turn: `nodes.len() == edges.len() + 1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

/// A value of the language. `==` of Rust is structural and not the language's `=`; that is in `value/compare`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(SmolStr),
    List(Arc<Vec<Value>>),
    Map(Arc<BTreeMap<SmolStr, Value>>),
    Node(Node),
    Edge(Edge),
    Path(Arc<Path>),
    Temporal(Box<Temporal>),
}

impl Value {
    pub fn text(text: &str) -> Value {
        Value::Text(SmolStr::new(text))
    }
    pub fn list(values: Vec<Value>) -> Value {
        Value::List(Arc::new(values))
    }
    pub fn map(entries: impl IntoIterator<Item = (SmolStr, Value)>) -> Value {
        Value::Map(Arc::new(entries.into_iter().collect()))
    }
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
    /// The word for this kind of value in messages and for `valueType`.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Value::Null => "Null",
            Value::Boolean(_) => "Boolean",
            Value::Integer(_) => "Integer",
            Value::Float(_) => "Float",
            Value::Text(_) => "String",
            Value::List(_) => "List",
            Value::Map(_) => "Map",
            Value::Node(_) => "Node",
            Value::Edge(_) => "Relationship",
            Value::Path(_) => "Path",
            Value::Temporal(temporal) => temporal.kind_name(),
        }
    }
}
