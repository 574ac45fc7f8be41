//! Finding items by text: names, former names, source keys, unique values.
//!
//! The index holds *candidates*: every number that ever had the text while this process ran. A reader checks each
//! candidate against its own snapshot, so one shared index serves every position without copies, and an entry
//! that no longer holds costs one look and is never wrong.

use crate::model::item::Text;
use crate::model::{Symbol, Value};
use hashbrown::HashTable;
use rayon::prelude::*;
use smallvec::SmallVec;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

mod flat;

/// Numbers that may carry a text.
pub type Candidates = SmallVec<[u32; 4]>;

/// What kind of text an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Name,
    FormerName,
    /// A key within one source.
    Key(Symbol),
    /// A value of an identifying or unique attribute.
    Attribute(Symbol),
}

/// The hash under which `text` of `kind` is filed.
pub fn hash(kind: Kind, text: &str) -> u32 {
    let (tag, symbol) = match kind {
        Kind::Name => (0u8, 0),
        Kind::FormerName => (1, 0),
        Kind::Key(source) => (2, source.0),
        Kind::Attribute(attribute) => (3, attribute.0),
    };
    let mut head = [tag, 0, 0, 0, 0];
    head[1..].copy_from_slice(&symbol.to_le_bytes());
    let whole = head.len() + text.len();
    if whole <= SHORT {
        // The same hash, without setting up a stream.
        let mut bytes = [0; SHORT];
        bytes[..head.len()].copy_from_slice(&head);
        bytes[head.len()..whole].copy_from_slice(text.as_bytes());
        return xxh3_64(&bytes[..whole]) as u32;
    }
    let mut hasher = Xxh3Default::new();
    hasher.update(&head);
    hasher.update(text.as_bytes());
    hasher.digest() as u32
}

/// Bytes that are hashed in one go.
const SHORT: usize = 64;

/// The hash under which an item is filed by one of its texts.
pub(crate) fn hash_of(text: &Text<'_>) -> u32 {
    match text {
        Text::Name(name) => hash(Kind::Name, name),
        Text::FormerName(name) => hash(Kind::FormerName, name),
        Text::Key(source, key) => hash(Kind::Key(*source), key),
        Text::Attribute(attribute, value) => value_hash(*attribute, value),
    }
}

/// The hash of an attribute's value; texts and numbers by how they print.
pub fn value_hash(attribute: Symbol, value: &Value) -> u32 {
    match value.as_text() {
        Some(text) => hash(Kind::Attribute(attribute), text),
        None => hash(Kind::Attribute(attribute), &value.to_string()),
    }
}

const SHARDS: usize = 16;
/// Entries from which on shards are filled side by side.
const SIDE_BY_SIDE: usize = 4096;
const LIST: u32 = 1 << 31;

/// The shared index; eight bytes an entry, a list of its own where many items share a text.
#[derive(Debug)]
pub struct Index {
    shards: [RwLock<Shard>; SHARDS],
}

#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// (hash, number) or (hash, place in `lists` | LIST).
    table: HashTable<(u32, u32)>,
    /// Ascending.
    lists: Vec<Vec<u32>>,
    /// A shard as it was read from a file, until somebody looks into it: making its table takes longer.
    unread: Option<Box<[u32]>>,
}

impl Default for Index {
    fn default() -> Self {
        Index { shards: std::array::from_fn(|_| RwLock::default()) }
    }
}

fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Shard {
    fn insert(&mut self, hash: u32, number: u32) {
        let Some((_, value)) = self.table.find_mut(spread(hash), |&(h, _)| h == hash) else {
            self.table.insert_unique(spread(hash), (hash, number), |&(h, _)| spread(h));
            return;
        };
        if *value == number {
            return;
        }
        if *value & LIST == 0 {
            self.lists.push(vec![*value]);
            *value = LIST | (self.lists.len() - 1) as u32;
        }
        let list = &mut self.lists[(*value & !LIST) as usize];
        if list.last().is_none_or(|last| *last < number) {
            list.push(number);
        } else if let Err(at) = list.binary_search(&number) {
            list.insert(at, number);
        }
    }
    fn get(&self, hash: u32) -> Candidates {
        match self.table.find(spread(hash), |&(h, _)| h == hash) {
            None => Candidates::new(),
            Some(&(_, value)) if value & LIST == 0 => Candidates::from_slice(&[value]),
            Some(&(_, value)) => Candidates::from_slice(&self.lists[(value & !LIST) as usize]),
        }
    }
}

/// See [`Index::open`].
pub(crate) struct Open<'i> {
    shards: [RwLockReadGuard<'i, Shard>; SHARDS],
}

impl Open<'_> {
    /// As [`Index::candidates`].
    pub fn candidates(&self, hash: u32) -> Candidates {
        self.shards[hash as usize % SHARDS].get(hash)
    }
}

impl Index {
    fn read(&self, shard: usize) -> RwLockReadGuard<'_, Shard> {
        let read = || self.shards[shard].read().unwrap_or_else(PoisonError::into_inner);
        let now = read();
        if now.unread.is_none() {
            return now;
        }
        drop(now);
        drop(self.write(shard));
        read()
    }
    fn write(&self, shard: usize) -> RwLockWriteGuard<'_, Shard> {
        let mut shard = self.shards[shard].write().unwrap_or_else(PoisonError::into_inner);
        shard.make_table();
        shard
    }
    pub fn insert(&self, hash: u32, number: u32) {
        self.write(hash as usize % SHARDS).insert(hash, number);
    }
    /// Inserts many, each shard locked once.
    pub fn insert_all(&self, entries: &[(u32, u32)]) {
        if let [(hash, number)] = entries {
            return self.insert(*hash, *number);
        }
        let fill = |i: usize| {
            let mut shard = self.write(i);
            let mine = || entries.iter().filter(|(hash, _)| *hash as usize % SHARDS == i);
            if entries.len() >= SIDE_BY_SIDE {
                let many = mine().count();
                if many > shard.table.len() {
                    shard.table.reserve(many, |&(h, _)| spread(h));
                }
            }
            mine().for_each(|&(hash, number)| shard.insert(hash, number));
        };
        match entries.len() >= SIDE_BY_SIDE {
            true => (0..SHARDS).into_par_iter().for_each(fill),
            false => (0..SHARDS).for_each(fill),
        }
    }
    /// The index held open for many look-ups.
    pub(crate) fn open(&self) -> Open<'_> {
        Open { shards: std::array::from_fn(|shard| self.read(shard)) }
    }
    /// Numbers filed under `hash`, in ascending order.
    pub fn candidates(&self, hash: u32) -> Candidates {
        self.read(hash as usize % SHARDS).get(hash)
    }
    /// Whether `number` is filed under `hash`, without copying a long list.
    pub fn contains(&self, hash: u32, number: u32) -> bool {
        let shard = self.read(hash as usize % SHARDS);
        match shard.table.find(spread(hash), |&(h, _)| h == hash) {
            Some(&(_, value)) if value & LIST != 0 => {
                shard.lists[(value & !LIST) as usize].binary_search(&number).is_ok()
            }
            Some(&(_, value)) => value == number,
            None => false,
        }
    }
    pub fn bytes(&self) -> usize {
        let shard_bytes = |shard: &RwLock<Shard>| {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            let lists: usize = shard.lists.iter().map(|l| l.capacity() * 4 + 24).sum();
            shard.table.allocation_size() + lists + shard.unread.as_ref().map_or(0, |words| words.len() * 4)
        };
        self.shards.iter().map(shard_bytes).sum()
    }
}
