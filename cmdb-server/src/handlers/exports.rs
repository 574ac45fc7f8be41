//! Exports: everything back into files that import without change.

use crate::call::{Call, parameter};
use crate::convert::ClassSet;
use crate::handlers::items::class_filter;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::Result;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::intake::TableKind;
use cmdb_core::model::{Attribute, Item, ItemNumber, Relationship, RelationshipNumber, Symbol, Value};
use cmdb_import::export::{Row, Section, write_csv, write_json, write_ndjson};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Write};

pub fn export() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let class = class_filter(&call, &snapshot)?;
        let format = call.text("as").unwrap_or("json").to_owned();
        let kinds = match (call.text("kind"), format.as_str()) {
            (Some("items"), _) | (None, "csv") => vec![TableKind::Items],
            (Some("relationships"), _) => vec![TableKind::Relationships],
            (None, _) => vec![TableKind::Items, TableKind::Relationships],
            (Some(other), _) => {
                return Err(parameter("kind", format!("\"{other}\" is neither items nor relationships")));
            }
        };
        let media = match format.as_str() {
            "csv" => "text/csv; charset=utf-8",
            "json" => "application/json",
            "ndjson" => "application/x-ndjson",
            other => return Err(parameter("as", format!("\"{other}\" is none of csv, json, ndjson"))),
        };
        let position = snapshot.position();
        let write = move |out: &mut dyn Write| Exporting::new(&snapshot, class).write(&format, &kinds, out);
        Ok(Reply::written(media, write).at(position))
    }
    Route::read("/api/v1/exports", "export", handler)
        .summary("Items and relationships as files that import again without change")
        .text("as", "`json` (default), `ndjson` or `csv`")
        .text("kind", "`items` or `relationships`; both if not stated, in a CSV items")
        .text("class", "only items of this class, subclasses included, and relationships between them")
        .lane(Lane::Stream)
}

struct Exporting<'a> {
    snapshot: &'a Snapshot,
    class: Option<ClassSet>,
    /// A record that could not be read; ends the export.
    damage: Cell<Option<cmdb_core::Error>>,
}

impl<'a> Exporting<'a> {
    fn new(snapshot: &'a Snapshot, class: Option<ClassSet>) -> Exporting<'a> {
        Exporting { snapshot, class, damage: Cell::new(None) }
    }
    fn write(&self, format: &str, kinds: &[TableKind], out: &mut dyn Write) -> io::Result<()> {
        let columns: Vec<Columns> = kinds.iter().map(|k| self.columns(*k)).collect();
        let names: Vec<Vec<&str>> = columns.iter().map(|c| c.names(self.snapshot)).collect();
        match format {
            "csv" => write_csv(&names[0], self.rows(&columns[0]), out)?,
            "ndjson" => {
                for (columns, names) in columns.iter().zip(&names) {
                    write_ndjson(columns.kind, names, self.rows(columns), out)?;
                }
            }
            _ => {
                let mut rows: Vec<_> = columns.iter().map(|c| self.rows(c)).collect();
                let sections = columns.iter().zip(&names).zip(&mut rows);
                let mut sections: Vec<_> = sections
                    .map(|((c, names), rows)| Section { kind: c.kind, columns: names, rows })
                    .collect();
                write_json(&mut sections, out)?;
            }
        }
        self.damage.take().map_or(Ok(()), |error| Err(io::Error::other(error)))
    }
    fn shows(&self, number: ItemNumber) -> bool {
        let dense = self.snapshot.dense(number);
        !self.snapshot.is_gone(dense)
            && self.class.as_ref().is_none_or(|c| c.holds(self.snapshot.class_of(dense)))
    }
    /// What was read, or nothing once damage was met.
    fn read<T>(&self, read: Result<Option<T>>) -> Option<T> {
        read.unwrap_or_else(|error| {
            self.damage.set(Some(error));
            None
        })
    }
    fn items(&self) -> impl Iterator<Item = (ItemNumber, Item)> + '_ {
        let numbers = (0..self.snapshot.counts().item_numbers).map(ItemNumber).filter(|n| self.shows(*n));
        numbers.filter_map(|n| Some((n, self.read(self.snapshot.item(n))?)))
    }
    fn relationships(&self) -> impl Iterator<Item = (RelationshipNumber, Relationship)> + '_ {
        let numbers = (0..self.snapshot.counts().relationship_numbers).map(RelationshipNumber);
        let all = numbers.filter_map(|n| Some((n, self.read(self.snapshot.relationship(n))?)));
        all.filter(|(_, r)| self.shows(r.identity.source) && self.shows(r.identity.target))
    }
    fn columns(&self, kind: TableKind) -> Columns {
        let mut keys: BTreeSet<Symbol> = BTreeSet::new();
        let mut grouped = false;
        match kind {
            TableKind::Items => {
                self.items().for_each(|(_, i)| keys.extend(i.attributes.iter().map(|a| a.key)))
            }
            TableKind::Relationships => self.relationships().for_each(|(_, r)| {
                keys.extend(r.attributes.iter().map(|a| a.key));
                grouped |= r.identity.group.is_some();
            }),
        }
        let mut keys: Vec<Symbol> = keys.into_iter().collect();
        keys.sort_by_key(|k| self.snapshot.names().text(*k));
        Columns { kind, keys, grouped }
    }
    fn rows<'s>(&'s self, columns: &'s Columns) -> Box<dyn Iterator<Item = Row> + 's> {
        match columns.kind {
            TableKind::Items => {
                Box::new(self.items().map(|(number, item)| self.item_row(columns, number, &item)))
            }
            TableKind::Relationships => {
                Box::new(self.relationships().map(|(_, record)| self.relationship_row(columns, &record)))
            }
        }
    }
    fn word(&self, symbol: Option<Symbol>) -> Option<Value> {
        symbol.map(|s| Value::text(self.snapshot.names().text(s)))
    }
    fn id(&self, number: ItemNumber) -> Option<Value> {
        Some(Value::text(&self.snapshot.item_id(number).to_string()))
    }
    fn item_row(&self, columns: &Columns, number: ItemNumber, item: &Item) -> Row {
        let name = item.name.clone().map(Value::Text);
        let mut row = vec![self.id(number), self.word(item.class()), name, self.word(item.status)];
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

/// The columns of one kind of rows.
struct Columns {
    kind: TableKind,
    keys: Vec<Symbol>,
    grouped: bool,
}

impl Columns {
    fn names<'s>(&self, snapshot: &'s Snapshot) -> Vec<&'s str> {
        let own: &[&str] = match (self.kind, self.grouped) {
            (TableKind::Items, _) => &["id", "class", "name", "status"],
            (TableKind::Relationships, true) => &["source", "type", "target", "group"],
            (TableKind::Relationships, false) => &["source", "type", "target"],
        };
        own.iter().copied().chain(self.keys.iter().map(|k| snapshot.names().text(*k))).collect()
    }
    fn values<'s>(&'s self, attributes: &'s [Attribute]) -> impl Iterator<Item = Option<Value>> + 's {
        let value = |key: &Symbol| attributes.iter().find(|a| a.key == *key).map(|a| a.value.clone());
        self.keys.iter().map(value)
    }
}
