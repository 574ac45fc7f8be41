//! Answers of the analyses on the wire.

use super::ItemRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is assumed to fail or to be changed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImpactQuestion {
    /// Each a REF, `REF=STATE`, or an object with `ref` and `state`.
    #[schema(value_type = Vec<Object>)]
    pub roots: Vec<serde_json::Value>,
    /// State of roots that name none: `down` (default), `degraded`, `at_risk` or `maintenance`.
    pub state: Option<String>,
    /// Waves to follow; beyond, the answer is not complete.
    pub depth: Option<u32>,
    /// Relationship types that pass anything on; all that carry impact if not stated.
    pub types: Option<Vec<String>>,
    /// Rows of `affected`, or `"all"`; 100 if not stated.
    #[schema(value_type = Option<Object>)]
    pub limit: Option<serde_json::Value>,
    pub cursor: Option<String>,
    /// `protected` lists what redundancy keeps up.
    #[serde(default)]
    pub include: Vec<String>,
    /// Adds what open outages hold down to the roots.
    #[serde(default)]
    pub with_current: bool,
    /// Leaves out effects later than this.
    pub for_minutes: Option<u64>,
    /// Lists affected items of this class only; counts stay whole.
    pub class: Option<String>,
    /// Lists affected items for which this holds; counts stay whole.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Position, time or baseline to answer for.
    pub at: Option<String>,
}

/// The impact of a failure or change, with proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImpactAnswer {
    pub position: u64,
    pub complete: bool,
    pub view: &'static str,
    pub roots: Vec<ImpactRoot>,
    pub summary: ImpactSummary,
    pub affected: Vec<Affected>,
    /// What redundancy keeps up; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected: Option<Vec<Affected>>,
    pub blind_spots: Vec<BlindSpot>,
    /// Where the answer was cut off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frontier: Vec<ItemRef>,
    pub next_cursor: Option<String>,
    /// The engine's own time.
    pub elapsed_us: u64,
}

/// A root with its final state.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImpactRoot {
    pub id: String,
    pub class: String,
    pub name: String,
    pub state: &'static str,
    /// The change is planned: maintenance.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub planned: bool,
    /// Open outages that hold it down, where `with_current` asked for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<ItemRef>,
}

/// Counts, always whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImpactSummary {
    /// Affected items, roots left out.
    pub total: u64,
    pub by_state: BTreeMap<&'static str, u64>,
    pub by_class: BTreeMap<String, u64>,
    /// Items that lost something and stay up.
    pub protected: u64,
    pub services: Vec<AffectedService>,
}

/// A business service that is affected.
#[derive(Debug, Serialize, ToSchema)]
pub struct AffectedService {
    pub id: String,
    pub class: String,
    pub name: String,
    pub state: &'static str,
    #[schema(value_type = Option<i64>)]
    pub criticality: Option<serde_json::Value>,
}

/// An affected item.
#[derive(Debug, Serialize, ToSchema)]
pub struct Affected {
    pub id: String,
    pub class: String,
    pub name: String,
    pub state: &'static str,
    pub depth: u32,
    /// Sum of the delays along `why`.
    pub after_minutes: u64,
    /// The weakest confidence along `why`, where any is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    pub why: Vec<Reason>,
    /// Every redundancy group of the item that lost something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
}

/// One step of a proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reason {
    pub item: ItemRef,
    pub relationship: String,
    pub on: ItemRef,
    /// The state of `on`.
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
}

/// A redundancy group as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Gate {
    pub group: String,
    /// `2 of 3`, or `weight>=120 of 200`.
    pub rule: String,
    #[serde(serialize_with = "plain")]
    pub needed: f64,
    #[serde(serialize_with = "plain")]
    pub left: f64,
    #[serde(serialize_with = "plain")]
    pub of: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standby: Option<f64>,
    pub state: &'static str,
    pub lost: Vec<ItemRef>,
}

/// Something the answer cannot see through.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlindSpot {
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    pub count: u64,
    pub items: Vec<ItemRef>,
    pub message: String,
}

/// Items reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reached {
    pub position: u64,
    pub complete: bool,
    pub count: u64,
    pub by_class: BTreeMap<String, u64>,
    pub items: Vec<ReachedItem>,
    pub next_cursor: Option<String>,
    /// The engine's own time.
    pub elapsed_us: u64,
}

/// One item reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReachedItem {
    pub id: String,
    pub class: String,
    pub name: String,
    pub depth: u32,
}

/// Items by how much hangs on them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ranked {
    pub position: u64,
    /// Items ranked, after the filter.
    pub count: u64,
    pub items: Vec<RankedItem>,
    pub next_cursor: Option<String>,
    pub elapsed_us: u64,
}

/// One item with what its loss reaches.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankedItem {
    pub id: String,
    pub class: String,
    pub name: String,
    /// Items that depend on it, directly or not.
    pub dependents: u32,
    /// Business services among them.
    pub services: u32,
}

/// A shortest path, or none.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathAnswer {
    pub position: u64,
    pub length: Option<u32>,
    pub hops: Vec<Hop>,
    /// All shortest paths, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<Vec<Hop>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    pub elapsed_us: u64,
}

/// One step of a path.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hop {
    pub source: ItemRef,
    pub relationship: String,
    pub target: ItemRef,
}

/// An import as it ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    pub import: String,
    pub position: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
    pub relationships: ImportCounters,
    /// What the rules by which attributes make relationships made of it, and what they ended.
    pub derived: DerivedCounters,
    pub unresolved: Vec<String>,
    pub assumed: Vec<String>,
    pub rejected: Vec<Rejected>,
    /// All of them; `rejected` lists the first.
    pub rejected_count: u64,
    /// Whether anything was kept: false for a dry run and for an atomic import with rejected rows.
    pub applied: bool,
    pub dry_run: bool,
    /// Of a dry run: what would happen, change by change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<super::ImportPlanView>,
    /// Rejected rows by file, in its own format with a column `reject_reason`; where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejects: Vec<super::RejectedRows>,
}

/// What became of the rows of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportCounters {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
}

/// Relationships that rules made and ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct DerivedCounters {
    pub made: u64,
    pub ended: u64,
}

/// A row that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rejected {
    pub file: String,
    pub row: u64,
    pub column: Option<String>,
    pub code: String,
    pub message: String,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    pub id: String,
    pub kind: &'static str,
    /// `running`, `done` or `failed`.
    pub state: &'static str,
    pub phase: &'static str,
    pub done: u64,
    /// 0 while not known.
    pub total: u64,
    pub elapsed_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub problem: Option<serde_json::Value>,
}

/// A weight as people write it: 2, not 2.0.
fn plain<S: serde::Serializer>(weight: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match weight.fract() == 0.0 && weight.abs() < 9e15 {
        true => serializer.serialize_i64(*weight as i64),
        false => serializer.serialize_f64(*weight),
    }
}
