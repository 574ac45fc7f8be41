//! The nodes a pattern of variable length reaches, each once: what stands in for all trails where only the ends count.

use super::batch::{Batch, Source};
use super::expand::{Hopper, node_at};
use super::row::all_hold;
use super::store::Ledger;
use super::{Operator, Run};
use crate::error::Result;
use crate::graph::{self, Hop};
use crate::plan::{self, To};
use crate::syntax::tree::Direction;
use crate::value::{Edge, Node, Value};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Nodes by number, each at most once.
#[derive(Default)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// Whether it was not there before.
    pub fn insert(&mut self, node: Node) -> bool {
        let (word, bit) = (node.0 as usize / 64, 1 << (node.0 % 64));
        if self.words.len() <= word {
            self.words.resize((word + 1).next_power_of_two(), 0);
        }
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }
    pub fn remove(&mut self, node: Node) {
        if let Some(word) = self.words.get_mut(node.0 as usize / 64) {
            *word &= !(1 << (node.0 % 64));
        }
    }
    pub fn contains(&self, node: Node) -> bool {
        self.words.get(node.0 as usize / 64).is_some_and(|word| word & (1 << (node.0 % 64)) != 0)
    }
    pub fn bytes(&self) -> u64 {
        self.words.len() as u64 * 8
    }
}

/// Breadth first. A walk no longer than the bound implies a trail no longer than it, so bounds of 0 or 1 below and any
/// above give the same nodes as all trails would. Only the way back to the start over undirected relationships needs
/// care: going and returning over the same one is no trail.
pub struct Reach {
    source: Source,
    reach: Arc<plan::Reach>,
    hopper: Hopper,
    found: Vec<Node>,
    at: usize,
    seen: NodeSet,
    ledger: Ledger,
    probe: Vec<Value>,
    done: bool,
    /// The first row of all: what rows of a merged visit are made of.
    first: Vec<Value>,
}

impl Reach {
    pub fn new(source: Source, reach: Arc<plan::Reach>) -> Reach {
        let hopper = Hopper::new(reach.direction, &reach.kinds);
        Reach {
            source,
            reach,
            hopper,
            found: Vec::new(),
            at: 0,
            seen: NodeSet::default(),
            ledger: Ledger::default(),
            probe: Vec::new(),
            done: false,
            first: Vec::new(),
        }
    }
    fn keep_row(&mut self) {
        self.first.clear();
        self.first.extend_from_slice(self.source.row());
        self.probe.clear();
        self.probe.extend_from_slice(&self.first);
        self.probe.push(Value::Null);
    }
    fn allows(&mut self, run: &Run<'_>, edge: Edge) -> Result<bool> {
        if self.reach.hop.is_empty() {
            return Ok(true);
        }
        if let Some(last) = self.probe.last_mut() {
            *last = Value::Edge(edge);
        }
        all_hold(run, &self.reach.hop, &self.probe)
    }
    /// One visit from one row's node.
    fn visit_row(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.keep_row();
        let Some(start) = node_at(&self.first, self.reach.from)? else { return Ok(()) };
        if !self.ask_graph(run, &[start])? {
            self.visit(run, vec![start])?;
            if self.reach.min == 1 && self.reach.direction == Direction::Both {
                self.find_way_back(run, start)?;
            }
        }
        self.ledger.add(run, self.seen.bytes() + self.found.len() as u64 * 4)
    }
    /// One visit from all rows' nodes together.
    fn visit_all(&mut self, run: &mut Run<'_>) -> Result<()> {
        let mut starts = Vec::new();
        let mut known = NodeSet::default();
        while self.source.advance(run)? {
            if self.first.is_empty() {
                self.keep_row();
            }
            if let Some(node) = node_at(self.source.row(), self.reach.from)?
                && known.insert(node)
            {
                starts.push(node);
            }
        }
        self.ledger.add(run, starts.len() as u64 * 4 + known.bytes())?;
        if self.ask_graph(run, &starts)? {
            return self.ledger.add(run, self.found.len() as u64 * 4);
        }
        self.visit(run, starts)?;
        self.ledger.add(run, self.seen.bytes() + self.found.len() as u64 * 4)
    }
    /// Whether the graph has the answer ready.
    fn ask_graph(&mut self, run: &Run<'_>, starts: &[Node]) -> Result<bool> {
        if !self.reach.hop.is_empty() || self.reach.direction == Direction::Both {
            return Ok(false);
        }
        let graph = run.graph();
        let question = graph::Reach {
            starts,
            direction: self.reach.direction,
            kinds: self.hopper.symbols(graph),
            min: self.reach.min,
            max: self.reach.max,
        };
        let answered = graph.reach(&question, &mut self.found);
        run.budget.step(1 + self.found.len() as u64)?;
        Ok(answered)
    }
    /// With a lower bound of 0 the starts are among the found; else only where relationships lead back to them.
    fn visit(&mut self, run: &Run<'_>, starts: Vec<Node>) -> Result<()> {
        let returns = self.reach.min > 0 && self.reach.direction != Direction::Both;
        let mut begun = NodeSet::default();
        for start in &starts {
            begun.insert(*start);
            if !returns {
                self.seen.insert(*start);
            }
        }
        if self.reach.min == 0 {
            self.found.extend_from_slice(&starts);
        }
        let mut wave = starts;
        let mut hops: Vec<Hop> = Vec::new();
        let mut depth = 0;
        while !wave.is_empty() && self.reach.max.is_none_or(|max| depth < max) {
            depth += 1;
            let mut next = Vec::new();
            for node in wave {
                hops.clear();
                self.hopper.hops(run, node, &mut hops)?;
                for hop in &hops {
                    if self.seen.contains(hop.node) || !self.allows(run, hop.edge)? {
                        continue;
                    }
                    self.seen.insert(hop.node);
                    self.found.push(hop.node);
                    if !begun.contains(hop.node) {
                        next.push(hop.node);
                    }
                }
            }
            wave = next;
        }
        Ok(())
    }
    /// Adds the start if a closed trail within the bound leads back to it: the shortest one joins two branches that left
    /// the start over different relationships.
    fn find_way_back(&mut self, run: &Run<'_>, start: Node) -> Result<()> {
        let max = self.reach.max.unwrap_or(u64::MAX);
        // Of each node: the relationship its branch left the start by, its depth, and the one it was reached by.
        let mut known: FxHashMap<Node, (Edge, u64, Edge)> = FxHashMap::default();
        let mut wave = vec![start];
        let mut hops = Vec::new();
        let (mut depth, mut best) = (0, u64::MAX);
        while !wave.is_empty() && best == u64::MAX && depth < max {
            let mut next = Vec::new();
            for node in wave {
                hops.clear();
                self.hopper.hops(run, node, &mut hops)?;
                let reached_by = known.get(&node).map(|(branch, _, by)| (*branch, *by));
                for hop in &hops {
                    if reached_by.is_some_and(|(_, by)| by == hop.edge) || !self.allows(run, hop.edge)? {
                        continue;
                    }
                    let branch = reached_by.map_or(hop.edge, |(branch, _)| branch);
                    if hop.node == start {
                        // A loop at the start, or a branch that came back over another relationship than it left by.
                        if node == start || branch != hop.edge {
                            best = best.min(depth + 1);
                        }
                    } else if let Some((other, other_depth, _)) = known.get(&hop.node) {
                        if *other != branch {
                            best = best.min(depth + 1 + other_depth);
                        }
                    } else {
                        known.insert(hop.node, (branch, depth + 1, hop.edge));
                        next.push(hop.node);
                    }
                }
            }
            wave = next;
            depth += 1;
        }
        if best <= max && best != u64::MAX {
            self.found.push(start);
        }
        Ok(())
    }
    fn forget(&mut self, run: &Run<'_>) {
        // Clearing only what was found keeps many small visits from clearing a big set each time.
        if self.seen.bytes() > 0 {
            self.found.iter().for_each(|node| self.seen.remove(*node));
        }
        self.found.clear();
        if let Some(Value::Node(start)) = self.first.get(self.reach.from) {
            self.seen.remove(*start);
        }
        self.at = 0;
        self.ledger.clear(run);
    }
}

impl Operator for Reach {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.forget(run);
        if self.reach.merged {
            self.seen = NodeSet::default();
        }
        self.first.clear();
        self.done = false;
        self.source.reset(run, argument)
    }
    /// Of a merged visit whose nodes are all wanted.
    fn count(&mut self, run: &mut Run<'_>) -> Result<Option<u64>> {
        if !self.reach.merged || self.reach.to != To::New {
            return Ok(None);
        }
        if !self.done {
            self.done = true;
            self.visit_all(run)?;
        }
        let left = self.found.len() - self.at;
        self.at = self.found.len();
        Ok(Some(left as u64))
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some(node) = self.found.get(self.at) {
                self.at += 1;
                match self.reach.to {
                    To::New => out.push_with(&self.first, [Value::Null, Value::Node(*node)]),
                    To::Slot(slot) if self.first[slot] == Value::Node(*node) => {
                        out.push_with(&self.first, [Value::Null]);
                    }
                    To::Slot(_) => {}
                }
                continue;
            }
            if self.done {
                return Ok(false);
            }
            if self.reach.merged {
                self.done = true;
                self.visit_all(run)?;
            } else {
                self.forget(run);
                if !self.source.advance(run)? {
                    return Ok(false);
                }
                self.visit_row(run)?;
            }
        }
        Ok(true)
    }
}
