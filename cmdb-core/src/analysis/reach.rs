//! What depends on some items, or what they depend on: plain reachability along relationships that carry impact.
//!
//! Gates, groups and states are not looked at; that is [`super::impact`]'s. Breadth-first search with one bit and
//! one queue slot per item and a push without a branch (measured against other designs in
//! `docs/performance.md`); nothing is allocated per item found.

pub mod flat;
pub mod limits;
pub mod marks;
pub(super) mod rows;
pub mod types;

pub use flat::Flat;
pub use limits::Limits;
pub use types::TypeFilter;

use crate::graph::adjacency::{Adjacency, OTHER_MASK};
use crate::graph::{Snapshot, View};
use crate::model::Symbol;
use marks::Marks;
use std::cell::Cell;
use std::ops::Range;

/// Which way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To whatever suffers when a start fails.
    Dependents,
    /// To whatever a start needs.
    Dependencies,
}

impl Direction {
    pub fn adjacency<'a>(self, view: View<'a>) -> &'a Adjacency {
        match self {
            Direction::Dependents => view.snapshot().dependents(),
            Direction::Dependencies => view.snapshot().dependencies(),
        }
    }
    pub fn opposite(self) -> Direction {
        match self {
            Direction::Dependents => Direction::Dependencies,
            Direction::Dependencies => Direction::Dependents,
        }
    }
}

/// What is asked. Ids are dense.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Expanded even where hidden, and never part of the answer, on a cycle neither. Several give the union.
    pub starts: &'a [u32],
    pub direction: Direction,
    /// Steps from the nearest start; none = as far as it goes.
    pub depth_max: Option<u32>,
    /// Relationship types to follow; none = all that carry impact.
    pub types: Option<&'a TypeFilter>,
}

impl<'a> Question<'a> {
    /// Everything that depends on `starts`.
    pub fn dependents(starts: &'a [u32]) -> Question<'a> {
        Question { starts, direction: Direction::Dependents, depth_max: None, types: None }
    }
    /// Everything `starts` depend on.
    pub fn dependencies(starts: &'a [u32]) -> Question<'a> {
        Question { starts, direction: Direction::Dependencies, depth_max: None, types: None }
    }
}

/// What was found; it lies in the scratch it was found with.
#[derive(Clone, Copy, Debug)]
pub struct Reached<'s> {
    /// Dense ids nearest first, the starts left out.
    pub order: &'s [u32],
    /// Items of depth `d + 1` end at `waves[d]` in `order`. No wave is empty.
    pub waves: &'s [u32],
    /// Whether nothing lies beyond: false where depth, budget or cancellation cut something off.
    pub complete: bool,
}

impl Reached<'_> {
    pub fn count(&self) -> usize {
        self.order.len()
    }
    /// Steps from the nearest start to `order[index]`.
    pub fn depth_of(&self, index: usize) -> u32 {
        self.waves.partition_point(|&end| end as usize <= index) as u32 + 1
    }
    /// Every item found with its depth.
    pub fn with_depth(&self) -> impl Iterator<Item = (u32, u32)> {
        let starts = std::iter::once(0).chain(self.waves.iter().copied());
        let waves = starts.zip(self.waves).zip(1..);
        waves.flat_map(|((start, end), depth)| {
            self.order[start as usize..*end as usize].iter().map(move |n| (*n, depth))
        })
    }
    /// How many of each class were found, ascending by the class's symbol; items without a class come last.
    pub fn by_class(&self, snapshot: &Snapshot) -> Vec<(Option<Symbol>, u32)> {
        by_class(snapshot, self.order.iter().copied())
    }
}

/// How many of `items` are of each class, ascending by the class's symbol; items without a class come last.
pub fn by_class(snapshot: &Snapshot, items: impl Iterator<Item = u32>) -> Vec<(Option<Symbol>, u32)> {
    let mut counts: Vec<u32> = Vec::new();
    let mut without = 0;
    for item in items {
        match snapshot.class_of(item) {
            Some(class) => {
                if counts.len() <= class.0 as usize {
                    counts.resize(class.0 as usize + 1, 0);
                }
                counts[class.0 as usize] += 1;
            }
            None => without += 1,
        }
    }
    let classes = (0..).zip(counts).map(|(class, count)| (Some(Symbol(class)), count));
    classes.chain([(None, without)]).filter(|(_, count)| *count > 0).collect()
}

/// What a search writes to, reused between questions: 4⅛ bytes per item of the graph.
#[derive(Debug, Default)]
pub struct Scratch {
    visited: Marks,
    /// One slot more than there are items, because the branch-free push writes past the tail.
    queue: Vec<u32>,
    tail: usize,
    waves: Vec<u32>,
}

thread_local! {
    static SPARE: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    /// Lends this thread's scratch. Asked for while lent, which work stealing can bring about, it makes another.
    pub fn with<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
        let mut scratch = SPARE.take().unwrap_or_default();
        let answer = work(&mut scratch);
        SPARE.set(Some(scratch));
        answer
    }
    /// Readies the bits and queues the starts, each once; how many there are.
    pub(super) fn begin(&mut self, view: View<'_>, starts: &[u32]) -> usize {
        let nodes = view.snapshot().nodes();
        self.visited.begin(view, &self.queue[..self.tail]);
        self.queue.resize(nodes as usize + 1, 0);
        self.waves.clear();
        self.tail = 0;
        let starts = starts.iter().filter(|start| **start < nodes);
        starts.clone().for_each(|start| self.visited.unmark(*start));
        for start in starts {
            self.tail = rows::push(self.visited.words_mut(), &mut self.queue, self.tail, *start, 1);
        }
        self.tail
    }
    /// Expands the queue entries in `rows`.
    pub(super) fn expand(&mut self, adjacency: &Adjacency, types: Option<&TypeFilter>, rows: Range<usize>) {
        let visited = self.visited.words_mut();
        self.tail = match types {
            None => rows::expand(adjacency, visited, &mut self.queue, self.tail, rows),
            Some(types) => rows::expand_typed(adjacency, types, visited, &mut self.queue, self.tail, rows),
        };
    }
    /// Lets an item be found that the view hides.
    pub(super) fn admit(&mut self, item: u32) {
        self.visited.unmark(item);
    }
    /// The starts, then what was found, nearest first.
    pub(super) fn queue(&self) -> &[u32] {
        &self.queue[..self.tail]
    }
    pub(super) fn has(&self, item: u32) -> bool {
        self.visited.is_marked(item)
    }
    /// Whether expanding the queue entries in `rows` would find anything.
    fn leads_on(&self, adjacency: &Adjacency, types: Option<&TypeFilter>, rows: Range<usize>) -> bool {
        self.queue[rows].iter().any(|node| {
            let mut entries = adjacency.row(*node).parts().flat_map(|p| p.heads().iter().zip(p.kinds()));
            entries.any(|(head, kind)| types.is_none_or(|t| t.admits(*kind)) && !self.has(head & OTHER_MASK))
        })
    }
}

/// Answers one question. The answer's order depends on nothing but the snapshot and the question.
pub fn reach<'s>(
    view: View<'_>,
    question: &Question<'_>,
    limits: &Limits<'_>,
    scratch: &'s mut Scratch,
) -> Reached<'s> {
    let adjacency = question.direction.adjacency(view);
    let starts = scratch.begin(view, question.starts);
    let (mut head, mut depth, mut complete) = (0, 0, true);
    while head < scratch.tail && complete {
        let wave = head..scratch.tail;
        if question.depth_max == Some(depth) {
            complete = !scratch.leads_on(adjacency, question.types, wave);
            break;
        }
        while head < wave.end && complete {
            let end = limits.rows_from(head).min(wave.end);
            complete = end > head;
            scratch.expand(adjacency, question.types, head..end);
            head = end;
        }
        depth += 1;
        if scratch.tail > wave.end {
            scratch.waves.push((scratch.tail - starts) as u32);
        }
    }
    Reached { order: &scratch.queue[starts..scratch.tail], waves: &scratch.waves, complete }
}

#[cfg(test)]
mod tests;
