//! From a checked tree to operators.
//!
//! A plan is a tree of steps over rows. A row only grows within one part of a query (up to WITH or RETURN), so an
//! expression compiled against the scope of its day finds its values in every later row. Below a subquery, rows begin
//! with the argument row: the values of the query around it.

mod clause;
mod condition;
mod describe;
mod link;
mod matching;
mod nest;
mod parts;
mod pattern;
mod planner;
mod procedure;
mod projection;
mod seek;
mod visible;
mod wish;
mod write;

pub use describe::describe;
pub use planner::{Planned, Planner};

use crate::evaluate::Compiled;
use crate::evaluate::aggregate::Gatherer;
use crate::procedure::Procedure;
use crate::syntax::tree::{Direction, Selector};
use crate::value::SmolStr;
use std::sync::Arc;

/// A plan for people: what EXPLAIN and PROFILE show.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    pub operator: SmolStr,
    pub details: String,
    pub estimated_rows: f64,
    /// Rows that came out, with PROFILE.
    pub rows: Option<u64>,
    /// Steps charged, with PROFILE.
    pub steps: Option<u64>,
    pub inputs: Vec<Description>,
}

/// A step with its inputs.
pub struct Plan {
    pub step: Step,
    /// How many rows are expected.
    pub rows: f64,
    /// Values in a row that comes out.
    pub width: usize,
    /// For people; empty unless a plan is to be shown.
    pub details: String,
    /// Counted from 0 within one plan.
    pub number: usize,
}

pub type Input = Box<Plan>;

pub enum Step {
    Argument,
    Scan(Input, Option<SmolStr>),
    Seek(Input, Arc<Seek>),
    IdSeek(Input, Arc<IdSeek>),
    Expand(Input, Arc<Expand>),
    Ends(Input, Arc<Ends>),
    Trail(Input, Arc<Trail>),
    Follow(Input, Arc<Trail>),
    Reach(Input, Arc<Reach>),
    Group(Input, Input, Arc<Group>),
    Shortest(Input, Arc<Shortest>),
    Select(Input, Input, Arc<Select>),
    Paths(Input, Arc<Vec<PathSlots>>),
    Filter(Input, Arc<Vec<Compiled>>),
    Project(Input, Arc<Project>),
    Aggregate(Input, Arc<Aggregation>),
    /// The first slot of the columns that must differ.
    Distinct(Input, usize),
    Sort(Input, Arc<Sorting>),
    Skip(Input, Arc<Compiled>),
    Limit(Input, Arc<Limited>),
    Unwind(Input, Arc<Compiled>),
    Apply(Input, Input, Each),
    Join(Input, Input, Arc<Join>),
    Union(Vec<Plan>),
    Call(Input, Arc<Call>),
    Foreach(Input, Input, Arc<Compiled>),
    Eager(Input),
    Create(Input, Arc<Create>),
    Merge(Input, Input, Arc<Merge>),
    Set(Input, Arc<Vec<Change>>),
    Delete(Input, Arc<Delete>),
    /// Runs its input and yields nothing.
    Finish(Input),
}

/// What becomes of an outer row for the rows found below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// One row for each.
    Row,
    /// One row for each, or one with nulls.
    Optional,
    /// The row itself, once, after all of them.
    Unit,
}

pub struct Seek {
    pub label: Option<SmolStr>,
    pub key: SmolStr,
    pub value: Compiled,
    /// The value is a list, and any of it will do.
    pub many: bool,
}

pub struct IdSeek {
    pub value: Compiled,
    pub many: bool,
}

/// Where a hop leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// A new node at the end of the row.
    New,
    /// The node that is in this slot already.
    Slot(usize),
}

pub struct Expand {
    pub from: usize,
    pub to: To,
    pub direction: Direction,
    pub kinds: Option<Vec<SmolStr>>,
    /// Whether the relationship is kept in the row.
    pub keeps_edge: bool,
    /// Relationships, or lists of them, it must differ from.
    pub different: Vec<usize>,
    /// Labels the new node has; all of them.
    pub labels: Vec<SmolStr>,
}

/// The ends of a relationship that is bound already.
pub struct Ends {
    pub edge: usize,
    pub from: To,
    pub to: To,
    pub direction: Direction,
    pub kinds: Option<Vec<SmolStr>>,
    pub different: Vec<usize>,
}

pub struct Trail {
    pub from: usize,
    pub to: To,
    pub direction: Direction,
    pub kinds: Option<Vec<SmolStr>>,
    pub min: u64,
    pub max: Option<u64>,
    /// Holds for each hop, over the row with the relationship at its end.
    pub hop: Vec<Compiled>,
    pub different: Vec<usize>,
    /// Walked from its far end: the list is turned round.
    pub turned: bool,
    /// For a list that is bound already: where it lies.
    pub bound: Option<usize>,
}

pub struct Reach {
    pub from: usize,
    pub to: To,
    pub direction: Direction,
    pub kinds: Option<Vec<SmolStr>>,
    pub min: u64,
    pub max: Option<u64>,
    pub hop: Vec<Compiled>,
    /// Nothing else of the rows matters: one visit from all of them.
    pub merged: bool,
}

pub struct Group {
    pub from: usize,
    pub to: To,
    pub min: u64,
    pub max: Option<u64>,
    /// In the inner rows.
    pub end: usize,
    pub edges: Vec<usize>,
    /// Inner variables that become lists.
    pub lists: Vec<usize>,
    pub different: Vec<usize>,
    pub turned: bool,
}

pub struct Shortest {
    pub from: usize,
    pub to: To,
    pub direction: Direction,
    pub kinds: Option<Vec<SmolStr>>,
    pub min: u64,
    pub max: Option<u64>,
    pub hop: Vec<Compiled>,
    pub selector: Selector,
    pub turned: bool,
    /// Holds for the whole, over the row with the list of relationships, the end, and the path.
    pub accept: Vec<Compiled>,
}

/// Which of the inner rows between the same two nodes are wanted.
pub struct Select {
    pub start: usize,
    pub end: usize,
    /// Relationships, or lists of them, whose number is the length.
    pub edges: Vec<usize>,
    pub selector: Selector,
}

/// A path by its first node and its relationships.
#[derive(Clone, Debug, PartialEq)]
pub struct PathSlots {
    pub start: usize,
    pub edges: Vec<usize>,
}

pub enum Item {
    Slot(usize),
    Value(Compiled),
}

pub struct Project {
    /// Leading values that stay.
    pub keep: usize,
    pub items: Vec<Item>,
}

pub struct Aggregation {
    /// Leading values of the argument row that stay.
    pub base: usize,
    pub keys: Vec<Compiled>,
    pub gatherers: Vec<Gatherer>,
}

pub struct Sorting {
    pub keys: Vec<(Compiled, bool)>,
    /// Only so many from the start are wanted: SKIP and LIMIT together.
    pub skip: Option<Arc<Compiled>>,
    pub limit: Option<Arc<Compiled>>,
}

pub struct Limited {
    pub amount: Arc<Compiled>,
    /// Something below writes: it is run to its end even if no row is wanted.
    pub writes: bool,
}

pub struct Join {
    /// Pairs that must be equal; none: every pair of rows.
    pub left: Vec<Compiled>,
    pub right: Vec<Compiled>,
}

pub struct Call {
    pub procedure: Arc<dyn Procedure>,
    pub arguments: Vec<Compiled>,
    /// Which outputs go to the row.
    pub outputs: Vec<usize>,
}

pub struct Create {
    pub nodes: Vec<NewNode>,
    pub edges: Vec<NewEdge>,
}

pub struct NewNode {
    pub labels: Vec<SmolStr>,
    pub properties: Option<Compiled>,
}

pub struct NewEdge {
    pub kind: SmolStr,
    pub source: usize,
    pub target: usize,
    pub properties: Option<Compiled>,
}

pub struct Merge {
    pub create: Arc<Create>,
    /// Properties of the pattern: none may be null.
    pub required: Vec<Compiled>,
    pub on_create: Arc<Vec<Change>>,
    pub on_match: Arc<Vec<Change>>,
}

pub enum Change {
    Property { target: Compiled, key: SmolStr, value: Compiled },
    Replace { slot: usize, value: Compiled },
    Extend { slot: usize, value: Compiled },
    AddLabels { slot: usize, labels: Vec<SmolStr> },
    RemoveProperty { target: Compiled, key: SmolStr },
    RemoveLabels { slot: usize, labels: Vec<SmolStr> },
}

pub struct Delete {
    pub detach: bool,
    pub targets: Vec<Compiled>,
}
