//! A small graph in memory with free labels: what conformance tests, fuzzing and examples run on. No persistence, no
//! rules beyond the language's own, and no index except over labels.

use crate::error::{Class, Error, Result};
use crate::graph::{Ends, Graph, Hop, Sink, Symbol};
use crate::syntax::tree::Direction;
use crate::value::{Edge, Entity, Node, SmolStr, Value};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes and relationships by number; a deleted one keeps its number and its last content.
#[derive(Clone, Debug, Default)]
pub struct MemoryGraph {
    names: Vec<SmolStr>,
    symbols: FxHashMap<SmolStr, Symbol>,
    nodes: Vec<NodeRow>,
    edges: Vec<EdgeRow>,
    kinds: BTreeSet<SmolStr>,
}

#[derive(Clone, Debug, Default)]
struct NodeRow {
    labels: Vec<Symbol>,
    properties: BTreeMap<SmolStr, Value>,
    outgoing: Vec<Edge>,
    incoming: Vec<Edge>,
    deleted: bool,
}

#[derive(Clone, Debug)]
struct EdgeRow {
    ends: Ends,
    properties: BTreeMap<SmolStr, Value>,
    deleted: bool,
}

impl MemoryGraph {
    fn intern(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.symbols.get(name) {
            return *symbol;
        }
        let symbol = Symbol(self.names.len() as u32);
        self.names.push(SmolStr::new(name));
        self.symbols.insert(SmolStr::new(name), symbol);
        symbol
    }
    fn node(&self, node: Node) -> Option<&NodeRow> {
        self.nodes.get(node.0 as usize)
    }
    fn live(&self) -> impl Iterator<Item = &NodeRow> {
        self.nodes.iter().filter(|n| !n.deleted)
    }
    fn properties_mut(&mut self, entity: Entity) -> Result<&mut BTreeMap<SmolStr, Value>> {
        let found = match entity {
            Entity::Node(node) => {
                self.nodes.get_mut(node.0 as usize).filter(|n| !n.deleted).map(|n| &mut n.properties)
            }
            Entity::Edge(edge) => {
                self.edges.get_mut(edge.0 as usize).filter(|e| !e.deleted).map(|e| &mut e.properties)
            }
        };
        found.ok_or_else(|| {
            Error::runtime(
                Class::EntityNotFound,
                "DeletedEntityAccess",
                "the element was deleted by this query",
            )
        })
    }
    fn properties_ref(&self, entity: Entity) -> Option<&BTreeMap<SmolStr, Value>> {
        match entity {
            Entity::Node(node) => self.node(node).filter(|n| !n.deleted).map(|n| &n.properties),
            Entity::Edge(edge) => {
                self.edges.get(edge.0 as usize).filter(|e| !e.deleted).map(|e| &e.properties)
            }
        }
    }
}

impl Graph for MemoryGraph {
    fn text(&self, symbol: Symbol) -> &str {
        self.names.get(symbol.0 as usize).map_or("", |name| name)
    }
    fn label(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).copied()
    }
    fn kind(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).copied()
    }
    fn key(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).copied()
    }
    fn labels(&self) -> Vec<SmolStr> {
        let used: BTreeSet<Symbol> = self.live().flat_map(|n| n.labels.iter().copied()).collect();
        let texts: BTreeSet<SmolStr> = used.into_iter().map(|s| self.names[s.0 as usize].clone()).collect();
        texts.into_iter().collect()
    }
    fn kinds(&self) -> Vec<SmolStr> {
        self.kinds.iter().cloned().collect()
    }
    fn keys(&self) -> Vec<SmolStr> {
        let nodes = self.live().flat_map(|n| n.properties.keys());
        let edges = self.edges.iter().filter(|e| !e.deleted).flat_map(|e| e.properties.keys());
        let all: BTreeSet<&SmolStr> = nodes.chain(edges).collect();
        all.into_iter().cloned().collect()
    }
    fn exists(&self, entity: Entity) -> bool {
        match entity {
            Entity::Node(node) => self.node(node).is_some_and(|n| !n.deleted),
            Entity::Edge(edge) => self.edges.get(edge.0 as usize).is_some_and(|e| !e.deleted),
        }
    }
    fn labels_of(&self, node: Node) -> Vec<Symbol> {
        self.node(node).map(|n| n.labels.clone()).unwrap_or_default()
    }
    fn has_label(&self, node: Node, label: Symbol) -> bool {
        self.node(node).is_some_and(|n| n.labels.contains(&label))
    }
    fn ends(&self, edge: Edge) -> Ends {
        self.edges[edge.0 as usize].ends
    }
    fn property(&self, entity: Entity, key: Symbol) -> Value {
        let name = self.text(key);
        self.properties_ref(entity).and_then(|p| p.get(name)).cloned().unwrap_or_default()
    }
    fn properties(&self, entity: Entity) -> Vec<(SmolStr, Value)> {
        let all = self.properties_ref(entity).into_iter().flatten();
        all.map(|(key, value)| (key.clone(), value.clone())).collect()
    }
    fn element_id(&self, entity: Entity) -> SmolStr {
        match entity {
            Entity::Node(node) => smol_str::format_smolstr!("n{}", node.0),
            Entity::Edge(edge) => smol_str::format_smolstr!("r{}", edge.0),
        }
    }
    fn node_by_element_id(&self, id: &str) -> Option<Node> {
        let node = Node(id.strip_prefix('n')?.parse().ok()?);
        self.exists(Entity::Node(node)).then_some(node)
    }
    fn scan(&self, label: Option<Symbol>, from: u32, limit: usize, out: &mut Vec<Node>) -> Option<u32> {
        let goal = out.len() + limit.max(1);
        for number in from..self.nodes.len() as u32 {
            if out.len() >= goal {
                return Some(number);
            }
            let row = &self.nodes[number as usize];
            if !row.deleted && label.is_none_or(|l| row.labels.contains(&l)) {
                out.push(Node(number));
            }
        }
        None
    }
    fn expand(&self, node: Node, direction: Direction, kinds: Option<&[Symbol]>, out: &mut Vec<Hop>) {
        let Some(row) = self.node(node) else { return };
        let wanted = |edge: &Edge| {
            let row = &self.edges[edge.0 as usize];
            !row.deleted && kinds.is_none_or(|k| k.contains(&row.ends.kind))
        };
        if direction != Direction::Left {
            let hops = row.outgoing.iter().filter(|e| wanted(e));
            out.extend(hops.map(|e| Hop { edge: *e, node: self.edges[e.0 as usize].ends.target }));
        }
        if direction != Direction::Right {
            let hops = row.incoming.iter().filter(|e| wanted(e));
            let hops = hops.map(|e| Hop { edge: *e, node: self.edges[e.0 as usize].ends.source });
            out.extend(hops.filter(|hop| direction == Direction::Left || hop.node != node));
        }
    }
    fn lookup(&self, _: Option<Symbol>, _: Symbol, _: &Value, _: &mut Vec<Node>) -> bool {
        false
    }
    fn lookup_estimate(&self, _: Option<Symbol>, _: Symbol) -> Option<f64> {
        None
    }
    fn count_nodes(&self, label: Option<Symbol>) -> u64 {
        self.live().filter(|n| label.is_none_or(|l| n.labels.contains(&l))).count() as u64
    }
    fn count_edges(&self, kind: Option<Symbol>) -> u64 {
        self.edges.iter().filter(|e| !e.deleted && kind.is_none_or(|k| e.ends.kind == k)).count() as u64
    }
}

impl Sink for MemoryGraph {
    fn as_graph(&self) -> &dyn Graph {
        self
    }
    fn create_node(&mut self, labels: &[SmolStr], properties: Vec<(SmolStr, Value)>) -> Result<Node> {
        let mut row = NodeRow::default();
        for label in labels {
            let label = self.intern(label);
            if !row.labels.contains(&label) {
                row.labels.push(label);
            }
        }
        for (key, value) in properties {
            self.intern(&key);
            row.properties.insert(key, value);
        }
        self.nodes.push(row);
        Ok(Node(self.nodes.len() as u32 - 1))
    }
    fn create_edge(
        &mut self,
        kind: &str,
        source: Node,
        target: Node,
        properties: Vec<(SmolStr, Value)>,
    ) -> Result<Edge> {
        let edge = Edge(self.edges.len() as u32);
        let kind_symbol = self.intern(kind);
        self.kinds.insert(SmolStr::new(kind));
        for (key, _) in &properties {
            self.intern(key);
        }
        for end in [source, target] {
            self.properties_mut(Entity::Node(end))?;
        }
        self.edges.push(EdgeRow {
            ends: Ends { kind: kind_symbol, source, target },
            properties: properties.into_iter().collect(),
            deleted: false,
        });
        self.nodes[source.0 as usize].outgoing.push(edge);
        self.nodes[target.0 as usize].incoming.push(edge);
        Ok(edge)
    }
    fn set_property(&mut self, entity: Entity, key: &str, value: Value) -> Result<bool> {
        self.intern(key);
        let properties = self.properties_mut(entity)?;
        if value.is_null() {
            return Ok(properties.remove(key).is_some());
        }
        let old = properties.insert(SmolStr::new(key), value.clone());
        Ok(old != Some(value))
    }
    fn add_label(&mut self, node: Node, label: &str) -> Result<bool> {
        let label = self.intern(label);
        self.properties_mut(Entity::Node(node))?;
        let labels = &mut self.nodes[node.0 as usize].labels;
        let new = !labels.contains(&label);
        if new {
            labels.push(label);
        }
        Ok(new)
    }
    fn remove_label(&mut self, node: Node, label: &str) -> Result<bool> {
        let label = self.intern(label);
        self.properties_mut(Entity::Node(node))?;
        let labels = &mut self.nodes[node.0 as usize].labels;
        let before = labels.len();
        labels.retain(|l| *l != label);
        Ok(labels.len() != before)
    }
    fn delete_edge(&mut self, edge: Edge) -> Result<()> {
        let row = &mut self.edges[edge.0 as usize];
        if !row.deleted {
            row.deleted = true;
            let ends = row.ends;
            self.nodes[ends.source.0 as usize].outgoing.retain(|e| *e != edge);
            self.nodes[ends.target.0 as usize].incoming.retain(|e| *e != edge);
        }
        Ok(())
    }
    fn delete_node(&mut self, node: Node) -> Result<()> {
        self.nodes[node.0 as usize].deleted = true;
        Ok(())
    }
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
