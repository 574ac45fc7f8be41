//! `--map`: which columns are renamed, dropped, set or translated before anything else looks at them.

use cmdb_core::{Error, Result};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// A profile for files whose columns are named otherwise than ours. One mapping serves all files of an import; it
/// remembers which of its names occurred, and clones share that memory.
///
/// Short form: `old=new,old2=new2`, where `old=` or `-old` drops. Long form, in TOML:
/// ```toml
/// drop = ["group"]
/// [columns]
/// src = "source"
/// [set]
/// class = "Server"
/// [values.status]        # by the new name of the column
/// Live = "operational"
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Name in the file → our name, or none to drop the column.
    columns: BTreeMap<SmolStr, Option<SmolStr>>,
    set: Vec<(SmolStr, SmolStr)>,
    /// Our name → text in the file → text to take instead.
    values: BTreeMap<SmolStr, BTreeMap<SmolStr, SmolStr>>,
    used: Arc<Mutex<BTreeSet<SmolStr>>>,
}

impl Mapping {
    /// Reads either form. Text of several lines or with a bracket or double quote is TOML.
    pub fn parse(text: &str) -> Result<Mapping> {
        let mut mapping = Mapping::default();
        if text.contains(['\n', '[', '"']) {
            mapping.read_toml(text)?;
        } else {
            mapping.read_pairs(text)?;
        }
        Ok(mapping)
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.set.is_empty() && self.values.is_empty()
    }

    /// The names that no file has had so far, in order: of columns, and `values.<column>` of translations.
    pub fn unused(&self) -> Vec<SmolStr> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let translated = self.values.keys().map(|column| SmolStr::from(format!("values.{column}")));
        self.columns.keys().cloned().chain(translated).filter(|name| !used.contains(name)).collect()
    }

    /// The error to raise once all files are read, if a name of this mapping was in none of them.
    pub fn check_used(&self) -> Result<()> {
        let unused = self.unused();
        if unused.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = unused.iter().map(|name| format!("\"{name}\"")).collect();
        Err(Error::invalid(
            "mapping.unused",
            format!("the mapping names {}, which no file has", names.join(", ")),
        )
        .hint("names are case-sensitive and stand as in the header: old=new"))
    }

    /// Our name for a column of a file, or none if it is dropped. Notes that the name occurred.
    pub(crate) fn target(&self, written: SmolStr) -> Option<SmolStr> {
        let Some((name, target)) = self.columns.get_key_value(&written) else { return Some(written) };
        self.note(name.clone());
        target.clone()
    }

    /// The translations for the column of this (our) name. Notes that they were asked for.
    pub(crate) fn translations(&self, column: &str) -> Option<&BTreeMap<SmolStr, SmolStr>> {
        let found = self.values.get(column)?;
        self.note(SmolStr::from(format!("values.{column}")));
        Some(found)
    }

    pub(crate) fn constants(&self) -> &[(SmolStr, SmolStr)] {
        &self.set
    }

    fn note(&self, name: SmolStr) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }

    fn read_pairs(&mut self, text: &str) -> Result<()> {
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (old, new) = match (pair.split_once('='), pair.strip_prefix('-')) {
                (Some((old, new)), _) => (old.trim(), new.trim()),
                (None, Some(dropped)) => (dropped.trim(), ""),
                (None, None) => return Err(malformed(format!("\"{pair}\" in the mapping is not old=new"))),
            };
            self.add_column(old, new)?;
        }
        Ok(())
    }

    fn add_column(&mut self, old: &str, new: &str) -> Result<()> {
        if old.is_empty() {
            return Err(malformed(format!("\"={new}\" in the mapping names no column")));
        }
        let target = (!new.is_empty()).then(|| SmolStr::new(new));
        match self.columns.insert(SmolStr::new(old), target) {
            None => Ok(()),
            Some(_) => Err(malformed(format!("the mapping names the column \"{old}\" twice"))),
        }
    }

    fn read_toml(&mut self, text: &str) -> Result<()> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            malformed(format!("the mapping is not valid TOML: {}", e.message())).caused_by(e)
        })?;
        for (key, value) in &table {
            match (key.as_str(), value) {
                ("columns", toml::Value::Table(columns)) => {
                    for (old, new) in columns {
                        self.add_column(old, &scalar(old, new)?)?;
                    }
                }
                ("drop", toml::Value::Array(names)) => {
                    for name in names {
                        self.add_column(&scalar("drop", name)?, "")?;
                    }
                }
                ("set", toml::Value::Table(set)) => {
                    for (column, value) in set {
                        self.set.push((SmolStr::new(column), scalar(column, value)?));
                    }
                }
                ("values", toml::Value::Table(columns)) => self.read_values(columns)?,
                ("columns" | "drop" | "set" | "values", _) => {
                    return Err(malformed(format!("\"{key}\" in the mapping has the wrong shape")));
                }
                _ => return Err(malformed(format!("the mapping has no section \"{key}\""))),
            }
        }
        Ok(())
    }

    fn read_values(&mut self, columns: &toml::Table) -> Result<()> {
        for (column, pairs) in columns {
            let toml::Value::Table(pairs) = pairs else {
                return Err(malformed(format!("\"values.{column}\" in the mapping is not a table")));
            };
            let translations = self.values.entry(SmolStr::new(column)).or_default();
            for (from, to) in pairs {
                translations.insert(SmolStr::new(from), scalar(from, to)?);
            }
        }
        Ok(())
    }
}

fn scalar(key: &str, value: &toml::Value) -> Result<SmolStr> {
    match value {
        toml::Value::String(text) => Ok(SmolStr::new(text)),
        toml::Value::Integer(n) => Ok(SmolStr::from(n.to_string())),
        toml::Value::Float(n) => Ok(SmolStr::from(n.to_string())),
        toml::Value::Boolean(b) => Ok(SmolStr::from(b.to_string())),
        toml::Value::Datetime(t) => Ok(SmolStr::from(t.to_string())),
        toml::Value::Array(_) | toml::Value::Table(_) => {
            Err(malformed(format!("\"{key}\" in the mapping must have a single value")))
        }
    }
}

fn malformed(message: String) -> Error {
    Error::invalid("mapping.malformed", message)
        .hint("write old=new,old2=new2 (old= drops), or TOML with columns, drop, set and values")
}
