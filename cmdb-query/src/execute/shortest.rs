//! Shortest paths over one kind of hop: breadth first from one end.

use super::batch::{Batch, Source};
use super::expand::{Hopper, node_at};
use super::row::all_hold;
use super::select::Chosen;
use super::store::Ledger;
use super::trail::edge_list;
use super::{Operator, Run, path};
use crate::error::Result;
use crate::graph::Hop;
use crate::plan::{self, To};
use crate::syntax::tree::{Direction, Selector};
use crate::value::{Edge, Node, Value};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes one visited node or one step of a way costs.
const VISIT_BYTES: u64 = 48;

/// A way under way: its last hop and the way before it.
struct Way {
    before: usize,
    edge: Edge,
    node: Node,
    length: u64,
}

/// Of each node: its depth, and the hops it was first reached by.
type Known = FxHashMap<Node, (u64, Vec<(Node, Edge)>)>;

const NO_WAY: usize = usize::MAX;

pub struct Shortest {
    source: Source,
    shortest: Arc<plan::Shortest>,
    hopper: Hopper,
    found: VecDeque<(Vec<Edge>, Node)>,
    probe: Vec<Value>,
    ledger: Ledger,
}

impl Shortest {
    pub fn new(source: Source, shortest: Arc<plan::Shortest>) -> Shortest {
        let hopper = Hopper::new(shortest.direction, &shortest.kinds);
        let (found, probe) = (VecDeque::new(), Vec::new());
        Shortest { source, shortest, hopper, found, probe, ledger: Ledger::default() }
    }
    fn fetch(&mut self, run: &Run<'_>) -> Result<()> {
        let Some(start) = node_at(self.source.row(), self.shortest.from)? else { return Ok(()) };
        let target = match self.shortest.to {
            To::New => None,
            To::Slot(slot) => match node_at(self.source.row(), slot)? {
                Some(node) => Some(node),
                None => return Ok(()),
            },
        };
        self.probe.clear();
        self.probe.extend_from_slice(self.source.row());
        let simple = self.shortest.min <= 1 && self.shortest.accept.is_empty();
        let done = match self.shortest.selector {
            Selector::Shortest(1) | Selector::Any(1) | Selector::ShortestPath if simple => {
                self.visit(run, start, target, false)
            }
            Selector::AllShortest | Selector::AllShortestPaths if simple => {
                self.visit(run, start, target, true)
            }
            _ => self.all_ways(run, start, target, &mut FxHashMap::default()),
        };
        self.ledger.clear(run);
        done
    }
    fn allows(&mut self, run: &Run<'_>, edge: Edge) -> Result<bool> {
        if self.shortest.hop.is_empty() {
            return Ok(true);
        }
        let width = self.source.width();
        self.probe.truncate(width);
        self.probe.push(Value::Edge(edge));
        all_hold(run, &self.shortest.hop, &self.probe)
    }
    /// Each node once, with the relationships it was first reached by (all of the same depth if `all`).
    fn visit(&mut self, run: &Run<'_>, start: Node, target: Option<Node>, all: bool) -> Result<()> {
        let mut known: Known = FxHashMap::default();
        known.insert(start, (0, Vec::new()));
        // The ways that lead back to the start.
        let mut back: (u64, Vec<(Node, Edge)>) = (u64::MAX, Vec::new());
        let mut order = vec![start];
        let mut hops: Vec<Hop> = Vec::new();
        let mut next = 0;
        let max = self.shortest.max.unwrap_or(u64::MAX);
        while let Some(node) = order.get(next).copied() {
            next += 1;
            let depth = known[&node].0;
            let target_depth = match target {
                Some(target) if target == start => back.0,
                Some(target) => known.get(&target).map_or(u64::MAX, |found| found.0),
                None => u64::MAX,
            };
            if depth >= max || depth >= target_depth {
                break;
            }
            hops.clear();
            self.hopper.hops(run, node, &mut hops)?;
            for hop in &hops {
                if !self.allows(run, hop.edge)? {
                    continue;
                }
                if hop.node == start {
                    if back.1.is_empty() || (all && back.0 == depth + 1) {
                        back.0 = depth + 1;
                        back.1.push((node, hop.edge));
                    }
                    continue;
                }
                match known.get_mut(&hop.node) {
                    Some((known_depth, by)) if all && *known_depth == depth + 1 => by.push((node, hop.edge)),
                    Some(_) => {}
                    None => {
                        self.ledger.add(run, VISIT_BYTES)?;
                        known.insert(hop.node, (depth + 1, vec![(node, hop.edge)]));
                        order.push(hop.node);
                    }
                }
            }
        }
        let ends: Vec<Node> = match target {
            Some(target) => known.contains_key(&target).then_some(target).into_iter().collect(),
            None => order,
        };
        for end in ends {
            if end == start {
                self.back_to_start(run, start, &known, &back.1)?;
            } else {
                self.trace(run, &known, end, None)?;
            }
        }
        Ok(())
    }
    /// The way of no length, or the shortest ones that lead back.
    fn back_to_start(
        &mut self,
        run: &Run<'_>,
        start: Node,
        known: &Known,
        back: &[(Node, Edge)],
    ) -> Result<()> {
        if self.shortest.min == 0 {
            self.found.push_back((Vec::new(), start));
            return Ok(());
        }
        if matches!(self.shortest.selector, Selector::ShortestPath | Selector::AllShortestPaths) {
            return Ok(());
        }
        if self.shortest.direction == Direction::Both {
            // There and back over the same relationship is no trail, so the visit cannot tell.
            return self.all_ways(run, start, Some(start), &mut FxHashMap::default());
        }
        back.iter().try_for_each(|(node, edge)| self.trace(run, known, *node, Some((*edge, start))))
    }
    /// Every way from the start to `end`, walking back over what nodes were reached by.
    fn trace(&mut self, run: &Run<'_>, known: &Known, end: Node, last: Option<(Edge, Node)>) -> Result<()> {
        let mut edges: Vec<Edge> = last.iter().map(|(edge, _)| *edge).collect();
        let goal = last.map_or(end, |(_, node)| node);
        // Each level: the node and which of its ways in comes next.
        let mut levels = vec![(end, 0)];
        while let Some((node, at)) = levels.last_mut() {
            run.budget.step(1)?;
            let (depth, by) = &known[node];
            if *depth == 0 {
                self.ledger.add(run, 8 * edges.len() as u64)?;
                self.found.push_back((edges.iter().rev().copied().collect(), goal));
            }
            let Some((before, edge)) = by.get(*at) else {
                levels.pop();
                edges.pop();
                continue;
            };
            *at += 1;
            edges.push(*edge);
            levels.push((*before, 0));
        }
        Ok(())
    }
    /// All trails by increasing length, until every pair has as many as are wanted or no trail is left.
    fn all_ways(
        &mut self,
        run: &Run<'_>,
        start: Node,
        target: Option<Node>,
        chosen: &mut FxHashMap<Node, Chosen>,
    ) -> Result<()> {
        let max = self.shortest.max.unwrap_or(u64::MAX);
        let mut ways: Vec<Way> = Vec::new();
        if self.shortest.min == 0 {
            self.offer(run, chosen, &ways, NO_WAY, start, target)?;
        }
        let mut next = NO_WAY;
        let mut hops = Vec::new();
        loop {
            let (node, length) = ways.get(next).map_or((start, 0), |way| (way.node, way.length));
            if target.is_some() && self.is_enough(chosen, target, length) {
                return Ok(());
            }
            if length < max {
                hops.clear();
                self.hopper.hops(run, node, &mut hops)?;
                for hop in &hops {
                    run.budget.step(length)?;
                    if contains(&ways, next, hop.edge) || !self.allows(run, hop.edge)? {
                        continue;
                    }
                    self.ledger.add(run, VISIT_BYTES)?;
                    ways.push(Way { before: next, edge: hop.edge, node: hop.node, length: length + 1 });
                    let last = ways.len() - 1;
                    if length + 1 >= self.shortest.min {
                        self.offer(run, chosen, &ways, last, start, target)?;
                    }
                }
            }
            next = if next == NO_WAY { 0 } else { next + 1 };
            if next >= ways.len() {
                return Ok(());
            }
        }
    }
    /// Whether nothing longer than `length` can be wanted.
    fn is_enough(&self, chosen: &FxHashMap<Node, Chosen>, target: Option<Node>, length: u64) -> bool {
        let chosen = target.and_then(|target| chosen.get(&target));
        chosen.is_some_and(|chosen| !chosen.may_want(self.shortest.selector, length + 1))
    }
    fn offer(
        &mut self,
        run: &Run<'_>,
        chosen: &mut FxHashMap<Node, Chosen>,
        ways: &[Way],
        last: usize,
        start: Node,
        target: Option<Node>,
    ) -> Result<()> {
        let end = ways.get(last).map_or(start, |way| way.node);
        if target.is_some_and(|target| target != end) {
            return Ok(());
        }
        let mut edges = Vec::new();
        let mut at = last;
        while let Some(way) = ways.get(at) {
            edges.push(way.edge);
            at = way.before;
        }
        edges.reverse();
        if !self.shortest.accept.is_empty() && !self.accepts(run, start, &edges, end)? {
            return Ok(());
        }
        if chosen.entry(end).or_default().wants(self.shortest.selector, edges.len() as u64) {
            self.found.push_back((edges, end));
        }
        Ok(())
    }
    fn accepts(&mut self, run: &Run<'_>, start: Node, edges: &[Edge], end: Node) -> Result<bool> {
        let mut row = self.source.row().to_vec();
        row.push(edge_list(edges, self.shortest.turned));
        if self.shortest.to == To::New {
            row.push(Value::Node(end));
        }
        let (first, ordered) = match self.shortest.turned {
            true => (end, edges.iter().rev().copied().collect()),
            false => (start, edges.to_vec()),
        };
        row.push(path::walk(run.graph(), first, ordered));
        all_hold(run, &self.shortest.accept, &row)
    }
}

fn contains(ways: &[Way], mut at: usize, edge: Edge) -> bool {
    while let Some(way) = ways.get(at) {
        if way.edge == edge {
            return true;
        }
        at = way.before;
    }
    false
}

impl Operator for Shortest {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.found.clear();
        self.ledger.clear(run);
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some((edges, end)) = self.found.pop_front() {
                let list = edge_list(&edges, self.shortest.turned);
                let end = (self.shortest.to == To::New).then_some(Value::Node(end));
                out.push_values(self.source.row(), std::iter::once(list).chain(end));
            } else if self.source.advance(run)? {
                self.fetch(run)?;
            } else {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
