//! Cytoscape JSON: `{"elements": {"nodes": [{"data": …}], "edges": [{"data": …}]}}`, one element a line.
//!
//! Attributes stand beside `id`, `label`, `class`, `source` and `target`, where selectors such as
//! `node[criticality <= 2]` find them; one that has such a name itself is called `attribute_…`.

use super::graph::{edge_columns, edges, node_columns, nodes};
use super::{Exporter, Holds, Row, Tables};
use crate::json;
use serde_json::{Map, Value as Json, json};
use std::io::{self, Write};

pub(super) struct Cytoscape;

/// Names that mean something to Cytoscape or to us.
const TAKEN: [&str; 6] = ["id", "label", "class", "source", "target", "parent"];

impl Exporter for Cytoscape {
    fn name(&self) -> &'static str {
        "cytoscape"
    }

    fn media(&self) -> &'static str {
        "application/json"
    }

    fn holds(&self) -> Holds {
        Holds::Graph
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"elements\":{\"nodes\":[")?;
        let columns = node_columns(tables);
        for (nth, node) in nodes(tables).enumerate() {
            let mut data = Map::new();
            data.insert("id".to_owned(), node.id.into());
            data.insert("label".to_owned(), node.name.into());
            data.insert("class".to_owned(), node.class.into());
            element(nth, data, &columns, node.rest, out)?;
        }
        out.write_all(b"\n],\"edges\":[")?;
        let columns = edge_columns(tables);
        for (nth, edge) in edges(tables).enumerate() {
            let mut data = Map::new();
            data.insert("id".to_owned(), format!("e{}", nth + 1).into());
            data.insert("source".to_owned(), edge.source.into());
            data.insert("target".to_owned(), edge.target.into());
            data.insert("label".to_owned(), edge.kind.into());
            element(nth, data, &columns, edge.rest, out)?;
        }
        out.write_all(b"\n]}}\n")
    }
}

fn element(
    nth: usize,
    mut data: Map<String, Json>,
    columns: &[&str],
    rest: Row,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (column, value) in columns.iter().zip(rest) {
        let Some(value) = value else { continue };
        let prefix = if TAKEN.contains(column) { "attribute_" } else { "" };
        data.insert(format!("{prefix}{column}"), json::from_value(&value));
    }
    out.write_all(if nth == 0 { "\n" } else { ",\n" }.as_bytes())?;
    serde_json::to_writer(&mut *out, &json!({ "data": data }))?;
    Ok(())
}
