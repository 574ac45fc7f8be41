//! What a tool's format says, laid out as rows: items and relationships side by side, with every field accounted for.
//!
//! A format states the catalogue's attributes with [`Item::set`] and hands the remaining fields to [`Item::rest`],
//! which flattens them. What is not kept (secrets, texts too long) is listed once per field, as a note.

use crate::json::entries::Entries;
use crate::json::rows::Rows;
use crate::tree::{self, Unkept};
use crate::{COLUMNS_MAX, Input, Options, PlannedChange, Sink, Source, secret};
use cmdb_core::Result;
use cmdb_core::model::Value;
use cmdb_core::model::intake::{Batch, Complaint, TableKind};
use cmdb_core::schema::catalogue;
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

/// Levels of nested objects that are flattened into dotted names; what lies deeper stays a map.
const FLATTENED_MAX: usize = 4;
/// Objects with keys of the users' own, kept as one map each rather than as a column a key.
const FREE_MAPS: [&str; 12] = [
    "labels",
    "annotations",
    "tags",
    "Tags",
    "custom_fields",
    "custom_field_data",
    "matchLabels",
    "nodeSelector",
    "selector",
    "config_context",
    "local_context_data",
    "ansible_env",
];
/// Columns whose shape is remembered.
const SHAPES_MAX: usize = 1_000_000;
/// Different notes kept; they are counted per field.
const NOTES_MAX: usize = 1_000;
/// The longest id and name that an item can have, in bytes.
const NAME_BYTES_MAX: usize = 1_024;
/// The longest name of a class made from a tool's kind.
const CLASS_BYTES_MAX: usize = 64;
/// Columns of the rows that are no attributes.
const RESERVED: [&str; 8] = ["class", "name", "id", "status", "source", "type", "target", "group"];

/// One item as a format lays it out.
pub(crate) struct Item {
    class: SmolStr,
    id: SmolStr,
    stated: Entries,
    rest: Entries,
    notes: Vec<(&'static str, String)>,
}

impl Item {
    /// `id` is the tool's own, made unique across its kinds.
    pub fn new(class: impl Into<SmolStr>, id: impl Into<SmolStr>) -> Item {
        Item { class: class.into(), id: id.into(), stated: Vec::new(), rest: Vec::new(), notes: Vec::new() }
    }

    pub fn name(mut self, name: Option<impl Into<SmolStr>>) -> Item {
        self.set("name", name.map(|name| Value::Text(name.into())));
        self
    }

    /// States an attribute of the catalogue, or one the format names itself.
    pub fn set(&mut self, name: &str, value: Option<Value>) {
        if value.as_ref().is_none_or(|v| v.as_text() == Some("")) || self.has(name) {
            return;
        }
        self.stated.push((SmolStr::new(name), value));
    }

    /// As [`Item::set`], with a text.
    pub fn text(&mut self, name: &str, text: Option<impl AsRef<str>>) {
        self.set(name, text.map(|text| Value::text(text.as_ref().trim())));
    }

    fn has(&self, name: &str) -> bool {
        self.stated.iter().any(|(known, _)| known == name)
    }

    /// Keeps every field of `json` but those in `used`, flattened under `prefix`.
    pub fn rest(&mut self, prefix: &str, json: &Json, used: &[&str]) {
        let mut json = json.clone();
        if let Json::Object(map) = &mut json {
            used.iter().for_each(|key| drop(map.remove(*key)));
        }
        for name in secret::remove(&mut json, prefix) {
            self.notes.push(("note.secret", name));
        }
        self.flatten(prefix, &json, 0);
    }

    /// Lists a field that is left out on purpose.
    pub fn note(&mut self, code: &'static str, field: impl Into<String>) {
        self.notes.push((code, field.into()));
    }

    /// The columns of its row in an import of `tool`, without class and id.
    pub fn into_stated(self, tool: &str) -> Vec<(SmolStr, Value)> {
        let mut entries = self.stated;
        add_rest(tool, &mut entries, self.rest, |_| {});
        entries.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    fn flatten(&mut self, name: &str, json: &Json, depth: usize) {
        let last = name.rsplit('.').next().unwrap_or(name);
        match json {
            // A record that is no object has no fields; its format states what it is.
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)
                if name.is_empty() => {}
            Json::Object(map) if depth < FLATTENED_MAX && !(FREE_MAPS.contains(&last) && depth > 0) => {
                for (key, value) in map {
                    let inner = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    let inner = if inner.is_empty() { "-".to_owned() } else { inner };
                    self.flatten(&inner, value, depth + 1);
                }
            }
            other => match tree::to_value(other) {
                Ok(value) if value.as_text() == Some("") => {}
                Ok(value) => self.rest.push((SmolStr::new(name), Some(value))),
                Err(Unkept::Nothing) => {}
                Err(Unkept::TooLong) => self.notes.push(("note.text-too-long", name.to_owned())),
                Err(Unkept::Nul) => self.notes.push(("note.nul", name.to_owned())),
            },
        }
    }
}

/// Adds what nobody named to the columns of a row; a name that means something else already is put under the tool's.
fn add_rest(tool: &str, entries: &mut Entries, rest: Entries, mut left_out: impl FnMut(&str)) {
    let mut taken: BTreeSet<SmolStr> = entries.iter().map(|(name, _)| name.clone()).collect();
    for (name, value) in rest {
        let own =
            RESERVED.contains(&name.as_str()) || catalogue_names().contains(&name) || taken.contains(&name);
        let name = if own { SmolStr::from(format!("{tool}.{name}")) } else { name };
        if !taken.insert(name.clone()) || taken.len() > COLUMNS_MAX {
            left_out(&name);
            continue;
        }
        entries.push((name, value));
    }
}

/// Takes the items and relationships of one file.
pub(crate) struct Intake<'a> {
    tool: &'static str,
    items: Rows<'a>,
    relationships: Rows<'a>,
    shapes: HashMap<SmolStr, HashMap<SmolStr, Shape>>,
    shapes_known: usize,
    /// (code, field) → (rows, the first of them).
    notes: BTreeMap<(&'static str, String), (u64, u64)>,
}

/// What the first value of a column looked like; later ones follow it, because an attribute has one type.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Scalar,
    List,
    Map,
}

/// Lays out one file: `run` gets its bytes and somewhere to put what they say.
pub(crate) fn lay_out(
    tool: &'static str,
    input: Input<'_>,
    sink: &mut dyn Sink,
    run: impl FnOnce(&mut Intake<'_>, Source<'_>, &SmolStr) -> Result<()>,
) -> Result<()> {
    let Input { file, source, options } = input;
    lay_out_rows(tool, &file, options, sink, |intake| run(intake, source, &file))
}

fn lay_out_rows(
    tool: &'static str,
    file: &SmolStr,
    options: &Options,
    sink: &mut dyn Sink,
    run: impl FnOnce(&mut Intake<'_>) -> Result<()>,
) -> Result<()> {
    let shared = RefCell::new(sink);
    let (mut to_items, mut to_relationships) = (SharedSink(&shared), SharedSink(&shared));
    let rows = |kind, to| Rows::new(file.clone(), Some(kind), options, to);
    let mut intake = Intake {
        tool,
        items: rows(TableKind::Items, &mut to_items),
        relationships: rows(TableKind::Relationships, &mut to_relationships),
        shapes: HashMap::new(),
        shapes_known: 0,
        notes: BTreeMap::new(),
    };
    run(&mut intake)?;
    intake.finish()
}

/// Two tables are filled at the same time and go to one sink.
struct SharedSink<'s, 'k>(&'s RefCell<&'k mut dyn Sink>);

impl Sink for SharedSink<'_, '_> {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        self.0.borrow_mut().batch(batch)
    }
    fn complain(&mut self, complaint: Complaint) {
        self.0.borrow_mut().complain(complaint);
    }
    fn planned(&mut self, change: PlannedChange) -> Result<()> {
        self.0.borrow_mut().planned(change)
    }
}

impl Intake<'_> {
    /// Takes an item that stands at `row` of its file.
    pub fn item(&mut self, row: u64, item: Item) -> Result<()> {
        let Item { class, id, stated, rest, notes } = item;
        for (code, field) in notes {
            self.note(row, code, field);
        }
        if id.is_empty() || id.len() > NAME_BYTES_MAX {
            let message = format!("an id has 1 to {NAME_BYTES_MAX} bytes; this one has {}", id.len());
            self.complain(row, Some("id"), "format.id", message);
            return Ok(());
        }
        let mut entries: Entries = Vec::with_capacity(stated.len() + rest.len() + 2);
        entries.push((SmolStr::new_static("class"), Some(Value::Text(class.clone()))));
        entries.push((SmolStr::new_static("id"), Some(Value::Text(id))));
        entries.extend(stated);
        let mut left_out = Vec::new();
        add_rest(self.tool, &mut entries, rest, |name| left_out.push(name.to_string()));
        left_out.into_iter().for_each(|name| self.note(row, "note.field", name));
        self.fit_shapes(&class, &mut entries);
        let length = entries.iter().map(|(name, value)| name.len() + weight(value.as_ref())).sum();
        self.items.push_laid_out(row, length, entries)
    }

    /// Takes a relationship that is stated at `row`; the ends are ids.
    pub fn relate(&mut self, row: u64, source: &str, kind: &str, target: &str) -> Result<()> {
        self.relate_with(row, source, kind, target, Vec::new())
    }

    /// As [`Intake::relate`], with attributes.
    pub fn relate_with(
        &mut self,
        row: u64,
        source: &str,
        kind: &str,
        target: &str,
        attributes: Vec<(&'static str, Value)>,
    ) -> Result<()> {
        if source.is_empty() || target.is_empty() || source.len().max(target.len()) > NAME_BYTES_MAX {
            let message = format!("an end of a {kind} is empty or longer than {NAME_BYTES_MAX} bytes");
            self.complain(row, None, "format.end", message);
            return Ok(());
        }
        let end = |name, text| (SmolStr::new_static(name), Some(Value::text(text)));
        let mut entries: Entries = vec![end("source", source), end("type", kind), end("target", target)];
        entries.extend(attributes.into_iter().map(|(name, value)| (SmolStr::new_static(name), Some(value))));
        let length = source.len() + target.len() + 64;
        self.relationships.push_laid_out(row, length, entries)
    }

    /// Hands on a change that the file plans.
    pub fn planned(&mut self, change: PlannedChange) -> Result<()> {
        self.items.planned(change)
    }

    /// Says that a place cannot be read; its row is rejected.
    pub fn complain(
        &mut self,
        row: u64,
        column: Option<&str>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.items.complain(row, column.map(SmolStr::new), code, message.into());
    }

    /// Lists a field that is left out on purpose; counted per field and said once, at the end.
    pub fn note(&mut self, row: u64, code: &'static str, field: impl Into<String>) {
        let field = field.into();
        let known = self.notes.len();
        match self.notes.entry((code, field)) {
            std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().0 += 1,
            std::collections::btree_map::Entry::Vacant(entry) if known < NOTES_MAX => {
                entry.insert((1, row));
            }
            std::collections::btree_map::Entry::Vacant(_) => {}
        }
    }

    fn finish(mut self) -> Result<()> {
        self.items.flush()?;
        self.relationships.flush()?;
        for ((code, field), (rows, first)) in std::mem::take(&mut self.notes) {
            let times = if rows == 1 { String::new() } else { format!(" ({rows} times)") };
            let message = match code {
                "note.secret" => format!("\"{field}\" looks like a secret and was not stored{times}"),
                "note.text-too-long" => format!("\"{field}\" is too long to be kept{times}"),
                "note.nul" => format!("\"{field}\" holds a NUL character and was left out{times}"),
                "note.derived" => format!("{field} follows from the rest and was left out{times}"),
                "note.cut-off" | "note.planned" | "note.host" => format!("{field}{times}"),
                _ => format!("\"{field}\" was left out{times}"),
            };
            self.items.complain(first, None, code, message);
        }
        Ok(())
    }

    /// Gives each value the shape that its column began with.
    fn fit_shapes(&mut self, class: &SmolStr, entries: &mut Entries) {
        if !self.shapes.contains_key(class) && self.shapes.len() < SHAPES_MAX {
            self.shapes.insert(class.clone(), HashMap::new());
        }
        let Some(columns) = self.shapes.get_mut(class) else { return };
        for (name, value) in entries {
            let Some(found) = value.as_ref() else { continue };
            let shape = match found {
                Value::List(_) => Shape::List,
                Value::Map(_) => Shape::Map,
                _ => Shape::Scalar,
            };
            let Some(&first) = columns.get(name) else {
                if self.shapes_known < SHAPES_MAX {
                    columns.insert(name.clone(), shape);
                    self.shapes_known += 1;
                }
                continue;
            };
            match (first, shape) {
                (Shape::Scalar, Shape::List | Shape::Map) => {
                    *value = Some(Value::text(&crate::json::from_value(found).to_string()));
                }
                (Shape::List, Shape::Scalar | Shape::Map) => *value = Some(Value::List(vec![found.clone()])),
                (Shape::Map, Shape::Scalar | Shape::List) => {
                    *value = Some(Value::map([(SmolStr::new_static("value"), found.clone())]));
                }
                _ => {}
            }
        }
    }
}

fn weight(value: Option<&Value>) -> usize {
    match value {
        None => 0,
        Some(Value::Text(text)) => text.len(),
        Some(Value::List(values)) => values.iter().map(|v| 24 + weight(Some(v))).sum(),
        Some(Value::Map(entries)) => entries.iter().map(|(k, v)| 24 + k.len() + weight(Some(v))).sum(),
        Some(_) => 8,
    }
}

/// The class for a tool's own kind: the kind in PascalCase, with the tool's name in front where the catalogue has a
/// class of that name, which may mean something else.
pub(crate) fn own_class(tool: &str, kind: &str) -> SmolStr {
    let words = kind.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        name.push(word.as_bytes()[0].to_ascii_uppercase() as char);
        name.push_str(&word[1..]);
    }
    name.truncate(CLASS_BYTES_MAX);
    if name.is_empty()
        || name.starts_with(|c: char| c.is_ascii_digit())
        || catalogue_classes().contains(name.as_str())
    {
        name.insert_str(0, tool);
    }
    SmolStr::from(name)
}

fn catalogue_classes() -> &'static BTreeSet<SmolStr> {
    static NAMES: OnceLock<BTreeSet<SmolStr>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let classes = catalogue::built_in().map(|all| all.classes).unwrap_or_default();
        classes.into_iter().map(|class| class.name).collect()
    })
}

/// Names of attributes that the catalogue defines on any class. A foreign field of such a name may mean something
/// else, so it gets the tool's name in front unless the format states it on purpose.
fn catalogue_names() -> &'static BTreeSet<SmolStr> {
    static NAMES: OnceLock<BTreeSet<SmolStr>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let classes = catalogue::built_in().map(|all| all.classes).unwrap_or_default();
        classes.into_iter().flat_map(|class| class.attributes).map(|attribute| attribute.name).collect()
    })
}
