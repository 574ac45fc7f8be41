//! The pack for a change advisory board on the wire.

use super::calendar::{Conflict, Occurrence, Participant, ServiceAtStake};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Everything a board decides from, for one period.
#[derive(Debug, Serialize, ToSchema)]
pub struct CabPack {
    pub position: u64,
    pub from: String,
    pub to: String,
    /// What has to be seen before anything else, in sentences, the worst first.
    pub attention: Vec<String>,
    pub summary: CabSummary,
    /// Collisions, most dangerous kind first.
    pub collisions: Vec<CollisionGroup>,
    /// Whether every combination was looked at.
    pub complete: bool,
    /// Changes of the period: those that are dangerous together first, then by risk.
    pub agenda: Vec<AgendaItem>,
    /// What everything planned does together, service by service, worst first.
    pub joint_picture: Vec<ServicePicture>,
    /// Freezes and maintenance windows that take place.
    pub calendar: Vec<CalendarRow>,
    /// Freezes and maintenance windows that were lifted or edited since the period before began, and freezes lifted
    /// earlier that would be in force in this one.
    pub calendar_edits: Vec<CalendarEdit>,
    /// Emergency changes that were carried out and are not closed.
    pub emergencies: Vec<AgendaItem>,
    pub unauthorised: Vec<Finding>,
    pub last_period: LastPeriod,
    /// Calendar entries that could not be read.
    pub unread: Vec<String>,
}

/// The pack in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CabSummary {
    pub changes: u64,
    /// Changes that wait for a decision.
    pub to_decide: u64,
    /// Combinations that harm a service though each of their changes alone does not harm it so much.
    pub joint_cuts: u64,
    pub other_collisions: u64,
    pub services_down: u64,
    pub services_degraded: u64,
    pub services_at_risk: u64,
    pub open_outages: u64,
}

/// Collisions of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct CollisionGroup {
    pub kind: &'static str,
    pub title: &'static str,
    pub count: u64,
    pub conflicts: Vec<Conflict>,
}

/// One change as a board looks at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgendaItem {
    pub id: String,
    pub number: String,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub status: &'static str,
    pub start: Option<String>,
    pub end: Option<String>,
    pub requester: String,
    pub implementer: Option<String>,
    /// Names of what it touches, with how.
    pub affects: Vec<String>,
    /// `low`, `moderate`, `high` or `very_high`; none before it is assessed.
    pub risk: Option<String>,
    /// Probability that it fails, where assessed.
    pub failure_probability: Option<f64>,
    /// What it does to services by itself, worst first.
    pub services: Vec<ServiceAtStake>,
    /// Sentences on what is missing or has changed since it was decided on.
    pub concerns: Vec<String>,
    /// How many collisions it is part of, by kind.
    pub collisions: BTreeMap<&'static str, u64>,
    /// It waits for a decision.
    pub to_decide: bool,
}

/// What the whole period does to one service.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServicePicture {
    #[serde(flatten)]
    pub service: ServiceAtStake,
    /// When it is in that state for the first time.
    pub start: String,
    pub end: String,
    /// Numbers of what runs then and hits it by itself or together.
    pub by: Vec<String>,
    /// Minutes of the period by state.
    pub minutes: BTreeMap<&'static str, u64>,
}

/// A freeze or a maintenance window with its occurrences in the period.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarRow {
    #[serde(flatten)]
    pub period: Participant,
    pub occurrences: Vec<Occurrence>,
    /// Items in its scope.
    pub covers: u64,
}

/// A freeze or a maintenance window that was lifted or edited.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarEdit {
    #[serde(flatten)]
    pub period: Participant,
    pub at: String,
    pub by: String,
    /// `lifted`, or `edited: ` and what.
    pub what: String,
    /// Numbers of changes of the period that a lifted freeze would hold back.
    pub lets_through: Vec<String>,
}

/// Edits in one entry of the log that no change covers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    pub position: u64,
    pub at: String,
    pub by: String,
    pub count: u64,
    /// Item and fields; the first few.
    pub edits: Vec<String>,
}

/// What came of the changes of the period before, which was as long.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastPeriod {
    pub from: String,
    pub to: String,
    pub changes: u64,
    /// Changes that ended, by outcome.
    pub by_outcome: BTreeMap<String, u64>,
    /// Those that did not end well.
    pub not_successful: Vec<Participant>,
    /// Of the changes reviewed: predicted services that were hit, and services hit that were predicted.
    pub reviewed: u64,
    pub precision: Option<f64>,
    pub recall: Option<f64>,
    /// Mean squared difference between failure probability and outcome; 0 is perfect, 0.25 a coin.
    pub brier: Option<f64>,
    pub outages: u64,
}
