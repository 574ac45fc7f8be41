//! GraphML with typed keys, as networkx, yEd and Gephi read it, and our own importer.
//!
//! A key's type must stand before the first node, so the rows are gone through once to learn it: `long`, `double` or
//! `boolean` where every value is one, else `string`. XML 1.0 has no control characters; each becomes U+FFFD.

use super::graph::{edge_columns, edges, node_columns, nodes};
use super::text::plain;
use super::{Exporter, Holds, Row, Tables};
use cmdb_core::model::Value;
use std::io::{self, Write};

pub(super) struct GraphMl;

impl Exporter for GraphMl {
    fn name(&self) -> &'static str {
        "graphml"
    }

    fn media(&self) -> &'static str {
        "application/graphml+xml"
    }

    fn holds(&self) -> Holds {
        Holds::Graph
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        let node_columns = node_columns(tables);
        let edge_columns = edge_columns(tables);
        let node_types = types(node_columns.len(), nodes(tables).map(|node| node.rest));
        let edge_types = types(edge_columns.len(), edges(tables).map(|edge| edge.rest));
        out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        out.write_all(b"<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n")?;
        key(out, "nc", "node", "class", "string")?;
        key(out, "nn", "node", "name", "string")?;
        for (at, (name, kind)) in node_columns.iter().zip(&node_types).enumerate() {
            key(out, &format!("n{at}"), "node", name, kind.name())?;
        }
        key(out, "et", "edge", "type", "string")?;
        for (at, (name, kind)) in edge_columns.iter().zip(&edge_types).enumerate() {
            key(out, &format!("e{at}"), "edge", name, kind.name())?;
        }
        out.write_all(b"<graph id=\"cmdb\" edgedefault=\"directed\">\n")?;
        for node in nodes(tables) {
            write!(out, "<node id=\"{}\">", escaped(&node.id))?;
            data(out, "nc", &node.class)?;
            data(out, "nn", &node.name)?;
            rest(out, 'n', &node.rest)?;
            out.write_all(b"</node>\n")?;
        }
        for edge in edges(tables) {
            write!(out, "<edge source=\"{}\" target=\"{}\">", escaped(&edge.source), escaped(&edge.target))?;
            data(out, "et", &edge.kind)?;
            rest(out, 'e', &edge.rest)?;
            out.write_all(b"</edge>\n")?;
        }
        out.write_all(b"</graph>\n</graphml>\n")
    }
}

/// What a key's values are.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    Unknown,
    Long,
    Double,
    Boolean,
    Text,
}

impl Type {
    fn of(value: &Value) -> Type {
        match value {
            Value::Integer(_) => Type::Long,
            Value::Decimal(_) => Type::Double,
            Value::Boolean(_) => Type::Boolean,
            Value::Text(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Date(_)
            | Value::LocalTime(_)
            | Value::Time(_)
            | Value::LocalDateTime(_)
            | Value::DateTime(_)
            | Value::Duration(_) => Type::Text,
        }
    }
    fn with(self, other: Type) -> Type {
        match (self, other) {
            (Type::Unknown, other) => other,
            (this, other) if this == other => this,
            (Type::Long | Type::Double, Type::Long | Type::Double) => Type::Double,
            _ => Type::Text,
        }
    }
    fn name(self) -> &'static str {
        match self {
            Type::Long => "long",
            Type::Double => "double",
            Type::Boolean => "boolean",
            Type::Unknown | Type::Text => "string",
        }
    }
}

fn types(columns: usize, rows: impl Iterator<Item = Row>) -> Vec<Type> {
    let mut types = vec![Type::Unknown; columns];
    for row in rows {
        for (kind, value) in types.iter_mut().zip(row.iter()) {
            if let Some(value) = value {
                *kind = kind.with(Type::of(value));
            }
        }
    }
    types
}

fn key(out: &mut dyn Write, id: &str, of: &str, name: &str, kind: &str) -> io::Result<()> {
    let name = escaped(name);
    writeln!(out, "<key id=\"{id}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>")
}

fn data(out: &mut dyn Write, key: &str, text: &str) -> io::Result<()> {
    write!(out, "<data key=\"{key}\">{}</data>", escaped(text))
}

fn rest(out: &mut dyn Write, prefix: char, row: &Row) -> io::Result<()> {
    for (at, value) in row.iter().enumerate() {
        if let Some(value) = value {
            data(out, &format!("{prefix}{at}"), &plain(value))?;
        }
    }
    Ok(())
}

/// Text between tags or quotes. A carriage return is coded, because a parser would take it for a line feed.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
