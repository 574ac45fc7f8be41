//! petgraph's visit traits on a view, so that petgraph's algorithms run on the inventory unchanged.
//!
//! Nodes are dense ids; an edge runs from the dependent to its dependency. Do not call `tarjan_scc`: it recurses
//! and overflows the stack on a long chain; `kosaraju_scc` does not, nor does our own [`super::order::components`].

use super::adjacency::{Adjacency, Row};
use super::view::View;
use petgraph::Direction;
use petgraph::visit::{
    GraphBase, GraphRef, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers, NodeCompactIndexable,
    NodeCount, NodeIndexable, VisitMap, Visitable,
};

/// petgraph's wants graphs that are `Copy`; a view is.
impl GraphBase for View<'_> {
    type NodeId = u32;
    type EdgeId = u32;
}

impl GraphRef for View<'_> {}

impl NodeCount for View<'_> {
    fn node_count(&self) -> usize {
        self.snapshot().nodes() as usize
    }
}

impl NodeIndexable for View<'_> {
    fn node_bound(&self) -> usize {
        self.node_count()
    }
    fn to_index(&self, node: u32) -> usize {
        node as usize
    }
    fn from_index(&self, index: usize) -> u32 {
        index as u32
    }
}

impl NodeCompactIndexable for View<'_> {}

/// A set of dense ids.
#[derive(Clone, Debug, Default)]
pub struct Visited(Vec<u64>);

impl VisitMap<u32> for Visited {
    fn visit(&mut self, node: u32) -> bool {
        let seen = self.is_visited(&node);
        if let Some(word) = self.0.get_mut(node as usize / 64) {
            *word |= 1 << (node % 64);
        }
        !seen
    }
    fn is_visited(&self, node: &u32) -> bool {
        self.0.get(*node as usize / 64).is_some_and(|word| word >> (node % 64) & 1 != 0)
    }
    fn unvisit(&mut self, node: u32) -> bool {
        let seen = self.is_visited(&node);
        if let Some(word) = self.0.get_mut(node as usize / 64) {
            *word &= !(1 << (node % 64));
        }
        seen
    }
}

impl Visitable for View<'_> {
    type Map = Visited;
    fn visit_map(&self) -> Visited {
        Visited(vec![0; self.node_count().div_ceil(64)])
    }
    fn reset_map(&self, map: &mut Visited) {
        *map = self.visit_map();
    }
}

impl IntoNodeIdentifiers for View<'_> {
    type NodeIdentifiers = std::ops::Range<u32>;
    fn node_identifiers(self) -> Self::NodeIdentifiers {
        0..self.snapshot().nodes()
    }
}

/// Visible neighbours of one item in one direction.
#[derive(Debug)]
pub struct Neighbors<'a> {
    view: View<'a>,
    parts: Vec<&'a [u32]>,
    at: usize,
}

impl<'a> Neighbors<'a> {
    fn new(view: View<'a>, adjacency: &'a Adjacency, node: u32) -> Self {
        let row: Row<'a> = if view.is_hidden(node) { Adjacency::EMPTY_ROW } else { adjacency.row(node) };
        let mut parts: Vec<&'a [u32]> = row.parts().map(|p| p.heads()).collect();
        parts.reverse();
        Neighbors { view, parts, at: 0 }
    }
}

impl Iterator for Neighbors<'_> {
    type Item = u32;
    fn next(&mut self) -> Option<u32> {
        loop {
            let heads = *self.parts.last()?;
            match heads.get(self.at) {
                Some(head) => {
                    self.at += 1;
                    let other = head & super::adjacency::OTHER_MASK;
                    if !self.view.is_hidden(other) {
                        return Some(other);
                    }
                }
                None => {
                    self.parts.pop();
                    self.at = 0;
                }
            }
        }
    }
}

impl<'a> IntoNeighbors for View<'a> {
    type Neighbors = Neighbors<'a>;
    fn neighbors(self, node: u32) -> Neighbors<'a> {
        Neighbors::new(self, self.snapshot().dependencies(), node)
    }
}

impl<'a> IntoNeighborsDirected for View<'a> {
    type NeighborsDirected = Neighbors<'a>;
    fn neighbors_directed(self, node: u32, direction: Direction) -> Neighbors<'a> {
        let adjacency = match direction {
            Direction::Outgoing => self.snapshot().dependencies(),
            Direction::Incoming => self.snapshot().dependents(),
        };
        Neighbors::new(self, adjacency, node)
    }
}
