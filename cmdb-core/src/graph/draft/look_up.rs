//! Many keys looked up together.
//!
//! One look-up is a handful of cache misses, each of which needs the one before. Done step by step for many keys, the
//! misses of one step lie side by side and the processor waits for several at once.

use super::Draft;
use crate::graph::index::{self, Candidates, Kind};
use crate::graph::records::Records;
use crate::model::{Item, ItemNumber, Symbol};
use std::hint::black_box;

impl Draft {
    /// For each key the item that `source` knows by it; as [`Records::keyed`], for many.
    pub(crate) fn keyed_together(&self, source: Symbol, keys: &[Option<&str>]) -> Vec<Option<ItemNumber>> {
        let hashes = keys.iter().map(|key| key.map(|key| index::hash(Kind::Key(source), key)));
        let found: Vec<Candidates> = self.filed_together(hashes);
        self.touch_records(&found);
        let is_it = |n: &u32, key: &str| {
            self.item_bytes(*n)
                .is_some_and(|bytes| Item::has_key(bytes, source, key) && !Item::is_removed(bytes))
        };
        let known = keys.iter().zip(found).map(|(key, found)| {
            let key = (*key)?;
            found.into_iter().find(|n| is_it(n, key)).map(ItemNumber)
        });
        let known: Vec<Option<ItemNumber>> = known.collect();
        // Whoever asks for an item by its key asks for its class next.
        black_box(known.iter().flatten().filter(|n| self.class(**n).is_some()).count());
        known
    }
    fn filed_together(&self, hashes: impl Iterator<Item = Option<u32>>) -> Vec<Candidates> {
        let hashes: Vec<Option<u32>> = hashes.collect();
        if !self.own.is_empty() || !self.snap.own_candidates.is_empty() {
            let found = |hash: &Option<u32>| hash.map_or_else(Candidates::new, |hash| self.candidates(hash));
            return hashes.iter().map(found).collect();
        }
        let index = self.snap.index.open();
        let found = |hash: &Option<u32>| hash.map_or_else(Candidates::new, |hash| index.candidates(hash));
        hashes.iter().map(found).collect()
    }
    /// Reads a byte of each block, then one of each record.
    fn touch_records(&self, found: &[Candidates]) {
        let numbers = || found.iter().flatten();
        black_box(numbers().map(|n| self.snap.touch_block(*n)).fold(0, u8::wrapping_add));
        let first = |n: &u32| self.item_bytes(*n).and_then(|bytes| bytes.first().copied()).unwrap_or(0);
        black_box(numbers().map(first).fold(0, u8::wrapping_add));
    }
}
