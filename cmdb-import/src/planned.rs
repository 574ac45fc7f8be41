//! A change that a file plans: what a proposal, and the question of its impact, are made of.

use cmdb_core::model::Value;
use smol_str::SmolStr;

/// What is to be done to an item. A replacement is a deletion and a creation, in the order planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Delete,
    /// Read, forgotten by the tool, or nothing at all: the item itself does not change.
    Nothing,
}

/// One planned change.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedChange {
    /// The id that the item has, or will have, in an import of the same tool.
    pub id: SmolStr,
    pub class: SmolStr,
    pub actions: Vec<Action>,
    /// Name and attributes before and after as an import of the same tool would state them, as a map each, without
    /// secrets; none where the item does not exist then.
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// Attributes that will be known only once it is done.
    pub unknown: Vec<SmolStr>,
}
