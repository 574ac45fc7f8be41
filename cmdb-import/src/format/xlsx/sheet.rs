//! One sheet after the other: rows put together from cells, the header found, and texts handed on.

use super::cells::{self, Held};
use super::header::{self, Column, Ends};
use super::meta::Meta;
use super::package::Package;
use super::{Book, unreadable};
use crate::columns::Columns;
use crate::{COLUMNS_MAX, Options, REASON_COLUMN, Sink};
use calamine::Dimensions;
use cmdb_core::model::intake::{Complaint, TableKind};
use cmdb_core::{Error, Result};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

/// Keys of items that are remembered for the relationships that follow.
const KEYS_MAX: usize = 4_000_000;
/// Merged regions of one sheet at most.
const MERGES_MAX: usize = 100_000;

/// A workbook being read.
pub(super) struct Reading<'r> {
    file: &'r str,
    package: Package,
    meta: Meta,
    options: &'r Options,
    hasher: RandomState,
    /// Hashes of the keys, and of class and name, that the workbook's items have.
    keys: HashSet<u64>,
    /// Sheets that were tables.
    pub tables: usize,
}

/// A row as its cells stand; the text of a column, or none.
struct Row {
    number: u32,
    cells: BTreeMap<u32, String>,
    faults: Vec<(u32, &'static str, String)>,
}

impl<'r> Reading<'r> {
    pub fn new(file: &'r str, package: Package, meta: Meta, options: &'r Options) -> Self {
        Reading { file, package, meta, options, hasher: RandomState::new(), keys: HashSet::new(), tables: 0 }
    }

    /// Lists a sheet that is left out because nobody sees it.
    pub fn note_sheet(&self, name: &str, sink: &mut dyn Sink) {
        let message = format!("the sheet \"{name}\" is hidden and was left out");
        sink.complain(Complaint {
            file: SmolStr::new(self.file),
            row: 0,
            column: None,
            code: "note.sheet",
            message,
        });
    }

    pub fn read(&mut self, book: &mut Book<'_>, name: &str, sink: &mut dyn Sink) -> Result<()> {
        let merged = if self.package.merged { merged_regions(book, self.file, name)? } else { Vec::new() };
        let place = SmolStr::from(format!("{}[{name}]", self.file));
        let mut sheet = Sheet {
            place,
            notes: BTreeMap::new(),
            merges: Merges::new(merged),
            title: None,
            body: None,
            skipped: false,
        };
        let mut cells = book.worksheet_cells_reader(name).map_err(|e| unreadable(self.file, &e))?;
        let mut row: Option<Row> = None;
        while let Some(cell) =
            cells.next_cell_with_formula_metadata().map_err(|e| unreadable(self.file, &e))?
        {
            let (number, column) = cell.pos;
            if row.as_ref().is_none_or(|row| row.number != number) {
                if let Some(done) = row.take() {
                    self.row(&mut sheet, name, done, sink)?;
                }
                row = Some(Row { number, cells: BTreeMap::new(), faults: Vec::new() });
            }
            let Some(row) = &mut row else { continue };
            if column as usize >= COLUMNS_MAX {
                sheet.note("note.columns", format!("columns after the {COLUMNS_MAX}th"), number);
                continue;
            }
            match cells::read(&cell.value, cell.formula.is_some()) {
                Held::Nothing => {}
                Held::Text(text) => drop(row.cells.insert(column, text)),
                Held::Inexact(text) => {
                    sheet.note("note.digits", letters(column), number);
                    row.cells.insert(column, text);
                }
                Held::Zoneless(text) => {
                    sheet.note("note.zone", letters(column), number);
                    row.cells.insert(column, text);
                }
                Held::Fault(code, reason) => row.faults.push((column, code, reason)),
            }
        }
        if let Some(done) = row {
            self.row(&mut sheet, name, done, sink)?;
        }
        // A single row with a single cell is a header without rows, which says nothing.
        if let Some(body) = &mut sheet.body {
            body.columns.flush(sink)?;
        }
        sheet.tell_notes(sink);
        Ok(())
    }

    /// Takes a whole row: a title, the header, or one of the rows below it.
    fn row(&mut self, sheet: &mut Sheet, name: &str, mut row: Row, sink: &mut dyn Sink) -> Result<()> {
        if sheet.body.is_some() {
            sheet.merges.fill(&mut row);
            return self.data(sheet, row, sink);
        }
        if row.cells.is_empty() || sheet.skipped {
            return Ok(());
        }
        // A lone text above the table is a title; a table of one column has no such row.
        match sheet.title.take() {
            None if row.cells.len() == 1 => {
                sheet.title = Some(row);
                Ok(())
            }
            Some(title) if row.cells.len() > 1 => {
                sheet.note("note.title", "a title above the table".to_owned(), title.number);
                self.begin(sheet, name, &row)
            }
            Some(header) => {
                self.begin(sheet, name, &header)?;
                sheet.merges.fill(&mut row);
                self.data(sheet, row, sink)
            }
            None => self.begin(sheet, name, &row),
        }
    }

    /// Takes the header.
    fn begin(&mut self, sheet: &mut Sheet, name: &str, row: &Row) -> Result<()> {
        let width = row.cells.keys().next_back().map_or(0, |last| *last as usize + 1);
        let text = |at: usize| row.cells.get(&(at as u32)).map_or("", String::as_str);
        let mut columns: Vec<Column> = (0..width).map(|at| header::column(text(at), self.meta.own)).collect();
        let reason = columns.iter_mut().enumerate().find(|(_, column)| column.name == REASON_COLUMN);
        // Rejected rows come back with why they were rejected, which is no attribute of theirs.
        let reason = reason.map(|(at, column)| {
            column.name = SmolStr::default();
            at as u32
        });
        let ends = header::ends(&mut columns);
        let class = if ends.is_some() || self.options.looking { None } else { self.class(name, &columns) };
        let mut names: Vec<SmolStr> = columns.iter().map(|column| column.name.clone()).collect();
        names.extend(class.as_ref().map(|_| SmolStr::new_static("class")));
        let made = Columns::new(sheet.place.clone(), &names, self.options).map_err(|twice| {
            let message = format!("the header of {} names \"{twice}\" twice", sheet.place);
            Error::invalid("xlsx.duplicate-column", message).hint("rename or drop one of them with --map")
        })?;
        let told = self.options.looking || ["id", "name"].into_iter().any(|name| made.has(name));
        if made.kind() == TableKind::Items && !told {
            sheet.skipped = true;
            sheet.note(
                "note.table",
                format!("a sheet without a column name or id (its header would be row {})", row.number + 1),
                row.number,
            );
            return Ok(());
        }
        self.tables += 1;
        sheet.body = Some(Body { columns: made, header: columns, class, ends, reason });
        Ok(())
    }

    /// The class of a sheet's rows, where neither a column nor the user says it.
    fn class(&self, sheet: &str, columns: &[Column]) -> Option<String> {
        let stated = columns
            .iter()
            .any(|column| self.options.mapping.target(column.name.clone()).as_deref() == Some("class"))
            || self.options.constants(TableKind::Items).iter().any(|(name, _)| name == "class");
        if stated {
            return None;
        }
        if let Some(class) = self.meta.classes.get(sheet) {
            return Some(class.clone());
        }
        let sheet = sheet.trim();
        let bare = sheet.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace()).to_lowercase();
        // What spreadsheets call a sheet that nobody named.
        let unnamed = [
            "sheet", "tabelle", "feuil", "feuille", "hoja", "foglio", "planilha", "blad", "ark", "arkusz",
            "table",
        ];
        (!unnamed.contains(&bare.as_str())).then(|| sheet.to_owned())
    }

    fn data(&mut self, sheet: &mut Sheet, mut row: Row, sink: &mut dyn Sink) -> Result<()> {
        let Some(body) = &mut sheet.body else { return Ok(()) };
        if let Some(reason) = body.reason {
            row.cells.remove(&reason);
        }
        let number = u64::from(row.number) + 1;
        let name_of =
            |column: u32| body.header.get(column as usize).map(|c| c.name.clone()).filter(|n| !n.is_empty());
        let mut faulty = false;
        for (column, code, message) in &row.faults {
            // Outside of the table nobody asked for the value.
            let Some(name) = name_of(*column) else { continue };
            faulty = true;
            let (file, column) = (sheet.place.clone(), Some(name));
            sink.complain(Complaint { file, row: number, column, code, message: message.clone() });
        }
        if faulty || row.cells.is_empty() {
            return Ok(());
        }
        if let Some(column) = row
            .cells
            .keys()
            .find(|column| body.header.get(**column as usize).is_none_or(|c| c.name.is_empty()))
            && !body.ends.is_some_and(|ends| ends.has(*column as usize))
        {
            sheet.notes.entry(("note.no-header", letters(*column))).or_insert((0, number)).0 += 1;
        }
        let mut texts: Vec<String> = Vec::with_capacity(body.header.len() + 1);
        for (at, column) in body.header.iter().enumerate() {
            let text = row.cells.get(&(at as u32)).cloned().unwrap_or_default();
            texts.push(match &column.unit {
                Some(unit) if is_number(&text) => format!("{text} {unit}"),
                _ => text,
            });
        }
        match body.ends {
            Some(ends) => {
                for (end, class) in [(ends.source, ends.source_class), (ends.target, ends.target_class)] {
                    let class = class.and_then(|at| texts.get(at).cloned()).unwrap_or_default();
                    texts[end] = reference(&self.keys, &self.hasher, &class, &texts[end]);
                }
            }
            None => {
                let class = body.class.clone().or_else(|| body.text("class", &texts)).unwrap_or_default();
                let (key, name) = (body.text("id", &texts), body.text("name", &texts));
                if self.keys.len() < KEYS_MAX {
                    self.keys.extend(key.map(|key| self.hasher.hash_one(("", key))));
                    self.keys.extend(name.map(|name| self.hasher.hash_one((class.as_str(), name))));
                }
            }
        }
        texts.extend(body.class.clone());
        body.columns.push(number, texts.iter().map(String::as_str), sink)
    }
}

/// What an end of a relationship refers to: a key of the workbook, else the name of an item in it, else whatever it
/// says.
fn reference(keys: &HashSet<u64>, hasher: &RandomState, class: &str, key: &str) -> String {
    let is_key = keys.contains(&hasher.hash_one(("", key)));
    if !class.is_empty() && !is_key && keys.contains(&hasher.hash_one((class, key))) {
        return format!("{class}:{key}");
    }
    key.to_owned()
}

impl Ends {
    fn has(self, column: usize) -> bool {
        [Some(self.source), Some(self.target), self.source_class, self.target_class].contains(&Some(column))
    }
}

/// The table of a sheet.
struct Body {
    columns: Columns,
    header: Vec<Column>,
    /// Of all rows, where it is not a column.
    class: Option<String>,
    ends: Option<Ends>,
    /// The column that says why a row was rejected before.
    reason: Option<u32>,
}

impl Body {
    fn text(&self, name: &str, texts: &[String]) -> Option<String> {
        let at = self.header.iter().position(|column| column.name == name)?;
        texts.get(at).filter(|text| !text.is_empty()).cloned()
    }
}

struct Sheet {
    place: SmolStr,
    /// (code, column) → (cells, the first row).
    notes: BTreeMap<(&'static str, String), (u64, u64)>,
    merges: Merges,
    /// A row of one cell that may be the header or a title above it.
    title: Option<Row>,
    body: Option<Body>,
    /// It is no table of items or relationships, such as a page of explanations.
    skipped: bool,
}

impl Sheet {
    fn note(&mut self, code: &'static str, what: String, row: u32) {
        self.notes.entry((code, what)).or_insert((0, u64::from(row) + 1)).0 += 1;
    }

    fn tell_notes(&mut self, sink: &mut dyn Sink) {
        for ((code, what), (cells, row)) in std::mem::take(&mut self.notes) {
            let message = match code {
                "note.digits" => format!(
                    "{cells} number(s) in column {what} have more than 15 digits, of which Excel keeps 15; format the column as text before entering such numbers"
                ),
                "note.zone" => format!("{cells} time(s) in column {what} have no zone and were read as UTC"),
                "note.no-header" => format!(
                    "column {what} has no header; {cells} row(s) have a value there, which was left out"
                ),
                "note.title" | "note.table" => format!("{what} was left out"),
                _ => format!("{what} were left out"),
            };
            sink.complain(Complaint { file: self.place.clone(), row, column: None, code, message });
        }
        if self.merges.filled > 0 {
            let message = format!("{} cell(s) took the value that they are merged with", self.merges.filled);
            let (file, code) = (self.place.clone(), "note.merged");
            sink.complain(Complaint { file, row: 0, column: None, code, message });
        }
    }
}

/// Cells merged downwards: each row gets the value that stands in the first.
pub(super) struct Merges {
    /// By first row, the last one first.
    pending: Vec<Dimensions>,
    /// Last row, column, value.
    active: Vec<(u32, u32, String)>,
    filled: u64,
}

impl Merges {
    pub fn new(mut regions: Vec<Dimensions>) -> Self {
        regions.retain(|region| region.end.0 > region.start.0);
        regions.sort_by_key(|region| std::cmp::Reverse(region.start));
        Merges { pending: regions, active: Vec::new(), filled: 0 }
    }

    fn fill(&mut self, row: &mut Row) {
        self.fill_texts(row.number, &mut row.cells);
    }

    pub fn fill_texts(&mut self, number: u32, cells: &mut BTreeMap<u32, String>) {
        self.active.retain(|(last, ..)| *last >= number);
        for (_, column, value) in &self.active {
            if !cells.contains_key(column) {
                cells.insert(*column, value.clone());
                self.filled += 1;
            }
        }
        while self.pending.last().is_some_and(|region| region.start.0 <= number) {
            let Some(region) = self.pending.pop() else { break };
            if let (true, Some(value)) = (region.start.0 == number, cells.get(&region.start.1)) {
                self.active.push((region.end.0, region.start.1, value.clone()));
            }
        }
    }
}

pub(super) fn merged_regions(book: &mut Book<'_>, file: &str, sheet: &str) -> Result<Vec<Dimensions>> {
    let regions = book.merge_cells_by_sheet_name(sheet).map_err(|e| unreadable(file, &e))?;
    if regions.len() > MERGES_MAX {
        let message = format!("the sheet \"{sheet}\" merges cells in more than {MERGES_MAX} places");
        return Err(Error::limit("xlsx.too-many-merges", message));
    }
    Ok(regions)
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A column as a spreadsheet calls it: A, B … Z, AA.
fn letters(column: u32) -> String {
    let mut left = column + 1;
    let mut out = Vec::new();
    while left > 0 {
        out.push(b'A' + ((left - 1) % 26) as u8);
        left = (left - 1) / 26;
    }
    out.iter().rev().map(|byte| *byte as char).collect()
}
