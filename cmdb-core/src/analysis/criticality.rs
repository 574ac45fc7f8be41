//! How critical an item is, and the order in which services are named.

use super::impact::State;
use crate::error::Result;
use crate::graph::{Records, Snapshot};
use crate::model::{Item, ItemNumber};
use crate::schema::symbols;
use std::cmp::Reverse;

/// What the item with this dense id says of itself, 1 being the most critical; none where it says nothing.
///
/// # Errors
/// A record that cannot be read.
pub fn criticality(snapshot: &Snapshot, item: u32) -> Result<Option<i64>> {
    let bytes = snapshot.item_bytes(snapshot.number(item).0);
    let value = bytes.map(|b| Item::find_attribute(b, symbols::CRITICALITY)).transpose()?.flatten();
    Ok(value.and_then(|v| v.as_integer()))
}

/// The same as a rank: whoever says nothing comes last.
///
/// # Errors
/// A record that cannot be read.
pub fn rank(snapshot: &Snapshot, item: u32) -> Result<i64> {
    Ok(criticality(snapshot, item)?.unwrap_or(i64::MAX))
}

/// By what dense ids are sorted: the worst state first, then the most critical, then by name and number. A record that
/// cannot be read comes last; reading it again says what is wrong with it.
pub fn standing(snapshot: &Snapshot, item: u32, state: State) -> (Reverse<State>, i64, &str, ItemNumber) {
    let rank = rank(snapshot, item).unwrap_or(i64::MAX);
    (Reverse(state), rank, snapshot.name_of(item), snapshot.number(item))
}
