//! Classes, attributes, relationship types and lifecycles: data, not code.
//!
//! Definitions are written in TOML (`catalogue/*.toml` ships with the product, `schema apply FILE` adds more),
//! recorded in the log as [`definition`]s, and resolved into a [`Schema`] that answers questions by symbol.

pub mod catalogue;
pub mod definition;
pub mod names;
pub mod read;
pub mod resolved;
pub mod unit;

pub use definition::{
    AttributeDefinition, AttributeType, ClassDefinition, LifecycleDefinition, RelationshipTypeDefinition,
    SchemaEdit, Suffers,
};
pub use names::{Names, symbols};
pub use resolved::{Class, RelationshipType, Schema};
