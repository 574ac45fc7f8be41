//! Finding items by part of a name or of a text attribute, tolerant of typing errors.
//!
//! A first version inside the server: one flat text of all folded names and short attributes, searched whole with
//! the processor's vector instructions, on all cores. It is made when somebody first searches, and items changed
//! since then are read from the snapshot; once those are many it is made anew. An index in the core may replace it
//! behind [`Searching::search`].

use crate::convert::ClassSet;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{ItemNumber, Position, Value};
use cmdb_core::{Cmdb, Result};
use matching::Pattern;
use rustc_hash::FxHashSet;
use std::sync::{Arc, Mutex, PoisonError};
use table::{Row, Table, fold};

mod matching;
mod table;

pub use matching::Matched;

/// Changed items up to which the table is kept.
const CHANGED_MAX: usize = 20_000;
/// Log entries up to which it is asked which items they changed.
const ENTRIES_MAX: u64 = 512;

/// What is looked for.
pub struct Query<'q> {
    pub text: &'q str,
    pub class: Option<&'q ClassSet>,
    pub limit: usize,
}

/// One item found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub item: ItemNumber,
    pub matched: Matched,
    /// The attribute that matched and its value.
    pub attribute: Option<(String, String)>,
}

/// The table in use and what has changed since it was made.
#[derive(Clone)]
struct Current {
    table: Arc<Table>,
    upto: Position,
    changed: Arc<FxHashSet<u32>>,
}

/// See the module.
#[derive(Default)]
pub struct Searching {
    current: Mutex<Option<Current>>,
}

impl Searching {
    /// The best matches, best first.
    pub fn search(&self, cmdb: &Cmdb, snapshot: &Snapshot, query: &Query<'_>) -> Result<Vec<Hit>> {
        let Current { table, changed, .. } = self.current(cmdb, snapshot)?;
        let pattern = Pattern::new(&fold(query.text));
        let admits = |number: u32| {
            let dense = snapshot.dense(ItemNumber(number));
            number < snapshot.counts().item_numbers
                && !snapshot.is_gone(dense)
                && query.class.is_none_or(|c| c.holds(snapshot.class_of(dense)))
        };
        let fresh: Vec<Row> = changed
            .iter()
            .filter(|number| admits(**number))
            .map(|number| Row::of(snapshot, *number))
            .collect::<Result<_>>()?;
        let current = |number: u32| !changed.contains(&number) && admits(number);
        let found = matching::best(&table, &fresh, &pattern, &current, query.limit);
        found.into_iter().map(|(number, matched)| hit(snapshot, number, matched, &pattern)).collect()
    }

    /// Makes the table now, so that the first search finds it.
    pub fn prepare(&self, cmdb: &Cmdb, snapshot: &Snapshot) {
        // Where this fails a search fails, too, and somebody is there to be told.
        let _ = self.current(cmdb, snapshot);
    }

    /// A table that serves `snapshot`, with the items that it must not be asked about.
    fn current(&self, cmdb: &Cmdb, snapshot: &Snapshot) -> Result<Current> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &mut *current {
            if known.upto == snapshot.position() {
                return Ok(known.clone());
            }
            let mut changed = (*known.changed).clone();
            if add_changed(cmdb, known.upto, snapshot.position(), &mut changed)?
                && changed.len() <= CHANGED_MAX
            {
                let upto = snapshot.position();
                let serving = Current { table: known.table.clone(), upto, changed: Arc::new(changed) };
                // A question about the past leaves what serves the present alone.
                if upto > known.upto {
                    *known = serving.clone();
                }
                return Ok(serving);
            }
        }
        let table = Arc::new(Table::build(snapshot)?);
        let made = Current { table, upto: snapshot.position(), changed: Arc::default() };
        if current.as_ref().is_none_or(|known| known.upto < made.upto) {
            *current = Some(made.clone());
        }
        Ok(made)
    }
}

/// Adds the items that differ between two positions; false if that is too much to ask.
fn add_changed(cmdb: &Cmdb, a: Position, b: Position, changed: &mut FxHashSet<u32>) -> Result<bool> {
    let (first, last) = (a.min(b), a.max(b));
    if last.0 - first.0 > ENTRIES_MAX {
        return Ok(false);
    }
    let numbers = cmdb.snapshot().counts().item_numbers;
    let store = cmdb.store()?;
    for position in first.0 + 1..=last.0 {
        let undo = store.undo(Position(position))?;
        changed.extend(undo.item_records.iter().map(|(number, _)| *number));
        // Items that the entry made have no record from before it.
        if (numbers - undo.items.min(numbers)) as usize > CHANGED_MAX {
            return Ok(false);
        }
        changed.extend(undo.items..numbers);
    }
    Ok(true)
}

fn hit(snapshot: &Snapshot, number: u32, matched: Matched, pattern: &Pattern) -> Result<Hit> {
    let item = ItemNumber(number);
    let mut hit = Hit { item, matched, attribute: None };
    if matched == Matched::Attribute
        && let Some(record) = snapshot.item(item)?
    {
        let texts = record.attributes.iter().filter_map(|a| match &a.value {
            Value::Text(text) => Some((a.key, text)),
            _ => None,
        });
        let mut matching = texts.filter(|(_, text)| pattern.is_in(&fold(text)));
        hit.attribute =
            matching.next().map(|(key, text)| (snapshot.names().text(key).to_owned(), text.to_string()));
    }
    Ok(hit)
}
