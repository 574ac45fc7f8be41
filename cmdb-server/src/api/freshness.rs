//! What sources saw, how far they are believed, and what is stale, on the wire.

use super::{Attributes, ItemRef};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What one source knows of a thing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownBy {
    pub source: String,
    /// `observed` or `declared`.
    pub kind: &'static str,
    /// How far the source is believed, 0 to 1.
    pub confidence: f64,
    /// When it first stated what still stands; null where it only names the thing.
    pub first_seen: Option<String>,
    pub last_seen: String,
    /// Where older runs were put together it may have been seen until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub or_until: Option<String>,
    /// The import that named it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// The source itself says that it saw the thing then, earlier than its run.
    #[serde(skip_serializing_if = "is_false")]
    pub stated: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Where a value comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttributeSource {
    pub source: String,
    /// Since when the source says so.
    pub since: String,
    pub last_seen: Option<String>,
    pub confidence: f64,
}

/// A relationship of an item with the sources that know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationshipSources {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub source: ItemRef,
    pub target: ItemRef,
    pub first_seen: String,
    pub last_seen: Option<String>,
    /// Its own, else that of the source which is believed most.
    pub confidence: f64,
    /// The one that saw it last first.
    pub sources: Vec<KnownBy>,
}

/// Who says what of an item.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemSources {
    pub position: u64,
    pub id: String,
    pub class: String,
    pub name: String,
    /// When the item was first recorded.
    pub first_seen: String,
    pub last_seen: Option<String>,
    /// Days after which an item of its class is stale; null where it never is.
    pub stale_after_days: Option<u32>,
    pub stale: bool,
    /// The one that saw it last first.
    pub sources: Vec<KnownBy>,
    pub attributes: BTreeMap<String, AttributeSource>,
    /// At most 1,000.
    pub relationships: Vec<RelationshipSources>,
    pub relationships_count: u64,
}

/// How many of so many are stale.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaleShare {
    pub stale: u64,
    pub items: u64,
}

/// An item not seen for longer than holds for its class.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaleItem {
    pub id: String,
    pub class: String,
    pub name: String,
    pub last_seen: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub or_until: Option<String>,
    /// Who saw it last.
    pub source: String,
    pub age_days: i64,
    pub stale_after_days: u32,
}

/// What is stale. Counts are whole; the list comes in pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreshnessReport {
    pub position: u64,
    /// The moment it is judged for.
    pub when: String,
    /// Stale items.
    pub count: u64,
    /// Live items of classes that can become stale.
    pub items_count: u64,
    pub by_class: BTreeMap<String, StaleShare>,
    /// Stale items by who saw them last.
    pub by_source: BTreeMap<String, u64>,
    /// The one not seen for longest first.
    pub items: Vec<StaleItem>,
    pub next_cursor: Option<String>,
}

/// When items of a class are stale.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaleRuleView {
    pub class: String,
    /// Null: never.
    pub days: Option<u32>,
}

/// All rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaleRules {
    /// Days for configuration items of which no rule says another number.
    pub default_days: u32,
    pub rules: Vec<StaleRuleView>,
}

/// A rule to be written: days, or never, or neither to take it back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaleRule {
    pub class: String,
    pub days: Option<u32>,
    #[serde(default)]
    pub never: bool,
}

/// What is to be believed of a source; neither confidence nor kind takes back what was said of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTrust {
    pub source: String,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// `observed` or `declared`.
    pub kind: Option<String>,
}

/// What is believed of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceTrust {
    pub source: String,
    pub kind: &'static str,
    pub confidence: f64,
    /// Somebody said so; else it follows from the formats of its files.
    pub set: bool,
    /// When its newest run was.
    pub last_run: Option<String>,
    /// Items and relationships that it ever named.
    pub items: u64,
    pub relationships: u64,
}

/// Every source that ever named something or of which something is said.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrustList {
    pub position: u64,
    pub sources: Vec<SourceTrust>,
}

/// A dependency on which observation and declaration differ.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnmatchedDependency {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub source: ItemRef,
    pub target: ItemRef,
    /// Who knows it; the one that saw it last.
    pub known_by: String,
    pub last_seen: Option<String>,
    pub confidence: f64,
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}

/// Observed against declared dependencies. Counts are whole; the list comes in pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObservedReport {
    pub position: u64,
    /// Pairs of items between which a dependency was observed.
    pub observed: u64,
    /// Of those, pairs between which one is declared.
    pub observed_and_declared: u64,
    /// The second of the two divided by the first; null where nothing was observed.
    pub relation_coverage: Option<f64>,
    /// Relationships seen in traffic and not in the CMDB.
    pub undeclared: u64,
    /// Declared between items that observing sources know, and never observed.
    pub unobserved: u64,
    /// Declared where observing sources do not know both ends: nothing can be said.
    pub out_of_sight: u64,
    /// Sources that observe.
    pub observing: Vec<String>,
    /// Relationship types that were compared.
    pub types: Vec<String>,
    /// `undeclared` or `unobserved`: what is listed.
    pub list: &'static str,
    pub dependencies: Vec<UnmatchedDependency>,
    pub next_cursor: Option<String>,
}
