//! The facts themselves. Encoded with `postcard`: the order of variants and fields is the log's format.

use super::setting::Setting;
use crate::model::relationship::Identity;
use crate::model::{IdKey, ItemNumber, Labels, RelationshipNumber, SmolStr, Symbol, Value};
use crate::schema::SchemaEdit;
use serde::{Deserialize, Serialize};

/// Something that was accepted. Append variants only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// The graph exists; first fact of every log.
    Founded {
        id_key: IdKey,
        open_schema: bool,
    },
    /// Names got the next symbols, beginning with `first`.
    NamesAdded {
        first: u32,
        names: Vec<SmolStr>,
    },
    /// Definitions were added or replaced.
    SchemaEdited(SchemaEdit),
    ItemCreated(NewItem),
    ItemEdited {
        item: ItemNumber,
        edit: ItemEdit,
        source: Symbol,
    },
    ItemRemoved {
        item: ItemNumber,
    },
    Related(NewRelationship),
    RelationshipEdited {
        relationship: RelationshipNumber,
        attributes: Vec<Stated>,
        source: Symbol,
    },
    Unrelated {
        relationship: RelationshipNumber,
    },
    /// A baseline, user, token or import run was written.
    Set(Setting),
    /// The log goes on from another one, whose id and head these are.
    Continued {
        log: crate::model::LogId,
        position: u64,
        chain: [u8; 32],
    },
    /// A value was erased from every entry up to here.
    Purged {
        item: ItemNumber,
        attribute: Symbol,
        entries: u64,
    },
    /// An item became again what an earlier record of it says; removed items come back.
    ItemRestored {
        item: ItemNumber,
        /// As [`crate::model::Item::encode`] wrote it.
        record: Vec<u8>,
    },
    /// The same for a relationship.
    RelationshipRestored {
        relationship: RelationshipNumber,
        record: Vec<u8>,
    },
    /// The definitions became these and no others; names stay.
    SchemaReplaced(SchemaEdit),
    /// A source said something of attributes of which a higher source's value is shown.
    ItemClaimed {
        item: ItemNumber,
        attributes: Vec<Stated>,
        source: Symbol,
    },
}

impl Fact {
    /// What a fact may be, in words.
    pub const KINDS: [&str; 16] = [
        "founded",
        "names added",
        "schema edited",
        "item created",
        "item edited",
        "item removed",
        "related",
        "relationship edited",
        "unrelated",
        "setting written",
        "continued",
        "purged",
        "item restored",
        "relationship restored",
        "schema replaced",
        "claim noted",
    ];
    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        let at = match self {
            Fact::Founded { .. } => 0,
            Fact::NamesAdded { .. } => 1,
            Fact::SchemaEdited(_) => 2,
            Fact::ItemCreated(_) => 3,
            Fact::ItemEdited { .. } => 4,
            Fact::ItemRemoved { .. } => 5,
            Fact::Related(_) => 6,
            Fact::RelationshipEdited { .. } => 7,
            Fact::Unrelated { .. } => 8,
            Fact::Set(_) => 9,
            Fact::Continued { .. } => 10,
            Fact::Purged { .. } => 11,
            Fact::ItemRestored { .. } => 12,
            Fact::RelationshipRestored { .. } => 13,
            Fact::SchemaReplaced(_) => 14,
            Fact::ItemClaimed { .. } => 15,
        };
        Fact::KINDS[at]
    }
}

/// An item that did not exist.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewItem {
    pub item: ItemNumber,
    pub labels: Labels,
    pub name: Option<SmolStr>,
    pub status: Option<Symbol>,
    /// The key by which its source knows it.
    pub key: Option<SmolStr>,
    pub attributes: Vec<(Symbol, Value)>,
    pub source: Symbol,
}

/// An attribute as stated: a value, or none to clear it.
pub type Stated = (Symbol, Option<Value>);

/// What changes about an item; `None` leaves a part as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemEdit {
    pub name: Option<Option<SmolStr>>,
    pub labels: Option<Labels>,
    pub status: Option<Option<Symbol>>,
    /// A key by which `source` also knows it.
    pub key: Option<SmolStr>,
    pub attributes: Vec<Stated>,
}

impl ItemEdit {
    pub fn is_empty(&self) -> bool {
        *self == ItemEdit::default()
    }
}

/// A relationship that did not exist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewRelationship {
    pub relationship: RelationshipNumber,
    pub kind: Symbol,
    pub source: ItemNumber,
    pub target: ItemNumber,
    pub group: Option<SmolStr>,
    pub attributes: Vec<(Symbol, Value)>,
    pub origin: Symbol,
}

impl NewRelationship {
    pub fn new(
        relationship: RelationshipNumber,
        identity: &Identity,
        attributes: Vec<(Symbol, Value)>,
        origin: Symbol,
    ) -> NewRelationship {
        let Identity { kind, source, target, group } = identity.clone();
        NewRelationship { relationship, kind, source, target, group, attributes, origin }
    }
    pub fn identity(&self) -> Identity {
        Identity { kind: self.kind, source: self.source, target: self.target, group: self.group.clone() }
    }
}
