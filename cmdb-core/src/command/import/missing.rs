//! What becomes of items that a source knew and does not name any more.
//!
//! Only a feed that is said to be whole can miss anything. An item that was missed often enough in a row is retired,
//! never removed; one that comes back gets the status back that it was retired from. Before anything is retired the
//! share is looked at: a feed that lost its second half must not retire half of the inventory.

use super::Import;
use crate::command::decider::Decider;
use crate::error::{Error, Result};
use crate::fact::kinds::ItemEdit;
use crate::fact::{Absent, AbsentItem, Fact, Setting};
use crate::graph::Records;
use crate::model::{Item, ItemNumber, SmolStr, Symbol};
use std::collections::BTreeMap;

/// Items missed by one source that are remembered.
pub const ABSENT_MAX: usize = 1_000_000;

/// The policy of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Missing {
    /// The feed may be a part: what it does not name is not looked at.
    #[default]
    Keep,
    /// The feed is whole: what it does not name is counted, and retired once it was missed often enough.
    Note {
        /// Runs in a row; none: never retired.
        retire_after: Option<u32>,
        /// Refused where more than this share (0 to 1) of what the source knows would be retired.
        share_max: f64,
    },
}

/// The share that may be retired unless the user says another.
pub const SHARE_MAX_DEFAULT: f64 = 0.1;

/// Looks for what the run did not name, at its end.
pub(super) fn settle(import: &mut Import, decider: &mut Decider<'_>) -> Result<()> {
    let Missing::Note { retire_after, share_max } = import.options.missing else { return Ok(()) };
    let source = match import.source {
        Some(source) => source,
        // A feed without a row names nothing, so everything is missing.
        None => {
            import.first_new_item = decider.draft().next_item()?.0;
            let Some(source) = decider.draft().names().get(&import.options.source) else { return Ok(()) };
            source
        }
    };
    if import.report.rejected_count > 0 {
        // A row that was not taken may be about any of them.
        let note = "rows were rejected, so nothing is taken to be missing".to_owned();
        import.report.assumed.push(note);
        return Ok(());
    }
    let known = known_by(import, decider, source)?;
    let missed: Vec<ItemNumber> = known.iter().copied().filter(|n| !import.items_seen.has(n.0)).collect();
    let name = import.options.source.clone();
    let before: BTreeMap<u32, AbsentItem> = decider
        .draft()
        .settings()
        .absent
        .get(&name)
        .map(|absent| absent.items.iter().map(|item| (item.item.0, item.clone())).collect())
        .unwrap_or_default();
    let mut absent: BTreeMap<u32, AbsentItem> = BTreeMap::new();
    let mut due = Vec::new();
    for number in missed {
        let item = before.get(&number.0).cloned();
        let mut item =
            item.unwrap_or(AbsentItem { item: number, runs: 0, retired_from: None, is_retired: false });
        item.runs = item.runs.saturating_add(1);
        if retire_after.is_some_and(|after| item.runs >= after) && !item.is_retired {
            due.push(number);
        }
        absent.insert(number.0, item);
    }
    refuse_too_many(due.len(), known.len(), share_max, &name)?;
    for number in due {
        retire(import, decider, source, number, &mut absent)?;
    }
    let back = before.values().filter(|item| item.is_retired && !absent.contains_key(&item.item.0));
    for item in back.cloned().collect::<Vec<_>>() {
        revive(import, decider, source, &item)?;
    }
    if absent.len() > ABSENT_MAX {
        let message =
            format!("{} items of source {name} are missing; at most {ABSENT_MAX} are kept", absent.len());
        return Err(
            Error::limit("import.absent", message).hint("import the whole feed, or without --missing")
        );
    }
    if absent != before {
        let items = absent.into_values().collect();
        decider.accept(Fact::Set(Setting::Absent(Absent { source: name, items })))?;
    }
    Ok(())
}

/// Items that were there before the run and that the source knows by a key.
fn known_by(import: &Import, decider: &Decider<'_>, source: Symbol) -> Result<Vec<ItemNumber>> {
    let draft = decider.draft();
    let mut known = Vec::new();
    for number in (0..import.first_new_item).map(ItemNumber) {
        let item: Option<Item> = draft.item(number)?;
        if item.is_some_and(|item| item.keys.iter().any(|(s, _)| *s == source)) {
            known.push(number);
        }
    }
    Ok(known)
}

fn refuse_too_many(due: usize, known: usize, share_max: f64, source: &str) -> Result<()> {
    if due == 0 || due as f64 <= share_max * known as f64 {
        return Ok(());
    }
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let share = percent(due as f64 / known as f64);
    let message = format!(
        "the feed lacks {due} of the {known} items that source {source} knows ({share}), more than {} may be retired; nothing was done",
        percent(share_max)
    );
    Err(Error::refused("import.removes-too-much", message)
        .hint("look whether the feed is whole; --max-remove 100% lets it through"))
}

/// Retires an item, where its class has a status that is not live.
fn retire(
    import: &mut Import,
    decider: &mut Decider<'_>,
    source: Symbol,
    number: ItemNumber,
    absent: &mut BTreeMap<u32, AbsentItem>,
) -> Result<()> {
    let Some(item) = decider.draft().item(number)? else { return Ok(()) };
    if !decider.draft().schema().is_live_in(item.class(), item.status, decider.draft().names()) {
        return Ok(());
    }
    let Some(status) = ending_status(decider, &item) else {
        let class = item.class().map_or("", |c| decider.draft().names().text(c));
        import
            .report
            .assumed
            .push(format!("{class} has no status that is not live; missing ones stay as they are"));
        import.report.assumed.dedup();
        return Ok(());
    };
    let status = decider.symbol(&status)?;
    let edit = ItemEdit { status: Some(Some(status)), ..ItemEdit::default() };
    decider.accept(Fact::ItemEdited { item: number, edit, source })?;
    import.report.items.removed += 1;
    import.notes.item(number, &SmolStr::default(), 0);
    if let Some(entry) = absent.get_mut(&number.0) {
        (entry.is_retired, entry.retired_from) = (true, item.status);
    }
    Ok(())
}

/// `retired`, or the first status of the item's lifecycle that is not live.
fn ending_status(decider: &Decider<'_>, item: &Item) -> Option<SmolStr> {
    let class = item.class().and_then(|c| decider.draft().schema().class(c))?;
    let states = &class.lifecycle.as_ref()?.states;
    let ending = states.iter().filter(|s| !s.live);
    ending
        .clone()
        .find(|s| s.name == "retired")
        .or_else(|| ending.clone().next_back())
        .map(|s| s.name.clone())
}

/// Gives an item that is back the status that it was retired from, unless somebody gave it another one.
fn revive(import: &mut Import, decider: &mut Decider<'_>, source: Symbol, absent: &AbsentItem) -> Result<()> {
    let Some(item) = decider.draft().item(absent.item)? else { return Ok(()) };
    let is_live = decider.draft().schema().is_live_in(item.class(), item.status, decider.draft().names());
    if is_live {
        return Ok(());
    }
    let edit = ItemEdit { status: Some(absent.retired_from), ..ItemEdit::default() };
    decider.accept(Fact::ItemEdited { item: absent.item, edit, source })?;
    import.report.items.updated += 1;
    import.report.items.unchanged = import.report.items.unchanged.saturating_sub(1);
    import.notes.item(absent.item, &SmolStr::default(), 0);
    Ok(())
}
