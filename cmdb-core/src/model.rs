//! The nouns: ids, values, items, relationships, provenance, positions. Nothing here knows the schema.
//!
//! The model is wider than a CMDB needs on purpose: an item may carry zero or several labels and no name, two
//! items may be joined by parallel relationships, values may be lists, maps and times. The schema restricts this;
//! the query language and open-schema graphs use all of it.

pub mod codec;
pub mod feed;
pub mod id;
pub mod intake;
pub mod item;
pub mod json;
pub mod numbers;
pub mod placeholder;
pub mod principal;
pub mod relationship;
pub mod rule;
pub mod spelling;
pub mod temporal;
pub mod value;
pub mod webhook;

pub use id::{
    CommitId, IdKey, ItemId, ItemNumber, LogId, Position, RelationshipId, RelationshipNumber, Symbol,
};
pub use item::{Attribute, Item, Labels};
pub use numbers::Numbers;
pub use relationship::Relationship;
pub use smol_str::SmolStr;
pub use value::Value;
