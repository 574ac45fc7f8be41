//! Schema, history, baselines, log, principals and operations on the wire.

use super::{ItemRef, Relationship};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An item's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    pub position: u64,
    pub item: ItemRef,
    pub entries: Vec<HistoryEntry>,
    pub next_cursor: Option<String>,
}

/// What one log entry did to an item.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    pub position: u64,
    pub at: String,
    pub actor: String,
    pub message: String,
    /// The item's version after it, where the item itself changed.
    pub version: Option<u32>,
    pub changes: Vec<Change>,
    pub relationships: Vec<RelationshipChange>,
}

/// One field before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct Change {
    pub field: String,
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// A relationship that was created, edited or ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationshipChange {
    pub what: &'static str,
    pub relationship: Relationship,
}

/// Which attribute to erase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurgeQuestion {
    pub attribute: String,
}

/// What a purge did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Purged {
    pub position: u64,
    /// Entries that held the value.
    pub entries: u64,
}

/// All classes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Classes {
    pub position: u64,
    pub classes: Vec<ClassView>,
}

/// A class with everything it inherits.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassView {
    pub name: String,
    pub parent: Option<String>,
    /// Parent, grandparent, … root.
    pub ancestors: Vec<String>,
    #[serde(rename = "abstract")]
    pub is_abstract: bool,
    pub label: Option<String>,
    pub description: String,
    pub identification: Vec<Vec<String>>,
    pub lifecycle: Option<LifecycleView>,
    pub expects_dependencies: bool,
    pub attributes: Vec<AttributeView>,
    /// Items of the class itself, where counts were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
}

/// Statuses and the moves between them.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifecycleView {
    pub name: String,
    pub initial: String,
    pub states: Vec<LifecycleStateView>,
    pub moves: Vec<Vec<String>>,
}

/// One status.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifecycleStateView {
    pub name: String,
    pub live: bool,
}

/// One attribute of a class or relationship type.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttributeView {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    pub required: bool,
    pub unique: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    pub description: String,
}

/// All relationship types.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationshipTypes {
    pub position: u64,
    pub relationship_types: Vec<RelationshipTypeView>,
}

/// A relationship type.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationshipTypeView {
    pub name: String,
    pub inverse: Option<String>,
    /// Classes at the source end; empty for any.
    pub source: Vec<String>,
    pub target: Vec<String>,
    /// `source`, `target` or `none`: which end suffers when the other fails.
    pub suffers: &'static str,
    pub description: String,
    pub attributes: Vec<AttributeView>,
}

/// A change of the schema as it ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaApplied {
    pub position: u64,
    pub changed: bool,
    pub classes: Vec<String>,
    pub relationship_types: Vec<String>,
    pub lifecycles: Vec<String>,
}

/// Items found by text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    pub position: u64,
    pub items: Vec<FoundItem>,
    /// Whether nothing else matches.
    pub complete: bool,
    pub elapsed_us: u64,
}

/// One item found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundItem {
    pub id: String,
    pub class: String,
    pub name: String,
    /// `exact`, `prefix`, `word`, `part`, `similar` or `attribute`.
    pub matched: &'static str,
    /// The attribute that matched, with its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// All baselines.
#[derive(Debug, Serialize, ToSchema)]
pub struct Baselines {
    pub position: u64,
    pub baselines: Vec<BaselineView>,
}

/// A baseline.
#[derive(Debug, Serialize, ToSchema)]
pub struct BaselineView {
    pub name: String,
    pub position: u64,
    pub created_at: String,
    pub by: String,
    pub note: String,
    pub approved_by: Option<String>,
}

/// A new baseline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBaseline {
    pub name: String,
    /// The newest one if not stated.
    pub position: Option<u64>,
    #[serde(default)]
    pub note: String,
}

/// What differs between two states.
#[derive(Debug, Serialize, ToSchema)]
pub struct Diff {
    pub a: u64,
    pub b: u64,
    pub summary: DiffSummary,
    pub items: Vec<ItemDiff>,
    pub relationships: Vec<RelationshipChange>,
    /// Whether everything is listed.
    pub complete: bool,
}

/// Counts, always whole.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct DiffSummary {
    pub items_created: u64,
    pub items_edited: u64,
    pub items_removed: u64,
    pub relationships_created: u64,
    pub relationships_edited: u64,
    pub relationships_ended: u64,
}

/// An item that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemDiff {
    /// `created`, `edited` or `removed`.
    pub what: &'static str,
    pub id: String,
    pub class: String,
    pub name: String,
    pub changes: Vec<Change>,
}

/// A page of the log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogPage {
    pub position: u64,
    pub entries: Vec<LogEntry>,
    pub next_cursor: Option<String>,
}

/// One entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogEntry {
    pub position: u64,
    pub at: String,
    pub actor: String,
    pub message: String,
    /// How many facts it holds.
    pub facts: u32,
    pub commit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purged: Option<bool>,
    /// What the facts are, by kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeMap<String, u64>>,
}

/// All jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobList {
    pub jobs: Vec<super::JobView>,
}

/// Past imports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportRuns {
    pub imports: Vec<ImportRunView>,
}

/// One past import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportRunView {
    pub import: String,
    pub source: String,
    pub files: Vec<String>,
    /// Position of its first entry.
    pub position: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub rejected: u64,
    pub by: String,
    pub at: String,
    /// `done`, `unfinished` (only some of its parts were taken) or `undone`.
    pub state: &'static str,
    /// The entry that took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_at_position: Option<u64>,
}

/// All users.
#[derive(Debug, Serialize, ToSchema)]
pub struct Users {
    pub users: Vec<UserView>,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    pub name: String,
    pub role: &'static str,
    pub disabled: bool,
}

/// A new user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub name: String,
    /// `viewer` if not stated.
    pub role: Option<String>,
    /// For the page; tokens need none.
    pub password: Option<String>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    pub password: String,
}

/// What changes about a user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEdit {
    pub role: Option<String>,
    pub disabled: Option<bool>,
}

/// All tokens, without their secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    pub tokens: Vec<TokenView>,
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    pub id: String,
    pub label: String,
    pub role: &'static str,
    pub user: Option<String>,
    pub expires_at: Option<String>,
    pub revoked: bool,
    /// Shown once, when the token is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// A new token.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    #[serde(default)]
    pub label: String,
    /// `viewer` if not stated.
    pub role: Option<String>,
    /// The user it acts for.
    pub user: Option<String>,
    /// A time with an offset, or a duration such as `P90D`.
    pub expires: Option<String>,
}

/// The newest denied and refused attempts, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    pub records: Vec<AuditView>,
}

/// One denied or refused attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditView {
    pub number: u64,
    pub at: String,
    pub actor: String,
    pub action: String,
    pub code: String,
    pub message: String,
}

/// What a verification found.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifyView {
    pub clean: bool,
    pub position: u64,
    /// Hash of the log's head; note it outside the store.
    pub chain: String,
    pub entries: u64,
    pub purged: u64,
    pub rows: u64,
    pub findings: Vec<FindingView>,
    pub findings_count: u64,
    pub notes: Vec<String>,
}

/// Something that is not as it must be.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    pub place: String,
    pub message: String,
    pub remedy: String,
}

/// What compacting did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Compacted {
    pub compacted: bool,
}

/// How the inventory stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    pub version: &'static str,
    pub position: u64,
    pub at: String,
    pub log: String,
    pub items: u64,
    pub relationships: u64,
    pub classes: u64,
    pub open_schema: bool,
    pub state_hash: String,
    /// Whom the caller is taken for.
    pub principal: String,
    pub role: &'static str,
}
