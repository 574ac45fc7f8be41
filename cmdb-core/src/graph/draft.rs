//! A snapshot being changed: what a command decides against, entry by entry, before anything is committed.
//!
//! Records of the draft lie over those of the snapshot it began from. [`Draft::finish`] folds them into blocks and
//! pages and yields the next snapshot together with the blocks that changed, which is what the store writes.

use super::adjacency::{Gate, ITEMS_MAX};
use super::block::{Block, ITEMS_PER_BLOCK, RELATIONSHIPS_PER_BLOCK};
use super::cow::CowTable;
use super::ends::Ends;
use super::index::{self, Candidates, Kind};
use super::overlay::Overlay;
use super::records::Records;
use super::snapshot::{NO_CLASS, Snapshot, set_bit};
use super::undo::Undo;
use super::{build, relink};
use crate::error::{Error, Result};
use crate::fact::setting::{Setting, Settings};
use crate::fact::{Fact, Moment, NewItem, State, Write, apply};
use crate::model::item::content_of;
use crate::model::{IdKey, Item, ItemNumber, Position, Relationship, RelationshipNumber, Symbol};
use crate::schema::{Names, Schema, SchemaEdit};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128_with_seed;

mod look_up;
mod many;
mod matching;

/// See the module.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Blocks and adjacency as they were; everything else already as it will be.
    snap: Snapshot,
    items: Overlay,
    relationships: Overlay,
    /// Relationships that no adjacency holds yet, by type and ends.
    linked: Ends,
    /// The adjacency is left as it is: whoever began the draft lays it anew before anybody sees it.
    unlaid: bool,
    /// Relationships written here that stand in a group, by either end.
    grouped: FxHashMap<u32, Vec<u32>>,
    own: FxHashMap<u32, Candidates>,
    settings_written: Vec<Setting>,
    ended: Vec<(u32, u32)>,
    names_before: usize,
    schema_changed: bool,
    /// Dense ids whose live status changed.
    relived: FxHashSet<u32>,
    at: Moment,
    undo: Undo,
    undone: (FxHashSet<u32>, FxHashSet<u32>),
}

/// A finished draft.
#[derive(Debug)]
pub struct Finished {
    pub snapshot: Snapshot,
    /// What the store has to write.
    pub dirty: Dirty,
    /// What the adjacency of an unlaid draft lacks.
    pub(crate) unlaid: Ends,
}

/// The parts of a snapshot that differ from the one before.
#[derive(Debug, Default)]
pub struct Dirty {
    pub item_blocks: Vec<(u32, Block)>,
    pub relationship_blocks: Vec<(u32, Block)>,
    pub settings: Vec<Setting>,
    /// Names from this one on are new.
    pub names_from: usize,
    pub schema: bool,
    /// Index entries to publish.
    pub candidates: Vec<(u32, u32)>,
    /// Relationships that ended, under each of their items: what an item's history finds them by.
    pub ended: Vec<(u32, u32)>,
}

impl Draft {
    pub fn on(snapshot: &Snapshot) -> Draft {
        Draft {
            names_before: snapshot.names.len(),
            snap: snapshot.clone(),
            items: Overlay::from(snapshot.counts.item_numbers),
            relationships: Overlay::from(snapshot.counts.relationship_numbers),
            linked: Ends::default(),
            unlaid: false,
            grouped: FxHashMap::default(),
            own: FxHashMap::default(),
            settings_written: Vec::new(),
            ended: Vec::new(),
            schema_changed: false,
            relived: FxHashSet::default(),
            at: Moment { position: snapshot.position, time_ms: snapshot.time_ms },
            undo: Undo::default(),
            undone: Default::default(),
        }
    }
    /// A draft for one of many parts that are to be laid into the adjacency together: `missing` is what the parts
    /// before it added. Its snapshot must be laid by [`build::rebuild`] before anybody reads its adjacency.
    pub(crate) fn unlaid(snapshot: &Snapshot, missing: Ends) -> Draft {
        Draft { linked: missing, unlaid: true, ..Draft::on(snapshot) }
    }
    /// Gives up an unlaid draft that changed nothing.
    pub(crate) fn into_unlaid(self) -> Ends {
        self.linked
    }
    /// Begins the next entry; facts applied from here on belong to it. Time never runs backwards in a log.
    pub fn begin_entry(&mut self, time_ms: i64) -> Moment {
        self.at =
            Moment { position: Position(self.snap.position.0 + 1), time_ms: time_ms.max(self.snap.time_ms) };
        self.snap.position = self.at.position;
        self.snap.time_ms = self.at.time_ms;
        self.undone.0.clear();
        self.undone.1.clear();
        self.undo = Undo {
            items: self.snap.counts.item_numbers,
            relationships: self.snap.counts.relationship_numbers,
            ..Undo::default()
        };
        self.at
    }
    /// What it takes to walk the entry back.
    pub fn end_entry(&mut self) -> Undo {
        std::mem::take(&mut self.undo)
    }
    pub fn moment(&self) -> Moment {
        self.at
    }
    /// What the entry begun last has changed so far.
    pub fn changed(&self) -> &Undo {
        &self.undo
    }
    /// Relationships written since the draft began, ascending; its base's adjacency does not know of them.
    pub fn written_relationships(&self) -> Vec<RelationshipNumber> {
        self.relationships.numbers().into_iter().map(RelationshipNumber).collect()
    }
    /// Applies one fact of the entry begun last.
    pub fn apply(&mut self, fact: Fact) -> Result<()> {
        let mut writes: SmallVec<[Write; 1]> = SmallVec::new();
        apply(self, self.at, fact, |write| writes.push(write))?;
        writes.into_iter().try_for_each(|write| self.write(write))
    }
    /// The number the next new item gets.
    pub fn next_item(&self) -> Result<ItemNumber> {
        let next = self.snap.counts.item_numbers;
        if next >= ITEMS_MAX {
            return Err(Error::limit("graph.items", format!("a graph holds at most {ITEMS_MAX} items")));
        }
        Ok(ItemNumber(next))
    }
    pub fn next_relationship(&self) -> Result<RelationshipNumber> {
        let next = self.snap.counts.relationship_numbers;
        if next == u32::MAX {
            return Err(Error::limit(
                "graph.relationships",
                format!("a graph holds at most {next} relationships"),
            ));
        }
        Ok(RelationshipNumber(next))
    }
    /// Records written since the draft began.
    pub fn len(&self) -> usize {
        self.items.len() + self.relationships.len()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Items and relationships written since the draft began, ascending.
    pub fn written(&self) -> (Vec<ItemNumber>, Vec<RelationshipNumber>) {
        let mut items: Vec<ItemNumber> = self.items.numbers().into_iter().map(ItemNumber).collect();
        let mut relationships: Vec<RelationshipNumber> =
            self.relationships.numbers().into_iter().map(RelationshipNumber).collect();
        items.sort_unstable();
        relationships.sort_unstable();
        (items, relationships)
    }
    /// The snapshot underneath, for its adjacency as it was before the draft.
    pub fn base(&self) -> &Snapshot {
        &self.snap
    }
    /// Relationships at an item as the draft has them: number and whether the item is the source.
    pub fn relationships_of(&self, number: ItemNumber) -> Result<Vec<(RelationshipNumber, Relationship)>> {
        let mut numbers: Vec<u32> =
            self.snap.relationships_of(number).into_iter().map(|(n, _)| n.0).collect();
        numbers.extend(self.relationships.numbers());
        numbers.sort_unstable();
        numbers.dedup();
        let mut out = Vec::new();
        for n in numbers {
            let n = RelationshipNumber(n);
            if let Some(record) = self.relationship(n)?
                && (record.identity.source == number || record.identity.target == number)
            {
                out.push((n, record));
            }
        }
        Ok(out)
    }
    /// Relationships at an item that stand in some redundancy group, as the draft has them.
    pub fn grouped_at(&self, number: ItemNumber) -> Result<Vec<(RelationshipNumber, Relationship)>> {
        let row = self.snap.dependencies.row(self.snap.dense(number));
        let mut numbers: Vec<u32> =
            row.entries().filter(|e| e.gate() == Gate::Group).map(|e| e.number).collect();
        numbers.extend(self.grouped.get(&number.0).into_iter().flatten());
        numbers.sort_unstable();
        numbers.dedup();
        let mut out = Vec::new();
        for n in numbers.into_iter().map(RelationshipNumber) {
            out.extend(self.relationship(n)?.map(|record| (n, record)));
        }
        Ok(out)
    }

    /// Takes one entry back: records it changed become what they were, records it made become removed ones.
    /// `existing` are the item and relationship numbers given out when the entry was made; later ones are gone.
    pub(crate) fn walk_back(&mut self, undo: &Undo, existing: (u32, u32)) -> Result<()> {
        self.uncover();
        if let Some(schema) = &undo.schema {
            self.snap.schema = Arc::new(decode_schema(schema, &self.snap.names)?);
            self.schema_changed = true;
        }
        for number in undo.relationships..existing.1 {
            let number = RelationshipNumber(number);
            if let Some(record) = self.relationship(number)? {
                self.write_relationship(number, &Relationship { removed: true, ..record })?;
            }
        }
        for (number, record) in &undo.relationship_records {
            self.write_relationship(RelationshipNumber(*number), &Relationship::decode(record)?)?;
        }
        for number in undo.items..existing.0 {
            let number = ItemNumber(number);
            if let Some(item) = self.item(number)? {
                self.write_item(number, &Item { removed: true, ..item })?;
            }
        }
        for (number, record) in &undo.item_records {
            self.write_item(ItemNumber(*number), &Item::decode(record)?)?;
        }
        Ok(())
    }
    /// Ends a walk back: the snapshot of that position.
    pub(crate) fn settle(mut self, position: Position, time_ms: i64) -> Result<Snapshot> {
        self.snap.position = position;
        self.snap.time_ms = time_ms;
        Ok(self.finish()?.snapshot)
    }

    fn write(&mut self, write: Write) -> Result<()> {
        match write {
            Write::Founded { id_key, open_schema } => {
                self.snap.id_key = id_key;
                let definitions = self.snap.schema.definitions().clone();
                self.snap.schema = Arc::new(Schema::resolve(definitions, open_schema, &self.snap.names)?);
                self.schema_changed = true;
            }
            Write::Name(name) => {
                Arc::make_mut(&mut self.snap.names).push(name);
            }
            Write::Schema(edit) => {
                if self.undo.schema.is_none() {
                    self.undo.schema = Some(encode_schema(&self.snap.schema));
                }
                let definitions = self.snap.schema.edited(&edit);
                self.snap.schema =
                    Arc::new(Schema::resolve(definitions, self.snap.schema.open, &self.snap.names)?);
                self.schema_changed = true;
            }
            Write::SchemaWhole(whole) => {
                if self.undo.schema.is_none() {
                    self.undo.schema = Some(encode_schema(&self.snap.schema));
                }
                self.snap.schema = Arc::new(Schema::resolve(whole, self.snap.schema.open, &self.snap.names)?);
                self.schema_changed = true;
            }
            Write::Setting(setting) => {
                Arc::make_mut(&mut self.snap.settings).put(setting.clone());
                self.settings_written.push(setting);
            }
            Write::Item(number, item) => self.write_item(number, &item)?,
            Write::Relationship(number, record) => self.write_relationship(number, &record)?,
        }
        Ok(())
    }
    fn write_item(&mut self, number: ItemNumber, item: &Item) -> Result<()> {
        let before = self.item_or_tombstone(number)?;
        if let Some(bytes) = self.item_bytes(number.0).map(<[u8]>::to_vec) {
            self.snap.state_hash = self.snap.state_hash.wrapping_sub(item_hash(number.0, &bytes));
            if number.0 < self.undo.items && self.undone.0.insert(number.0) {
                self.undo.item_records.push((number.0, bytes));
            }
        }
        let existed = before.as_ref().is_some_and(|b| !b.removed);
        self.snap.counts.item_numbers = self.snap.counts.item_numbers.max(number.0 + 1);
        self.snap.counts.items = self.snap.counts.items - u32::from(existed) + u32::from(!item.removed);
        // What a removal left cannot be found by any text, so coming back from it everything is filed anew.
        self.file(number.0, item, before.as_ref().filter(|b| !b.removed));
        self.write_columns(number, item);
        let bytes = item.encode();
        if !item.removed {
            self.snap.state_hash = self.snap.state_hash.wrapping_add(item_hash(number.0, &bytes));
        }
        self.items.put(number.0, bytes);
        Ok(())
    }
    fn write_columns(&mut self, number: ItemNumber, item: &Item) {
        let live = !item.removed && self.snap.schema.is_live_in(item.class(), item.status, &self.snap.names);
        self.set_columns(number, item.class().map_or(NO_CLASS, |c| c.0), live, item.removed);
    }
    fn set_columns(&mut self, number: ItemNumber, class: u32, live: bool, removed: bool) {
        let dense = self.snap.dense(number);
        self.snap.class_of.grow(dense as usize + 1, NO_CLASS);
        if self.snap.class_of.get(dense as usize) != Some(&class)
            && let Some(slot) = self.snap.class_of.get_mut(dense as usize)
        {
            *slot = class;
        }
        if self.snap.is_hidden(dense) == live {
            self.relived.insert(dense);
        }
        set_bit(&mut self.snap.hidden, dense, !live);
        set_bit(&mut self.snap.gone, dense, removed);
    }
    /// Files the texts by which the item can be found and was not found before.
    fn file(&mut self, number: u32, item: &Item, before: Option<&Item>) {
        for hash in texts(item, &self.snap.schema, before) {
            let known = self.own.entry(hash).or_default();
            if known.last() != Some(&number) {
                known.push(number);
            }
        }
    }
    fn write_relationship(&mut self, number: RelationshipNumber, record: &Relationship) -> Result<()> {
        let before = self.relationship_bytes(number.0).map(<[u8]>::to_vec);
        let existed = match &before {
            Some(bytes) => {
                self.snap.state_hash = self.snap.state_hash.wrapping_sub(relationship_hash(number.0, bytes));
                !Relationship::decode(bytes)?.removed
            }
            None => false,
        };
        if let Some(bytes) = before
            && number.0 < self.undo.relationships
            && self.undone.1.insert(number.0)
        {
            self.undo.relationship_records.push((number.0, bytes));
        }
        let counts = &mut self.snap.counts;
        counts.relationship_numbers = counts.relationship_numbers.max(number.0 + 1);
        counts.relationships = counts.relationships - u32::from(existed) + u32::from(!record.removed);
        let identity = &record.identity;
        if !existed && !record.removed {
            self.linked.insert(identity.kind, identity.source, identity.target, number.0);
        }
        if existed && record.removed {
            self.ended.extend([(identity.source.0, number.0), (identity.target.0, number.0)]);
        }
        if identity.group.is_some() && !existed {
            self.grouped.entry(identity.source.0).or_default().push(number.0);
            self.grouped.entry(identity.target.0).or_default().push(number.0);
        }
        let bytes = record.encode();
        if !record.removed {
            self.snap.state_hash = self.snap.state_hash.wrapping_add(relationship_hash(number.0, &bytes));
        }
        self.relationships.put(number.0, bytes);
        Ok(())
    }

    /// Folds the draft into the next snapshot. Index entries stay with the snapshot until they are published.
    pub fn finish(self) -> Result<Finished> {
        let Draft {
            mut snap,
            items,
            relationships,
            own,
            relived,
            schema_changed,
            names_before,
            settings_written,
            ended,
            linked,
            unlaid,
            ..
        } = self;
        let rebuild = schema_changed && snap.counts.item_numbers > 0 && !unlaid;
        if !rebuild && !unlaid {
            relink::relink(&mut snap, &relationships, &relived)?;
        }
        let mut dirty = Dirty {
            item_blocks: fold(&mut snap.items, &items, ITEMS_PER_BLOCK),
            relationship_blocks: fold(&mut snap.relationships, &relationships, RELATIONSHIPS_PER_BLOCK),
            settings: settings_written,
            names_from: names_before,
            schema: schema_changed,
            candidates: Vec::new(),
            ended,
        };
        dirty.candidates = own.iter().flat_map(|(hash, n)| n.iter().map(|n| (*hash, *n))).collect();
        let all = Arc::make_mut(&mut snap.own_candidates);
        if all.is_empty() {
            *all = own;
        } else {
            for (hash, numbers) in own {
                all.entry(hash).or_default().extend(numbers);
            }
        }
        let snapshot = if rebuild { build::rebuild(snap)? } else { snap };
        Ok(Finished { snapshot, dirty, unlaid: if unlaid { linked } else { Ends::default() } })
    }
}

impl Finished {
    /// Moves the draft's index entries to the shared index: what a commit does just before it is published.
    pub fn publish(&mut self) {
        self.snapshot.index.insert_all(&self.dirty.candidates);
        self.snapshot.own_candidates = Arc::default();
    }
}

/// The definitions as the store keeps them.
pub(crate) fn encode_schema(schema: &Schema) -> Vec<u8> {
    postcard::to_stdvec(&(schema.open, schema.definitions())).unwrap_or_default()
}

/// Takes definitions back from the store.
pub(crate) fn decode_schema(bytes: &[u8], names: &Names) -> Result<Schema> {
    let (open, definitions) = decode_definitions(bytes)?;
    Schema::resolve(definitions, open, names)
}

/// Whether the graph is an open one, and its definitions as they were written.
pub(crate) fn decode_definitions(bytes: &[u8]) -> Result<(bool, SchemaEdit)> {
    postcard::from_bytes(bytes)
        .map_err(|e| Error::corrupt("store.schema", "the stored schema does not decode").caused_by(e))
}

/// Hash of an item's content under its number.
pub(crate) fn item_hash(number: u32, bytes: &[u8]) -> u128 {
    if Item::is_removed(bytes) { 0 } else { living_item_hash(number, bytes) }
}

/// The same where the item is known to exist.
pub(crate) fn living_item_hash(number: u32, bytes: &[u8]) -> u128 {
    xxh3_128_with_seed(content_of(bytes), u64::from(number))
}

pub(crate) fn relationship_hash(number: u32, bytes: &[u8]) -> u128 {
    if Relationship::is_removed(bytes) { 0 } else { living_relationship_hash(number, bytes) }
}

/// The same where the relationship is known to exist.
pub(crate) fn living_relationship_hash(number: u32, bytes: &[u8]) -> u128 {
    xxh3_128_with_seed(content_of(bytes), u64::from(number) | 1 << 40)
}

/// Hashes of the texts by which `item` is found, leaving out those by which `before` was.
pub(crate) fn texts(item: &Item, schema: &Schema, before: Option<&Item>) -> SmallVec<[u32; 4]> {
    let mut out = SmallVec::new();
    if item.removed {
        return out;
    }
    if let Some(name) = &item.name
        && before.is_none_or(|b| b.name != item.name)
    {
        out.push(index::hash(Kind::Name, name));
    }
    for name in item.former_names.iter().filter(|n| before.is_none_or(|b| !b.former_names.contains(n))) {
        out.push(index::hash(Kind::FormerName, name));
    }
    for key in item.keys.iter().filter(|k| before.is_none_or(|b| !b.keys.contains(k))) {
        out.push(index::hash(Kind::Key(key.0), &key.1));
    }
    let Some(class) = item.class().and_then(|c| schema.class(c)) else { return out };
    for attribute in &item.attributes {
        if class.indexed(attribute.key)
            && before.is_none_or(|b| b.attribute(attribute.key) != Some(&attribute.value))
        {
            out.push(index::value_hash(attribute.key, &attribute.value));
        }
    }
    out
}

/// The same for an item that is to be created.
pub(crate) fn texts_of_new(new: &NewItem, schema: &Schema) -> SmallVec<[u32; 4]> {
    let name = new.name.iter().map(|name| index::hash(Kind::Name, name));
    let key = new.key.iter().map(|key| index::hash(Kind::Key(new.source), key));
    let mut out: SmallVec<[u32; 4]> = name.chain(key).collect();
    if let Some(class) = new.labels.first().and_then(|c| schema.class(*c)) {
        let indexed = new.attributes.iter().filter(|(key, _)| class.indexed(*key));
        out.extend(indexed.map(|(key, value)| index::value_hash(*key, value)));
    }
    out
}

/// Blocks up to which they are made one by one.
const BLOCKS_SIDE_BY_SIDE: usize = 64;

/// Writes records into their blocks; the blocks that changed.
fn fold(table: &mut CowTable<Block, 256>, records: &Overlay, per_block: usize) -> Vec<(u32, Block)> {
    let numbers = records.numbers();
    let groups: Vec<&[u32]> =
        numbers.chunk_by(|a, b| *a as usize / per_block == *b as usize / per_block).collect();
    let old = &*table;
    let fold_one = |group: &&[u32]| {
        let at = group[0] as usize / per_block;
        let old = old.get(at);
        let last = group.last().map_or(0, |n| *n as usize % per_block);
        let slots = old.map_or(0, Block::slots).max(last + 1);
        let record = |slot: usize| {
            records.get((at * per_block + slot) as u32).or_else(|| old.and_then(|b| b.get(slot)))
        };
        (at as u32, Block::build((0..slots).map(record)))
    };
    // Waking other threads costs more than a few blocks.
    let blocks: Vec<(u32, Block)> = match groups.len() > BLOCKS_SIDE_BY_SIDE {
        true => groups.par_iter().with_min_len(BLOCKS_SIDE_BY_SIDE / 2).map(fold_one).collect(),
        false => groups.iter().map(fold_one).collect(),
    };
    for (at, block) in &blocks {
        table.grow(*at as usize + 1, Block::default());
        if let Some(slot) = table.get_mut(*at as usize) {
            *slot = block.clone();
        }
    }
    blocks
}

impl State for Draft {
    fn item_record(&self, number: ItemNumber) -> Result<Option<Item>> {
        self.item_or_tombstone(number)
    }
    fn relationship_record(&self, number: RelationshipNumber) -> Result<Option<Relationship>> {
        self.relationship_or_tombstone(number)
    }
}

impl Records for Draft {
    fn item_bytes(&self, number: u32) -> Option<&[u8]> {
        match self.items.get(number) {
            Some(bytes) => Some(bytes),
            None => self.snap.item_bytes(number),
        }
    }
    fn relationship_bytes(&self, number: u32) -> Option<&[u8]> {
        match self.relationships.get(number) {
            Some(bytes) => Some(bytes),
            None => self.snap.relationship_bytes(number),
        }
    }
    fn class(&self, number: ItemNumber) -> Option<Symbol> {
        self.snap.class(number)
    }
    fn names(&self) -> &Names {
        &self.snap.names
    }
    fn schema(&self) -> &Schema {
        &self.snap.schema
    }
    fn settings(&self) -> &Settings {
        &self.snap.settings
    }
    fn id_key(&self) -> IdKey {
        self.snap.id_key
    }
    fn candidates(&self, hash: u32) -> Candidates {
        let mut out = self.snap.candidates(hash);
        if let Some(own) = self.own.get(&hash) {
            out.extend(own.iter().copied());
            out.sort_unstable();
            out.dedup();
        }
        out
    }
    fn linked(&self, kind: Symbol, source: ItemNumber, target: ItemNumber) -> Vec<u32> {
        let mut out = self.snap.linked(kind, source, target);
        let joins = |n: &u32| {
            self.relationship_bytes(*n).is_some_and(|bytes| Relationship::joins(bytes, kind, source, target))
        };
        out.extend(self.linked.candidates(kind, source, target).into_iter().filter(joins));
        out
    }
}
