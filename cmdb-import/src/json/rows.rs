//! Rows whose keys vary, gathered into batches: consecutive rows of one kind share the union of their columns.

use super::entries::Entries;
use super::{Fault, from_value};
use crate::options::RELATIONSHIP_COLUMNS;
use crate::{BATCH_BYTES_MAX, BATCH_CELLS_MAX, Options, PlannedChange, Sink};
use cmdb_core::Result;
use cmdb_core::model::Value;
use cmdb_core::model::intake::{BATCH_ROWS_MAX, Batch, Cell, Complaint, Table, TableKind};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the API adds to an item and an import must not set.
const BOOKKEEPING: [&str; 4] = ["version", "created_at", "updated_at", "provenance"];

/// The rows of one file or of one array inside it.
pub(crate) struct Rows<'a> {
    file: SmolStr,
    /// What the place in the file says the objects are; otherwise each object's own keys say it.
    section: Option<TableKind>,
    options: &'a Options,
    sink: &'a mut dyn Sink,
    kind: TableKind,
    columns: Vec<SmolStr>,
    places: HashMap<SmolStr, usize>,
    rows: Vec<u64>,
    /// Each row's cells with the place of their column, rows ending at `ends`.
    cells: Vec<(usize, Cell)>,
    ends: Vec<usize>,
    bytes: usize,
    last: Option<Arc<Table>>,
}

impl<'a> Rows<'a> {
    pub fn new(
        file: SmolStr,
        section: Option<TableKind>,
        options: &'a Options,
        sink: &'a mut dyn Sink,
    ) -> Self {
        Rows {
            file,
            section,
            options,
            sink,
            kind: TableKind::Items,
            columns: Vec::new(),
            places: HashMap::new(),
            rows: Vec::new(),
            cells: Vec::new(),
            ends: Vec::new(),
            bytes: 0,
            last: None,
        }
    }

    /// Adds one object of `length` bytes; an object that cannot be a row is a complaint.
    pub fn push(&mut self, row: u64, length: usize, entries: Entries) -> Result<()> {
        self.add(row, length, spread(entries), cell)
    }

    /// Adds a row that a tool's format has already laid out: nothing in it is the API's bookkeeping, and a text stays
    /// one even if it reads as a number.
    pub fn push_laid_out(&mut self, row: u64, length: usize, entries: Entries) -> Result<()> {
        self.add(row, length, entries, typed_cell)
    }

    fn add(&mut self, row: u64, length: usize, entries: Entries, cell: CellOf) -> Result<()> {
        let mut cells = match self.mapped(entries) {
            Ok(cells) => cells,
            Err((key, fault)) => {
                self.complain(row, Some(key), fault.code, fault.message);
                return Ok(());
            }
        };
        let has = |wanted: &str| cells.iter().any(|(name, _)| name == wanted);
        let kind = self.section.unwrap_or_else(|| self.options.kind_of(has));
        if kind == TableKind::Relationships {
            cells.retain(|(name, _)| name != "id");
        }
        self.fill(kind, &mut cells);
        if kind != self.kind || self.is_full(cells.len(), length) {
            self.flush()?;
            self.kind = kind;
        }
        match cells.into_iter().map(|(name, value)| Ok((cell(kind, &name, value)?, name))).collect() {
            Ok(cells) => self.keep(row, length, cells),
            Err((key, fault)) => self.complain(row, Some(key), fault.code, fault.message),
        }
        Ok(())
    }

    pub fn complain(&mut self, row: u64, column: Option<SmolStr>, code: &'static str, message: String) {
        self.sink.complain(Complaint { file: self.file.clone(), row, column, code, message });
    }

    /// Hands on a change that the file plans.
    pub fn planned(&mut self, change: PlannedChange) -> Result<()> {
        self.sink.planned(change)
    }

    /// Hands over the rows gathered so far.
    pub fn flush(&mut self) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let table = self.table();
        let width = table.columns.len();
        let mut cells = vec![Cell::Empty; self.rows.len() * width];
        let mut gathered = std::mem::take(&mut self.cells).into_iter();
        let mut start = 0;
        for (row, &end) in self.ends.iter().enumerate() {
            for (place, cell) in gathered.by_ref().take(end - start) {
                cells[row * width + place] = cell;
            }
            start = end;
        }
        self.ends.clear();
        self.places.clear();
        self.bytes = 0;
        self.sink.batch(Batch { table, rows: std::mem::take(&mut self.rows), cells })
    }

    /// The table of the gathered columns: the last one again where nothing changed.
    fn table(&mut self) -> Arc<Table> {
        let columns = std::mem::take(&mut self.columns);
        let table = match self.last.take() {
            Some(last) if last.kind == self.kind && last.columns == columns => last,
            _ => Arc::new(Table { file: self.file.clone(), kind: self.kind, columns }),
        };
        self.last = Some(table.clone());
        table
    }

    fn is_full(&self, added: usize, length: usize) -> bool {
        let cells = (self.columns.len() + added) * (self.rows.len() + 1);
        self.rows.len() >= BATCH_ROWS_MAX || cells > BATCH_CELLS_MAX || self.bytes + length > BATCH_BYTES_MAX
    }

    fn keep(&mut self, row: u64, length: usize, cells: Vec<(Cell, SmolStr)>) {
        if self.rows.is_empty() && self.kind == TableKind::Relationships {
            for name in RELATIONSHIP_COLUMNS {
                self.place(SmolStr::new(name), 0);
            }
        }
        let mut guess = 0;
        for (cell, name) in cells {
            let place = self.place(name, guess);
            guess = place + 1;
            self.cells.push((place, cell));
        }
        self.ends.push(self.cells.len());
        self.rows.push(row);
        self.bytes += length;
    }

    /// The column of this name; `guess` is where it stands if this row's keys come in the order of the others.
    fn place(&mut self, name: SmolStr, guess: usize) -> usize {
        if self.columns.get(guess) == Some(&name) {
            return guess;
        }
        if let Some(&place) = self.places.get(&name) {
            return place;
        }
        self.columns.push(name.clone());
        self.places.insert(name, self.columns.len() - 1);
        self.columns.len() - 1
    }

    /// Renames, drops and translates as the mapping says.
    fn mapped(&self, entries: Entries) -> std::result::Result<Entries, (SmolStr, Fault)> {
        let mut out = Entries::with_capacity(entries.len() + 8);
        let nested = self.nested(&entries);
        for (key, mut value) in entries.into_iter().chain(nested) {
            let Some(name) = self.options.mapping.target(key) else { continue };
            if let Some(translations) = self.options.mapping.translations(&name) {
                let text = value.as_ref().map(|v| SmolStr::from(v.to_string())).unwrap_or_default();
                if let Some(to) = translations.get(&text) {
                    value = (!to.is_empty()).then(|| Value::Text(to.clone()));
                }
            }
            out.push((name, value));
        }
        match twice(&out) {
            None => Ok(out),
            Some(name) => {
                let message = format!("the key \"{name}\" stands twice");
                Err((name, Fault::new("json.duplicate-key", message)))
            }
        }
    }

    /// What the mapping's paths lead to, under the path's whole name.
    fn nested(&self, entries: &Entries) -> Entries {
        let found = self.options.mapping.paths().filter_map(|path| {
            if entries.iter().any(|(key, _)| key == path) {
                return None;
            }
            let (first, rest) = path.split_once('.')?;
            let (_, value) = entries.iter().find(|(key, _)| key == first)?;
            Some((path.clone(), Some(inside(value.as_ref()?, rest)?.clone())))
        });
        found.collect()
    }

    fn fill(&self, kind: TableKind, cells: &mut Entries) {
        if self.options.set.is_empty() && self.options.mapping.constants().is_empty() {
            return;
        }
        for (column, text) in self.options.constants(kind) {
            match cells.iter_mut().find(|(name, _)| *name == column) {
                Some((_, value)) if value.is_some() => {}
                Some((_, value)) => *value = Some(Value::Text(text)),
                None => cells.push((column, Some(Value::Text(text)))),
            }
        }
    }
}

/// Makes the cell of a value in the column of a name.
type CellOf = fn(TableKind, &SmolStr, Option<Value>) -> std::result::Result<Cell, (SmolStr, Fault)>;

/// What a dotted path leads to in nested maps.
fn inside<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| match value {
        Value::Map(entries) => entries.iter().find(|(known, _)| known == key).map(|(_, inner)| inner),
        _ => None,
    })
}

/// A name that stands twice. Most objects have few keys, where comparing all pairs is quicker than a set.
fn twice(entries: &Entries) -> Option<SmolStr> {
    let names = || entries.iter().map(|(name, _)| name);
    if entries.len() <= 24 {
        return names()
            .enumerate()
            .find(|(at, name)| names().take(*at).any(|n| n == *name))
            .map(|(_, n)| n.clone());
    }
    let mut seen = HashSet::with_capacity(entries.len());
    names().find(|name| !seen.insert(*name)).cloned()
}

/// An object of the API's shape has its attributes apart: they become columns, and the bookkeeping is left out.
fn spread(mut entries: Entries) -> Entries {
    let Some(at) =
        entries.iter().position(|(key, value)| key == "attributes" && matches!(value, Some(Value::Map(_))))
    else {
        return entries;
    };
    let (_, attributes) = entries.remove(at);
    entries.retain(|(key, _)| !BOOKKEEPING.contains(&key.as_str()));
    if let Some(Value::Map(attributes)) = attributes {
        entries.extend(attributes.into_iter().map(|(key, value)| (key, Some(value))));
    }
    entries
}

/// The cell for a value; names, classes and ends are text whatever JSON calls them.
fn cell(
    kind: TableKind,
    name: &SmolStr,
    value: Option<Value>,
) -> std::result::Result<Cell, (SmolStr, Fault)> {
    let is_end = kind == TableKind::Relationships && matches!(name.as_str(), "source" | "target");
    let is_word = match kind {
        TableKind::Items => matches!(name.as_str(), "class" | "name" | "id" | "status"),
        TableKind::Relationships => is_end || name == "type",
    };
    let wrong = |shape: &str| (name.clone(), Fault::new("json.wrong-type", format!("\"{name}\" is {shape}")));
    Ok(match value {
        None => Cell::Empty,
        Some(Value::Text(text)) if text.is_empty() && is_word => Cell::Empty,
        // An empty text is stated, unlike an empty cell of a CSV.
        Some(Value::Text(text)) if text.is_empty() => Cell::Typed(Value::Text(text)),
        Some(Value::Text(text)) => Cell::Text(text),
        Some(Value::Integer(n)) if is_word => Cell::Text(SmolStr::from(n.to_string())),
        Some(Value::Map(entries)) if is_end => match end(&entries) {
            Some(reference) => Cell::Text(reference),
            None => return Err(wrong("an object with neither an id nor a class and a name")),
        },
        Some(other) if is_word => {
            return Err(wrong(&format!("{} where a text is needed", from_value(&other))));
        }
        Some(other) => Cell::Typed(other),
    })
}

/// As [`cell`], with texts of attributes kept as texts.
fn typed_cell(
    kind: TableKind,
    name: &SmolStr,
    value: Option<Value>,
) -> std::result::Result<Cell, (SmolStr, Fault)> {
    let is_word = match kind {
        TableKind::Items => matches!(name.as_str(), "class" | "name" | "id" | "status"),
        TableKind::Relationships => RELATIONSHIP_COLUMNS.contains(&name.as_str()) || name == "group",
    };
    match value {
        Some(Value::Text(text)) if !is_word => Ok(Cell::Typed(Value::Text(text))),
        other => cell(kind, name, other),
    }
}

/// The reference that an item stands for: its id, else `class:name`.
fn end(item: &[(SmolStr, Value)]) -> Option<SmolStr> {
    let text = |key: &str| item.iter().find(|(k, _)| k == key).and_then(|(_, value)| value.as_text());
    match (text("id"), text("class"), text("name")) {
        (Some(id), _, _) => Some(SmolStr::new(id)),
        (None, Some(class), Some(name)) => Some(SmolStr::from(format!("{class}:{name}"))),
        (None, _, _) => None,
    }
}
