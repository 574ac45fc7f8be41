//! Small graphs with loops, parallel relationships, several labels and missing properties.

use crate::chance::Chance;
use cmdb_query::graph::Sink;
use cmdb_query::memory::MemoryGraph;
use cmdb_query::value::{SmolStr, Value};

pub const LABELS: &[&str] = &["A", "B", "C"];
pub const KINDS: &[&str] = &["R", "S"];
pub const NODES_MAX: usize = 8;
pub const EDGES_MAX: usize = 14;

/// A graph and the CREATE clause that makes it again.
pub struct SmallGraph {
    pub graph: MemoryGraph,
    pub written: String,
    pub edges: usize,
}

fn properties(chance: &mut Chance) -> Vec<(SmolStr, Value)> {
    let mut properties = Vec::new();
    if !chance.one_in(4) {
        properties.push((SmolStr::new("x"), Value::Integer(chance.below(4) as i64)));
    }
    if !chance.one_in(3) {
        // Now and then of another kind than elsewhere.
        let value = if chance.one_in(3) {
            Value::Integer(chance.below(3) as i64)
        } else {
            Value::text(chance.pick(&["p", "q", "pq"]))
        };
        properties.push((SmolStr::new("y"), value));
    }
    properties
}

fn written(properties: &[(SmolStr, Value)]) -> String {
    let one = |(key, value): &(SmolStr, Value)| match value {
        Value::Text(text) => format!("{key}: '{text}'"),
        Value::Integer(number) => format!("{key}: {number}"),
        other => format!("{key}: {other:?}"),
    };
    format!("{{{}}}", properties.iter().map(one).collect::<Vec<_>>().join(", "))
}

pub fn small_graph(chance: &mut Chance) -> SmallGraph {
    let mut graph = MemoryGraph::default();
    let (mut nodes, mut texts) = (Vec::new(), Vec::new());
    let count = 1 + chance.below(NODES_MAX);
    for at in 0..count {
        let labels: Vec<SmolStr> = LABELS.iter().filter(|_| chance.one_in(2)).map(SmolStr::new).collect();
        let properties = properties(chance);
        let mut text = format!("(n{at}");
        text.extend(labels.iter().map(|label| format!(":{label}")));
        texts.push(format!("{text} {})", written(&properties)));
        nodes.push(graph.create_node(&labels, properties).unwrap());
    }
    let edges = if chance.one_in(8) { 0 } else { chance.below((count * 2).min(EDGES_MAX) + 1) };
    for _ in 0..edges {
        let (from, to) = (chance.below(count), chance.below(count));
        let (kind, properties) = (chance.pick(KINDS), properties(chance));
        texts.push(format!("(n{from})-[:{kind} {}]->(n{to})", written(&properties)));
        graph.create_edge(kind, nodes[from], nodes[to], properties).unwrap();
    }
    SmallGraph { graph, written: format!("CREATE {}", texts.join(", ")), edges }
}
