//! The gate for pipelines and the planner on the wire.

use super::ItemRef;
use super::calendar::{Conflict, InvariantResult, ServiceAtStake};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is to be checked: a change on record, a Terraform plan, or both.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckQuestion {
    /// REF of a change.
    pub change: Option<String>,
    /// A Terraform plan as `terraform show -json` writes it.
    pub plan: Option<String>,
    /// State that updated resources of a plan are in meanwhile: `degraded` (default), `down`, `maintenance` or `up`.
    pub update_state: Option<String>,
    /// Condition on affected items that must match none, such as `criticality<=1 and state>=at_risk`.
    pub fail_on: Option<String>,
    /// Add what open outages hold.
    #[serde(default)]
    pub with_current: bool,
    /// A collision fails the check, too.
    #[serde(default)]
    pub fail_on_conflicts: bool,
}

/// Whether a change may pass.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckAnswer {
    pub position: u64,
    pub passed: bool,
    /// Why not, each in a sentence.
    pub failures: Vec<String>,
    /// What is touched, with how.
    pub roots: Vec<CheckedRoot>,
    /// Resources of the plan that are not in the inventory.
    pub unknown: Vec<String>,
    /// Affected items by state.
    pub by_state: BTreeMap<&'static str, u64>,
    pub services: Vec<ServiceAtStake>,
    /// Affected items that match `fail_on`, worst first; the first hundred.
    pub matched: Vec<CheckedItem>,
    pub matched_count: u64,
    pub invariants: Vec<InvariantResult>,
    pub conflicts: Vec<Conflict>,
    /// The report as Markdown, fit for a merge request.
    pub report: String,
}

/// An item that a change touches.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedRoot {
    #[serde(flatten)]
    pub item: ItemRef,
    pub state: &'static str,
    /// `delete`, `replace` or `update`, where it comes from a plan.
    pub action: Option<&'static str>,
}

/// An affected item, with the first step of its proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedItem {
    #[serde(flatten)]
    pub item: ItemRef,
    pub state: &'static str,
    pub because: String,
}

/// A batch to be planned.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanQuestion {
    /// REFs of changes; each is one task, orders between them are kept.
    #[serde(default)]
    pub changes: Vec<String>,
    /// REFs of items; each is one task.
    #[serde(default)]
    pub items: Vec<String>,
    /// Query, or name of a saved one, whose items are one task each.
    pub query: Option<String>,
    /// State of the items meanwhile: `down` (default), `degraded` or `maintenance`.
    pub state: Option<String>,
    /// The mildest state that no service may be brought to: `degraded` (default), `down` or `at_risk`.
    pub tolerate_below: Option<String>,
    /// Tasks of one wave at most.
    pub wave_max: Option<usize>,
    /// Add what open outages hold.
    #[serde(default)]
    pub with_current: bool,
    /// Look for windows in this time: begin and end, with an offset.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Minutes that one wave takes; 60 if not stated.
    pub minutes: Option<u64>,
}

/// Waves, windows, and what cannot be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanAnswer {
    pub position: u64,
    pub tasks: u64,
    /// No plan has fewer waves.
    pub exact: bool,
    pub waves: Vec<WaveView>,
    /// Tasks without a place, each with the reason.
    pub impossible: Vec<ImpossibleTask>,
    /// Why tasks are not in the wave before theirs.
    pub waits: Vec<WaitView>,
}

/// Tasks carried out at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaveView {
    pub tasks: Vec<TaskView>,
    /// What the wave leaves services in, worst first.
    pub services: Vec<ServiceAtStake>,
    /// Best windows first.
    pub windows: Vec<WindowView>,
}

/// One task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskView {
    #[serde(flatten)]
    pub item: ItemRef,
    /// Number of a change.
    pub number: Option<String>,
    pub title: Option<String>,
}

/// A window for a wave.
#[derive(Debug, Serialize, ToSchema)]
pub struct WindowView {
    pub start: String,
    pub end: String,
    /// Collisions with what is planned already.
    pub conflicts: u64,
    /// It takes more downtime than the target of a service leaves in the month.
    pub breaks_budget: bool,
    /// Broken targets and the worst collisions in sentences; none if the window is free.
    pub reasons: Vec<String>,
}

/// A task that no order makes safe.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImpossibleTask {
    pub task: TaskView,
    pub reason: String,
    pub services: Vec<ServiceAtStake>,
    /// Of what harms by itself, if it has to be done all the same: windows, best first, if a time was stated.
    pub windows: Vec<WindowView>,
}

/// Why a task waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitView {
    pub task: TaskView,
    /// Of the wave before, which it cannot join, counted from 1.
    pub wave: u64,
    pub with: Vec<TaskView>,
    pub reason: String,
}
