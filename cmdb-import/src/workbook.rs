//! Workbooks being written: sheets with names a spreadsheet allows, and the hidden sheet that says where it all came
//! from.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::collections::BTreeSet;
use std::io::{self, Write};

mod tables;

/// The hidden sheet that says where a workbook came from.
pub(crate) const META: &str = "_meta";
/// The sheet of relationships.
pub(crate) const RELATIONS: &str = "Relations";
/// The layout of our workbooks, for readers of later versions.
const LAYOUT: &str = "1";
/// The longest name of a sheet, in characters.
const NAME_CHARS_MAX: usize = 31;

/// A workbook being put together.
pub(crate) struct Book {
    workbook: Workbook,
    /// Names taken, in lower case, since a spreadsheet does not tell case apart.
    names: BTreeSet<String>,
    /// Sheet and class, for `_meta`.
    classes: Vec<(String, String)>,
    pub header: Format,
    pub text: Format,
    pub date: Format,
}

impl Book {
    pub fn new() -> Self {
        Book {
            workbook: Workbook::new(),
            names: BTreeSet::from([META.to_owned()]),
            classes: Vec::new(),
            header: Format::new().set_bold().set_background_color("D9E1F2").set_num_format("@"),
            text: Format::new().set_num_format("@"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }

    /// A new sheet named as near to `wanted` as a spreadsheet allows; of a class, if it holds one.
    pub fn sheet(&mut self, wanted: &str, class: Option<&str>) -> io::Result<&mut Worksheet> {
        let name = self.free_name(wanted);
        if let Some(class) = class {
            self.classes.push((name.clone(), class.to_owned()));
        }
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name).map_err(failed)?;
        Ok(sheet)
    }

    fn free_name(&mut self, wanted: &str) -> String {
        let plain: String = wanted
            .chars()
            .map(|c| {
                if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') || c.is_control() { '-' } else { c }
            })
            .collect();
        let plain = plain.trim_matches('\'').trim_start_matches('_').trim();
        let plain = if plain.is_empty() { "items" } else { plain };
        let mut name: String = plain.chars().take(NAME_CHARS_MAX).collect();
        let mut number = 1;
        while !self.names.insert(name.to_lowercase()) {
            number += 1;
            let end = format!(" {number}");
            name = plain.chars().take(NAME_CHARS_MAX - end.len()).collect::<String>() + &end;
        }
        name
    }

    /// Adds `_meta` and writes the workbook.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        self.finish_as(true, out)
    }

    /// The same; `own` is whether it is to be read as one of ours.
    pub fn finish_as(mut self, own: bool, out: &mut dyn Write) -> io::Result<()> {
        if !own {
            return out.write_all(&self.workbook.save_to_buffer().map_err(failed)?);
        }
        let mut meta = Worksheet::new();
        meta.set_name(META).map_err(failed)?;
        let first = [["cmdb", "layout", LAYOUT]];
        let classes = self.classes.iter().map(|(sheet, class)| ["sheet", sheet, class]);
        for (row, texts) in first.into_iter().chain(classes).enumerate() {
            for (column, text) in texts.into_iter().enumerate() {
                meta.write_string(row as u32, column as u16, text).map_err(failed)?;
            }
        }
        if self.classes.is_empty() && self.names.len() == 1 {
            // A workbook needs a sheet that can be seen.
            self.sheet(RELATIONS, None)?;
        }
        meta.set_hidden(true);
        self.workbook.push_worksheet(meta);
        out.write_all(&self.workbook.save_to_buffer().map_err(failed)?)
    }

    /// Adds a sheet that nobody sees.
    pub fn hidden(&mut self, mut sheet: Worksheet) {
        sheet.set_hidden(true);
        self.workbook.push_worksheet(sheet);
    }
}

pub(crate) fn failed(error: XlsxError) -> io::Error {
    io::Error::other(format!("the workbook cannot be written: {error}"))
}
