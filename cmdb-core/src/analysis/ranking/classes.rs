//! The ranking with its counts told apart by class, so that it can answer for a search with all its counts.
//!
//! The sets are counted once for each class. A column belongs to one class only, so all rounds together take little
//! longer than one over everything. What few items reach is not kept: there a search is as quick.

use super::{Prepared, Ranking, Worth};
use crate::graph::View;
use crate::model::Symbol;
use std::sync::atomic::AtomicBool;

/// Items reached up to which no counts by class are kept.
pub const FEW: u32 = 1_024;
/// Classes told apart; where items have more no counts by class are kept. 4 bytes an item each while it works.
const CLASSES_MAX: usize = 64;

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

/// Like [`super::rank`], with counts by class. Besides what that needs, 4 bytes per item and class while it works.
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
    let mut totals = vec![Worth::default(); prepared.condensed.components()];
    let mut columns = Vec::with_capacity(classes.len());
    for class in classes {
        let mut worth = vec![Worth::default(); totals.len()];
        for (item, own) in (0u32..).zip(&prepared.own) {
            if view.snapshot().class_of(item) == class {
                worth[prepared.condensed.component_of[item as usize] as usize] += *own;
            }
        }
        let sums = prepared.core.sums(&worth, cancelled)?;
        totals.iter_mut().zip(&sums).for_each(|(total, more)| *total += *more);
        columns.push((class, sums.into_iter().map(|sum| sum.items).collect::<Vec<u32>>()));
    }
    let ranking = prepared.ranking(&totals);
    let counts = compact(few, prepared.condensed.component_of, &totals, &columns);
    Some((ranking, counts))
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

fn compact(
    few: u32,
    component_of: Vec<u32>,
    totals: &[Worth],
    columns: &[(Option<Symbol>, Vec<u32>)],
) -> ClassCounts {
    let mut kept = ClassCounts { component_of, starts: vec![0], ..ClassCounts::default() };
    for (component, _) in totals.iter().enumerate().filter(|(_, total)| total.items > few) {
        let counts = columns.iter().map(|(class, counts)| (*class, counts[component]));
        kept.counts.extend(counts.filter(|(_, count)| *count > 0));
        kept.components.push(component as u32);
        kept.starts.push(kept.counts.len() as u32);
    }
    kept
}
