//! Patterns of variable length: every trail, that is every way that takes no relationship twice.

use super::batch::{Batch, Source};
use super::expand::{Hopper, far_end, is_taken, node_at};
use super::row::all_hold;
use super::{Operator, Run};
use crate::error::Result;
use crate::graph::Hop;
use crate::plan::{self, To};
use crate::syntax::tree::Direction;
use crate::value::{Edge, Node, Value};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Up to this length a trail is searched through; beyond, a set is kept.
const SEARCHED_LENGTH: usize = 24;

/// The relationships of the trail under way.
#[derive(Default)]
struct Taken {
    edges: Vec<Edge>,
    set: FxHashSet<Edge>,
}

impl Taken {
    fn contains(&self, edge: Edge) -> bool {
        let head = &self.edges[..self.edges.len().min(SEARCHED_LENGTH)];
        head.contains(&edge) || (self.edges.len() > SEARCHED_LENGTH && self.set.contains(&edge))
    }
    fn push(&mut self, edge: Edge) {
        if self.edges.len() >= SEARCHED_LENGTH {
            self.set.insert(edge);
        }
        self.edges.push(edge);
    }
    fn pop(&mut self) {
        if let Some(edge) = self.edges.pop()
            && self.edges.len() >= SEARCHED_LENGTH
        {
            self.set.remove(&edge);
        }
    }
    fn clear(&mut self) {
        self.edges.clear();
        self.set.clear();
    }
}

/// The hops of one node of the trail: a range of the common stack.
struct Frame {
    start: usize,
    next: usize,
}

/// Depth first, without recursion.
pub struct Trail {
    source: Source,
    trail: Arc<plan::Trail>,
    hopper: Hopper,
    hops: Vec<Hop>,
    frames: Vec<Frame>,
    taken: Taken,
    /// The start, if a trail of no length is wanted and not yet handed on.
    zero: Option<Node>,
    /// The row with one more slot, for conditions on each hop.
    probe: Vec<Value>,
}

impl Trail {
    pub fn new(source: Source, trail: Arc<plan::Trail>) -> Trail {
        let hopper = Hopper::new(trail.direction, &trail.kinds);
        let (hops, frames, probe) = (Vec::new(), Vec::new(), Vec::new());
        Trail { source, trail, hopper, hops, frames, taken: Taken::default(), zero: None, probe }
    }
    fn stop(&mut self) {
        self.frames.clear();
        self.hops.clear();
        self.taken.clear();
        self.zero = None;
    }
    fn start(&mut self, run: &Run<'_>) -> Result<()> {
        self.stop();
        let Some(node) = node_at(self.source.row(), self.trail.from)? else { return Ok(()) };
        self.zero = (self.trail.min == 0).then_some(node);
        if !self.trail.hop.is_empty() {
            self.probe.clear();
            self.probe.extend_from_slice(self.source.row());
            self.probe.push(Value::Null);
        }
        self.enter(run, node)
    }
    /// Puts the hops of a node on the stack, unless the trail is as long as it may be.
    fn enter(&mut self, run: &Run<'_>, node: Node) -> Result<()> {
        let start = self.hops.len();
        if self.trail.max.is_none_or(|max| (self.taken.edges.len() as u64) < max) {
            self.hopper.hops(run, node, &mut self.hops)?;
        }
        self.frames.push(Frame { start, next: start });
        Ok(())
    }
    fn allows(&mut self, run: &Run<'_>, edge: Edge) -> Result<bool> {
        if self.taken.contains(edge) || is_taken(self.source.row(), &self.trail.different, edge) {
            return Ok(false);
        }
        if self.trail.hop.is_empty() {
            return Ok(true);
        }
        if let Some(last) = self.probe.last_mut() {
            *last = Value::Edge(edge);
        }
        all_hold(run, &self.trail.hop, &self.probe)
    }
    /// Takes one more hop; yields the node it leads to, or none at the end of this row.
    fn step(&mut self, run: &Run<'_>) -> Result<Option<Node>> {
        while let Some(frame) = self.frames.last_mut() {
            let Some(hop) = self.hops.get(frame.next).copied() else {
                self.hops.truncate(frame.start);
                self.frames.pop();
                self.taken.pop();
                continue;
            };
            frame.next += 1;
            run.budget.step(1)?;
            if self.allows(run, hop.edge)? {
                self.taken.push(hop.edge);
                self.enter(run, hop.node)?;
                return Ok(Some(hop.node));
            }
        }
        Ok(None)
    }
    fn emit(&self, node: Node, out: &mut Batch) {
        let row = self.source.row();
        if let To::Slot(slot) = self.trail.to
            && row[slot] != Value::Node(node)
        {
            return;
        }
        let list = edge_list(&self.taken.edges, self.trail.turned);
        let end = (self.trail.to == To::New).then_some(Value::Node(node));
        out.push_values(row, std::iter::once(list).chain(end));
    }
}

/// A list of relationships as a value.
pub fn edge_list(edges: &[Edge], turned: bool) -> Value {
    let values = edges.iter().copied().map(Value::Edge);
    Value::list(if turned { values.rev().collect() } else { values.collect() })
}

impl Operator for Trail {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.stop();
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some(node) = self.zero.take() {
                self.emit(node, out);
            } else if let Some(node) = self.step(run)? {
                if self.taken.edges.len() as u64 >= self.trail.min {
                    self.emit(node, out);
                }
            } else if self.source.advance(run)? {
                self.start(run)?;
            } else {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A list of relationships that is bound already, walked from its first node.
pub struct Follow {
    source: Source,
    trail: Arc<plan::Trail>,
    hopper: Hopper,
}

impl Follow {
    pub fn new(source: Source, trail: Arc<plan::Trail>) -> Follow {
        let hopper = Hopper::new(trail.direction, &trail.kinds);
        Follow { source, trail, hopper }
    }
    /// Where the list leads, if it is such a trail.
    fn walk(&mut self, run: &Run<'_>) -> Result<Option<Node>> {
        let row = self.source.row();
        let Some(mut node) = node_at(row, self.trail.from)? else { return Ok(None) };
        let Some(Value::List(edges)) = self.trail.bound.map(|slot| &row[slot]) else { return Ok(None) };
        let length = edges.len() as u64;
        if length < self.trail.min || self.trail.max.is_some_and(|max| length > max) {
            return Ok(None);
        }
        run.budget.step(1 + length)?;
        let graph = run.graph();
        let mut seen = FxHashSet::default();
        let mut walked: Vec<&Value> = edges.iter().collect();
        if self.trail.turned {
            walked.reverse();
        }
        for value in walked {
            let Value::Edge(edge) = value else { return Ok(None) };
            let ends = graph.ends(*edge);
            let fits = match self.trail.direction {
                Direction::Right => ends.source == node,
                Direction::Left => ends.target == node,
                Direction::Both => ends.source == node || ends.target == node,
            };
            let new = seen.insert(*edge) && !is_taken(row, &self.trail.different, *edge);
            if !fits || !new || !self.hopper.allows(graph, *edge) {
                return Ok(None);
            }
            node = far_end(graph, *edge, node);
        }
        Ok(Some(node))
    }
}

impl Operator for Follow {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            let Some(node) = self.walk(run)? else { continue };
            match self.trail.to {
                To::New => out.push_with(self.source.row(), [Value::Node(node)]),
                To::Slot(slot) if self.source.row()[slot] == Value::Node(node) => {
                    out.push(self.source.row());
                }
                To::Slot(_) => {}
            }
        }
        Ok(true)
    }
}
