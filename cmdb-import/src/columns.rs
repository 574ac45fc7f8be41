//! The columns of a table whose header is known from the start: what becomes of each cell, and batches of rows.

use crate::{BATCH_BYTES_MAX, BATCH_CELLS_MAX, Options, Sink, guard};
use cmdb_core::Result;
use cmdb_core::model::intake::{BATCH_ROWS_MAX, Batch, Cell, Table, TableKind};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What becomes of one column of the file.
pub(crate) struct Column {
    keep: bool,
    /// Taken where the cell is empty.
    default: Cell,
    translations: Option<BTreeMap<SmolStr, SmolStr>>,
}

/// A table being filled row by row.
pub(crate) struct Columns {
    pub table: Arc<Table>,
    /// In the order of the file.
    columns: Vec<Column>,
    /// Constant columns that the file lacks; they follow those it has.
    constants: Vec<Cell>,
    rows: Vec<u64>,
    cells: Vec<Cell>,
    bytes: usize,
    rows_max: usize,
}

impl Columns {
    /// Maps the header; the error is a column name that would stand twice. An empty name means "ignore".
    pub fn new(file: SmolStr, header: &[SmolStr], options: &Options) -> std::result::Result<Self, SmolStr> {
        let targets: Vec<Option<SmolStr>> = header.iter().map(|h| target(h, options)).collect();
        let mut names = BTreeSet::new();
        if let Some(twice) = targets.iter().flatten().find(|name| !names.insert(*name)) {
            return Err(twice.clone());
        }
        let kind = options.kind_of(|name| names.contains(&SmolStr::new(name)));
        let (defaults, added): (Vec<_>, Vec<_>) =
            options.constants(kind).into_iter().partition(|(name, _)| names.contains(name));
        let columns = targets.iter().map(|name| Column::new(name.as_ref(), &defaults, options)).collect();
        let kept = targets.iter().flatten().cloned();
        let table =
            Table { file, kind, columns: kept.chain(added.iter().map(|(name, _)| name.clone())).collect() };
        let rows_max = (BATCH_CELLS_MAX / table.columns.len().max(1)).clamp(1, BATCH_ROWS_MAX);
        Ok(Columns {
            table: Arc::new(table),
            columns,
            constants: added.into_iter().map(|(_, text)| Cell::Text(text)).collect(),
            rows: Vec::new(),
            cells: Vec::new(),
            bytes: 0,
            rows_max,
        })
    }

    pub fn kind(&self) -> TableKind {
        self.table.kind
    }

    pub fn has(&self, name: &str) -> bool {
        self.table.columns.iter().any(|column| column == name)
    }

    /// Adds a row, whose texts must be as many as the header had, and hands over a full batch.
    pub fn push<'t>(
        &mut self,
        row: u64,
        texts: impl Iterator<Item = &'t str>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        if self.rows.capacity() == 0 {
            self.rows.reserve_exact(self.rows_max);
            self.cells.reserve_exact(self.rows_max * self.table.columns.len());
        }
        for (column, text) in self.columns.iter().zip(texts) {
            if column.keep {
                self.bytes += text.len();
                self.cells.push(column.cell(text));
            }
        }
        self.cells.extend(self.constants.iter().cloned());
        self.rows.push(row);
        if self.rows.len() >= self.rows_max || self.bytes > BATCH_BYTES_MAX {
            self.flush(sink)
        } else {
            Ok(())
        }
    }

    /// Hands over what is left.
    pub fn flush(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let (rows, cells) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.cells));
        sink.batch(Batch { table: self.table.clone(), rows, cells })
    }
}

impl Column {
    fn new(name: Option<&SmolStr>, defaults: &[(SmolStr, SmolStr)], options: &Options) -> Self {
        let default = defaults.iter().find(|(column, _)| Some(column) == name);
        Column {
            keep: name.is_some(),
            default: default.map_or(Cell::Empty, |(_, text)| Cell::Text(text.clone())),
            translations: name.and_then(|name| options.mapping.translations(name)).cloned(),
        }
    }

    #[inline]
    fn cell(&self, written: &str) -> Cell {
        if written.is_empty() {
            return self.default.clone();
        }
        let text = guard::unguarded(written);
        match self.translations.as_ref().and_then(|all| all.get(text)) {
            None => Cell::Text(SmolStr::new(text)),
            Some(to) if to.is_empty() => self.default.clone(),
            Some(to) => Cell::Text(to.clone()),
        }
    }
}

fn target(written: &SmolStr, options: &Options) -> Option<SmolStr> {
    if written.is_empty() { None } else { options.mapping.target(written.clone()) }
}
