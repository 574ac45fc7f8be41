//! Collisions, freezes, maintenance windows, outages and saved queries on the wire.

use super::ItemRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Collisions of one change, or of all.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conflicts {
    /// Id of the change asked about; none where all are compared.
    pub change: Option<String>,
    pub number: Option<String>,
    pub position: u64,
    /// Whether every combination was looked at; if not, some larger ones are left out.
    pub complete: bool,
    /// Changes and outages compared.
    pub compared: u64,
    pub conflicts: Vec<Conflict>,
    /// Calendar entries that could not be read and were left out.
    pub unread: Vec<String>,
    pub elapsed_us: u64,
}

/// One collision.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conflict {
    /// Id of the record it collides with: a change, an outage, a freeze or a maintenance window; where all changes are
    /// compared, of the first of them.
    pub change: String,
    pub number: String,
    /// `joint_cut`, `freeze`, `same_item`, `radius`, `order`, `joint_margin`, `joint_failure`, `same_person` or `outside_window`.
    pub kind: &'static str,
    pub reason: String,
    /// Services at stake, worst state first.
    pub services: Vec<ServiceAtStake>,
    /// Everything that takes part, the change asked about left out.
    pub with: Vec<Participant>,
    /// When it happens; none for an end that is not known.
    pub start: Option<String>,
    pub end: Option<String>,
}

/// A record that takes part in a collision.
#[derive(Debug, Serialize, ToSchema)]
pub struct Participant {
    pub id: String,
    pub class: String,
    pub number: String,
    pub title: String,
}

/// A service with the state that it would be left in.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceAtStake {
    #[serde(flatten)]
    pub item: ItemRef,
    pub state: &'static str,
    #[schema(value_type = Option<Object>)]
    pub criticality: Option<Value>,
}

/// A freeze or a maintenance window to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPeriod {
    pub title: String,
    /// With an offset, or local to `time_zone`.
    pub start: String,
    pub end: String,
    /// IANA name; UTC if not stated.
    pub time_zone: Option<String>,
    /// Query whose result holds the items it is about, or the name of a saved query.
    pub scope: Option<String>,
    /// REFs of items it is about.
    #[serde(default)]
    pub on: Vec<String>,
    /// Recurrence rule of iCalendar.
    pub recurrence: Option<String>,
    /// Local starts that do not take place.
    #[serde(default)]
    pub left_out: Vec<String>,
    pub description: Option<String>,
}

/// Freezes or maintenance windows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Periods {
    pub position: u64,
    pub count: u64,
    pub periods: Vec<PeriodView>,
    /// Those that do not read, each in a sentence.
    pub unread: Vec<String>,
}

/// A freeze or a maintenance window.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodView {
    #[serde(flatten)]
    pub item: ItemRef,
    pub number: String,
    pub title: String,
    pub scope: Option<String>,
    /// Items named one by one.
    pub on: Vec<ItemRef>,
    /// Whether it is about everything.
    pub everything: bool,
    /// First occurrence, local to `time_zone`.
    pub start: String,
    pub end: String,
    pub time_zone: String,
    pub recurrence: Option<String>,
    /// Items in its scope, where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covers: Option<u64>,
    /// The next occurrences.
    pub next: Vec<Occurrence>,
}

/// One occurrence.
#[derive(Debug, Serialize, ToSchema)]
pub struct Occurrence {
    pub start: String,
    pub end: String,
}

/// Leave asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewException {
    /// REF of the freeze.
    pub freeze: String,
    /// REF of the change.
    pub change: String,
    pub reason: String,
}

/// Exceptions from freezes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Exceptions {
    pub position: u64,
    pub count: u64,
    pub exceptions: Vec<ExceptionView>,
}

/// An exception from a freeze.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExceptionView {
    #[serde(flatten)]
    pub item: ItemRef,
    pub number: String,
    pub freeze: Option<ItemRef>,
    pub change: Option<ItemRef>,
    pub reason: String,
    pub status: String,
    pub requested_by: String,
    pub decided_by: Option<String>,
}

/// An outage or incident to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOutage {
    pub title: String,
    /// REFs of the items concerned.
    pub affects: Vec<String>,
    /// `down`, `degraded` or `maintenance`; of an outage `down` if not stated, of an incident nothing.
    pub state: Option<String>,
    /// Now if not stated.
    pub started_at: Option<String>,
    /// Further attributes of the class.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: super::Attributes,
}

/// The end of an outage or incident.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutageEnd {
    /// Now if not stated.
    pub ended_at: Option<String>,
}

/// Outages or incidents.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outages {
    pub position: u64,
    pub count: u64,
    pub outages: Vec<OutageView>,
}

/// An outage or incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutageView {
    #[serde(flatten)]
    pub item: ItemRef,
    pub number: String,
    pub title: String,
    pub status: String,
    pub open: bool,
    /// State in which it holds what it affects; none if it holds nothing.
    pub state: Option<String>,
    pub started_at: Option<String>,
    pub ended_at: Option<String>,
    pub affects: Vec<ItemRef>,
}

/// A query to be kept under a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedQuery {
    pub name: String,
    pub query: String,
    #[serde(default)]
    pub description: String,
    /// It must return no rows, now and on every proposal.
    #[serde(default)]
    pub invariant: bool,
}

/// Saved queries by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedQueries {
    pub position: u64,
    pub count: u64,
    pub queries: Vec<SavedQueryView>,
}

/// A query under a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedQueryView {
    pub id: String,
    pub name: String,
    pub query: String,
    pub description: String,
    pub invariant: bool,
}

/// Whether the invariants hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invariants {
    pub position: u64,
    /// All of them.
    pub hold: bool,
    pub invariants: Vec<InvariantResult>,
}

/// What one invariant says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvariantResult {
    pub name: String,
    pub description: String,
    pub holds: bool,
    /// Rows it returned; 0 if it holds.
    pub rows: u64,
    pub columns: Vec<String>,
    /// The first of them.
    #[schema(value_type = Vec<Object>)]
    pub first: Vec<Value>,
    /// Why it could not be asked; it then does not hold.
    pub error: Option<String>,
}
