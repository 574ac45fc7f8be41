//! What the user said about the files: `--as`, `--map` and `--set`.

use crate::{Mapping, formats};
use cmdb_core::model::intake::TableKind;
use cmdb_core::{Error, Result, error};
use smol_str::SmolStr;

/// Columns that only items have; a constant for one of them is not given to relationships.
const ITEM_COLUMNS: [&str; 4] = ["class", "name", "id", "status"];
/// Columns that only relationships have; a constant for one of them is not given to items.
pub(crate) const RELATIONSHIP_COLUMNS: [&str; 3] = ["source", "type", "target"];

/// How to read the files of one import; the same for all of them.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the tables hold; guessed from their columns when not said.
    pub as_kind: Option<TableKind>,
    /// The name of a [`crate::Format`]; guessed from the content when not said.
    pub format: Option<String>,
    pub mapping: Mapping,
    /// Columns with one value for all rows, used where the column is absent or the cell is empty. They win over the
    /// mapping's own `[set]`.
    pub set: Vec<(String, String)>,
    /// Take tables whatever their columns are called: they are looked at, not imported.
    pub looking: bool,
}

impl Options {
    /// Takes the word after `--as`: `items`, `relationships` or the name of a format.
    pub fn read_as(&mut self, word: &str) -> Result<()> {
        match word {
            "items" => self.as_kind = Some(TableKind::Items),
            "relationships" => self.as_kind = Some(TableKind::Relationships),
            name if formats().iter().any(|f| f.name() == name) => self.format = Some(name.to_owned()),
            other => return Err(unknown_format(other)),
        }
        Ok(())
    }

    /// Whether a table with these columns holds relationships.
    pub(crate) fn kind_of(&self, has_column: impl Fn(&str) -> bool) -> TableKind {
        let has = |name: &str| has_column(name) || self.constant(name).is_some();
        let ends_stated = has_column("source") || has_column("target");
        self.as_kind.unwrap_or(if ends_stated && RELATIONSHIP_COLUMNS.into_iter().all(has) {
            TableKind::Relationships
        } else {
            TableKind::Items
        })
    }

    /// The constant columns that a table of `kind` gets.
    pub(crate) fn constants(&self, kind: TableKind) -> Vec<(SmolStr, SmolStr)> {
        let foreign: &[&str] = match (self.as_kind, kind) {
            (Some(_), _) => &[],
            (None, TableKind::Items) => &RELATIONSHIP_COLUMNS,
            (None, TableKind::Relationships) => &ITEM_COLUMNS,
        };
        let own = self.set.iter().map(|(column, text)| (SmolStr::new(column), SmolStr::new(text)));
        let mut out: Vec<(SmolStr, SmolStr)> = Vec::new();
        for (column, text) in own.rev().chain(self.mapping.constants().iter().cloned()) {
            if !foreign.contains(&column.as_str()) && out.iter().all(|(known, _)| *known != column) {
                out.push((column, text));
            }
        }
        out
    }

    fn constant(&self, column: &str) -> Option<&str> {
        let own = self.set.iter().rev().find(|(name, _)| name == column).map(|(_, text)| text.as_str());
        own.or_else(|| {
            self.mapping.constants().iter().find(|(name, _)| name == column).map(|(_, t)| t.as_str())
        })
    }
}

/// The error for a format that no line of the registry knows.
pub(crate) fn unknown_format(word: &str) -> Error {
    let known: Vec<&str> =
        ["items", "relationships"].into_iter().chain(formats().iter().map(|f| f.name())).collect();
    let hint = error::did_you_mean(word, known.iter().copied())
        .unwrap_or_else(|| format!("known are {}", known.join(", ")));
    Error::invalid("import.unknown-format", format!("\"{word}\" is not a format that can be imported"))
        .hint(hint)
}
