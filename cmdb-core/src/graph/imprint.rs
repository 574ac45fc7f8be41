//! What was computed from a snapshot's dependents, classes and live items holds for every snapshot that has the very
//! same ones: a commit that edits attributes alone moves the position and not the graph.

use super::adjacency::Adjacency;
use super::cow::CowTable;
use super::snapshot::Snapshot;
use crate::schema::Schema;
use std::sync::Arc;

/// Holds on to the parts of a snapshot that an analysis of all dependents reads. Held, they cannot be freed and their
/// addresses used again, so equal addresses mean equal content.
#[derive(Clone, Debug)]
pub struct Imprint {
    dependents: Adjacency,
    hidden: CowTable<u64, 512>,
    class_of: CowTable<u32, 4096>,
    schema: Arc<Schema>,
    nodes: u32,
}

impl Imprint {
    pub fn of(snapshot: &Snapshot) -> Imprint {
        Imprint {
            dependents: snapshot.dependents.clone(),
            hidden: snapshot.hidden.clone(),
            class_of: snapshot.class_of.clone(),
            schema: snapshot.schema.clone(),
            nodes: snapshot.nodes(),
        }
    }
    /// Whether `snapshot` has the same graph. May say no of one that was edited and edited back.
    pub fn fits(&self, snapshot: &Snapshot) -> bool {
        self.nodes == snapshot.nodes()
            && Arc::ptr_eq(&self.schema, &snapshot.schema)
            && self.dependents.shares_all_with(&snapshot.dependents)
            && self.hidden.shares_all_with(&snapshot.hidden)
            && self.class_of.shares_all_with(&snapshot.class_of)
    }
}
