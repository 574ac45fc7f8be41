//! `--map`: which columns are renamed, dropped, set or translated before anything else looks at them.

use cmdb_core::{Error, Result};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

mod profile;
mod shape;

pub(crate) use shape::{Date, Link, Shape};

/// What the column of a link is called between format and inventory; no header can hold it.
const LINK: &str = "\0link ";

/// A profile for files whose columns are named otherwise than ours. One mapping serves all files of an import; it
/// remembers which of its names occurred, and clones share that memory.
///
/// Short form: `old=new,old2=new2`, where `old=` or `-old` drops. Long form, in TOML:
/// ```toml
/// description = "What the asset register exports"
/// drop = ["group"]
/// [columns]
/// src = "source"
/// "spec.cores" = "cpu_count"       # a path into nested objects
/// "RAM" = { to = "memory", decimal = ",", unit = "GB" }
/// "Bought" = { to = "warranty_until", date = "%d.%m.%Y" }
/// "Host" = { to = "name", trim = true, case = "lower", replace = [["\\.example\\.com$", ""]] }
/// "Address" = { to = "ip_address", split = ",", part = 1 }
/// [set]
/// class = "Server"
/// [values.status]        # by the new name of the column
/// Live = "operational"
/// [[relationship]]       # one for each text of the column
/// column = "Runs on"
/// type = "runs_on"
/// class = "Hypervisor"   # of the other end, where it is named rather than referred to by its key
/// split = ";"
/// ```
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Name in the file → our name, or none to drop the column.
    columns: BTreeMap<SmolStr, Option<SmolStr>>,
    set: Vec<(SmolStr, SmolStr)>,
    /// Our name → text in the file → text to take instead.
    values: BTreeMap<SmolStr, BTreeMap<SmolStr, SmolStr>>,
    /// Our name → what is done to its texts.
    shapes: BTreeMap<SmolStr, Arc<Shape>>,
    links: Vec<Arc<Link>>,
    used: Arc<Mutex<BTreeSet<SmolStr>>>,
}

impl Mapping {
    /// Reads either form. Text of several lines or with a bracket or double quote is TOML.
    pub fn parse(text: &str) -> Result<Mapping> {
        let mut mapping = Mapping::default();
        if text.contains(['\n', '[', '"']) {
            profile::read(&mut mapping, text)?;
        } else {
            mapping.read_pairs(text)?;
        }
        Ok(mapping)
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.set.is_empty() && self.values.is_empty() && self.links.is_empty()
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

    /// What is done to the texts of the column of this (our) name.
    pub(crate) fn shape(&self, column: &str) -> Option<&Arc<Shape>> {
        self.shapes.get(column)
    }

    /// The link that a column of this (our) name stands for.
    pub(crate) fn link(&self, column: &str) -> Option<&Arc<Link>> {
        let number: usize = column.strip_prefix(LINK)?.parse().ok()?;
        self.links.get(number)
    }

    /// Whether rows have to be looked at again once their columns have our names.
    pub(crate) fn reshapes(&self) -> bool {
        !self.shapes.is_empty() || !self.links.is_empty()
    }

    /// Names of columns that may be paths into nested objects.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &SmolStr> {
        self.columns.keys().filter(|name| name.contains('.'))
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
}

fn malformed(message: String) -> Error {
    Error::invalid("mapping.malformed", message)
        .hint("write old=new,old2=new2 (old= drops), or TOML with columns, drop, set, values and relationship; see docs/formats.md")
}
