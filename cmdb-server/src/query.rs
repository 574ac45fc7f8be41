//! Queries over HTTP: rows leave as they are found, a small answer whole and with the right status.

mod feed;
pub mod json;
pub mod rows;

pub use feed::{Asked, Collected, Form, run};

use crate::api::query::{QueryPlan, QueryStats};
use cmdb_query::plan::Description;
use cmdb_query::run::{Stats, Summary};
use serde::Serialize;

/// What follows the rows of an answer.
#[derive(Serialize)]
pub(crate) struct Trailer {
    pub stats: QueryStats,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<QueryPlan>,
    pub notices: Vec<String>,
    pub position: u64,
    pub elapsed_us: u64,
}

impl Trailer {
    pub(crate) fn of(summary: Summary, position: u64, elapsed_us: u64) -> Trailer {
        Trailer {
            stats: stats(&summary.stats),
            plan: summary.plan.map(plan),
            notices: summary.notices,
            position,
            elapsed_us,
        }
    }
}

fn stats(stats: &Stats) -> QueryStats {
    QueryStats {
        nodes_created: stats.nodes_created,
        nodes_deleted: stats.nodes_deleted,
        relationships_created: stats.relationships_created,
        relationships_deleted: stats.relationships_deleted,
        properties_set: stats.properties_set,
        labels_added: stats.labels_added,
        labels_removed: stats.labels_removed,
        indexes_added: stats.indexes_added,
        indexes_removed: stats.indexes_removed,
    }
}

fn plan(description: Description) -> QueryPlan {
    QueryPlan {
        operator: description.operator.into(),
        details: description.details,
        estimated_rows: description.estimated_rows,
        rows: description.rows,
        steps: description.steps,
        inputs: description.inputs.into_iter().map(plan).collect(),
    }
}
