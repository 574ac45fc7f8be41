//! The pieces of a pattern: nodes, links between them, conditions, and named paths.

use super::condition::Condition;
use crate::syntax::tree::{Direction, GroupPattern, PatternPart, Selector, SmolStr};

#[derive(Debug, Default)]
pub struct Pieces {
    pub nodes: Vec<SmolStr>,
    pub links: Vec<Link>,
    pub conditions: Vec<Condition>,
    pub paths: Vec<NamedPath>,
    /// Parts with a selector that are more than one kind of hop.
    pub selects: Vec<PatternPart>,
}

#[derive(Clone, Debug)]
pub struct NamedPath {
    pub name: SmolStr,
    pub start: SmolStr,
    pub edges: Vec<SmolStr>,
}

/// What joins two nodes of a pattern.
#[derive(Clone, Debug)]
pub struct Link {
    pub from: SmolStr,
    pub to: SmolStr,
    /// The variable of the relationship, or of the list of relationships.
    pub edge: SmolStr,
    pub direction: Direction,
    /// None: any type.
    pub kinds: Option<Vec<SmolStr>>,
    pub form: Form,
    /// For each hop of a form longer than one: conditions on `hop`.
    pub hop: SmolStr,
    pub conditions: Vec<Condition>,
    /// Part of a named path.
    pub in_path: bool,
}

#[derive(Clone, Debug)]
pub enum Form {
    One,
    Trail { min: u64, max: Option<u64> },
    Group { group: Box<GroupPattern>, min: u64, max: Option<u64> },
    Shortest { selector: Selector, min: u64, max: Option<u64> },
}

pub fn turned(direction: Direction) -> Direction {
    match direction {
        Direction::Right => Direction::Left,
        Direction::Left => Direction::Right,
        Direction::Both => Direction::Both,
    }
}
