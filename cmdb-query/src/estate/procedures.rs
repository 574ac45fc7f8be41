//! The inventory's questions as procedures.

use crate::procedure::Procedures;
use cmdb_core::Cmdb;
use cmdb_core::graph::Snapshot;
use std::sync::Arc;

/// What a query on this state may call.
pub fn procedures(cmdb: Arc<Cmdb>, snapshot: Arc<Snapshot>) -> Procedures {
    let _ = (cmdb, snapshot);
    Procedures::default()
}
