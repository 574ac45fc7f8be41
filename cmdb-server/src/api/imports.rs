//! Plans and undo of imports on the wire.

use super::{AffectedService, ItemRef};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What an import would do. Counts are whole; lists are bounded.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPlanView {
    /// What it is applied by; none where it could not be kept.
    pub id: Option<String>,
    /// The state it was made on.
    pub position: u64,
    pub expires_at: Option<String>,
    pub applicable: bool,
    /// Why it cannot be applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub items: PlanCounters,
    pub relationships: PlanCounters,
    /// In the order of the rows.
    pub changes: Vec<PlannedChange>,
    pub changes_count: u64,
    pub removals: PlannedRemovals,
}

/// What would become of the rows of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanCounters {
    pub create: u64,
    pub update: u64,
    pub unchanged: u64,
    pub remove: u64,
    /// Rows that could be about several items and would change none.
    pub conflict: u64,
    pub reject: u64,
}

/// One record that would change.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedChange {
    /// `create`, `update` or `remove`.
    pub action: &'static str,
    /// `item` or `relationship`.
    pub what: &'static str,
    pub file: String,
    /// 0 where no row states it.
    pub row: u64,
    /// Of what exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a relationship.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<PlannedEnd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<PlannedEnd>,
    pub attributes: Vec<PlannedField>,
}

/// An end of a relationship; one that would be new has no id yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedEnd {
    pub id: Option<String>,
    pub class: String,
    pub name: String,
}

/// `name`, `class`, `status` or an attribute, before and after; of a relationship `group` or an attribute.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedField {
    pub name: String,
    #[schema(value_type = Object)]
    pub old: Value,
    #[schema(value_type = Object)]
    pub new: Value,
}

/// Items that are live and would not be any more, and what that would do to everything else.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedRemovals {
    pub count: u64,
    pub items: Vec<ItemRef>,
    pub services: Vec<AffectedService>,
    pub by_state: BTreeMap<&'static str, u64>,
    pub complete: bool,
}

/// Plans that wait.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPlans {
    pub plans: Vec<ImportPlanRow>,
}

/// One plan that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPlanRow {
    pub id: String,
    pub at: String,
    pub expires_at: String,
    pub by: String,
    pub source: String,
    pub files: Vec<String>,
    pub position: u64,
    pub applicable: bool,
}

/// What an undo did or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoAnswer {
    pub import: String,
    pub position: u64,
    /// False for a dry run.
    pub applied: bool,
    pub items: UndoCounters,
    pub relationships: UndoCounters,
    pub definitions: UndoDefinitions,
    /// What stands on the import, as far as it is listed.
    pub kept: Vec<UndoKept>,
    pub kept_count: u64,
}

/// What became of the records of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoCounters {
    pub removed: u64,
    pub restored: u64,
    pub kept: u64,
}

/// Definitions that came with the import.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoDefinitions {
    pub removed: Vec<String>,
    /// Still used.
    pub kept: Vec<String>,
}

/// Something that stands on the import.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoKept {
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemRef>,
    pub reason: String,
}

/// Rejected rows of one file.
#[derive(Debug, Serialize, ToSchema)]
pub struct RejectedRows {
    pub file: String,
    /// Of a workbook nothing.
    pub text: String,
    /// A workbook, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

/// Items that may be one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeCandidates {
    pub position: u64,
    pub count: u64,
    /// Best score first.
    pub candidates: Vec<MergeCandidate>,
    /// Values that too many items share to identify any of them.
    pub shared: Vec<SharedValue>,
}

/// Two items that may be one.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeCandidate {
    /// 0 to 1.
    pub score: f64,
    pub reasons: Vec<String>,
    pub items: Vec<ItemRef>,
}

/// A value that many items share.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedValue {
    pub attribute: String,
    pub value: String,
    pub items: u64,
}

/// Two items made one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merged {
    /// What the merge is taken apart by.
    pub merge: String,
    pub position: u64,
    /// The item that stays.
    pub item: ItemRef,
}

/// Which item another is merged into.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInto {
    /// REF of the item that stays.
    pub into: String,
}

/// The order of sources.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrecedenceRules {
    pub rules: Vec<PrecedenceRule>,
}

/// Which source's word counts, the highest first. `manual` is what people enter; unless it is named it ranks above all.
#[derive(Debug, serde::Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrecedenceRule {
    /// Of items of this class and its subclasses; of all if not stated.
    pub class: Option<String>,
    /// Of this attribute; of all if not stated.
    pub attribute: Option<String>,
    #[serde(default)]
    pub sources: Vec<String>,
}
