//! Relationships by type and ends, where no adjacency holds them yet.
//!
//! Eight bytes an entry: a fingerprint and a number. What is found is a candidate; whoever asks looks at the record.

use crate::model::{ItemNumber, Symbol};
use hashbrown::HashTable;
use smallvec::SmallVec;
use std::hash::Hasher;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends(HashTable<(u32, u32)>);

fn fingerprint(kind: Symbol, source: ItemNumber, target: ItemNumber) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write_u64(u64::from(source.0) << 32 | u64::from(target.0));
    hasher.write_u32(kind.0);
    hasher.finish()
}

/// Places are chosen by what is kept, so that growing needs no record.
fn spread(fingerprint: u32) -> u64 {
    u64::from(fingerprint).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Ends {
    pub fn insert(&mut self, kind: Symbol, source: ItemNumber, target: ItemNumber, number: u32) {
        let print = (fingerprint(kind, source, target) >> 32) as u32;
        self.0.insert_unique(spread(print), (print, number), |(print, _)| spread(*print));
    }
    /// Numbers that may join these ends.
    pub fn candidates(
        &self,
        kind: Symbol,
        source: ItemNumber,
        target: ItemNumber,
    ) -> SmallVec<[u32; 4]> {
        if self.0.is_empty() {
            return SmallVec::new();
        }
        let print = (fingerprint(kind, source, target) >> 32) as u32;
        let mut out: SmallVec<[u32; 4]> =
            self.0.iter_hash(spread(print)).filter(|(p, _)| *p == print).map(|(_, n)| *n).collect();
        out.sort_unstable();
        out.dedup();
        out
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
