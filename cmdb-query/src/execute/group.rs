//! Quantified groups: an inner pattern, again and again, each time from where it ended.

use super::batch::{Batch, Source};
use super::expand::{is_taken, node_at};
use super::store::Ledger;
use super::{Operator, Run};
use crate::error::Result;
use crate::plan::{self, To};
use crate::value::size::row_bytes;
use crate::value::{Edge, Node, Value};
use std::sync::Arc;

/// One round: all rows of the inner pattern from one node, and the one taken now.
struct Round {
    rows: Batch,
    next: usize,
    ledger: Ledger,
    /// Relationships taken before this round's row.
    taken: usize,
}

pub struct Group {
    source: Source,
    inner: Source,
    group: Arc<plan::Group>,
    rounds: Vec<Round>,
    taken: Vec<Edge>,
    zero: Option<Node>,
}

impl Group {
    pub fn new(source: Source, inner: Source, group: Arc<plan::Group>) -> Group {
        Group { source, inner, group, rounds: Vec::new(), taken: Vec::new(), zero: None }
    }
    fn stop(&mut self, run: &Run<'_>) {
        self.rounds.iter_mut().for_each(|round| round.ledger.clear(run));
        self.rounds.clear();
        self.taken.clear();
        self.zero = None;
    }
    fn start(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.stop(run);
        let Some(node) = node_at(self.source.row(), self.group.from)? else { return Ok(()) };
        self.zero = (self.group.min == 0).then_some(node);
        if self.group.max != Some(0) { self.enter(run, node) } else { Ok(()) }
    }
    /// Runs the inner pattern from a node.
    fn enter(&mut self, run: &mut Run<'_>, node: Node) -> Result<()> {
        let mut argument = self.source.row().to_vec();
        argument.push(Value::Node(node));
        self.inner.reset(run, &argument)?;
        let mut ledger = Ledger::default();
        let mut rows = Batch::whole(self.inner.width());
        while self.inner.advance(run)? {
            run.budget.step(1)?;
            ledger.add(run, row_bytes(self.inner.row()))?;
            rows.push_moved(self.inner.row_mut());
        }
        self.rounds.push(Round { rows, next: 0, ledger, taken: self.taken.len() });
        Ok(())
    }
    /// Takes the next row whose relationships are all new; yields the node it ends at.
    fn step(&mut self, run: &mut Run<'_>) -> Result<Option<Node>> {
        loop {
            let depth = self.rounds.len() as u64;
            let Some(round) = self.rounds.last_mut() else { return Ok(None) };
            self.taken.truncate(round.taken);
            if round.next >= round.rows.len() {
                round.ledger.clear(run);
                self.rounds.pop();
                continue;
            }
            run.budget.step(1)?;
            let row = round.rows.row(round.next);
            round.next += 1;
            if !take(row, &self.group, self.source.row(), &mut self.taken) {
                continue;
            }
            let Some(end) = node_at(row, self.group.end)? else { continue };
            if self.group.max.is_none_or(|max| depth < max) {
                self.enter(run, end)?;
            } else {
                // Nothing below: an empty round keeps the depths right.
                let rows = Batch::whole(0);
                self.rounds.push(Round { rows, next: 0, ledger: Ledger::default(), taken: self.taken.len() });
            }
            return Ok(Some(end));
        }
    }
    fn emit(&self, node: Node, out: &mut Batch) {
        let row = self.source.row();
        if let To::Slot(slot) = self.group.to
            && row[slot] != Value::Node(node)
        {
            return;
        }
        // The last round is the one not yet taken from.
        let rounds = &self.rounds[..self.rounds.len().saturating_sub(1)];
        let chosen: Vec<&[Value]> = rounds.iter().map(|round| round.rows.row(round.next - 1)).collect();
        let mut new = vec![super::trail::edge_list(&self.taken, self.group.turned)];
        for slot in &self.group.lists {
            let values = chosen.iter().map(|row| row[*slot].clone());
            new.push(Value::list(if self.group.turned { values.rev().collect() } else { values.collect() }));
        }
        if self.group.to == To::New {
            new.push(Value::Node(node));
        }
        out.push_values(row, new);
    }
}

/// Adds the relationships of an inner row to those taken, if none of them was.
fn take(row: &[Value], group: &plan::Group, outer: &[Value], taken: &mut Vec<Edge>) -> bool {
    let before = taken.len();
    for slot in &group.edges {
        let edges: &[Value] = match &row[*slot] {
            Value::List(edges) => edges,
            single => std::slice::from_ref(single),
        };
        for edge in edges {
            let Value::Edge(edge) = edge else { continue };
            if taken.contains(edge) || is_taken(outer, &group.different, *edge) {
                taken.truncate(before);
                return false;
            }
            taken.push(*edge);
        }
    }
    true
}

impl Operator for Group {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.stop(run);
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some(node) = self.zero.take() {
                self.emit_zero(node, out);
            } else if let Some(node) = self.step(run)? {
                if self.rounds.len() as u64 > self.group.min {
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

impl Group {
    /// No round at all: every list is empty.
    fn emit_zero(&self, node: Node, out: &mut Batch) {
        let row = self.source.row();
        if let To::Slot(slot) = self.group.to
            && row[slot] != Value::Node(node)
        {
            return;
        }
        let lists = (0..=self.group.lists.len()).map(|_| Value::list(Vec::new()));
        let end = (self.group.to == To::New).then_some(Value::Node(node));
        out.push_values(row, lists.chain(end));
    }
}
