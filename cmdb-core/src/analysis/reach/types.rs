//! Which relationship types to follow.

use crate::graph::adjacency::flag;
use crate::model::Symbol;

/// A set of relationship types: one bit per symbol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeFilter {
    words: Vec<u64>,
}

impl TypeFilter {
    pub fn of(types: impl IntoIterator<Item = Symbol>) -> TypeFilter {
        let mut words = Vec::new();
        for Symbol(symbol) in types {
            let at = symbol as usize / 64;
            if words.len() <= at {
                words.resize(at + 1, 0);
            }
            words[at] |= 1 << (symbol % 64);
        }
        TypeFilter { words }
    }
    /// Whether a relationship with this kind word ([`crate::graph::adjacency::Entry::kind`]) is of such a type.
    #[inline]
    pub fn admits(&self, kind: u32) -> bool {
        let symbol = kind >> flag::BITS;
        self.words.get(symbol as usize / 64).is_some_and(|word| word >> (symbol % 64) & 1 != 0)
    }
}
