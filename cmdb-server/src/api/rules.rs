//! Rules by which attributes make relationships.

use super::ItemRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// All rules, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rules {
    pub position: u64,
    pub rules: Vec<RuleView>,
}

/// One end of a rule: items of a class and its subclasses, and what of them is compared: an attribute (of a list each
/// element), `name`, or the key by which a source knows them.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleEnd {
    pub class: String,
    /// An attribute of the class, or `name`; not with `key_of`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The source whose key is compared; not with `attribute`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_of: Option<String>,
}

/// A rule to be put in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    pub name: String,
    pub source: RuleEnd,
    #[serde(rename = "type")]
    pub kind: String,
    pub target: RuleEnd,
    /// `target` (default), `source` or `neither`: the end that must be one item for a value to tell anything.
    pub one: Option<String>,
    #[serde(default)]
    pub ignore_case: bool,
    /// The redundancy group that the relationships stand in.
    pub group: Option<String>,
    /// What the relationships state, such as `effect`; read by the type's definition.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// A rule as it is in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    pub name: String,
    pub source: RuleEnd,
    #[serde(rename = "type")]
    pub kind: String,
    pub target: RuleEnd,
    pub one: &'static str,
    pub ignore_case: bool,
    pub group: Option<String>,
    pub attributes: BTreeMap<String, String>,
    /// The rule in one line.
    pub reads: String,
    /// `in force`, or `rests` where the definitions do not fit it any more.
    pub state: &'static str,
    /// Why it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub by: String,
    pub created: u64,
}

/// A rule with what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleReport {
    pub position: u64,
    /// Nothing was kept.
    pub dry_run: bool,
    pub rule: RuleView,
    /// Relationships that it makes.
    pub made: u64,
    /// Relationships that somebody states, or an earlier rule makes, and that it would make else.
    pub stated: u64,
    /// The first 100 items whose value nobody has.
    pub unmatched: Vec<Unmatched>,
    pub unmatched_count: u64,
    /// The first 100 values that more items have than the rule takes; nothing is made of them.
    pub ambiguous: Vec<AmbiguousValue>,
    pub ambiguous_count: u64,
}

/// An item whose value nobody has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unmatched {
    pub item: ItemRef,
    pub value: String,
}

/// A value that does not tell which item is meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct AmbiguousValue {
    pub value: String,
    /// The first 10 items that have it.
    pub items: Vec<ItemRef>,
    pub items_count: u64,
    /// Items that refer by it.
    pub referrers: u64,
}
