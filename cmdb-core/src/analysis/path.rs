//! How one item depends on another: the shortest chains of dependencies between the two.
//!
//! Breadth-first search from both ends at once, always expanding the end whose wave is smaller (Pohl, 1971): a
//! service and a rack are connected through far fewer items than the rack's dependents. Whole waves are expanded, so
//! that all shortest paths are known where the two meet and the answer does not depend on ids.

mod list;
mod side;

use super::reach::{Direction, Limits, TypeFilter};
use crate::graph::adjacency::{Entry, Gate, flag};
use crate::graph::{Records, Snapshot, View};
use crate::model::{ItemNumber, Symbol};
use side::Side;

/// Hops in all the paths of one answer; the first path is given whatever its length.
pub const HOPS_MAX: usize = 1 << 24;

/// What is asked. Ids are dense; both ends may be hidden, what lies between them may not.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The dependent end.
    pub from: u32,
    /// The dependency end.
    pub to: u32,
    /// Paths wanted at most.
    pub limit: usize,
    /// Longest path of interest, in hops.
    pub depth_max: Option<u32>,
    /// Relationship types to follow; none = all that carry impact.
    pub types: Option<&'a TypeFilter>,
}

/// One step from a dependent to its dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Dense id of the dependent.
    pub source: u32,
    /// The relationship's number; of parallel ones the first by type name, then by number.
    pub relationship: u32,
    /// Dense id of the dependency.
    pub target: u32,
    /// The relationship runs from the dependency to the dependent (its type says that the target suffers).
    pub reversed: bool,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// Hops of the shortest path, 0 from an item to itself; none where there is none, or none was found in time.
    pub length: Option<u32>,
    /// Paths of that length, ordered by the items along them: class name, item name, item number.
    pub paths: Vec<Vec<Hop>>,
    /// Whether these are all of them: false where limit, depth, budget or cancellation cut something off.
    pub complete: bool,
}

/// Reused between questions; one search from each end, 8⅛ bytes per item of the graph each.
#[derive(Debug, Default)]
pub struct Scratch {
    from: Side,
    to: Side,
}

/// The shortest paths between two items.
pub fn paths(view: View<'_>, question: &Question<'_>, limits: &Limits<'_>, scratch: &mut Scratch) -> Paths {
    let nodes = view.snapshot().nodes();
    if question.from >= nodes || question.to >= nodes {
        return Paths { complete: true, ..Paths::default() };
    }
    scratch.from.begin(view, Direction::Dependencies, question.from, question.to);
    scratch.to.begin(view, Direction::Dependents, question.to, question.from);
    let (length, complete) = meet(view, question, limits, scratch);
    match length {
        Some(length) if complete => list::paths(view, question, length, scratch),
        _ => Paths { length: None, paths: Vec::new(), complete },
    }
}

/// Expands waves until the ends meet; hops between them, and whether the search came to its natural end.
///
/// No path is shorter than the waves done so far plus one, else the ends had met before: so the first meeting gives
/// the length, and every shortest path has its meeting item in the wave that found it.
fn meet(
    view: View<'_>,
    question: &Question<'_>,
    limits: &Limits<'_>,
    scratch: &mut Scratch,
) -> (Option<u32>, bool) {
    let Scratch { from, to } = scratch;
    if question.from == question.to {
        return (Some(0), true);
    }
    let mut length = 0;
    while from.cost() > 0 && to.cost() > 0 {
        if question.depth_max == Some(length) {
            return (None, false);
        }
        let (smaller, other) = if from.cost() <= to.cost() { (&mut *from, &*to) } else { (&mut *to, &*from) };
        let done_by_other = other.rows_done();
        if !smaller.expand_wave(view, question.types, limits, done_by_other) {
            return (None, false);
        }
        length += 1;
        if smaller.note_wave(view, other) {
            return (Some(length), true);
        }
    }
    (None, true)
}

/// By which items are ordered wherever an order must not depend on dense ids: class name, name, number.
pub fn order_key(snapshot: &Snapshot, item: u32) -> (&str, &str, ItemNumber) {
    (snapshot.class_name(item), snapshot.name_of(item), snapshot.number(item))
}

/// The relationship by which `source` depends directly on `target`.
pub fn hop(view: View<'_>, source: u32, target: u32, types: Option<&TypeFilter>) -> Option<Hop> {
    let snapshot = view.snapshot();
    let row = snapshot.dependencies().row(source);
    let parallel = [Gate::Hard, Gate::Soft, Gate::Group]
        .into_iter()
        .flat_map(|gate| row.find((gate as u32) << 30 | target));
    let admitted = parallel.filter(|entry| types.is_none_or(|t| t.admits(entry.kind)));
    let key = |entry: &Entry| (snapshot.names().text(Symbol(entry.type_symbol())), entry.number);
    let first = admitted.min_by(|a, b| key(a).cmp(&key(b)))?;
    Some(Hop { source, relationship: first.number, target, reversed: first.kind & flag::REVERSED != 0 })
}

#[cfg(test)]
mod tests;
