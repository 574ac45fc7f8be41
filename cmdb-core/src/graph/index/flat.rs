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
        if let Some(words) = &shard.unread {
            return words.iter().flat_map(|word| word.to_le_bytes()).collect();
        }
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

/// The words of a shard taken apart: lengths of the lists, entries, the lists.
type Parts<'w> = (&'w [u32], &'w [u32], &'w [u32]);

fn parts(words: &[u32]) -> Option<Parts<'_>> {
    let (counts, rest) = words.split_at_checked(2)?;
    let (lengths, rest) = rest.split_at_checked(counts[1] as usize)?;
    let (entries, lists) = rest.split_at_checked((counts[0] as usize).checked_mul(2)?)?;
    Some((lengths, entries, lists))
}

/// The lists one by one; none in the place of one that does not fit.
fn lists<'w>(lengths: &'w [u32], mut rest: &'w [u32]) -> impl Iterator<Item = Option<&'w [u32]>> {
    lengths.iter().map(move |length| {
        let (list, tail) = rest.split_at_checked(*length as usize)?;
        rest = tail;
        Some(list)
    })
}

impl Shard {
    /// None unless the bytes are a shard's and every entry belongs to it. The table is made on demand.
    pub(crate) fn from_flat(part: usize, bytes: &[u8]) -> Option<Shard> {
        let words = take_u32s(bytes)?;
        let (lengths, entries, rest) = parts(&words)?;
        let known = |value: u32| value & LIST == 0 || ((value & !LIST) as usize) < lengths.len();
        let belongs = |entry: &[u32]| known(entry[1]) && entry[0] as usize % SHARDS == part;
        let listed: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let sound = listed == rest.len() as u64
            && entries.chunks_exact(2).all(belongs)
            && lists(lengths, rest).all(|list| list.is_some_and(<[u32]>::is_sorted));
        sound.then(|| Shard { unread: Some(words.into()), ..Shard::default() })
    }
    /// Makes the table of a shard that was read and not looked into yet.
    pub(super) fn make_table(&mut self) {
        let Some(words) = self.unread.take() else { return };
        let Some((lengths, entries, rest)) = parts(&words) else { return };
        self.table = HashTable::with_capacity(entries.len() / 2);
        for entry in entries.chunks_exact(2) {
            let (hash, value) = (entry[0], entry[1]);
            self.table.insert_unique(spread(hash), (hash, value), |&(h, _)| spread(h));
        }
        self.lists = lists(lengths, rest).flatten().map(<[u32]>::to_vec).collect();
    }
}
