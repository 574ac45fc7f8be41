//! Sets of numbers of items or relationships, compressed: a range costs a few bytes, a scattered set a bit a number.

use roaring::RoaringBitmap;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A set of numbers. Stored in the portable Roaring format, which has a specification of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers(RoaringBitmap);

// Sets of whole numbers are equal to themselves.
impl Eq for Numbers {}

impl Numbers {
    /// The set whose number `64 · w + b` is there where bit `b` of word `w` is.
    pub fn of_bits(words: &[u64]) -> Numbers {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        Numbers(RoaringBitmap::from_lsb0_bytes(0, &bytes)).packed()
    }
    fn packed(mut self) -> Numbers {
        self.0.optimize();
        self
    }
    pub fn has(&self, number: u32) -> bool {
        self.0.contains(number)
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn len(&self) -> u64 {
        self.0.len()
    }
    /// Ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter()
    }
    pub fn with(&self, other: &Numbers) -> Numbers {
        Numbers(&self.0 | &other.0).packed()
    }
    pub fn without(&self, other: &Numbers) -> Numbers {
        Numbers(&self.0 - &other.0).packed()
    }
    /// What both hold.
    pub fn common(&self, other: &Numbers) -> Numbers {
        Numbers(&self.0 & &other.0).packed()
    }
    /// Bytes that it takes stored; in memory it is about the same.
    pub fn bytes(&self) -> usize {
        self.0.serialized_size()
    }
}

impl FromIterator<u32> for Numbers {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Numbers {
        Numbers(numbers.into_iter().collect()).packed()
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(self.0.serialized_size());
        self.0.serialize_into(&mut bytes).map_err(serde::ser::Error::custom)?;
        to.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Numbers, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Numbers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a set of numbers")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Numbers, E> {
                RoaringBitmap::deserialize_from(bytes).map(Numbers).map_err(E::custom)
            }
        }
        from.deserialize_bytes(Bytes).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_read_back_and_a_range_is_small_whatever_its_length() {
        let words = vec![u64::MAX; 1_000_000 / 64];
        let all = Numbers::of_bits(&words);
        assert_eq!(all.len(), 1_000_000);
        assert!(all.bytes() < 500, "{} bytes", all.bytes());
        let every_other = Numbers::of_bits(&vec![0x5555_5555_5555_5555; 1_000_000 / 64]);
        assert!(every_other.bytes() < 140_000, "{} bytes", every_other.bytes());
        for set in [all, every_other, Numbers::default(), [3, 70_000, u32::MAX].into_iter().collect()] {
            let bytes = postcard::to_stdvec(&set).unwrap();
            assert_eq!(postcard::from_bytes::<Numbers>(&bytes).unwrap(), set);
            for cut in 0..bytes.len().min(40) {
                let _ = postcard::from_bytes::<Numbers>(&bytes[..cut]);
            }
        }
    }
}
