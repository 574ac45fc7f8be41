//! From a node over its relationships: one hop, and the ends of a relationship that is known.

use super::batch::{Batch, Source};
use super::{Operator, Run};
use crate::error::{Error, Result};
use crate::graph::{Graph, Hop, Symbol};
use crate::plan::{self, To};
use crate::syntax::tree::Direction;
use crate::value::{Edge, Node, SmolStr, Value};
use std::sync::Arc;

/// Finds the relationships at a node; keeps the symbols it has looked up.
pub struct Hopper {
    direction: Direction,
    names: Option<Vec<SmolStr>>,
    symbols: Option<Vec<Symbol>>,
    known: bool,
}

impl Hopper {
    pub fn new(direction: Direction, names: &Option<Vec<SmolStr>>) -> Hopper {
        Hopper { direction, names: names.clone(), symbols: None, known: false }
    }
    /// Types that the graph does not know yet are asked for again: the query itself may bring them in.
    fn resolve(&mut self, graph: &dyn Graph) {
        if !self.known {
            self.symbols = super::symbols(graph, &self.names);
            self.known = self.symbols.as_ref().map(Vec::len) == self.names.as_ref().map(Vec::len);
        }
    }
    /// Adds the hops from a node and charges for them.
    #[inline]
    pub fn hops(&mut self, run: &Run<'_>, node: Node, out: &mut Vec<Hop>) -> Result<()> {
        let graph = run.graph();
        self.resolve(graph);
        let before = out.len();
        if self.symbols.as_ref().is_none_or(|kinds| !kinds.is_empty()) {
            graph.expand(node, self.direction, self.symbols.as_deref(), out);
        }
        run.budget.step(1 + (out.len() - before) as u64)
    }
    pub fn allows(&mut self, graph: &dyn Graph, edge: Edge) -> bool {
        self.resolve(graph);
        self.symbols.as_ref().is_none_or(|kinds| kinds.contains(&graph.ends(edge).kind))
    }
    pub fn symbols(&mut self, graph: &dyn Graph) -> Option<&[Symbol]> {
        self.resolve(graph);
        self.symbols.as_deref()
    }
}

/// The node in a slot; none for null.
pub fn node_at(row: &[Value], slot: usize) -> Result<Option<Node>> {
    match &row[slot] {
        Value::Node(node) => Ok(Some(*node)),
        Value::Null => Ok(None),
        other => Err(Error::kind(
            "InvalidArgumentType",
            format!("a node is wanted here, not {}", other.kind_name()),
        )),
    }
}

/// Whether a relationship is among those already taken by this row.
#[inline]
pub fn is_taken(row: &[Value], different: &[usize], edge: Edge) -> bool {
    different.iter().any(|slot| match &row[*slot] {
        Value::Edge(taken) => *taken == edge,
        Value::List(taken) => taken.contains(&Value::Edge(edge)),
        _ => false,
    })
}

/// The other end of a relationship.
pub fn far_end(graph: &dyn Graph, edge: Edge, node: Node) -> Node {
    let ends = graph.ends(edge);
    if ends.source == node { ends.target } else { ends.source }
}

pub struct Expand {
    source: Source,
    expand: Arc<plan::Expand>,
    hopper: Hopper,
    labels: Vec<Symbol>,
    /// A label that the graph does not know: no node has it.
    impossible: bool,
    found: Vec<Hop>,
    at: usize,
}

impl Expand {
    pub fn new(source: Source, expand: Arc<plan::Expand>) -> Expand {
        let hopper = Hopper::new(expand.direction, &expand.kinds);
        let (labels, found) = (Vec::new(), Vec::new());
        Expand { source, expand, hopper, labels, impossible: false, found, at: 0 }
    }
    fn fetch(&mut self, run: &mut Run<'_>) -> Result<bool> {
        self.found.clear();
        self.at = 0;
        while self.found.is_empty() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            let Some(node) = node_at(self.source.row(), self.expand.from)? else { continue };
            self.hopper.hops(run, node, &mut self.found)?;
        }
        if self.labels.len() < self.expand.labels.len() {
            let found = self.expand.labels.iter().map_while(|name| run.graph().label(name));
            self.labels = found.collect();
            self.impossible = self.labels.len() < self.expand.labels.len();
        }
        Ok(true)
    }
}

impl Operator for Expand {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.found.clear();
        self.at = 0;
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        loop {
            if self.at >= self.found.len() && !self.fetch(run)? {
                return Ok(false);
            }
            let graph = run.graph();
            let row = self.source.row();
            while let Some(hop) = self.found.get(self.at) {
                if out.is_full() {
                    return Ok(true);
                }
                self.at += 1;
                if self.impossible || !self.labels.iter().all(|label| graph.has_label(hop.node, *label)) {
                    continue;
                }
                if is_taken(row, &self.expand.different, hop.edge) {
                    continue;
                }
                match self.expand.to {
                    To::Slot(slot) if row[slot] != Value::Node(hop.node) => {}
                    To::Slot(_) if self.expand.keeps_edge => out.push_with(row, [Value::Edge(hop.edge)]),
                    To::Slot(_) => out.push(row),
                    To::New if self.expand.keeps_edge => {
                        out.push_with(row, [Value::Edge(hop.edge), Value::Node(hop.node)]);
                    }
                    To::New => out.push_with(row, [Value::Node(hop.node)]),
                }
            }
        }
    }
}

/// For a relationship that is bound already: the nodes at its ends, in the ways the pattern allows.
pub struct Ends {
    source: Source,
    ends: Arc<plan::Ends>,
    hopper: Hopper,
    found: Vec<(Node, Node)>,
}

impl Ends {
    pub fn new(source: Source, ends: Arc<plan::Ends>) -> Ends {
        let hopper = Hopper::new(ends.direction, &ends.kinds);
        Ends { source, ends, hopper, found: Vec::new() }
    }
    fn fetch(&mut self, run: &Run<'_>) -> Result<()> {
        let row = self.source.row();
        let Value::Edge(edge) = row[self.ends.edge] else {
            if row[self.ends.edge].is_null() {
                return Ok(());
            }
            return Err(Error::kind("InvalidArgumentType", "a relationship is wanted here"));
        };
        run.budget.step(1)?;
        let graph = run.graph();
        if !self.hopper.allows(graph, edge) || is_taken(row, &self.ends.different, edge) {
            return Ok(());
        }
        let ends = graph.ends(edge);
        let (right, left) = ((ends.source, ends.target), (ends.target, ends.source));
        match self.ends.direction {
            Direction::Right => self.found.push(right),
            Direction::Left => self.found.push(left),
            Direction::Both => {
                self.found.push(right);
                self.found.extend((left != right).then_some(left));
            }
        }
        // A slot beyond the row is the first end, found by this very step.
        let fits = |to: To, node: Node, first: Node| match to {
            To::Slot(slot) => row.get(slot).map_or(node == first, |value| *value == Value::Node(node)),
            To::New => true,
        };
        let (first, second) = (self.ends.from, self.ends.to);
        self.found.retain(|(from, to)| fits(first, *from, *from) && fits(second, *to, *from));
        Ok(())
    }
}

impl Operator for Ends {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.found.clear();
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some((from, to)) = self.found.pop() {
                let new = [(self.ends.from, from), (self.ends.to, to)];
                let new = new.into_iter().filter(|(to, _)| *to == To::New);
                out.push_values(self.source.row(), new.map(|(_, node)| Value::Node(node)));
            } else if self.source.advance(run)? {
                self.fetch(run)?;
            } else {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
