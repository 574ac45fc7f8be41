//! Changes on the wire.

use super::records::{Attributes, Item, ItemRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A change: the item, and what the process reads in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    #[serde(flatten)]
    pub item: Item,
    /// `CHG-000001`.
    pub number: String,
    pub title: String,
    /// `normal`, `standard` or `emergency`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub window: Option<ChangeWindow>,
    pub affects: Vec<AffectedByChange>,
    /// Changes that must have ended before.
    pub follows: Vec<ItemRef>,
    pub requester: String,
    pub authors: Vec<String>,
    pub implementer: Option<String>,
    /// The authorities it needs, and who of them agreed; empty until it was assessed.
    #[schema(value_type = Vec<Object>)]
    pub required: Vec<Value>,
    /// Where it waits for something: how its impact now differs from the one that was assessed.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Value>,
    /// Sentences on what is missing, late, or has changed since it was decided on.
    pub concerns: Vec<String>,
    /// An emergency is to be looked back upon by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_due: Option<String>,
    /// What can be done with it as it stands, such as `submit`.
    pub moves: Vec<&'static str>,
    pub position: u64,
}

/// When a change is to be carried out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeWindow {
    pub start: String,
    pub end: String,
    /// The end with the time that backing out takes.
    pub padded_end: String,
    pub time_zone: Option<String>,
}

/// An item a change touches.
#[derive(Debug, Serialize, ToSchema)]
pub struct AffectedByChange {
    #[serde(flatten)]
    pub item: ItemRef,
    /// `edited`, `degraded`, `maintenance` or `down`.
    pub state: &'static str,
}

/// Changes by number.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changes {
    pub position: u64,
    pub count: u64,
    pub changes: Vec<ChangeRow>,
}

/// A change in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeRow {
    #[serde(flatten)]
    pub item: ItemRef,
    pub number: String,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub status: &'static str,
    pub start: Option<String>,
    pub end: Option<String>,
    pub affects: Vec<AffectedByChange>,
    /// `low`, `moderate`, `high` or `very_high`, once assessed.
    pub risk: Option<String>,
    pub requester: String,
    pub implementer: Option<String>,
    /// An emergency is to be looked back upon by then.
    pub review_due: Option<String>,
    pub review_overdue: bool,
}

/// A new change; a draft may lack everything.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePlan {
    pub title: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Name of the change model, for a standard change.
    pub model: Option<String>,
    /// REF or REF=STATE of everything it touches; when editing, instead of what it touched before.
    pub affects: Option<Vec<String>>,
    /// When editing: REF or REF=STATE of further items.
    #[serde(default)]
    pub add: Vec<String>,
    /// When editing: REF of items it does not touch after all.
    #[serde(default)]
    pub drop: Vec<String>,
    /// State of affected items that name none: `edited`, `degraded`, `maintenance` or `down`.
    pub state: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    /// IANA name of the zone the window was agreed in.
    pub time_zone: Option<String>,
    pub reason: Option<String>,
    pub benefit: Option<String>,
    pub implementer: Option<String>,
    /// REF of changes that must have ended before.
    pub follows: Option<Vec<String>>,
    pub back_out_minutes: Option<u64>,
    /// Planned edits; see the guide to changes.
    #[schema(value_type = Option<Vec<Object>>)]
    pub proposal: Option<Vec<Value>>,
    /// A Terraform plan, as `terraform show -json` writes it: its edits join the proposal, what it touches is affected.
    pub terraform_plan: Option<String>,
    /// The id of an import's plan (a dry run): the same.
    pub import_plan: Option<String>,
    /// Further attributes of the class `Change`; null clears.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}

/// Words with a move.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeNote {
    #[serde(default)]
    pub note: String,
}

/// How a change ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndingNote {
    #[serde(default)]
    pub note: String,
    /// `successful` (default), `successful_with_issues` or `failed`.
    pub outcome: Option<String>,
}

/// A frozen assessment, and what working it out again gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentView {
    pub change: String,
    pub number: String,
    pub position: u64,
    /// Whether the plan is still the one that was assessed.
    pub of_plan: bool,
    /// Whether working it out again gave the same bytes; null if that was not asked for.
    pub same: Option<bool>,
    #[schema(value_type = Object)]
    pub assessment: Value,
    /// What it gave, where that is something else.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Value>,
}

/// The rules by which changes are judged.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    pub version: u32,
    /// TOML.
    pub text: String,
}

/// Edits of controlled items that no change covers.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnauthorisedEdits {
    pub position: u64,
    pub count: u64,
    pub edits: Vec<UnauthorisedEdit>,
}

/// One entry's edit of one item.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnauthorisedEdit {
    pub position: u64,
    pub at: String,
    pub actor: String,
    pub message: String,
    pub item: ItemRef,
    pub fields: Vec<String>,
}

/// How good predictions were.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastAccuracy {
    pub position: u64,
    /// Changes that were reviewed.
    pub changes: u64,
    /// Mean of (p - o)², where o is 1 for a change that failed; 0 is perfect.
    pub brier: Option<f64>,
    pub reliability: Vec<ReliabilityBin>,
    pub services_predicted: u64,
    pub services_suffered: u64,
    /// Share of the predicted services that suffered.
    pub precision: Option<f64>,
    /// Share of the services that suffered that were predicted.
    pub recall: Option<f64>,
}

/// Changes of one tenth of probability.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReliabilityBin {
    pub from: f64,
    pub to: f64,
    pub changes: u64,
    /// Mean probability of failing.
    pub predicted: f64,
    /// Share that failed.
    pub failed: f64,
}
