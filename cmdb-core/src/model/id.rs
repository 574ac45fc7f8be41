//! Identifiers, positions, and the keyed map between stored numbers and public ids.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64_with_seed;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(/// An item's place in the store; given out in order, never used twice.
    ItemNumber(u32));
number!(/// A relationship's place in the store; given out in order, never used twice.
    RelationshipNumber(u32));
number!(/// An interned name: a class, an attribute, a relationship type, a status, a source.
    Symbol(u32));
number!(/// A dense, 1-based place in the commit log; 0 is the empty log.
    Position(u64));

/// The public id of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub Uuid);

/// The public id of a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationshipId(pub Uuid);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl fmt::Display for RelationshipId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names one log; random, made when the log is created; a restored log gets a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogId(pub [u8; 16]);

/// Makes a commit idempotent; made by whoever first saw the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitId(pub [u8; 16]);

impl CommitId {
    /// Bytes that stand for the key; the rest stands for the request made under it.
    const KEY_BYTES: usize = 10;

    /// The commit id of a request made under a client's own key: hashes of the key and of the request. So an entry
    /// tells for ever which request its key was used for.
    pub fn of_request(key: &[u8; 32], request: &[u8; 32]) -> CommitId {
        let mut id = [0; 16];
        let (of_key, of_request) = id.split_at_mut(Self::KEY_BYTES);
        of_key.copy_from_slice(&key[..of_key.len()]);
        of_request.copy_from_slice(&request[..of_request.len()]);
        CommitId(id)
    }
    /// Whether both were made under one key, be it for the same request or not.
    pub fn same_key(self, other: CommitId) -> bool {
        self.0[..Self::KEY_BYTES] == other.0[..Self::KEY_BYTES]
    }
    /// The first and the last commit id that this one's key can have.
    pub(crate) fn of_same_key(self) -> (CommitId, CommitId) {
        let (mut first, mut last) = (self, self);
        first.0[Self::KEY_BYTES..].fill(0);
        last.0[Self::KEY_BYTES..].fill(u8::MAX);
        (first, last)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).fmt(f)
    }
}
impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).fmt(f)
    }
}

/// The key of a graph's public ids.
///
/// A public id is a version 8 UUID computed from the stored number: half of it is a keyed hash of the number, the
/// other half the number masked with a hash of the first half. So no id is stored, none needs an index, ids tell
/// nothing about how many items exist, and a foreign id is recognised as foreign. The key is written once, in the
/// first entry of the log, and survives backup and restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdKey(pub [u8; 16]);

const ITEM: u64 = 0x6974_656d;
const RELATIONSHIP: u64 = 0x7265_6c61;

impl IdKey {
    pub fn item_id(&self, number: ItemNumber) -> ItemId {
        ItemId(self.seal(ITEM, number.0))
    }
    pub fn relationship_id(&self, number: RelationshipNumber) -> RelationshipId {
        RelationshipId(self.seal(RELATIONSHIP, number.0))
    }
    /// The number behind `id`, or nothing if this graph never gave such an id.
    pub fn item_number(&self, id: ItemId) -> Option<ItemNumber> {
        self.open(ITEM, id.0).map(ItemNumber)
    }
    pub fn relationship_number(&self, id: RelationshipId) -> Option<RelationshipNumber> {
        self.open(RELATIONSHIP, id.0).map(RelationshipNumber)
    }

    fn hash(&self, domain: u64, word: u64) -> u64 {
        let mut bytes = [0u8; 24];
        bytes[..16].copy_from_slice(&self.0);
        bytes[16..].copy_from_slice(&word.to_le_bytes());
        xxh3_64_with_seed(&bytes, domain)
    }
    fn seal(&self, domain: u64, number: u32) -> Uuid {
        let tag = self.hash(domain, u64::from(number));
        let mut bytes = [0u8; 16];
        bytes[..8].copy_from_slice(&tag.to_be_bytes());
        // Version and variant bits live in bytes 6 and 8; the tag is compared without them.
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        let mask = self.hash(domain ^ 1, visible_tag(&bytes));
        let tail = self.hash(domain ^ 2, u64::from(number));
        bytes[8] = 0x80 | (tail as u8 & 0x3f);
        bytes[9..12].copy_from_slice(&tail.to_le_bytes()[1..4]);
        bytes[12..].copy_from_slice(&(number ^ mask as u32).to_be_bytes());
        Uuid::from_bytes(bytes)
    }
    fn open(&self, domain: u64, id: Uuid) -> Option<u32> {
        let bytes = id.as_bytes();
        let mask = self.hash(domain ^ 1, visible_tag(bytes)) as u32;
        let number = u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]) ^ mask;
        (self.seal(domain, number) == id).then_some(number)
    }
}

fn visible_tag(bytes: &[u8; 16]) -> u64 {
    let mut tag = [0u8; 8];
    tag.copy_from_slice(&bytes[..8]);
    u64::from_be_bytes(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_to_their_number_and_foreign_ids_do_not() {
        let key = IdKey([7; 16]);
        let other = IdKey([8; 16]);
        for n in (0..10_000).chain([u32::MAX - 1, u32::MAX]) {
            let id = key.item_id(ItemNumber(n));
            assert_eq!(id.0.get_version_num(), 8);
            assert_eq!(key.item_number(id), Some(ItemNumber(n)));
            assert_eq!(other.item_number(id), None);
            assert_eq!(key.relationship_number(RelationshipId(id.0)), None);
        }
    }
}
