//! A profile guessed from a file: what its columns are called and what stands in them, held against the classes there
//! are. It is an offer: every line says why, and nothing is imported by it.

use crate::{Options, Sink, Source, format, read};
use cmdb_core::model::intake::{Batch, Cell, Complaint, TableKind};
use cmdb_core::schema::AttributeDefinition;
use cmdb_core::{Error, Result};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

mod classes;
mod columns;
mod values;
mod words;
mod written;

/// Rows that are looked at.
const ROWS_MAX: usize = 2_000;
/// Different texts of a column that are looked at.
const TEXTS_MAX: usize = 200;
/// The longest text that is looked at, in characters.
const TEXT_CHARS_MAX: usize = 200;
/// Tables of a file that are looked at.
const TABLES_MAX: usize = 100;
/// Texts that are shown.
const SAMPLES: usize = 3;

/// A class that rows may be of.
#[derive(Clone, Debug, Default)]
pub struct KnownClass {
    pub name: SmolStr,
    pub label: SmolStr,
    pub attributes: Vec<AttributeDefinition>,
    /// Statuses of its items.
    pub statuses: Vec<SmolStr>,
}

/// What a file seems to hold.
#[derive(Clone, Debug)]
pub struct Guess {
    /// The format it was read as.
    pub format: &'static str,
    /// The class of its rows, if all seem to be of one.
    pub class: Option<SmolStr>,
    pub columns: Vec<GuessedColumn>,
    /// The profile, as TOML to be saved and changed.
    pub profile: String,
}

/// What a column seems to be.
#[derive(Clone, Debug, PartialEq)]
pub struct GuessedColumn {
    /// As written in the file.
    pub column: SmolStr,
    /// Ours: an attribute, `name`, `id`, `class`, `status`, or the relationship it becomes.
    pub to: String,
    /// From 0, a name that nothing speaks for, to 1.
    pub confidence: f64,
    /// Why, in a sentence.
    pub reason: String,
    /// Some of what stands in it.
    pub samples: Vec<String>,
}

/// Guesses a profile for a file, reading no more of it than it takes.
///
/// # Errors
/// A file that cannot be read; one whose format lays out items by itself needs no profile, and that is an error, too.
pub fn guess(
    file_name: &str,
    input: &mut dyn Read,
    options: &Options,
    known: &[KnownClass],
) -> Result<Guess> {
    let mut head = Vec::new();
    let source = Source::new(file_name, input)?;
    head.extend_from_slice(source.bytes());
    let format = format::choose(options.format.as_deref(), &head, file_name)?;
    drop(source);
    if !["csv", "xlsx", "json", "ndjson", "yaml"].contains(&format.name()) {
        let message =
            format!("\"{file_name}\" is {}, which the importer knows how to lay out", format.name());
        return Err(Error::invalid("guess.known-format", message).hint("import it without a profile"));
    }
    let mut tables = Tables::default();
    // What the user sets is no column of the file.
    let looking = Options { format: Some(format.name().to_owned()), looking: true, ..Options::default() };
    let outcome = read(file_name, &mut head.as_slice().chain(input), &looking, &mut tables);
    let Some(sample) = tables.largest() else {
        outcome?;
        let message = format!("\"{file_name}\" holds no rows of items to guess from");
        return Err(Error::invalid("guess.no-rows", message));
    };
    let class = classes::guess(file_name, &sample, options, known);
    let meanings = columns::guess(&sample, &class, known);
    Ok(written::profile(format.name(), &sample, &class, &meanings))
}

/// What was seen of a table.
#[derive(Default)]
struct Sample {
    /// In the order of the file.
    columns: Vec<Column>,
    places: HashMap<SmolStr, usize>,
    rows: usize,
    /// The sheet, where the file has sheets.
    sheet: Option<String>,
}

/// What was seen of one column.
struct Column {
    name: SmolStr,
    /// Different texts, up to a bound, with how often each stands.
    texts: BTreeMap<String, usize>,
    filled: usize,
}

impl Column {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// Whether each text looked at is what `is` says, and there is one.
    fn all(&self, is: impl Fn(&str) -> bool) -> bool {
        !self.texts.is_empty() && self.texts().all(is)
    }

    /// Which part of the cells `is` holds for.
    fn share(&self, is: impl Fn(&str) -> bool) -> f64 {
        let all: usize = self.texts.values().sum();
        let those: usize = self.texts.iter().filter(|(text, _)| is(text)).map(|(_, count)| count).sum();
        if all == 0 { 0.0 } else { those as f64 / all as f64 }
    }

    fn samples(&self) -> Vec<String> {
        self.texts().take(SAMPLES).map(str::to_owned).collect()
    }
}

impl Sample {
    fn see(&mut self, name: &SmolStr, cell: &Cell) {
        let at = *self.places.entry(name.clone()).or_insert_with(|| {
            self.columns.push(Column { name: name.clone(), texts: BTreeMap::new(), filled: 0 });
            self.columns.len() - 1
        });
        let column = &mut self.columns[at];
        let text = match cell {
            Cell::Empty => return,
            Cell::Text(text) => text.to_string(),
            Cell::Typed(value) => value.to_string(),
        };
        column.filled += 1;
        let text: String = text.trim().chars().take(TEXT_CHARS_MAX).collect();
        if column.texts.len() < TEXTS_MAX || column.texts.contains_key(&text) {
            *column.texts.entry(text).or_default() += 1;
        }
    }
}

/// The tables of a file, one for each sheet.
#[derive(Default)]
struct Tables {
    samples: Vec<(SmolStr, Sample)>,
}

impl Tables {
    /// The one that most is known of.
    fn largest(self) -> Option<Sample> {
        let samples = self.samples.into_iter().map(|(_, sample)| sample);
        samples.filter(|sample| !sample.columns.is_empty()).max_by_key(|one| one.rows * one.columns.len())
    }
}

impl Sink for Tables {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        let file = &batch.table.file;
        if batch.table.kind == TableKind::Relationships || self.samples.len() >= TABLES_MAX {
            return Ok(());
        }
        if self.samples.last().is_none_or(|(known, _)| known != file) {
            let sheet = file.strip_suffix(']').and_then(|file| file.rsplit_once('['));
            let sheet = sheet.map(|(_, sheet)| sheet.to_owned());
            self.samples.push((file.clone(), Sample { sheet, ..Sample::default() }));
        }
        let Some((_, sample)) = self.samples.last_mut() else { return Ok(()) };
        for (_, cells) in batch.iter().take(ROWS_MAX.saturating_sub(sample.rows)) {
            for (name, cell) in batch.table.columns.iter().zip(cells) {
                sample.see(name, cell);
            }
            sample.rows += 1;
        }
        // A file of one table is read no further; a workbook's other sheets may hold more.
        match sample.rows >= ROWS_MAX && sample.sheet.is_none() {
            true => Err(Error::limit("guess.enough", "enough was seen")),
            false => Ok(()),
        }
    }

    fn complain(&mut self, _: Complaint) {}
}
