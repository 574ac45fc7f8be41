//! How much hangs on every item: for all items at once, how many others its loss reaches, and how many services.
//!
//! Exact. A search per item costs minutes at a million items; this takes seconds. Cycles are condensed; items whose
//! dependents all lead into one other item are counted from that item ([`core`]); for what remains the sets of
//! dependents are kept as bits, a block of columns at a time, and only rows that hold a column of the block are
//! touched ([`blocks`]).

mod blocks;
mod classes;
mod condensed;
mod core;
mod lists;

use self::core::Core;
use super::reach::{Direction, Flat};
use crate::graph::View;
use condensed::Condensed;
use std::sync::atomic::AtomicBool;

pub use classes::{ClassCounts, FEW, rank_by_class};

/// By dense id, for hidden items as well: what a search that starts at a hidden item finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Items that depend on this one, itself left out.
    pub reached: Vec<u32>,
    /// Services among them.
    pub services: Vec<u32>,
}

/// What a set is worth: items in it, and services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Worth {
    items: u32,
    services: u32,
}

impl std::ops::AddAssign for Worth {
    fn add_assign(&mut self, more: Worth) {
        self.items += more.items;
        self.services += more.services;
    }
}

/// Ranks all items; none where `cancelled` was set. `is_service` is asked once about every item that is not hidden.
/// While it works it needs about 100 bytes per item, and 80 per row of the core and thread.
pub fn rank(view: View<'_>, is_service: &dyn Fn(u32) -> bool, cancelled: &AtomicBool) -> Option<Ranking> {
    let prepared = Prepared::new(view, is_service);
    let mut worth = vec![Worth::default(); prepared.condensed.components()];
    for (item, own) in prepared.own.iter().enumerate() {
        worth[prepared.condensed.component_of[item] as usize] += *own;
    }
    let sums = prepared.core.sums(&worth, cancelled)?;
    Some(prepared.ranking(&sums))
}

/// The graph condensed, and what each item is worth by itself.
struct Prepared {
    own: Vec<Worth>,
    condensed: Condensed,
    core: Core,
}

impl Prepared {
    fn new(view: View<'_>, is_service: &dyn Fn(u32) -> bool) -> Prepared {
        let worth_of = |item: u32| match view.is_hidden(item) {
            true => Worth::default(),
            false => Worth { items: 1, services: u32::from(is_service(item)) },
        };
        let dependents = Flat::of(view, Direction::Dependents, None);
        let own = (0..dependents.nodes()).map(worth_of).collect();
        let condensed = Condensed::new(&dependents);
        let core = Core::new(&dependents, &condensed);
        Prepared { own, condensed, core }
    }
    /// By item, from what the components' sets are worth.
    fn ranking(&self, sums: &[Worth]) -> Ranking {
        let beyond_itself = |(own, component): (&Worth, &u32)| {
            let sum = sums[*component as usize];
            (sum.items - own.items, sum.services - own.services)
        };
        let (reached, services) =
            self.own.iter().zip(&self.condensed.component_of).map(beyond_itself).unzip();
        Ranking { reached, services }
    }
}

#[cfg(test)]
mod tests;
