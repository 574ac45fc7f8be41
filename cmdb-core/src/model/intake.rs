//! What an importer hands to the inventory: named columns and rows of cells, nothing decided yet.

use super::Value;
use smol_str::SmolStr;
use std::sync::Arc;

/// Rows of one batch at most; an importer cuts its input at this.
pub const BATCH_ROWS_MAX: usize = 8_192;

/// What the rows of a table describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Columns `class`, `name`, `id`, `status`; any other column is an attribute.
    Items,
    /// Columns `source`, `type`, `target`; any other column is an attribute of the relationship.
    Relationships,
}

/// The head of one table: where it came from and its columns, already renamed and dropped as the user asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The file as the user named it, with the sheet or array inside where there is one.
    pub file: SmolStr,
    pub kind: TableKind,
    pub columns: Vec<SmolStr>,
}

/// One cell. `Empty` means "not stated".
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    /// Text as written; its type is decided by the schema.
    Text(SmolStr),
    /// A value that the format itself typed (JSON numbers, booleans, lists, maps).
    Typed(Value),
}

/// Consecutive rows of one table, row-major: `cells.len() == rows.len() * table.columns.len()`.
#[derive(Clone, Debug)]
pub struct Batch {
    pub table: Arc<Table>,
    /// Where each row stands in its file: 1-based, the header being row 1 in a CSV.
    pub rows: Vec<u64>,
    pub cells: Vec<Cell>,
}

impl Batch {
    /// The rows with their number in the file.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[Cell])> {
        let width = self.table.columns.len().max(1);
        self.rows.iter().copied().zip(self.cells.chunks(width))
    }
}

/// Something wrong with a place in a file. The rest of the file is still read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub file: SmolStr,
    /// 1-based row in the file; 0 for the file as a whole.
    pub row: u64,
    pub column: Option<SmolStr>,
    /// Stable, such as `csv.ragged-row`.
    pub code: &'static str,
    pub message: String,
}

impl Complaint {
    /// Whether it only lists what was left out on purpose (a secret, a text too long to keep) and rejects nothing:
    /// its code begins with `note.`.
    pub fn is_note(&self) -> bool {
        self.code.starts_with("note.")
    }
}
