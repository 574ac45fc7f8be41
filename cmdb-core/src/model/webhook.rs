//! Whom to tell about commits.

use super::Position;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// An address that is told about commits. Its secret and how far it was told stand beside the log, never in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub name: SmolStr,
    pub url: SmolStr,
    /// Only commits that touch an item of these classes, subclasses included; empty means any commit.
    pub classes: Vec<SmolStr>,
    /// Only commits that hold a fact of these kinds (`Fact::KINDS`); empty means any.
    pub kinds: Vec<SmolStr>,
    pub paused: bool,
    pub by: SmolStr,
    /// Told about what comes after.
    pub created: Position,
    pub removed: bool,
}
