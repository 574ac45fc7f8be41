//! Looking an import over before anything is decided: what it uses, and what of that is not defined.

use crate::command::rule::mark;
use crate::error::{Error, Result, did_you_mean};
use crate::graph::Records;
use crate::model::intake::{Batch, Cell, TableKind};
use crate::model::{SmolStr, Value};
use crate::schema::{
    AttributeDefinition, AttributeType, ClassDefinition, RelationshipTypeDefinition, SchemaEdit, Suffers,
    symbols,
};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Columns that are not attributes, per kind of table.
const ITEM_COLUMNS: &[&str] = &["class", "name", "id", "status"];
const RELATIONSHIP_COLUMNS: &[&str] = &["source", "type", "target", "group", mark::ATTRIBUTE];

/// What the values of a column read as, all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Guess {
    integer: bool,
    decimal: bool,
    boolean: bool,
    list: bool,
    map: bool,
}

impl Default for Guess {
    fn default() -> Self {
        Guess { integer: true, decimal: true, boolean: true, list: true, map: true }
    }
}

impl Guess {
    fn see(&mut self, cell: &Cell) {
        let (integer, decimal, boolean, list, map) = match cell {
            Cell::Empty => return,
            Cell::Typed(Value::Integer(_)) => (true, true, false, false, false),
            Cell::Typed(Value::Decimal(_)) => (false, true, false, false, false),
            Cell::Typed(Value::Boolean(_)) => (false, false, true, false, false),
            Cell::Typed(Value::List(_)) => (false, false, false, true, false),
            Cell::Typed(Value::Map(_)) => (false, false, false, false, true),
            Cell::Typed(_) => (false, false, false, false, false),
            Cell::Text(text) => {
                let plain = !has_leading_zero(text);
                let integer = self.integer && plain && text.parse::<i64>().is_ok();
                let decimal = self.decimal && plain && (integer || is_decimal(text));
                let boolean = self.boolean && matches!(text.as_str(), "true" | "false");
                (integer, decimal, boolean, false, false)
            }
        };
        self.integer &= integer;
        self.decimal &= decimal;
        self.boolean &= boolean;
        self.list &= list;
        self.map &= map;
    }
    /// Only what both read as.
    fn narrow(&mut self, other: Guess) {
        self.integer &= other.integer;
        self.decimal &= other.decimal;
        self.boolean &= other.boolean;
        self.list &= other.list;
        self.map &= other.map;
    }
    fn kind(self) -> AttributeType {
        match self {
            Guess { integer: true, .. } => AttributeType::Integer,
            Guess { decimal: true, .. } => AttributeType::Decimal,
            Guess { boolean: true, .. } => AttributeType::Boolean,
            Guess { list: true, .. } => AttributeType::List,
            Guess { map: true, .. } => AttributeType::Map,
            _ => AttributeType::Text,
        }
    }
}

/// A leading zero is part of an identifier, not of a number.
fn has_leading_zero(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']).as_bytes();
    digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit() || text.starts_with('+')
}

fn is_decimal(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'e' | b'E' | b'+'));
    plain && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// What becomes of rows whose class or relationship type is not defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// They refuse the import as a whole, with every unknown name said once.
    #[default]
    Refuse,
    /// They are rejected one by one, to be mended like any other row.
    Reject,
}

type Used = BTreeMap<SmolStr, BTreeMap<SmolStr, Guess>>;

/// Names used by an import and how their values read.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    classes: Used,
    types: Used,
    /// Columns of each kind that held no value at all.
    empty: BTreeMap<(bool, SmolStr), bool>,
    pub item_rows: u64,
    pub relationship_rows: u64,
}

impl Survey {
    /// Adds what another survey saw.
    pub fn merge(&mut self, other: Survey) {
        self.item_rows += other.item_rows;
        self.relationship_rows += other.relationship_rows;
        for (column, empty) in other.empty {
            *self.empty.entry(column).or_insert(true) &= empty;
        }
        for (mine, theirs) in [(&mut self.classes, other.classes), (&mut self.types, other.types)] {
            for (owner, guesses) in theirs {
                let known = mine.entry(owner).or_default();
                for (column, guess) in guesses {
                    known.entry(column).or_default().narrow(guess);
                }
            }
        }
    }
    pub fn rows(&self) -> u64 {
        self.item_rows + self.relationship_rows
    }
    /// Looks at one batch. A row without class or type is left to be rejected later.
    pub fn see(&mut self, batch: &Batch) {
        let (used, key, special) = match batch.table.kind {
            TableKind::Items => (&mut self.classes, "class", ITEM_COLUMNS),
            TableKind::Relationships => (&mut self.types, "type", RELATIONSHIP_COLUMNS),
        };
        let items = batch.table.kind == TableKind::Items;
        match items {
            true => self.item_rows += batch.rows.len() as u64,
            false => self.relationship_rows += batch.rows.len() as u64,
        }
        let columns = &batch.table.columns;
        let Some(at) = columns.iter().position(|c| c == key) else { return };
        let attributes: Vec<usize> =
            (0..columns.len()).filter(|c| !special.contains(&columns[*c].as_str())).collect();
        let mut seen: FxHashMap<&SmolStr, Vec<Option<Guess>>> = FxHashMap::default();
        for (_, cells) in batch.iter() {
            let Some(Cell::Text(owner)) = cells.get(at) else { continue };
            let guesses = seen.entry(owner).or_insert_with(|| vec![None; attributes.len()]);
            for (slot, column) in guesses.iter_mut().zip(&attributes) {
                match cells.get(*column) {
                    None | Some(Cell::Empty) => {}
                    Some(cell) => slot.get_or_insert_with(Guess::default).see(cell),
                }
            }
        }
        for column in &attributes {
            let held = seen.values().any(|guesses| {
                attributes.iter().position(|c| c == column).is_some_and(|i| guesses[i].is_some())
            });
            *self.empty.entry((items, columns[*column].clone())).or_insert(true) &= !held;
        }
        for (owner, guesses) in seen {
            let known = used.entry(owner.clone()).or_default();
            for (guess, column) in guesses.into_iter().zip(&attributes) {
                let Some(guess) = guess else { continue };
                let all = known.entry(columns[*column].clone()).or_default();
                all.narrow(guess);
            }
        }
    }

    /// Definitions for everything that is not known, with a line on each.
    pub fn missing(&self, records: &dyn Records) -> (SchemaEdit, Vec<String>) {
        let mut edit = SchemaEdit::default();
        let mut notes = Vec::new();
        for (name, columns) in &self.classes {
            let known = records.names().get(name).and_then(|s| records.schema().class(s));
            let root = records.schema().class(symbols::CONFIGURATION_ITEM);
            // A new class inherits what holds its values as they are, and defines the rest itself.
            let has = |column: &SmolStr, guess: &Guess| match known {
                Some(class) => class.attributes.values().any(|a| a.name == *column),
                None => {
                    root.is_some_and(|r| r.attributes.values().any(|a| a.name == *column && takes(a, *guess)))
                }
            };
            let new: Vec<AttributeDefinition> =
                columns.iter().filter(|(c, g)| !has(c, g)).map(|(c, g)| attribute(c, g.kind())).collect();
            if known.is_none() {
                notes.push(format!("class {name} (a ConfigurationItem)"));
            } else if new.is_empty() {
                continue;
            }
            notes.extend(new.iter().map(|a| format!("attribute {name}.{}: {}", a.name, a.kind.name())));
            let mut definition = known.map(|c| c.definition.clone()).unwrap_or_else(|| ClassDefinition {
                name: name.clone(),
                parent: Some(SmolStr::new_static("ConfigurationItem")),
                ..ClassDefinition::default()
            });
            definition.attributes.extend(new);
            edit.classes.push(definition);
        }
        for (name, columns) in &self.types {
            let known = records.names().get(name).and_then(|s| records.schema().relationship_type(s));
            let built_in = ["effect", "needs", "weight", "standby", "lag_minutes", "confidence"];
            let has = |column: &SmolStr| match known {
                Some(t) => t.attributes.values().any(|a| a.name == *column),
                None => built_in.contains(&column.as_str()),
            };
            let new: Vec<AttributeDefinition> = columns
                .iter()
                .filter(|(column, _)| !has(column))
                .map(|(c, g)| attribute(c, g.kind()))
                .collect();
            if known.is_none() {
                notes.push(format!("relationship type {name}: its source suffers"));
            } else if new.is_empty() {
                continue;
            }
            notes.extend(new.iter().map(|a| format!("attribute {name}.{}: {}", a.name, a.kind.name())));
            let mut definition =
                known.map(|t| t.definition.clone()).unwrap_or_else(|| RelationshipTypeDefinition {
                    name: name.clone(),
                    suffers: Suffers::Source,
                    ..RelationshipTypeDefinition::default()
                });
            definition.attributes.extend(new);
            edit.relationship_types.push(definition);
        }
        (edit, notes)
    }

    /// Refuses unknown names, all of them at once, each with the nearest known ones. Columns that no class has are
    /// refused either way: rejected row by row, they would reject every row.
    pub fn refuse_missing(&self, records: &dyn Records, unknown_rows: Unknown) -> Result<()> {
        let (edit, notes) = self.missing(records);
        let mut wrong: Vec<String> = Vec::new();
        let schema = records.schema();
        for class in &edit.classes {
            let known = records.names().get(&class.name).and_then(|s| schema.class(s));
            match known {
                None if unknown_rows == Unknown::Reject => {}
                None => wrong.push(unknown(
                    "class",
                    &class.name,
                    schema.definitions().classes.iter().map(|c| &c.name),
                )),
                Some(known) => {
                    let names: Vec<&SmolStr> = known.attributes.values().map(|a| &a.name).collect();
                    for attribute in new_attributes(&class.attributes, &names) {
                        let hint = hint(attribute, names.iter().copied());
                        wrong.push(format!("class {} has no attribute \"{attribute}\"{hint}", class.name));
                    }
                }
            }
        }
        for kind in &edit.relationship_types {
            let known = records.names().get(&kind.name).and_then(|s| schema.relationship_type(s));
            match known {
                None if unknown_rows == Unknown::Reject => {}
                None => {
                    let names = schema.definitions().relationship_types.iter().map(|t| &t.name);
                    wrong.push(unknown("relationship type", &kind.name, names));
                }
                Some(known) => {
                    let names: Vec<&SmolStr> = known.attributes.values().map(|a| &a.name).collect();
                    for attribute in new_attributes(&kind.attributes, &names) {
                        let hint = hint(attribute, names.iter().copied());
                        wrong.push(format!(
                            "relationship type {} has no attribute \"{attribute}\"{hint}",
                            kind.name
                        ));
                    }
                }
            }
        }
        if wrong.is_empty() || notes.is_empty() {
            return Ok(());
        }
        let count = wrong.len();
        let message = format!(
            "{count} name{} not defined: {}",
            if count == 1 { " is" } else { "s are" },
            wrong.join("; ")
        );
        let mut error = Error::invalid("import.unknown-names", message).hint(
            "--define-missing defines them, --map old=new renames columns, --map old= drops one, `cmdb schema apply` adds definitions",
        );
        for one in wrong {
            error = error.detail("", one);
        }
        Err(error)
    }
    /// Columns without any value, which cannot be lost and are not defined.
    pub fn empty_columns(&self, records: &dyn Records) -> Vec<SmolStr> {
        let known = |name: &SmolStr| records.names().get(name).is_some();
        self.empty
            .iter()
            .filter(|((_, name), empty)| **empty && !known(name))
            .map(|((_, name), _)| name.clone())
            .collect()
    }
}

/// Whether an attribute takes every value that was guessed to be of a kind, unchanged.
fn takes(definition: &AttributeDefinition, guess: Guess) -> bool {
    let unbounded = definition.minimum.is_none() && definition.maximum.is_none() && definition.unit.is_none();
    definition.kind == AttributeType::Text || (definition.kind == guess.kind() && unbounded)
}

fn attribute(name: &SmolStr, kind: AttributeType) -> AttributeDefinition {
    AttributeDefinition {
        name: name.clone(),
        kind,
        unit: None,
        values: Vec::new(),
        required: false,
        unique: false,
        default: None,
        minimum: None,
        maximum: None,
        description: SmolStr::default(),
    }
}

fn new_attributes<'a>(all: &'a [AttributeDefinition], known: &[&SmolStr]) -> Vec<&'a SmolStr> {
    all.iter().map(|a| &a.name).filter(|n| !known.contains(n)).collect()
}

fn hint<'a>(name: &str, known: impl Iterator<Item = &'a SmolStr>) -> String {
    did_you_mean(name, known.map(SmolStr::as_str)).map(|h| format!(" ({h})")).unwrap_or_default()
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a SmolStr>) -> String {
    format!("there is no {what} \"{name}\"{}", hint(name, known))
}
