//! The ranking with its counts told apart by class, so that it can answer for a search with all its counts.
//!
//! As in [`super::blocks`], but a set is counted once for each class that its block has. So columns are also sorted
//! by class, a few blocks at a time: most blocks then have one or two classes, and still columns that much the same
//! rows hold. What few items reach is not kept by class: there a search is as quick.

use super::blocks::{Blocks, COLUMNS, Set, bits};
use super::core::Counted;
use super::lists::Lists;
use super::{Prepared, Ranking, Worth};
use crate::graph::View;
use crate::model::Symbol;
use std::sync::atomic::AtomicBool;

/// Items reached up to which no counts by class are kept.
pub const FEW: u32 = 1_024;
/// Classes told apart; where items have more no counts by class are kept.
const CLASSES_MAX: usize = 64;
/// Columns sorted by class at a time.
const SORTED: usize = 16 * COLUMNS;

/// How many items of each class everything reaches that reaches more than [`FEW`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    component_of: Vec<u32>,
    /// Components that reach more than a few, ascending; `starts` has one more.
    components: Vec<u32>,
    starts: Vec<u32>,
    counts: Vec<(Option<Symbol>, u32)>,
}

impl ClassCounts {
    /// What a search from `item` counts by class, as [`crate::analysis::reach::by_class`] gives it; none where that
    /// is not kept. `view` must show the graph that was ranked.
    pub fn of(&self, view: View<'_>, item: u32) -> Option<Vec<(Option<Symbol>, u32)>> {
        let component = self.component_of.get(item as usize)?;
        let row = self.components.binary_search(component).ok()?;
        let mut counts = self.counts[self.starts[row] as usize..self.starts[row + 1] as usize].to_vec();
        // The component counts its own items; a start is not counted.
        if !view.is_hidden(item) {
            let class = view.snapshot().class_of(item);
            counts.iter_mut().filter(|(of, _)| *of == class).for_each(|(_, count)| *count -= 1);
            counts.retain(|(_, count)| *count > 0);
        }
        Some(counts)
    }
    /// Resident bytes.
    pub fn bytes(&self) -> usize {
        4 * (self.component_of.len() + self.components.len() + self.starts.len())
            + size_of::<(Option<Symbol>, u32)>() * self.counts.len()
    }
}

/// Like [`super::rank`], with counts by class. Besides what that needs, 4 bytes per row of the core, class and thread
/// while it works. `is_service` must say the same of all items of a class.
pub fn rank_by_class(
    view: View<'_>,
    is_service: &dyn Fn(u32) -> bool,
    cancelled: &AtomicBool,
) -> Option<(Ranking, ClassCounts)> {
    counted_above(FEW, view, is_service, cancelled)
}

/// The same with another number in place of [`FEW`].
pub(super) fn counted_above(
    few: u32,
    view: View<'_>,
    is_service: &dyn Fn(u32) -> bool,
    cancelled: &AtomicBool,
) -> Option<(Ranking, ClassCounts)> {
    let Some(classes) = classes(view) else {
        return Some((super::rank(view, is_service, cancelled)?, ClassCounts::default()));
    };
    let prepared = Prepared::new(view, is_service);
    let by_class = ByClass::new(view, &prepared, &classes);
    let of_rows = by_class.rows(&prepared, cancelled)?;
    let mut own = vec![Worth::default(); prepared.condensed.components()];
    let mut is_service_class = vec![false; classes.len()];
    for (item, worth) in prepared.own.iter().enumerate() {
        own[prepared.condensed.component_of[item] as usize] += *worth;
        if worth.services > 0 {
            is_service_class[by_class.class_of[item] as usize] = true;
        }
    }
    let of_row = |row: usize| {
        let mut worth = Worth::default();
        for (count, is_service) in of_rows.get(row).iter().zip(&is_service_class) {
            worth.items += count;
            worth.services += if *is_service { *count } else { 0 };
        }
        worth
    };
    let totals = prepared.core.beyond_rows(&own, of_row);
    let ranking = prepared.ranking(&totals);
    Some((ranking, by_class.compact(few, prepared, &totals, &of_rows, &classes)))
}

/// Counts by row and class.
struct Matrix {
    width: usize,
    counts: Vec<u32>,
}

impl Matrix {
    fn get(&self, row: usize) -> &[u32] {
        &self.counts[row * self.width..(row + 1) * self.width]
    }
}

/// Which class everything has, as its place among the classes told apart.
struct ByClass {
    width: usize,
    /// By item; [`HIDDEN`] for those that do not count.
    class_of: Vec<u8>,
    /// By component: the class of each of its items that counts.
    of_components: Lists,
    /// By column, likewise.
    of_columns: Lists,
}

const HIDDEN: u8 = u8::MAX;

/// One class in a block: columns that have so many items of it that the bit `shift` is set.
struct Price {
    class: usize,
    shift: u32,
    mask: Set,
}

impl ByClass {
    fn new(view: View<'_>, prepared: &Prepared, classes: &[Option<Symbol>]) -> ByClass {
        let place = |item: u32| match view.is_hidden(item) {
            true => HIDDEN,
            false => {
                let class = view.snapshot().class_of(item);
                classes.iter().position(|c| *c == class).map_or(HIDDEN, |at| at as u8)
            }
        };
        let class_of: Vec<u8> = (0..view.snapshot().nodes()).map(place).collect();
        let component_of = &prepared.condensed.component_of;
        let counting = component_of.iter().zip(&class_of).filter(|(_, class)| **class != HIDDEN);
        let pairs = counting.map(|(component, class)| (*component, u32::from(*class)));
        let count = prepared.condensed.components();
        let of_components = Lists::of_pairs(count, pairs.clone());
        let of_columns = Lists::of_pairs(
            count,
            pairs.map(|(component, class)| (prepared.core.column_of(component), class)),
        );
        ByClass { width: classes.len(), class_of, of_components, of_columns }
    }
    /// Counts by row of the core.
    fn rows(&self, prepared: &Prepared, cancelled: &AtomicBool) -> Option<Matrix> {
        let core = &prepared.core;
        let order = self.order(prepared);
        let blocks = Blocks::new(core, &order, self.of_columns.len());
        let prices: Vec<Vec<Price>> = order.chunks(COLUMNS).map(|block| self.prices(block)).collect();
        let width = self.width;
        let counts = blocks.sum(
            &core.below,
            cancelled,
            || vec![0u32; core.rows() * width],
            |sums, block, row, set| {
                for price in &prices[block] {
                    sums[row * width + price.class] += set.count_in(&price.mask) << price.shift;
                }
            },
            |mut sums, more| {
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                sums
            },
        )?;
        Some(Matrix { width, counts })
    }
    /// The columns that have items, in order of the first row that holds them, those with one item sorted by class
    /// a few blocks at a time, those with several at the end.
    fn order(&self, prepared: &Prepared) -> Vec<u32> {
        let mut placed = vec![false; self.of_columns.len()];
        let (mut light, mut heavy) = (Vec::new(), Vec::new());
        for (_, column) in prepared.core.held_columns() {
            let classes = self.of_columns.get(column as usize);
            if !classes.is_empty() && !std::mem::replace(&mut placed[column as usize], true) {
                let list = if classes.len() == 1 { &mut light } else { &mut heavy };
                list.push(column);
            }
        }
        for few_blocks in light.chunks_mut(SORTED) {
            few_blocks.sort_by_key(|column| self.of_columns.get(*column as usize)[0]);
        }
        light.append(&mut heavy);
        light
    }
    fn prices(&self, block: &[u32]) -> Vec<Price> {
        let mut counts = vec![Vec::new(); self.width];
        for (at, column) in block.iter().enumerate() {
            for class in self.of_columns.get(*column as usize) {
                let counts: &mut Vec<u32> = &mut counts[*class as usize];
                counts.resize(block.len(), 0);
                counts[at] += 1;
            }
        }
        let of_class = |(class, counts): (usize, Vec<u32>)| {
            bits(&counts).into_iter().map(move |(shift, mask)| Price { class, shift, mask })
        };
        counts.into_iter().enumerate().flat_map(of_class).collect()
    }
    /// What is kept of the components that reach more than `few`.
    fn compact(
        &self,
        few: u32,
        prepared: Prepared,
        totals: &[Worth],
        of_rows: &Matrix,
        classes: &[Option<Symbol>],
    ) -> ClassCounts {
        let mut kept = ClassCounts { starts: vec![0], ..ClassCounts::default() };
        for (component, _) in totals.iter().enumerate().filter(|(_, total)| total.items > few) {
            let counts = self.of_component(&prepared, of_rows, component);
            let named = classes.iter().copied().zip(counts);
            kept.counts.extend(named.filter(|(_, count)| *count > 0));
            kept.components.push(component as u32);
            kept.starts.push(kept.counts.len() as u32);
        }
        kept.component_of = prepared.condensed.component_of;
        kept
    }
    fn of_component(&self, prepared: &Prepared, of_rows: &Matrix, component: usize) -> Vec<u32> {
        let (feeders, row) = match prepared.core.parts_of(component) {
            Counted::Row(row) => return of_rows.get(row).to_vec(),
            Counted::OneByOne { feeders, target } => (feeders, target),
        };
        let mut counts = row.map_or_else(|| vec![0; self.width], |row| of_rows.get(row).to_vec());
        for single in feeders.iter().copied().chain([component as u32]) {
            self.of_components.get(single as usize).iter().for_each(|class| counts[*class as usize] += 1);
        }
        counts
    }
}

/// The classes of visible items in the order of [`crate::analysis::reach::by_class`]; none if they are too many.
fn classes(view: View<'_>) -> Option<Vec<Option<Symbol>>> {
    let mut classes: Vec<Option<Symbol>> = Vec::new();
    for item in (0..view.snapshot().nodes()).filter(|item| !view.is_hidden(*item)) {
        let class = view.snapshot().class_of(item);
        if classes.last() != Some(&class) && !classes.contains(&class) {
            if classes.len() == CLASSES_MAX {
                return None;
            }
            classes.push(class);
        }
    }
    classes.sort_by_key(|class| (class.is_none(), *class));
    Some(classes)
}
