//! Items that depend on themselves, directly or around corners.
//!
//! A cycle is no error to the impact engine, which computes a least fixpoint, but nearly always one of the inventory:
//! nothing in it can be started first. Each strongly connected component is reported once, with one short cycle
//! through it as a witness that a person can follow; listing every cycle would be exponential.

mod witness;

use super::path::{Hop, order_key};
use super::reach::{Direction, Flat, TypeFilter};
use crate::graph::{View, order};
use witness::Witness;

/// Items that all depend on each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Dense ids by class name, item name, item number.
    pub members: Vec<u32>,
    /// The shortest cycle through the first member, hop by hop; of several the first by its members' order.
    pub witness: Vec<Hop>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cycles {
    /// The largest first, then by their first members' order.
    pub cycles: Vec<Cycle>,
    /// How many there are, listed or not.
    pub total: usize,
}

/// Finds the dependency cycles among what the view shows; lists at most `limit`. `types` are the relationship types to
/// follow, none = all that carry impact. Linear in the graph, apart from sorting the members of cycles by name.
pub fn cycles(view: View<'_>, types: Option<&TypeFilter>, limit: usize) -> Cycles {
    let dependencies = Flat::of(view, Direction::Dependencies, types);
    let (offsets, targets) = dependencies.parts();
    let component = order::components(dependencies.nodes() as usize, offsets, targets);
    let mut groups = on_cycles(&dependencies, &component);
    let snapshot = view.snapshot();
    let first = |members: &Vec<u32>| members.iter().map(|item| order_key(snapshot, *item)).min();
    groups.sort_by_cached_key(|members| (std::cmp::Reverse(members.len()), first(members)));
    let total = groups.len();
    groups.truncate(limit);
    let mut witness = Witness::new(view, types, &dependencies, &component);
    let cycles = groups.into_iter().map(|mut members| {
        members.sort_by_cached_key(|item| order_key(snapshot, *item));
        Cycle { witness: witness.through(members[0]), members }
    });
    Cycles { cycles: cycles.collect(), total }
}

/// Members of every component that holds a cycle: several items, or one that depends on itself.
fn on_cycles(dependencies: &Flat, component: &[u32]) -> Vec<Vec<u32>> {
    let nodes = 0..dependencies.nodes();
    let mut sizes = vec![0u32; component.iter().max().map_or(0, |last| *last as usize + 1)];
    component.iter().for_each(|c| sizes[*c as usize] += 1);
    let is_on_cycle =
        |item: &u32| sizes[component[*item as usize] as usize] > 1 || dependencies.row(*item).contains(item);
    let mut items: Vec<u32> = nodes.filter(is_on_cycle).collect();
    items.sort_by_key(|item| component[*item as usize]);
    let same = |a: &u32, b: &u32| component[*a as usize] == component[*b as usize];
    items.chunk_by(same).map(<[u32]>::to_vec).collect()
}

#[cfg(test)]
mod tests;
