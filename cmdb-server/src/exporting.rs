//! What is exported, as tables: everything, a class, the items a filter lets through, or what an analysis found.

use crate::convert::ClassSet;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::intake::TableKind;
use cmdb_core::model::{Attribute, Item, ItemNumber, Relationship, RelationshipNumber, Symbol, Value};
use cmdb_core::{Error, Result};
use cmdb_import::export::{Exporter, Holds, ITEM_COLUMNS, RELATIONSHIP_COLUMNS, Row, STATE_COLUMN, Tables};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

/// What is exported.
pub struct Selection {
    snapshot: Arc<Snapshot>,
    class: Option<ClassSet>,
    chosen: Option<Chosen>,
    /// By dense id, where an impact is exported.
    states: Option<FxHashMap<u32, &'static str>>,
}

/// Items named one by one, by number.
struct Chosen {
    /// Ascending.
    numbers: Vec<u32>,
    bits: Vec<u64>,
}

impl Chosen {
    fn of(mut numbers: Vec<u32>) -> Chosen {
        numbers.sort_unstable();
        numbers.dedup();
        let mut bits = vec![0; numbers.last().map_or(0, |last| *last as usize / 64 + 1)];
        for number in &numbers {
            bits[*number as usize / 64] |= 1 << (number % 64);
        }
        Chosen { numbers, bits }
    }
    fn holds(&self, number: ItemNumber) -> bool {
        self.bits.get(number.0 as usize / 64).is_some_and(|word| word >> (number.0 % 64) & 1 == 1)
    }
}

impl Selection {
    pub fn everything(snapshot: Arc<Snapshot>) -> Selection {
        Selection { snapshot, class: None, chosen: None, states: None }
    }
    /// Items of these classes, and relationships between them.
    pub fn of_class(snapshot: Arc<Snapshot>, class: Option<ClassSet>) -> Selection {
        Selection { class, ..Selection::everything(snapshot) }
    }
    /// These items, by number, and relationships between them.
    pub fn of_items(snapshot: Arc<Snapshot>, numbers: Vec<u32>) -> Selection {
        Selection { chosen: Some(Chosen::of(numbers)), ..Selection::everything(snapshot) }
    }
    /// Items of an impact by dense id, each with its state, and relationships between them.
    pub fn of_impact(snapshot: Arc<Snapshot>, states: FxHashMap<u32, &'static str>) -> Selection {
        let numbers = states.keys().map(|dense| snapshot.number(*dense).0).collect();
        Selection { states: Some(states), ..Selection::of_items(snapshot, numbers) }
    }
    /// How many items there are.
    fn count(&self) -> u64 {
        match (&self.chosen, &self.class) {
            (Some(chosen), _) => chosen.numbers.len() as u64,
            (None, Some(_)) => self.numbers().count() as u64,
            (None, None) => u64::from(self.snapshot.counts().items),
        }
    }
    /// # Errors
    /// `export.too-many` where the format does not take so many items.
    pub fn check(&self, exporter: &dyn Exporter) -> Result<()> {
        let Some(max) = exporter.items_max() else { return Ok(()) };
        let count = self.count();
        if count <= max {
            return Ok(());
        }
        let name = exporter.name();
        let message = format!("{name} takes at most {max} items; these are {count}");
        Err(Error::limit("export.too-many", message)
            .hint("narrow it with class, where, or ref with depth; json and graphml have no bound"))
    }
    /// Writes the kinds named; a graph has both.
    pub fn write(&self, exporter: &dyn Exporter, kinds: &[TableKind], out: &mut dyn Write) -> io::Result<()> {
        let kinds: &[TableKind] = match exporter.holds() {
            Holds::Graph => &[TableKind::Items, TableKind::Relationships],
            Holds::Tables | Holds::OneTable => kinds,
        };
        let exporting = Exporting::new(self, kinds);
        exporter.write(&exporting, out)?;
        exporting.damage.take().map_or(Ok(()), |error| Err(io::Error::other(error)))
    }
    fn shows(&self, number: ItemNumber) -> bool {
        let dense = self.snapshot.dense(number);
        !self.snapshot.is_gone(dense)
            && self.class.as_ref().is_none_or(|c| c.holds(self.snapshot.class_of(dense)))
            && self.chosen.as_ref().is_none_or(|c| c.holds(number))
    }
    fn numbers(&self) -> Box<dyn Iterator<Item = ItemNumber> + '_> {
        match &self.chosen {
            Some(chosen) => {
                Box::new(chosen.numbers.iter().map(|n| ItemNumber(*n)).filter(|n| self.shows(*n)))
            }
            None => {
                let all = 0..self.snapshot.counts().item_numbers;
                Box::new(all.map(ItemNumber).filter(|n| self.shows(*n)))
            }
        }
    }
    /// Of few items only their own relationships are looked at.
    fn relationship_numbers(&self) -> Box<dyn Iterator<Item = RelationshipNumber> + '_> {
        let all = self.snapshot.counts().relationship_numbers;
        match &self.chosen {
            Some(chosen) if chosen.numbers.len() < all as usize / FEW_SHARE => {
                let own = move |n: &u32| self.snapshot.relationships_of(ItemNumber(*n));
                let mut numbers: Vec<u32> =
                    chosen.numbers.iter().flat_map(own).map(|(number, _)| number.0).collect();
                numbers.sort_unstable();
                numbers.dedup();
                Box::new(numbers.into_iter().map(RelationshipNumber))
            }
            _ => Box::new((0..all).map(RelationshipNumber)),
        }
    }
}

/// Items are few where they are less than this part of the relationships there are.
const FEW_SHARE: usize = 8;

/// One export under way.
struct Exporting<'a> {
    selection: &'a Selection,
    kinds: &'a [TableKind],
    columns: Vec<Columns>,
    /// A record that could not be read; ends the export.
    damage: Cell<Option<Error>>,
}

impl<'a> Exporting<'a> {
    fn new(selection: &'a Selection, kinds: &'a [TableKind]) -> Exporting<'a> {
        let mut exporting = Exporting { selection, kinds, columns: Vec::new(), damage: Cell::new(None) };
        exporting.columns = kinds.iter().map(|kind| exporting.survey(*kind)).collect();
        exporting
    }
    fn snapshot(&self) -> &'a Snapshot {
        &self.selection.snapshot
    }
    /// What was read, or nothing once damage was met.
    fn read<T>(&self, read: Result<Option<T>>) -> Option<T> {
        read.unwrap_or_else(|error| {
            self.damage.set(Some(error));
            None
        })
    }
    fn items(&self) -> impl Iterator<Item = (ItemNumber, Item)> + '_ {
        self.selection.numbers().filter_map(|n| Some((n, self.read(self.snapshot().item(n))?)))
    }
    fn relationships(&self) -> impl Iterator<Item = Relationship> + '_ {
        let numbers = self.selection.relationship_numbers();
        let all = numbers.filter_map(|n| self.read(self.snapshot().relationship(n)));
        let shows = |number| self.selection.shows(number);
        all.filter(move |r| !r.removed && shows(r.identity.source) && shows(r.identity.target))
    }
    /// Which columns there are: what any row has.
    fn survey(&self, kind: TableKind) -> Columns {
        let mut keys: BTreeSet<Symbol> = BTreeSet::new();
        let mut grouped = false;
        match kind {
            TableKind::Items => {
                self.items().for_each(|(_, i)| keys.extend(i.attributes.iter().map(|a| a.key)))
            }
            TableKind::Relationships => self.relationships().for_each(|r| {
                keys.extend(r.attributes.iter().map(|a| a.key));
                grouped |= r.identity.group.is_some();
            }),
        }
        let mut keys: Vec<Symbol> = keys.into_iter().collect();
        keys.sort_by_key(|k| self.snapshot().names().text(*k));
        let stated = kind == TableKind::Items && self.selection.states.is_some();
        Columns { kind, keys, grouped, stated }
    }
    fn of(&self, kind: TableKind) -> Option<&Columns> {
        self.columns.iter().find(|c| c.kind == kind)
    }
    fn word(&self, symbol: Option<Symbol>) -> Option<Value> {
        symbol.map(|s| Value::text(self.snapshot().names().text(s)))
    }
    fn id(&self, number: ItemNumber) -> Option<Value> {
        Some(Value::text(&self.snapshot().item_id(number).to_string()))
    }
    fn item_row(&self, columns: &Columns, number: ItemNumber, item: &Item) -> Row {
        let name = item.name.clone().map(Value::Text);
        let mut row = vec![self.id(number), self.word(item.class()), name, self.word(item.status)];
        if let Some(states) = &self.selection.states {
            row.push(states.get(&self.snapshot().dense(number)).map(|state| Value::text(state)));
        }
        row.extend(columns.values(&item.attributes));
        row
    }
    fn relationship_row(&self, columns: &Columns, record: &Relationship) -> Row {
        let identity = &record.identity;
        let mut row =
            vec![self.id(identity.source), self.word(Some(identity.kind)), self.id(identity.target)];
        if columns.grouped {
            row.push(identity.group.clone().map(Value::Text));
        }
        row.extend(columns.values(&record.attributes));
        row
    }
}

impl Tables for Exporting<'_> {
    fn kinds(&self) -> &[TableKind] {
        self.kinds
    }

    fn columns(&self, kind: TableKind) -> Vec<&str> {
        self.of(kind).map(|columns| columns.names(self.snapshot())).unwrap_or_default()
    }

    fn rows<'s>(&'s self, kind: TableKind) -> Box<dyn Iterator<Item = Row> + 's> {
        let Some(columns) = self.of(kind) else { return Box::new(std::iter::empty()) };
        match kind {
            TableKind::Items => Box::new(self.items().map(|(n, item)| self.item_row(columns, n, &item))),
            TableKind::Relationships => {
                Box::new(self.relationships().map(|record| self.relationship_row(columns, &record)))
            }
        }
    }
}

/// The columns of one kind of rows.
struct Columns {
    kind: TableKind,
    keys: Vec<Symbol>,
    grouped: bool,
    stated: bool,
}

impl Columns {
    fn names<'s>(&self, snapshot: &'s Snapshot) -> Vec<&'s str> {
        let own: &[&str] = match self.kind {
            TableKind::Items => &ITEM_COLUMNS,
            TableKind::Relationships => &RELATIONSHIP_COLUMNS,
        };
        let own = own.iter().copied().chain(self.stated.then_some(STATE_COLUMN));
        let own = own.chain(self.grouped.then_some("group"));
        own.chain(self.keys.iter().map(|k| snapshot.names().text(*k))).collect()
    }
    fn values<'s>(&'s self, attributes: &'s [Attribute]) -> impl Iterator<Item = Option<Value>> + 's {
        let value = |key: &Symbol| attributes.iter().find(|a| a.key == *key).map(|a| a.value.clone());
        self.keys.iter().map(value)
    }
}
