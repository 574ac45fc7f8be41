//! Side effects: the difference between the graph before and after, never an engine's own counters.

use crate::Subject;
use crate::cell;
use cmdb_query::graph::Graph;
use cmdb_query::value::{Entity, Node};
use std::collections::{BTreeMap, BTreeSet};

/// What is in a graph, as sets that can be subtracted.
#[derive(Clone, Debug, Default)]
pub struct Content {
    nodes: BTreeSet<String>,
    relationships: BTreeSet<String>,
    labels: BTreeSet<String>,
    properties: BTreeSet<String>,
}

impl Content {
    pub fn of(subject: &dyn Subject) -> Content {
        let mut content = Content::default();
        subject.observe(&mut |graph| content.look(graph));
        content
    }
    fn look(&mut self, graph: &dyn Graph) {
        let mut nodes = Vec::new();
        let mut cursor = Some(0);
        while let Some(from) = cursor {
            cursor = graph.scan(None, from, 1024, &mut nodes);
        }
        for node in nodes {
            self.node(graph, node);
        }
    }
    fn node(&mut self, graph: &dyn Graph, node: Node) {
        self.nodes.insert(graph.element_id(Entity::Node(node)).to_string());
        self.labels.extend(graph.labels_of(node).into_iter().map(|l| graph.text(l).to_owned()));
        self.entity(graph, Entity::Node(node));
        let mut hops = Vec::new();
        graph.expand(node, cmdb_query::syntax::tree::Direction::Right, None, &mut hops);
        for hop in hops {
            self.relationships.insert(graph.element_id(Entity::Edge(hop.edge)).to_string());
            self.entity(graph, Entity::Edge(hop.edge));
        }
    }
    fn entity(&mut self, graph: &dyn Graph, entity: Entity) {
        let id = graph.element_id(entity);
        for (key, value) in cell::properties(graph, entity) {
            self.properties.insert(format!("{id}.{key} = {value:?}"));
        }
    }
    /// What changed from `self` to `after`, by the words of the scenario files; zeros left out.
    pub fn changes(&self, after: &Content) -> BTreeMap<String, usize> {
        let mut out = BTreeMap::new();
        let mut note = |word: &str, before: &BTreeSet<String>, after: &BTreeSet<String>| {
            for (sign, count) in
                [('+', after.difference(before).count()), ('-', before.difference(after).count())]
            {
                if count > 0 {
                    out.insert(format!("{sign}{word}"), count);
                }
            }
        };
        note("nodes", &self.nodes, &after.nodes);
        note("relationships", &self.relationships, &after.relationships);
        note("labels", &self.labels, &after.labels);
        note("properties", &self.properties, &after.properties);
        out
    }
}
