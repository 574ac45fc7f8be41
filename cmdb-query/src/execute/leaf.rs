//! Where rows begin: the argument row, scans, and seeks.

use super::batch::{Batch, Source};
use super::{Operator, Run};
use crate::error::Result;
use crate::graph::{Graph, Symbol};
use crate::plan::{IdSeek, Seek};
use crate::value::{Node, SmolStr, Value};
use std::sync::Arc;

/// The row the plan is run below, once.
#[derive(Default)]
pub struct Argument {
    row: Vec<Value>,
    given: bool,
}

impl Operator for Argument {
    fn reset(&mut self, _: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.row.clear();
        self.row.extend_from_slice(argument);
        self.given = false;
        Ok(())
    }
    fn next(&mut self, _: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        if !self.given {
            self.given = true;
            out.push_moved(&mut self.row);
        }
        Ok(false)
    }
}

/// The symbols of relationship types by name, as far as the graph has them; None: any type.
pub fn symbols(graph: &dyn Graph, names: &Option<Vec<SmolStr>>) -> Option<Vec<Symbol>> {
    names.as_ref().map(|names| names.iter().filter_map(|name| graph.kind(name)).collect())
}

/// Nodes asked for at a time: few at first, for perhaps few are wanted, and more each time.
const SCAN_NODES: usize = 256;
const SCAN_NODES_MAX: usize = 8_192;

/// For each row, all nodes, or those with a label.
pub struct Scan {
    source: Source,
    label: Option<SmolStr>,
    symbol: Option<Symbol>,
    cursor: Option<u32>,
    room: usize,
    found: Vec<Node>,
    at: usize,
}

impl Scan {
    pub fn new(source: Source, label: Option<SmolStr>) -> Scan {
        Scan { source, label, symbol: None, cursor: None, room: SCAN_NODES, found: Vec::new(), at: 0 }
    }
    fn fetch(&mut self, run: &mut Run<'_>) -> Result<bool> {
        self.found.clear();
        self.at = 0;
        while self.found.is_empty() {
            let Some(from) = self.cursor else {
                if !self.source.advance(run)? {
                    return Ok(false);
                }
                self.symbol = self.label.as_ref().and_then(|name| run.graph().label(name));
                let possible = self.label.is_none() || self.symbol.is_some();
                self.cursor = possible.then_some(0);
                self.room = SCAN_NODES;
                continue;
            };
            self.cursor = run.graph().scan(self.symbol, from, self.room, &mut self.found);
            self.room = (self.room * 2).min(SCAN_NODES_MAX);
            run.budget.step(1 + self.found.len() as u64)?;
        }
        Ok(true)
    }
}

impl Operator for Scan {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        (self.cursor, self.at) = (None, 0);
        self.found.clear();
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if self.at >= self.found.len() && !self.fetch(run)? {
                return Ok(false);
            }
            while let (Some(node), false) = (self.found.get(self.at), out.is_full()) {
                out.push_with(self.source.row(), [Value::Node(*node)]);
                self.at += 1;
            }
        }
        Ok(true)
    }
}

/// For each row, the nodes an index holds for a value; or those of a scan, where no index answers any more.
pub struct IndexSeek {
    source: Source,
    seek: Arc<Seek>,
    found: Vec<Node>,
    at: usize,
}

impl IndexSeek {
    pub fn new(source: Source, seek: Arc<Seek>) -> IndexSeek {
        IndexSeek { source, seek, found: Vec::new(), at: 0 }
    }
    fn fetch(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.found.clear();
        self.at = 0;
        let value = self.seek.value.eval(&run.scene(), self.source.row())?;
        match (&value, self.seek.many) {
            (Value::List(values), true) => {
                for value in values.iter() {
                    look_up(run, &self.seek, value, &mut self.found)?;
                }
                self.found.sort_unstable();
                self.found.dedup();
            }
            (Value::Null, _) | (_, true) => {}
            (value, false) => look_up(run, &self.seek, value, &mut self.found)?,
        }
        run.budget.step(1 + self.found.len() as u64)
    }
}

fn look_up(run: &Run<'_>, seek: &Seek, value: &Value, found: &mut Vec<Node>) -> Result<()> {
    let graph = run.graph();
    let label = seek.label.as_ref().map(|name| graph.label(name));
    let (Some(key), false) = (graph.key(&seek.key), label == Some(None)) else { return Ok(()) };
    let label = label.flatten();
    if value.is_null() || graph.lookup(label, key, value, found) {
        return Ok(());
    }
    let mut cursor = Some(0);
    while let Some(from) = cursor {
        let before = found.len();
        cursor = graph.scan(label, from, SCAN_NODES, found);
        run.budget.step(1 + (found.len() - before) as u64)?;
    }
    Ok(())
}

impl Operator for IndexSeek {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.found.clear();
        self.at = 0;
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some(node) = self.found.get(self.at) {
                self.at += 1;
                out.push_with(self.source.row(), [Value::Node(*node)]);
            } else if self.source.advance(run)? {
                self.fetch(run)?;
            } else {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// For each row, the node with an element id or number, or those with the ids of a list.
pub struct NodeById {
    source: Source,
    seek: Arc<IdSeek>,
    found: Vec<Node>,
    at: usize,
}

impl NodeById {
    pub fn new(source: Source, seek: Arc<IdSeek>) -> NodeById {
        NodeById { source, seek, found: Vec::new(), at: 0 }
    }
    fn fetch(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.found.clear();
        self.at = 0;
        let value = self.seek.value.eval(&run.scene(), self.source.row())?;
        run.budget.step(1)?;
        match (&value, self.seek.many) {
            (Value::List(values), true) => {
                self.found.extend(values.iter().filter_map(|value| by_id(run.graph(), value)));
                run.budget.step(values.len() as u64)?;
                self.found.sort_unstable();
                self.found.dedup();
            }
            (_, true) => {}
            (value, false) => self.found.extend(by_id(run.graph(), value)),
        }
        Ok(())
    }
}

/// Candidates only: the condition that led here is checked again.
fn by_id(graph: &dyn Graph, value: &Value) -> Option<Node> {
    match value {
        Value::Text(id) => graph.node_by_element_id(id),
        Value::Integer(number) => u32::try_from(*number).ok().map(Node),
        Value::Float(number) if *number >= 0.0 && *number <= f64::from(u32::MAX) => {
            Some(Node(*number as u32))
        }
        _ => None,
    }
    .filter(|node| graph.exists(crate::value::Entity::Node(*node)))
}

impl Operator for NodeById {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.found.clear();
        self.at = 0;
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if let Some(node) = self.found.get(self.at) {
                self.at += 1;
                out.push_with(self.source.row(), [Value::Node(*node)]);
            } else if self.source.advance(run)? {
                self.fetch(run)?;
            } else {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
