//! Shards as bytes: the number of entries and of lists as `u32`, the length of each list, the entries (hash and
//! number, or hash and place of a list with the top bit set) in the order of the table, then the lists.

use super::{Index, LIST, SHARDS, Shard, spread};
use crate::graph::flat::take_u32s;
use hashbrown::HashTable;
use std::sync::{PoisonError, RwLock};

impl Index {
    pub(crate) const FLAT_PARTS: usize = SHARDS;

    pub(crate) fn flat_part(&self, part: usize) -> Vec<u8> {
        let shard = self.shards[part].read().unwrap_or_else(PoisonError::into_inner);
        let counts = [shard.table.len() as u32, shard.lists.len() as u32];
        let lengths = shard.lists.iter().map(|list| list.len() as u32);
        let entries = shard.table.iter().flat_map(|(hash, value)| [*hash, *value]);
        let lists = shard.lists.iter().flatten().copied();
        let words = counts.into_iter().chain(lengths).chain(entries).chain(lists);
        words.flat_map(u32::to_le_bytes).collect()
    }
    pub(crate) fn from_shards(shards: Vec<Shard>) -> Option<Index> {
        let shards: [Shard; SHARDS] = shards.try_into().ok()?;
        Some(Index { shards: shards.map(RwLock::new) })
    }
}

impl Shard {
    /// None unless the bytes are a shard's and every entry belongs to it.
    pub(crate) fn from_flat(part: usize, bytes: &[u8]) -> Option<Shard> {
        let words = take_u32s(bytes)?;
        let (counts, rest) = words.split_at_checked(2)?;
        let (lengths, rest) = rest.split_at_checked(counts[1] as usize)?;
        let (entries, mut rest) = rest.split_at_checked((counts[0] as usize).checked_mul(2)?)?;
        let mut shard = Shard { table: HashTable::with_capacity(counts[0] as usize), lists: Vec::new() };
        for entry in entries.chunks_exact(2) {
            let (hash, value) = (entry[0], entry[1]);
            let known = value & LIST == 0 || (value & !LIST) < counts[1];
            (known && hash as usize % SHARDS == part).then_some(())?;
            shard.table.insert_unique(spread(hash), (hash, value), |&(h, _)| spread(h));
        }
        for length in lengths {
            let (list, tail) = rest.split_at_checked(*length as usize)?;
            list.is_sorted().then(|| shard.lists.push(list.to_vec()))?;
            rest = tail;
        }
        rest.is_empty().then_some(shard)
    }
}
