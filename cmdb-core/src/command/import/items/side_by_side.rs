//! Rows that describe items nobody knows, worked out side by side.
//!
//! Most rows of a first import are such. A row is worked out against the draft as it was before its batch; it is
//! taken that way only if no row before it in the batch filed any text by which it could be found. Every other row
//! is taken one by one, and so is every row that has something wrong with it, so that both ways give the same.

use super::{Known, Plan, Row, complete, identify, new_item, status_text};
use crate::command::decider::Decider;
use crate::command::import::{Import, Seen};
use crate::command::item::NAME_BYTES_MAX;
use crate::error::{Error, Result};
use crate::fact::{Fact, NewItem};
use crate::graph::adjacency::ITEMS_MAX;
use crate::graph::draft::texts_of_new;
use crate::graph::{Draft, Records};
use crate::model::intake::{Batch, Cell};
use crate::model::{Item, ItemNumber, SmolStr, Symbol};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

/// Rows worked out together.
const ROWS_TOGETHER: usize = 256;

/// An item to be created, and the hashes of the texts by which it is found.
pub(super) struct Made {
    new: NewItem,
    texts: SmallVec<[u32; 4]>,
}

/// What a row comes to.
pub(super) enum Worked {
    New(Made),
    /// It says nothing that is not known of this item, which its source knows by the row's key.
    Same(ItemNumber),
}

/// What `one` makes of each row.
pub(super) fn worked_out(
    batch: &Batch,
    one: impl Fn(&[Cell]) -> Option<Worked> + Sync + Send,
) -> Vec<Option<Worked>> {
    let width = batch.table.columns.len().max(1);
    batch.cells.par_chunks(width).with_min_len(ROWS_TOGETHER).map(one).collect()
}

/// A row that is new with nothing wrong with it, or that says nothing new.
pub(super) fn work_out(draft: &Draft, source: Symbol, plan: &Plan, row: Row, seen: &Seen) -> Option<Worked> {
    match row.key.as_ref().filter(|key| !looks_like_id(key)).and_then(|key| draft.keyed(source, key)) {
        Some(number) => {
            let item = draft.item(number).ok()??;
            is_said(draft, source, plan, &row, &item).then_some(Worked::Same(number))
        }
        None => make(draft, source, plan, row, seen).map(Worked::New),
    }
}

/// Whether an item is all that the row says of it.
fn is_said(draft: &Draft, source: Symbol, plan: &Plan, row: &Row, item: &Item) -> bool {
    let has_status = |status: &SmolStr| {
        let text = status_text(&plan.class, Some(status)).ok().flatten();
        text.and_then(|text| draft.names().get(&text)).is_some_and(|status| item.status == Some(status))
    };
    let has_key = |key: &SmolStr| item.keys.iter().any(|(by, known)| *by == source && known == key);
    item.class() == Some(plan.class.symbol)
        && row.name.as_ref().is_none_or(|name| item.name.as_ref() == Some(name))
        && row.status.as_ref().is_none_or(has_status)
        && row.key.as_ref().is_none_or(has_key)
        && row.attributes.iter().all(|(key, value)| item.attribute(*key) == value.as_ref())
}

/// The item of a row, if it is new and nothing is wrong with it.
fn make(draft: &Draft, source: Symbol, plan: &Plan, row: Row, seen: &Seen) -> Option<Made> {
    // A long key is not kept, and one that looks like an id may be one: neither is found by a text alone.
    if row.key.as_ref().is_some_and(|key| key.len() > NAME_BYTES_MAX || looks_like_id(key)) {
        return None;
    }
    if identify(draft, source, plan, &row, seen).ok()?.ok()? != Known::No {
        return None;
    }
    let status = match status_text(&plan.class, row.status.as_deref()).ok()? {
        Some(text) => Some(draft.names().get(&text)?),
        None => None,
    };
    let new = complete(draft, &plan.class, new_item(plan, row, status, source)).ok()?;
    let texts = texts_of_new(&new, draft.schema());
    Some(Made { new, texts })
}

fn looks_like_id(key: &str) -> bool {
    key.len() == 36 && key.parse::<uuid::Uuid>().is_ok()
}

/// Items of the batch that are decided and not yet accepted.
#[derive(Default)]
pub(super) struct Waiting {
    facts: Vec<Fact>,
    texts: FxHashSet<u32>,
}

impl Waiting {
    /// Whether nothing came up since `made` was worked out that could be the same item or take a unique value.
    pub(super) fn is_new(&self, draft: &Draft, made: &Made) -> bool {
        made.texts.iter().all(|hash| !self.texts.contains(hash) && !draft.filed(*hash))
    }
    pub(super) fn push(
        &mut self,
        import: &mut Import,
        decider: &Decider<'_>,
        made: Made,
    ) -> Result<ItemNumber> {
        let item = ItemNumber(decider.draft().next_item()?.0 + self.facts.len() as u32);
        if item.0 >= ITEMS_MAX {
            return Err(Error::limit("graph.items", format!("a graph holds at most {ITEMS_MAX} items")));
        }
        self.texts.extend(made.texts);
        self.facts.push(Fact::ItemCreated(NewItem { item, ..made.new }));
        import.items_seen.mark(item.0);
        import.report.items.created += 1;
        Ok(item)
    }
    pub(super) fn accept(&mut self, decider: &mut Decider<'_>) -> Result<()> {
        self.texts.clear();
        match self.facts.is_empty() {
            true => Ok(()),
            false => decider.accept_new(std::mem::take(&mut self.facts)),
        }
    }
}
