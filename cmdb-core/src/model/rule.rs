//! Rules by which attributes make relationships: "VM.host_name = Hypervisor.name → runs_on", as data.

use super::Position;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Wherever both ends have a value in common, a relationship stands between them, for as long as they do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub name: SmolStr,
    /// Where the relationship begins.
    pub source: RuleEnd,
    /// Its type.
    pub kind: SmolStr,
    /// Where it ends.
    pub target: RuleEnd,
    /// Which end must be one item for a value to tell anything.
    pub one: One,
    /// `ESX-1` is `esx-1`.
    pub ignore_case: bool,
    /// The redundancy group that the relationships stand in.
    pub group: Option<SmolStr>,
    /// What the relationships state, as text that the type's definition reads.
    pub attributes: Vec<(SmolStr, SmolStr)>,
    pub by: SmolStr,
    pub created: Position,
    pub removed: bool,
}

/// One end of a rule: items of a class and its subclasses, and what of them is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEnd {
    pub class: SmolStr,
    pub field: RuleField,
}

/// What of an item is compared. Stored; append variants only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleField {
    Name,
    /// Of a list each element.
    Attribute(SmolStr),
    /// The key by which this source knows it.
    Key(SmolStr),
}

/// Which end must be one. Stored; append variants only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum One {
    /// Many sources may have a value and one target: virtual machines on their host.
    #[default]
    Target,
    /// One source and many targets: a rack and what stands in it.
    Source,
    /// Every source with every target that has the value, up to a bound.
    Neither,
}

impl One {
    pub const ALL: [One; 3] = [One::Target, One::Source, One::Neither];
    /// How it is written.
    pub fn word(self) -> &'static str {
        match self {
            One::Target => "target",
            One::Source => "source",
            One::Neither => "neither",
        }
    }
}

impl std::fmt::Display for RuleEnd {
    /// `Class.attribute`, `Class.name` or `Class#source`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            RuleField::Name => write!(f, "{}.name", self.class),
            RuleField::Attribute(attribute) => write!(f, "{}.{attribute}", self.class),
            RuleField::Key(source) => write!(f, "{}#{source}", self.class),
        }
    }
}
