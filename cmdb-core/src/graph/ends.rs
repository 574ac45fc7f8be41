//! Relationships by type and ends, where no adjacency holds them yet.
//!
//! Eight bytes an entry: a fingerprint and a number. What is found is a candidate; whoever asks looks at the record.

use crate::model::{ItemNumber, Symbol};
use hashbrown::HashTable;
use rayon::prelude::*;
use smallvec::SmallVec;

/// Tables, by the first bits of the fingerprint: filling one is a cache miss an entry, which threads wait for side by
/// side, and one grows at a time.
const SHARDS: usize = 4;
/// Entries from which on threads pay.
const SIDE_BY_SIDE_MIN: usize = 1_024;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends([HashTable<(u32, u32)>; SHARDS]);

const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Every bit of both ends counts for every bit of the result; many relationships share an end.
pub(crate) fn fingerprint(kind: Symbol, source: ItemNumber, target: ItemNumber) -> u32 {
    let ends = u64::from(source.0) << 32 | u64::from(target.0);
    let wide = u128::from(ends ^ u64::from(kind.0).wrapping_mul(ODD)) * u128::from(ODD);
    let folded = (wide >> 64) as u64 ^ wide as u64;
    (folded.wrapping_mul(ODD) >> 32) as u32
}

/// Places are chosen by what is kept, so that growing needs no record.
fn spread(fingerprint: u32) -> u64 {
    u64::from(fingerprint).wrapping_mul(ODD)
}

fn shard(fingerprint: u32) -> usize {
    fingerprint as usize >> (u32::BITS - SHARDS.ilog2())
}

fn insert(table: &mut HashTable<(u32, u32)>, print: u32, number: u32) {
    table.insert_unique(spread(print), (print, number), |(print, _)| spread(*print));
}

impl Ends {
    pub fn insert(&mut self, kind: Symbol, source: ItemNumber, target: ItemNumber, number: u32) {
        let print = fingerprint(kind, source, target);
        insert(&mut self.0[shard(print)], print, number);
    }
    /// Inserts many by their fingerprints.
    pub fn extend(&mut self, entries: &[(u32, u32)]) {
        let fill = |(at, table): (usize, &mut HashTable<(u32, u32)>)| {
            let own = entries.iter().filter(|(print, _)| shard(*print) == at);
            own.for_each(|(print, number)| insert(table, *print, *number));
        };
        match entries.len() < SIDE_BY_SIDE_MIN {
            true => self.0.iter_mut().enumerate().for_each(fill),
            false => self.0.par_iter_mut().enumerate().for_each(fill),
        }
    }
    /// Numbers that may join these ends.
    pub fn candidates(&self, kind: Symbol, source: ItemNumber, target: ItemNumber) -> SmallVec<[u32; 4]> {
        let print = fingerprint(kind, source, target);
        let table = &self.0[shard(print)];
        if table.is_empty() {
            return SmallVec::new();
        }
        let mut out: SmallVec<[u32; 4]> =
            table.iter_hash(spread(print)).filter(|(p, _)| *p == print).map(|(_, n)| *n).collect();
        out.sort_unstable();
        out.dedup();
        out
    }
    pub fn len(&self) -> usize {
        self.0.iter().map(HashTable::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relationships_of_a_hub_do_not_look_alike() {
        let mut ends = Ends::default();
        let (kind, hub) = (Symbol(3), ItemNumber(7));
        for n in 0..100_000 {
            ends.insert(kind, ItemNumber(n), hub, n);
            ends.insert(kind, hub, ItemNumber(n), n + 200_000);
        }
        let found = |n: u32| ends.candidates(kind, ItemNumber(n), hub);
        assert!((0..100_000).all(|n| found(n).contains(&n)));
        let in_vain: usize = (0..100_000).map(|n| found(n).len() - 1).sum();
        assert!(in_vain < 100, "{in_vain} candidates in vain");
        assert!(ends.candidates(Symbol(4), ItemNumber(5), hub).is_empty());
    }
}
