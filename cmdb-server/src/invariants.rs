//! Invariants: saved queries that must return no rows, on the inventory as it is and on every proposal.

use crate::api::calendar::InvariantResult;
use crate::query::rows::rows;
use cmdb_core::graph::Snapshot;
use cmdb_core::process::calendar::saved;
use cmdb_core::{Cmdb, Result};
use std::sync::Arc;

/// Rows of a broken invariant that are shown.
const ROWS_SHOWN: usize = 20;

/// Asks all invariants of a state, by name. One that cannot be asked does not hold.
///
/// # Errors
/// Only damage.
pub fn check(cmdb: &Arc<Cmdb>, snapshot: &Arc<Snapshot>) -> Result<Vec<InvariantResult>> {
    let result = |query: saved::SavedQuery| {
        let asked = rows(cmdb, snapshot, &query.query, ROWS_SHOWN);
        let error = asked.as_ref().err().map(|e| e.message().to_owned());
        let table = asked.unwrap_or_default();
        InvariantResult {
            name: query.name.to_string(),
            description: query.description.to_string(),
            holds: error.is_none() && table.count == 0,
            rows: table.count,
            columns: table.columns,
            first: table.first,
            error,
        }
    };
    Ok(saved::all(snapshot)?.into_iter().filter(|q| q.invariant).map(result).collect())
}
