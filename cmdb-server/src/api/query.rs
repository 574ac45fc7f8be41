//! Queries on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A query in the openCypher-compatible language.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryQuestion {
    pub query: String,
    /// Values of `$name` in the query.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// Position, time or baseline to answer for; a query that writes has none.
    pub at: Option<String>,
    /// Refuse the query if it writes.
    #[serde(default)]
    pub read_only: bool,
    /// Milliseconds it may take; 30000 if not stated, and at most.
    pub timeout_ms: Option<u64>,
    /// Rows it may return; five million if not stated, and at most.
    pub max_rows: Option<u64>,
    /// Bytes it may hold at once; 512 MiB if not stated, and at most.
    pub max_memory_bytes: Option<u64>,
    /// Nodes, relationships and rows it may look at; ten thousand million if not stated, and at most.
    pub max_steps: Option<u64>,
}

/// Rows and what there is to say about them. Where something goes wrong after the first megabyte has been sent, `error`
/// stands in place of what follows the rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryAnswer {
    pub columns: Vec<String>,
    /// A node is `{id, class, name, labels, properties}`, a relationship `{id, type, source, target, properties}`, a path
    /// `{nodes, relationships}`; times are ISO 8601 texts.
    #[schema(value_type = Vec<Vec<Object>>)]
    pub rows: Vec<Vec<serde_json::Value>>,
    pub stats: QueryStats,
    /// For EXPLAIN and PROFILE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<QueryPlan>,
    /// Worth knowing: a pattern without bound, a product of separate patterns.
    pub notices: Vec<String>,
    pub position: u64,
    pub elapsed_us: u64,
}

/// What a query changed; zeros are left out.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct QueryStats {
    #[serde(skip_serializing_if = "is_zero")]
    pub nodes_created: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub nodes_deleted: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub relationships_created: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub relationships_deleted: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub properties_set: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub labels_added: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub labels_removed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub indexes_added: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub indexes_removed: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One operator of a plan with what feeds it.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryPlan {
    pub operator: String,
    pub details: String,
    pub estimated_rows: f64,
    /// What really came out, with PROFILE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Nodes, relationships and rows looked at, with PROFILE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    #[schema(no_recursion)]
    pub inputs: Vec<QueryPlan>,
}
