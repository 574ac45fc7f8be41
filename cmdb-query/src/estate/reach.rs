//! All nodes a walk reaches, each once: breadth first over the adjacency itself, with one bit and one word per node.
//!
//! As `cmdb_core::analysis::reach`, which leaves out what is not live; a query sees that, too. Rows are fetched ahead
//! and nodes pushed without a branch for the reasons given there.

use crate::value::Node;
use cmdb_core::analysis::reach::TypeFilter;
use cmdb_core::graph::adjacency::{Adjacency, OTHER_MASK, Part, flag};
use std::cell::Cell;
use std::hint::black_box;
use std::ops::Range;

/// Rows fetched at once.
const AHEAD: usize = 32;
/// A word written at random is taken to cost as much as so many words cleared in a row.
const STREAMED_PER_RANDOM: usize = 16;

/// One kind of rows to follow, and which of their entries.
pub struct Course<'a> {
    pub adjacency: &'a Adjacency,
    /// The flag [`flag::REVERSED`] as wanted; none where it says nothing.
    pub reversed: Option<bool>,
    /// None: any type.
    pub types: Option<TypeFilter>,
}

impl Course<'_> {
    /// 1 for an entry that is followed, else 0.
    #[inline(always)]
    fn admits(&self, kind: u32) -> u64 {
        let turned = self.reversed.is_none_or(|wanted| (kind & flag::REVERSED != 0) == wanted);
        let fits = self.types.as_ref().is_none_or(|types| types.admits(kind));
        u64::from(turned & fits)
    }
}

/// What a visit writes to, reused by the visits of one thread.
#[derive(Default)]
struct Scratch {
    seen: Vec<u64>,
    /// Longer than what it holds, because the push without a branch writes behind the tail.
    queue: Vec<u32>,
    tail: usize,
}

thread_local! {
    static SPARE: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Appends the nodes reached from any of the starts within `max` steps; the starts themselves only where a walk leads to
/// them, or all of them `with_starts`.
pub fn reach(
    courses: &[Course<'_>],
    nodes: u32,
    starts: &[Node],
    with_starts: bool,
    max: Option<u64>,
    out: &mut Vec<Node>,
) {
    let mut scratch = SPARE.take().unwrap_or_default();
    scratch.begin(nodes, starts, with_starts);
    let first = if with_starts { 0 } else { scratch.tail };
    let (mut wave, mut depth) = (0..scratch.tail, 0);
    while !wave.is_empty() && max.is_none_or(|max| depth < max) {
        let end = wave.end;
        courses.iter().for_each(|course| scratch.expand(course, wave.clone()));
        wave = end..scratch.tail;
        depth += 1;
    }
    out.extend(scratch.queue[first..scratch.tail].iter().copied().map(Node));
    SPARE.set(Some(scratch));
}

impl Scratch {
    fn begin(&mut self, nodes: u32, starts: &[Node], with_starts: bool) {
        let words = (nodes as usize).div_ceil(64);
        if self.seen.len() == words && self.tail * STREAMED_PER_RANDOM < words {
            self.queue[..self.tail].iter().for_each(|node| self.seen[*node as usize / 64] = 0);
        } else {
            self.seen.clear();
            self.seen.resize(words, 0);
        }
        self.tail = 0;
        for node in starts.iter().map(|node| node.0).filter(|node| *node < nodes) {
            self.make_room(1);
            self.queue[self.tail] = node;
            self.tail += 1;
            if with_starts {
                self.seen[node as usize / 64] |= 1 << (node % 64);
            }
        }
    }
    /// The queue is grown by what is needed, so that a small visit stays small.
    #[inline]
    fn make_room(&mut self, more: usize) {
        if self.queue.len() <= self.tail + more {
            self.queue.resize((self.tail + more + 1).next_power_of_two(), 0);
        }
    }
    /// Pushes what the rows of the queue entries in `rows` hold; of a row in several parts the later ones follow at the
    /// end of their batch.
    fn expand(&mut self, course: &Course<'_>, rows: Range<usize>) {
        let mut ready: [Columns<'_>; AHEAD] = [(&[], &[]); AHEAD];
        let mut at = rows.start;
        while at < rows.end {
            let end = rows.end.min(at + AHEAD);
            let ready = &mut ready[..end - at];
            let mut long = false;
            for (columns, node) in ready.iter_mut().zip(&self.queue[at..end]) {
                let mut parts = course.adjacency.row(*node).parts();
                *columns = parts.next().map_or((&[], &[]), columns_of);
                long |= parts.next().is_some();
            }
            let first = |columns: &Columns<'_>| {
                columns.0.first().copied().unwrap_or(0) ^ columns.1.first().copied().unwrap_or(0)
            };
            black_box(ready.iter().fold(0, |all, columns| all ^ first(columns)));
            ready.iter().for_each(|columns| self.push_all(course, *columns));
            if long {
                for i in at..end {
                    let parts = course.adjacency.row(self.queue[i]).parts();
                    parts.skip(1).for_each(|part| self.push_all(course, columns_of(part)));
                }
            }
            at = end;
        }
    }
    #[inline(always)]
    fn push_all(&mut self, course: &Course<'_>, (heads, kinds): Columns<'_>) {
        self.make_room(heads.len());
        let (seen, queue, mut tail) = (&mut self.seen[..], &mut self.queue[..], self.tail);
        for (head, kind) in heads.iter().zip(kinds) {
            let node = head & OTHER_MASK;
            let word = &mut seen[node as usize / 64];
            let new = !(*word >> (node % 64)) & course.admits(*kind) & 1;
            *word |= new << (node % 64);
            queue[tail] = node;
            tail += new as usize;
        }
        self.tail = tail;
    }
}

type Columns<'a> = (&'a [u32], &'a [u32]);

#[inline(always)]
fn columns_of(part: Part<'_>) -> Columns<'_> {
    (part.heads(), part.kinds())
}
