//! Values of the language as JSON, written straight to bytes, and JSON as parameters.

use cmdb_core::{Error, Result};
use cmdb_query::graph::Graph;
use cmdb_query::value::{Edge, Entity, Node, Path, SmolStr, Value};
use std::fmt::Write as _;

/// How deep a parameter may nest.
const NESTING_MAX: usize = 64;

/// Writes one value; elements of the graph are read from `graph` now.
pub fn write(out: &mut Vec<u8>, graph: &dyn Graph, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(true) => out.extend_from_slice(b"true"),
        Value::Boolean(false) => out.extend_from_slice(b"false"),
        Value::Integer(n) => display(out, n),
        Value::Float(n) if n.is_finite() => encoded(out, n),
        // JSON has no word for these.
        Value::Float(n) => text(
            out,
            if n.is_nan() {
                "NaN"
            } else if *n > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            },
        ),
        Value::Text(t) => text(out, t),
        Value::List(values) => list(out, values, |out, value| write(out, graph, value)),
        Value::Map(entries) => object(out, graph, entries.iter()),
        Value::Node(n) => node(out, graph, *n),
        Value::Edge(e) => edge(out, graph, *e),
        Value::Path(p) => path(out, graph, p),
        Value::Temporal(temporal) => text(out, &temporal.to_string()),
    }
}

/// Writes a text as a JSON string.
pub fn text(out: &mut Vec<u8>, text: &str) {
    encoded(out, &text);
}

fn encoded<T: serde::Serialize>(out: &mut Vec<u8>, value: &T) {
    // Writing numbers and texts to memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}

fn display(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    let mut digits = String::new();
    let _ = write!(digits, "{value}");
    out.extend_from_slice(digits.as_bytes());
}

fn list<T>(out: &mut Vec<u8>, values: &[T], mut each: impl FnMut(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        each(out, value);
    }
    out.push(b']');
}

fn object<'v>(out: &mut Vec<u8>, graph: &dyn Graph, entries: impl Iterator<Item = (&'v SmolStr, &'v Value)>) {
    out.push(b'{');
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        text(out, key);
        out.push(b':');
        write(out, graph, value);
    }
    out.push(b'}');
}

fn properties(out: &mut Vec<u8>, graph: &dyn Graph, entity: Entity) {
    let all = graph.properties(entity);
    object(out, graph, all.iter().map(|(key, value)| (key, value)));
}

fn field(out: &mut Vec<u8>, name: &str) {
    out.push(if out.last() == Some(&b'{') { b' ' } else { b',' });
    if out.last() == Some(&b' ') {
        out.pop();
    }
    text(out, name);
    out.push(b':');
}

fn node(out: &mut Vec<u8>, graph: &dyn Graph, node: Node) {
    let labels = graph.labels_of(node);
    let name = graph.key("name").map(|key| graph.property(Entity::Node(node), key));
    out.push(b'{');
    field(out, "id");
    text(out, &graph.element_id(Entity::Node(node)));
    field(out, "class");
    text(out, labels.first().map_or("", |l| graph.text(*l)));
    field(out, "name");
    match name {
        Some(Value::Text(name)) => text(out, &name),
        _ => text(out, ""),
    }
    field(out, "labels");
    list(out, &labels, |out, label| text(out, graph.text(*label)));
    field(out, "properties");
    properties(out, graph, Entity::Node(node));
    out.push(b'}');
}

fn edge(out: &mut Vec<u8>, graph: &dyn Graph, edge: Edge) {
    let ends = graph.ends(edge);
    out.push(b'{');
    field(out, "id");
    text(out, &graph.element_id(Entity::Edge(edge)));
    field(out, "type");
    text(out, graph.text(ends.kind));
    for (name, end) in [("source", ends.source), ("target", ends.target)] {
        field(out, name);
        text(out, &graph.element_id(Entity::Node(end)));
    }
    field(out, "properties");
    properties(out, graph, Entity::Edge(edge));
    out.push(b'}');
}

fn path(out: &mut Vec<u8>, graph: &dyn Graph, path: &Path) {
    out.push(b'{');
    field(out, "nodes");
    list(out, &path.nodes, |out, n| node(out, graph, *n));
    field(out, "relationships");
    list(out, &path.edges, |out, e| edge(out, graph, *e));
    out.push(b'}');
}

/// A parameter's value.
///
/// # Errors
/// Numbers no 64-bit type holds, and nesting beyond the bound.
pub fn read(name: &str, value: &serde_json::Value) -> Result<Value> {
    read_within(name, value, NESTING_MAX)
}

fn read_within(name: &str, value: &serde_json::Value, depth_left: usize) -> Result<Value> {
    use serde_json::Value as Json;
    if depth_left == 0 {
        let message = format!("parameter \"{name}\" nests deeper than {NESTING_MAX}");
        return Err(
            Error::limit("query.parameter", message).detail(format!("/parameters/{name}"), "too deep")
        );
    }
    Ok(match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Boolean(*b),
        Json::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => Value::Integer(n),
            (None, Some(n)) if !value.is_u64() => Value::Float(n),
            _ => {
                let message = format!("parameter \"{name}\": {n} is no 64-bit number");
                return Err(Error::invalid("query.parameter", message)
                    .detail(format!("/parameters/{name}"), "out of range"));
            }
        },
        Json::String(text) => Value::text(text),
        Json::Array(values) => {
            let values = values.iter().map(|v| read_within(name, v, depth_left - 1));
            Value::list(values.collect::<Result<_>>()?)
        }
        Json::Object(entries) => {
            let entries =
                entries.iter().map(|(k, v)| Ok((k.as_str().into(), read_within(name, v, depth_left - 1)?)));
            Value::map(entries.collect::<Result<Vec<_>>>()?)
        }
    })
}
