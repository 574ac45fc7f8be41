//! Workbooks to be filled in: a sheet for each class, with units in the headers, drop-downs from the words that an
//! attribute admits, and a sheet of relationships. What comes back is read like any other workbook.

use crate::workbook::{Book, RELATIONS, failed};
use cmdb_core::schema::{AttributeDefinition, AttributeType};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Format, Formula, Note, Worksheet, XlsxError,
};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Rows that have drop-downs and formats.
const ROWS: u32 = 10_000;
/// The longest message that a spreadsheet shows beside a cell.
const MESSAGE_CHARS_MAX: usize = 255;
/// Numbers without bounds of their own.
const NUMBER_MAX: f64 = 1e15;

/// What a template is made for.
#[derive(Clone, Debug, Default)]
pub struct Template {
    pub sheets: Vec<TemplateSheet>,
    /// The types that the sheet of relationships offers.
    pub relationship_types: Vec<SmolStr>,
}

/// One class.
#[derive(Clone, Debug, Default)]
pub struct TemplateSheet {
    pub class: SmolStr,
    pub description: SmolStr,
    /// The statuses that its items can have.
    pub statuses: Vec<SmolStr>,
    /// Own and inherited, in the order of the columns.
    pub attributes: Vec<AttributeDefinition>,
}

/// Writes the workbook.
pub fn write(template: &Template, out: &mut dyn Write) -> io::Result<()> {
    let (mut book, mut lists) = (Book::new(), Lists::default());
    for sheet in &template.sheets {
        class(&mut book, &mut lists, sheet).map_err(failed)?;
    }
    relations(&mut book, &mut lists, template).map_err(failed)?;
    book.hidden(lists.sheet().map_err(failed)?);
    book.finish(out)
}

/// A column: its header, what the note says, and what may stand in it.
struct Column {
    header: String,
    note: String,
    format: Format,
    rule: Option<DataValidation>,
    required: bool,
    width: f64,
}

fn class(book: &mut Book, lists: &mut Lists, sheet: &TemplateSheet) -> Result<(), XlsxError> {
    let mut columns = vec![
        text_column(
            book,
            "key",
            "The key under which your source knows the item; a row with the same key updates it.",
        ),
        text_column(book, "name", &format!("{} The name is required.", sheet.description)),
        text_column(book, "status", "Where the item stands; the first of the list if left empty."),
    ];
    columns[1].required = true;
    columns[2].rule = Some(lists.one_of(&sheet.statuses)?);
    for attribute in &sheet.attributes {
        columns.push(column(book, lists, attribute)?);
    }
    let header = book.header.clone();
    let page =
        book.sheet(&sheet.class, Some(&sheet.class)).map_err(|e| XlsxError::CustomError(e.to_string()))?;
    lay_out(page, &header, &columns)
}

fn relations(book: &mut Book, lists: &mut Lists, template: &Template) -> Result<(), XlsxError> {
    let classes: Vec<SmolStr> = template.sheets.iter().map(|sheet| sheet.class.clone()).collect();
    let mut columns = vec![
        text_column(book, "source type", "Class of the item that the relation starts at."),
        text_column(book, "source key", "Its key, or its name where it has no key."),
        text_column(book, "relation", "How the source relates to the target, such as depends_on."),
        text_column(book, "target type", "Class of the item that the relation leads to."),
        text_column(book, "target key", "Its key, or its name where it has no key."),
    ];
    columns[0].rule = Some(lists.one_of(&classes)?);
    columns[2].rule = Some(lists.one_of(&template.relationship_types)?);
    columns[3].rule = Some(lists.one_of(&classes)?);
    columns.iter_mut().for_each(|column| column.required = true);
    let header = book.header.clone();
    let page = book.sheet(RELATIONS, None).map_err(|e| XlsxError::CustomError(e.to_string()))?;
    lay_out(page, &header, &columns)
}

fn lay_out(page: &mut Worksheet, header: &Format, columns: &[Column]) -> Result<(), XlsxError> {
    for (at, column) in columns.iter().enumerate() {
        let at = at as u16;
        page.set_column_format(at, &column.format)?;
        page.set_column_width(at, column.width)?;
        let header = if column.required { header.clone().set_font_color("C00000") } else { header.clone() };
        page.write_string_with_format(0, at, column.header.as_str(), &header)?;
        if !column.note.is_empty() {
            page.insert_note(0, at, &Note::new(column.note.as_str()).add_author_prefix(false))?;
        }
        if let Some(rule) = &column.rule {
            page.add_data_validation(1, at, ROWS, at, rule)?;
        }
    }
    page.set_freeze_panes(1, 2)?;
    Ok(())
}

fn text_column(book: &Book, header: &str, note: &str) -> Column {
    let width = header.chars().count().clamp(10, 40) as f64 + 4.0;
    let (header, note, format) = (header.to_owned(), note.trim().to_owned(), book.text.clone());
    Column { header, note, format, rule: None, required: false, width }
}

fn column(book: &Book, lists: &mut Lists, attribute: &AttributeDefinition) -> Result<Column, XlsxError> {
    let header = match &attribute.unit {
        Some(unit) => format!("{} [{unit}]", attribute.name),
        None => attribute.name.to_string(),
    };
    let mut column = text_column(book, &header, &attribute.description);
    column.required = attribute.required;
    let hint = |text: &str| [attribute.description.as_str(), text].join(" ").trim().to_owned();
    match attribute.kind {
        AttributeType::Enum => column.rule = Some(lists.one_of(&attribute.values)?),
        AttributeType::Boolean => column.rule = Some(lists.one_of(&["true".into(), "false".into()])?),
        AttributeType::Integer | AttributeType::Decimal => {
            column.format = Format::new();
            let (low, high) =
                (attribute.minimum.unwrap_or(-NUMBER_MAX), attribute.maximum.unwrap_or(NUMBER_MAX));
            // A warning only, since a number with another unit is taken, too.
            let rule = DataValidation::new().allow_decimal_number(DataValidationRule::Between(low, high));
            let rule = rule.set_error_style(DataValidationErrorStyle::Warning);
            let unit = attribute.unit.as_deref().map(|unit| format!(" in {unit}")).unwrap_or_default();
            let message = format!("{} is a number{unit} from {low} to {high}.", attribute.name);
            column.rule = Some(rule.set_error_message(cut(&message))?);
        }
        AttributeType::Date => column.format = book.date.clone(),
        AttributeType::DateTime => column.note = hint("As text, with an offset: 2026-11-22T10:00:00Z."),
        AttributeType::Duration => column.note = hint("As text: PT4H is four hours."),
        AttributeType::List => column.note = hint("Several are parted by semicolons."),
        AttributeType::Text | AttributeType::Map | AttributeType::Any => {}
    }
    Ok(column)
}

fn cut(text: &str) -> String {
    text.chars().take(MESSAGE_CHARS_MAX).collect()
}

/// Lists of words for drop-downs, each a column of a hidden sheet: what a cell itself can list is short.
#[derive(Default)]
struct Lists {
    columns: BTreeMap<Vec<SmolStr>, u16>,
}

impl Lists {
    const NAME: &'static str = "_lists";

    /// A drop-down with these words.
    fn one_of(&mut self, words: &[SmolStr]) -> Result<DataValidation, XlsxError> {
        let next = self.columns.len() as u16;
        let at = *self.columns.entry(words.to_vec()).or_insert(next);
        let column = rust_xlsxwriter::column_number_to_name(at);
        let last = words.len().max(1);
        let range = Formula::new(format!("={}!${column}$1:${column}${last}", Self::NAME));
        let rule = DataValidation::new().allow_list_formula(range);
        rule.set_error_message(cut("Choose one of the list, or leave the cell empty."))
    }

    fn sheet(&self) -> Result<Worksheet, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(Self::NAME)?;
        for (words, at) in &self.columns {
            for (row, word) in words.iter().enumerate() {
                sheet.write_string(row as u32, *at, word.as_str())?;
            }
        }
        Ok(sheet)
    }
}
