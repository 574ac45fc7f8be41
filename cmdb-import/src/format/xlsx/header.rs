//! The header of a sheet: which column is which attribute, and in what unit.

use cmdb_core::schema::{catalogue, unit};
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Names of sheets that hold relationships, in lower case.
const RELATIONS: [&str; 4] = ["relations", "relationships", "relation", "relationship"];

/// What a sheet's name says about its rows.
pub(super) fn is_relations_sheet(name: &str) -> bool {
    RELATIONS.contains(&name.trim().to_lowercase().as_str())
}

/// One column of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Ours; empty for a column without a header.
    pub name: SmolStr,
    /// What a bare number in the column is a number of.
    pub unit: Option<SmolStr>,
}

/// Reads a header's text. `own` is whether the sheet is of our own template, whose key is the column `id`.
pub(super) fn column(text: &str, own: bool) -> Column {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if own && text == "key" {
        return Column { name: SmolStr::new_static("id"), unit: None };
    }
    let parts = text.strip_suffix(']').and_then(|rest| rest.rsplit_once(" ["));
    match parts {
        Some((name, stated)) if unit::known(stated) && (own || has_unit(name)) => {
            Column { name: SmolStr::new(name), unit: Some(SmolStr::new(stated)) }
        }
        _ => Column { name: SmolStr::from(text), unit: None },
    }
}

/// Whether an attribute of the catalogue of this name is measured in something.
fn has_unit(name: &str) -> bool {
    static NAMES: OnceLock<BTreeSet<SmolStr>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let classes = catalogue::built_in().map(|all| all.classes).unwrap_or_default();
        let attributes = classes.into_iter().flat_map(|class| class.attributes);
        attributes.filter(|attribute| attribute.unit.is_some()).map(|attribute| attribute.name).collect()
    });
    names.contains(name)
}

/// The ends and the kind in the header of a sheet of relationships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    pub source: usize,
    pub target: usize,
    /// Columns that name the classes of the ends; they are read and not handed on.
    pub source_class: Option<usize>,
    pub target_class: Option<usize>,
}

/// Finds the ends, and gives their columns the names by which the inventory knows them.
pub(super) fn ends(columns: &mut [Column]) -> Option<Ends> {
    let find = |names: &[&str], columns: &[Column]| {
        columns.iter().position(|column| names.contains(&column.name.to_lowercase().as_str()))
    };
    let source = find(&["source key", "source", "from"], columns)?;
    let target = find(&["target key", "target", "to"], columns)?;
    let kind = find(&["relation", "relationship", "type"], columns)?;
    let ends = Ends {
        source,
        target,
        source_class: find(&["source type", "source class"], columns),
        target_class: find(&["target type", "target class"], columns),
    };
    let names = [(source, "source"), (target, "target"), (kind, "type")];
    for (at, name) in names {
        columns[at].name = SmolStr::new_static(name);
    }
    for at in [ends.source_class, ends.target_class].into_iter().flatten() {
        columns[at].name = SmolStr::default();
    }
    Some(ends)
}
