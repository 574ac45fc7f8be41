//! The graph at one position.

use super::adjacency::{Adjacency, Entry, Gate};
use super::block::{Block, ITEMS_PER_BLOCK, RELATIONSHIPS_PER_BLOCK};
use super::cow::CowTable;
use super::group::{GroupRow, GroupTable};
use super::index::{Candidates, Index};
use super::matching::{Covered, Matching};
use super::order::Order;
use super::records::Records;
use super::statistics::Shelf;
use crate::error::Result;
use crate::fact::setting::Settings;
use crate::model::{
    IdKey, Item, ItemId, ItemNumber, Position, Relationship, RelationshipId, RelationshipNumber, Symbol,
};
use crate::schema::{Names, Schema};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What every read sees: immutable, shared, cheap to clone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) position: Position,
    pub(crate) time_ms: i64,
    pub(crate) id_key: IdKey,
    pub(crate) names: Arc<Names>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) items: CowTable<Block, 256>,
    pub(crate) relationships: CowTable<Block, 256>,
    pub(crate) order: Order,
    /// Class of each item by dense id; `u32::MAX` for none.
    pub(crate) class_of: CowTable<u32, 4096>,
    /// A set bit hides an item from every analysis: removed, or not live. By dense id.
    pub(crate) hidden: CowTable<u64, 512>,
    /// A set bit: the item was removed. By dense id.
    pub(crate) gone: CowTable<u64, 512>,
    pub(crate) dependencies: Adjacency,
    pub(crate) dependents: Adjacency,
    /// Relationships that carry no impact, by source and by target.
    pub(crate) outgoing: Adjacency,
    pub(crate) incoming: Adjacency,
    pub(crate) groups: GroupTable,
    pub(crate) index: Arc<Index>,
    /// Candidates of a draft that was never committed; empty for published snapshots.
    pub(crate) own_candidates: Arc<FxHashMap<u32, Candidates>>,
    /// What rules find items by, and how far it is filled in for this line of states.
    pub(crate) matching: Arc<Matching>,
    pub(crate) covered: Arc<Covered>,
    pub(crate) counts: Counts,
    /// Sum of the hashes of all records' content: equal content, equal hash, whatever the order of edits.
    pub(crate) state_hash: u128,
    pub(crate) derived: Derived,
    pub(crate) shelf: Shelf,
}

/// What is computed from a snapshot at most once, on demand. A clone, being the start of a draft, starts empty.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    without_dependencies: OnceLock<BTreeMap<Symbol, Vec<u32>>>,
    cut_dependents: OnceLock<Vec<u32>>,
}

impl Clone for Derived {
    fn clone(&self) -> Self {
        Derived::default()
    }
}

/// Sizes of a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Item numbers given out, removed items included.
    pub item_numbers: u32,
    pub relationship_numbers: u32,
    pub items: u32,
    pub relationships: u32,
}

/// Resident bytes of a snapshot, without records that nobody has asked for since it was opened: records of items and
/// of relationships, both directions, columns with the order, and the index of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    pub items: usize,
    pub relationships: usize,
    pub adjacency: usize,
    pub columns: usize,
    pub index: usize,
}

/// No class.
pub const NO_CLASS: u32 = u32::MAX;

impl Snapshot {
    /// The empty graph before the first entry.
    pub fn empty() -> Snapshot {
        Snapshot {
            position: Position(0),
            time_ms: 0,
            id_key: IdKey([0; 16]),
            names: Arc::default(),
            schema: Arc::default(),
            settings: Arc::default(),
            items: CowTable::default(),
            relationships: CowTable::default(),
            order: Order::default(),
            class_of: CowTable::default(),
            hidden: CowTable::default(),
            gone: CowTable::default(),
            dependencies: Adjacency::default(),
            dependents: Adjacency::default(),
            outgoing: Adjacency::default(),
            incoming: Adjacency::default(),
            groups: GroupTable::default(),
            index: Arc::default(),
            own_candidates: Arc::default(),
            matching: Arc::default(),
            covered: Arc::default(),
            counts: Counts::default(),
            state_hash: 0,
            derived: Derived::default(),
            shelf: Shelf::default(),
        }
    }
    pub fn position(&self) -> Position {
        self.position
    }
    /// When the entry at this position was accepted; milliseconds since 1970.
    pub fn time_ms(&self) -> i64 {
        self.time_ms
    }
    pub fn counts(&self) -> Counts {
        self.counts
    }
    pub fn state_hash(&self) -> u128 {
        self.state_hash
    }
    /// Dense ids run from 0 to this.
    #[inline]
    pub fn nodes(&self) -> u32 {
        self.counts.item_numbers
    }
    #[inline]
    pub fn dense(&self, number: ItemNumber) -> u32 {
        self.order.dense(number.0)
    }
    #[inline]
    pub fn number(&self, dense: u32) -> ItemNumber {
        ItemNumber(self.order.number(dense))
    }
    pub fn item_id(&self, number: ItemNumber) -> ItemId {
        self.id_key.item_id(number)
    }
    pub fn relationship_id(&self, number: RelationshipNumber) -> RelationshipId {
        self.id_key.relationship_id(number)
    }
    pub fn item_by_id(&self, id: ItemId) -> Option<ItemNumber> {
        let number = self.id_key.item_number(id)?;
        let is_there = |n: &ItemNumber| n.0 < self.counts.item_numbers && !self.is_gone(self.dense(*n));
        if is_there(&number) { Some(number) } else { self.merged_into(number).filter(is_there) }
    }
    pub fn relationship_by_id(
        &self,
        id: RelationshipId,
    ) -> Result<Option<(RelationshipNumber, Relationship)>> {
        let Some(number) = self.id_key.relationship_number(id) else { return Ok(None) };
        Ok(self.relationship(number)?.map(|r| (number, r)))
    }
    /// The name of an item by dense id; empty where it has none.
    #[inline]
    pub fn name_of(&self, dense: u32) -> &str {
        let bytes = self.item_bytes(self.order.number(dense));
        bytes.and_then(|b| Item::decode_name(b).ok().flatten()).unwrap_or("")
    }
    /// A byte of the block that holds an item's record, read to have it at hand.
    #[inline]
    pub(crate) fn touch_block(&self, number: u32) -> u8 {
        let block = self.items.get(number as usize / ITEMS_PER_BLOCK);
        block.map_or(0, |block| block.bytes()[0])
    }
    /// The class of an item by dense id.
    #[inline]
    pub fn class_of(&self, dense: u32) -> Option<Symbol> {
        self.class_of.get(dense as usize).copied().filter(|c| *c != NO_CLASS).map(Symbol)
    }
    pub fn class_name(&self, dense: u32) -> &str {
        self.class_of(dense).map_or("", |class| self.names.text(class))
    }
    pub fn is_hidden(&self, dense: u32) -> bool {
        bit(&self.hidden, dense)
    }
    /// Whether the item was removed.
    pub fn is_gone(&self, dense: u32) -> bool {
        bit(&self.gone, dense)
    }
    /// Items that exist, by dense id, ascending.
    pub fn live_nodes(&self) -> impl Iterator<Item = u32> {
        (0..self.nodes()).filter(|dense| !self.is_gone(*dense))
    }
    /// Items that exist and are of one of these classes, by dense id, ascending. The schema is not asked item by item.
    pub fn of_classes(&self, classes: impl IntoIterator<Item = Symbol>) -> impl Iterator<Item = u32> {
        let mut wanted: Vec<bool> = Vec::new();
        for class in classes {
            wanted.resize(wanted.len().max(class.0 as usize + 1), false);
            wanted[class.0 as usize] = true;
        }
        let is_wanted = move |class: u32| wanted.get(class as usize).copied().unwrap_or(false);
        let found = self.class_of.iter().enumerate().filter(move |(_, class)| is_wanted(**class));
        found.map(|(dense, _)| dense as u32).filter(|dense| !self.is_gone(*dense))
    }
    /// What `dense` depends on.
    pub fn dependencies(&self) -> &Adjacency {
        &self.dependencies
    }
    /// What depends on it.
    pub fn dependents(&self) -> &Adjacency {
        &self.dependents
    }
    pub fn outgoing(&self) -> &Adjacency {
        &self.outgoing
    }
    pub fn incoming(&self) -> &Adjacency {
        &self.incoming
    }
    pub fn group(&self, row: u32) -> GroupRow {
        self.groups.get(row).copied().unwrap_or_default()
    }
    /// See [`GroupTable::slack`].
    #[inline]
    pub(crate) fn slack(&self, row: u32) -> u32 {
        self.groups.slack(row)
    }
    /// Live items that should depend on something and record nothing, by class.
    pub fn without_dependencies(&self) -> &BTreeMap<Symbol, Vec<u32>> {
        self.derived.without_dependencies.get_or_init(|| crate::graph::build::without_dependencies(self))
    }
    /// Items that have, or had, a group whose `needs` was cut; ascending.
    pub(crate) fn cut_dependents(&self) -> &[u32] {
        self.derived.cut_dependents.get_or_init(|| self.groups.cut_dependents())
    }
    /// Rows of the group table; some may be of groups that lost all members.
    pub fn group_rows(&self) -> usize {
        self.groups.len()
    }
    /// Every relationship at an item, each once: number, and whether the item is its source.
    pub fn relationships_of(&self, number: ItemNumber) -> Vec<(RelationshipNumber, bool)> {
        use super::adjacency::flag::REVERSED;
        let dense = self.dense(number);
        let mut out: Vec<(RelationshipNumber, bool)> = Vec::new();
        let reversed = |e: &Entry| e.kind & REVERSED != 0;
        out.extend(
            self.dependencies.row(dense).entries().map(|e| (RelationshipNumber(e.number), !reversed(&e))),
        );
        out.extend(
            self.dependents.row(dense).entries().map(|e| (RelationshipNumber(e.number), reversed(&e))),
        );
        out.extend(self.outgoing.row(dense).entries().map(|e| (RelationshipNumber(e.number), true)));
        out.extend(self.incoming.row(dense).entries().map(|e| (RelationshipNumber(e.number), false)));
        out.sort_unstable();
        out.dedup_by_key(|(number, _)| *number);
        out
    }
    /// Relationships from `source` to `target` of one type, read off the shorter machinery: the dependent's row.
    pub(crate) fn linked(&self, kind: Symbol, source: ItemNumber, target: ItemNumber) -> Vec<u32> {
        let (from, to) = (self.dense(source), self.dense(target));
        let (adjacency, from, to) = match self.schema.relationship_type(kind) {
            Some(t) if t.carries_impact() && t.source_suffers() => (&self.dependencies, from, to),
            Some(t) if t.carries_impact() => (&self.dependencies, to, from),
            _ => (&self.outgoing, from, to),
        };
        let row = adjacency.row(from);
        [Gate::Hard, Gate::Soft, Gate::Group]
            .into_iter()
            .flat_map(|gate| row.find((gate as u32) << 30 | to))
            .filter(|e| e.type_symbol() == kind.0)
            .map(|e| e.number)
            .collect()
    }
    /// Resident bytes by part.
    pub fn memory(&self) -> Memory {
        let blocks = |t: &CowTable<Block, 256>| t.iter().map(|b| b.resident() + 32).sum::<usize>();
        let adjacency = [&self.dependencies, &self.dependents, &self.outgoing, &self.incoming];
        Memory {
            items: blocks(&self.items),
            relationships: blocks(&self.relationships),
            adjacency: adjacency.iter().map(|a| a.bytes()).sum(),
            columns: self.class_of.bytes()
                + self.hidden.bytes() * 2
                + self.groups.bytes()
                + self.order.ordered() * 8,
            index: self.index.bytes() + self.matching.bytes(),
        }
    }
}

impl Records for Snapshot {
    #[inline]
    fn item_bytes(&self, number: u32) -> Option<&[u8]> {
        self.items.get(number as usize / ITEMS_PER_BLOCK)?.get(number as usize % ITEMS_PER_BLOCK)
    }
    fn relationship_bytes(&self, number: u32) -> Option<&[u8]> {
        self.relationships
            .get(number as usize / RELATIONSHIPS_PER_BLOCK)?
            .get(number as usize % RELATIONSHIPS_PER_BLOCK)
    }
    fn class(&self, number: ItemNumber) -> Option<Symbol> {
        self.class_of(self.dense(number))
    }
    fn names(&self) -> &Names {
        &self.names
    }
    fn schema(&self) -> &Schema {
        &self.schema
    }
    fn settings(&self) -> &Settings {
        &self.settings
    }
    fn id_key(&self) -> IdKey {
        self.id_key
    }
    fn candidates(&self, hash: u32) -> Candidates {
        let mut out = self.index.candidates(hash);
        if let Some(own) = self.own_candidates.get(&hash) {
            out.extend(own.iter().copied());
            out.sort_unstable();
            out.dedup();
        }
        out
    }
    fn linked(&self, kind: Symbol, source: ItemNumber, target: ItemNumber) -> Vec<u32> {
        Snapshot::linked(self, kind, source, target)
    }
}

pub(crate) fn bit(bits: &CowTable<u64, 512>, dense: u32) -> bool {
    bits.get(dense as usize / 64).is_some_and(|word| word >> (dense % 64) & 1 != 0)
}

pub(crate) fn set_bit(bits: &mut CowTable<u64, 512>, dense: u32, value: bool) {
    bits.grow(dense as usize / 64 + 1, 0);
    if bit(bits, dense) != value
        && let Some(word) = bits.get_mut(dense as usize / 64)
    {
        *word ^= 1 << (dense % 64);
    }
}
