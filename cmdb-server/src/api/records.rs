//! Items and relationships on the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Attributes by name.
pub type Attributes = Map<String, Value>;

/// What names an item in every answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemRef {
    pub id: String,
    pub class: String,
    pub name: String,
}

/// One item.
#[derive(Debug, Serialize, ToSchema)]
pub struct Item {
    pub id: String,
    pub class: String,
    pub name: Option<String>,
    pub status: Option<String>,
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    pub version: u32,
    pub created_at: String,
    pub updated_at: String,
    pub provenance: BTreeMap<String, Provenance>,
    /// What other sources say of an attribute than the value shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Vec<Claim>>,
    /// The keys by which sources know it, as `source#key`.
    pub keys: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former_names: Vec<String>,
    /// Further labels, where the schema is open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// Who stated a value, and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Provenance {
    pub source: String,
    pub at: String,
}

/// What a source says whose word does not count.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Claim {
    pub source: String,
    #[schema(value_type = Object)]
    pub value: Value,
    pub at: String,
}

/// One relationship.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relationship {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub source: ItemRef,
    pub target: ItemRef,
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    pub version: u32,
    pub created_at: String,
    pub updated_at: String,
}

/// A page of items.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items {
    pub position: u64,
    /// How many there are in all, where that is known without looking at each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    #[schema(value_type = Vec<Item>)]
    pub items: Vec<Value>,
    pub next_cursor: Option<String>,
}

/// A page of relationships.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relationships {
    pub position: u64,
    pub relationships: Vec<Relationship>,
    pub next_cursor: Option<String>,
}

/// A new item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    pub class: String,
    pub name: Option<String>,
    pub status: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}

/// What changes about an item; what is not stated stays, an attribute that is null is cleared.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemEdit {
    pub class: Option<String>,
    pub name: Option<String>,
    pub status: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}

/// A new relationship; `group` may stand among the attributes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelationship {
    #[serde(rename = "type")]
    pub kind: String,
    /// REF of the source end.
    pub source: String,
    /// REF of the target end.
    pub target: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}

/// What changes about a relationship.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelationshipEdit {
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}
