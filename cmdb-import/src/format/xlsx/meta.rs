//! The hidden sheet `_meta` of a workbook that came from a template or an export of ours.

use super::{Book, unreadable};
use crate::workbook::META;
use calamine::{DataRef, Reader};
use cmdb_core::Result;
use std::collections::HashMap;

/// Cells of the sheet that are looked at.
const CELLS_MAX: usize = 20_000;

/// What the sheet says.
#[derive(Default)]
pub(super) struct Meta {
    /// Whether the workbook is one of ours.
    pub own: bool,
    /// Sheet → class, where the sheet's name had to be cut.
    pub classes: HashMap<String, String>,
}

/// Reads the sheet, if there is one.
pub(super) fn read(book: &mut Book<'_>, file: &str) -> Result<Meta> {
    let mut meta = Meta::default();
    if !book.sheet_names().iter().any(|name| name == META) {
        return Ok(meta);
    }
    let mut cells = book.worksheet_cells_reader(META).map_err(|e| unreadable(file, &e))?;
    let mut rows: HashMap<u32, [String; 3]> = HashMap::new();
    for _ in 0..CELLS_MAX {
        let Some(cell) = cells.next_cell().map_err(|e| unreadable(file, &e))? else { break };
        let (row, column) = cell.get_position();
        let text = match cell.get_value() {
            DataRef::String(text) => text.as_str(),
            DataRef::SharedString(text) => text,
            _ => continue,
        };
        if let Some(place) = rows.entry(row).or_default().get_mut(column as usize) {
            text.clone_into(place);
        }
    }
    meta.own = rows.get(&0).is_some_and(|[kind, ..]| kind == "cmdb");
    if meta.own {
        let sheets = rows.into_values().filter(|[kind, ..]| kind == "sheet");
        meta.classes = sheets.map(|[_, sheet, class]| (sheet, class)).collect();
    }
    Ok(meta)
}
