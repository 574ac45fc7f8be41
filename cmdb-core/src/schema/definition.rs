//! What a class, a relationship type and a lifecycle are, as written in TOML and recorded in the log.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Several definitions applied at once; a definition with a known name replaces the known one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaEdit {
    #[serde(default, rename = "class")]
    pub classes: Vec<ClassDefinition>,
    #[serde(default, rename = "relationship_type")]
    pub relationship_types: Vec<RelationshipTypeDefinition>,
    #[serde(default, rename = "lifecycle")]
    pub lifecycles: Vec<LifecycleDefinition>,
}

/// A class of items. Attributes, identification, lifecycle and expectations are inherited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassDefinition {
    pub name: SmolStr,
    #[serde(default)]
    pub parent: Option<SmolStr>,
    /// No item may be of an abstract class itself.
    #[serde(default, rename = "abstract")]
    pub is_abstract: bool,
    #[serde(default)]
    pub label: Option<SmolStr>,
    #[serde(default)]
    pub description: SmolStr,
    /// Ordered identification keys besides the sources' own ids; none = inherited, at last `[["name"]]`.
    #[serde(default)]
    pub identification: Vec<Vec<SmolStr>>,
    #[serde(default)]
    pub lifecycle: Option<SmolStr>,
    /// An item of this class without any dependency is a blind spot of every impact answer that meets it.
    #[serde(default)]
    pub expects_dependencies: Option<bool>,
    #[serde(default, rename = "attribute")]
    pub attributes: Vec<AttributeDefinition>,
}

/// One typed attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeDefinition {
    pub name: SmolStr,
    #[serde(default, rename = "type")]
    pub kind: AttributeType,
    #[serde(default)]
    pub unit: Option<SmolStr>,
    /// The words an enum admits.
    #[serde(default)]
    pub values: Vec<SmolStr>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub unique: bool,
    /// Read by the attribute's type.
    #[serde(default)]
    pub default: Option<SmolStr>,
    #[serde(default)]
    pub minimum: Option<f64>,
    #[serde(default)]
    pub maximum: Option<f64>,
    #[serde(default)]
    pub description: SmolStr,
}

/// What an attribute's values are. Stored by name in TOML and by order in the log: append only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttributeType {
    #[default]
    Text,
    Integer,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Duration,
    Enum,
    List,
    Map,
    /// Whatever is given; only in open-schema graphs.
    Any,
}

impl AttributeType {
    pub fn name(self) -> &'static str {
        match self {
            AttributeType::Text => "text",
            AttributeType::Integer => "integer",
            AttributeType::Decimal => "decimal",
            AttributeType::Boolean => "boolean",
            AttributeType::Date => "date",
            AttributeType::DateTime => "datetime",
            AttributeType::Duration => "duration",
            AttributeType::Enum => "enum",
            AttributeType::List => "list",
            AttributeType::Map => "map",
            AttributeType::Any => "any",
        }
    }
}

/// Which end of a relationship suffers when the other fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suffers {
    Source,
    Target,
    /// It carries no impact.
    #[default]
    None,
}

/// A type of relationship.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationshipTypeDefinition {
    pub name: SmolStr,
    #[serde(default)]
    pub inverse: Option<SmolStr>,
    /// Classes whose members may stand at the source end; empty = any item.
    #[serde(default, with = "one_or_more")]
    pub source: Vec<SmolStr>,
    #[serde(default, with = "one_or_more")]
    pub target: Vec<SmolStr>,
    #[serde(default)]
    pub suffers: Suffers,
    #[serde(default)]
    pub description: SmolStr,
    #[serde(default, rename = "attribute")]
    pub attributes: Vec<AttributeDefinition>,
}

/// The statuses an item can have and the moves between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleDefinition {
    pub name: SmolStr,
    pub initial: SmolStr,
    pub states: Vec<LifecycleState>,
    /// Legal moves; empty = every move is legal.
    #[serde(default)]
    pub moves: Vec<(SmolStr, SmolStr)>,
}

/// One status of a lifecycle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleState {
    pub name: SmolStr,
    /// An item that is not live carries no impact and is no member of any group.
    #[serde(default = "yes")]
    pub live: bool,
}

fn yes() -> bool {
    true
}

/// `source = "A"` and `source = ["A", "B"]` in TOML; always a list in the log.
mod one_or_more {
    use super::SmolStr;
    use serde::de::{SeqAccess, Visitor};
    use serde::{Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(names: &[SmolStr], s: S) -> Result<S::Ok, S::Error> {
        names.serialize(s)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<SmolStr>, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Vec<SmolStr>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a class name or a list of class names")
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(vec![SmolStr::new(name)])
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element()? {
                    names.push(name);
                }
                Ok(names)
            }
        }
        if d.is_human_readable() { d.deserialize_any(Names) } else { d.deserialize_seq(Names) }
    }
}
