//! What a draft files for rules; see [`crate::graph::matching`].

use super::Draft;
use crate::graph::matching::{Covered, Matching, Side};
use crate::graph::records::Records;
use crate::model::{Item, ItemNumber};
use rayon::prelude::*;
use std::sync::Arc;

/// Items read together where all of a class are read.
const ITEMS_TOGETHER: u32 = 4_096;

impl Draft {
    pub(crate) fn matching(&self) -> &Matching {
        &self.snap.matching
    }
    /// Files the items of sides that are not filed yet; whether relationships that rules made are, too.
    pub(crate) fn cover(&mut self, sides: &[Side]) -> bool {
        let schema = self.snap.schema.clone();
        let new: Vec<Side> =
            sides.iter().filter(|s| !self.snap.covered.covers(&schema, s)).copied().collect();
        let made = self.snap.covered.made;
        if !new.is_empty() || self.snap.covered.sides != sides || !made {
            self.file_sides(&new);
            let covered = Covered { schema: Some(schema), sides: sides.to_vec(), made: true };
            self.snap.covered = Arc::new(covered);
        }
        made
    }
    /// Whatever is written from here on is not filed.
    pub(crate) fn uncover(&mut self) {
        if self.snap.covered.schema.is_some() {
            self.snap.covered = Arc::default();
        }
    }
    fn file_sides(&self, sides: &[Side]) {
        if sides.is_empty() {
            return;
        }
        let numbers = 0..self.snap.counts.item_numbers.div_ceil(ITEMS_TOGETHER);
        numbers.into_par_iter().for_each(|part| {
            let first = part * ITEMS_TOGETHER;
            let last = first.saturating_add(ITEMS_TOGETHER).min(self.snap.counts.item_numbers);
            let mut entries = Vec::new();
            for number in (first..last).map(ItemNumber) {
                self.entries(number, sides, &mut entries);
            }
            self.matching().file_values(&entries);
        });
    }
    /// Under which hashes an item is filed.
    fn entries(&self, number: ItemNumber, sides: &[Side], entries: &mut Vec<(u32, u32)>) {
        let Some(class) = self.class(number) else { return };
        let mine = || sides.iter().filter(|side| self.schema().is_a(class, side.class));
        if mine().next().is_none() {
            return;
        }
        let Some(item) = self.item_bytes(number.0).and_then(|bytes| Item::decode(bytes).ok()) else { return };
        for side in mine() {
            let values = side.values(self.schema(), &item, true);
            entries.extend(values.iter().map(|value| (side.hash(value), number.0)));
        }
    }
}
