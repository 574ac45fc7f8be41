//! A subgraph as people can take it in: a few dozen boxes in columns, bundled links between them, redundancy as an
//! object of its own, and nothing left out without saying so.
//!
//! What is drawn is a [`Subject`]: an impact, what something depends on, or the neighbours of one item. Few items
//! are a box each; many are put together ([`grouping`]) by class, site and so on until they fit. Links between two
//! boxes are one ([`links`]). Boxes stand in columns, by steps from the root or by class, ordered so that few links
//! cross ([`layout`]). Everything is computed here, once, for screen, file and print; the same question on the same
//! snapshot gives the same drawing, and opening a group moves no box of another column.

pub mod compose;
mod figures;
pub mod grouping;
pub mod keys;
pub mod layout;
mod links;
mod ports;
pub mod subject;
#[cfg(test)]
mod tests;

use super::impact::{GateProof, State};
use crate::model::SmolStr;

pub use compose::draw;
pub use keys::GroupBy;
pub use subject::{Member, Subject};

/// Boxes drawn where nobody asks for more.
pub const BOXES_DEFAULT: usize = 60;
/// Boxes drawn at most; a browser without graphics card moves that many at 30 frames a second.
pub const BOXES_MAX: usize = 500;
/// Fewer boxes than this would fold columns away.
pub const BOXES_MIN: usize = 12;
/// Members of an opened group that are drawn, worst first.
pub const OPENED_MAX: usize = 20;
/// Columns drawn; what is further away shares the last one.
pub const COLUMNS_MAX: u32 = 10;

/// What a column stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// Steps from the root.
    #[default]
    Rings,
    /// Classes: all items of a class in one column, as far from the root as half of them are.
    Tiers,
}

/// How a subject is to be drawn.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    pub columns: Columns,
    /// What items are put together by if there are too many, coarsest first.
    pub group_by: &'a [GroupBy],
    /// Between [`BOXES_MIN`] and [`BOXES_MAX`]; opened groups come on top.
    pub boxes_max: usize,
    /// Ids of groups to show members of; an id that is not drawn is ignored.
    pub open: &'a [&'a str],
    /// Draws thin links, too.
    pub all_links: bool,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// One item.
    Item,
    /// Several items alike.
    Group,
    /// The members of an opened group that are not drawn.
    Rest,
}

/// How many members are in which state; `up` means that redundancy keeps them up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([u32; 4]);

impl Tally {
    pub fn add(&mut self, state: State) {
        self.0[state as usize] += 1;
    }
    pub fn of(&self, state: State) -> u32 {
        self.0[state as usize]
    }
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }
    /// The worst state that any has.
    pub fn worst(&self) -> State {
        State::ALL.into_iter().rev().find(|s| self.of(*s) > 0).unwrap_or(State::Up)
    }
}

/// A rectangle in pixels; the origin is the upper left corner of the drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// One box.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The item's id, or what the group has in common; the same whatever else is drawn.
    pub id: String,
    pub kind: FigureKind,
    /// Index into [`Drawing::columns`].
    pub column: u32,
    pub area: Area,
    /// Holds roots of the question.
    pub root: bool,
    /// A group whose members are drawn below it.
    pub open: bool,
    /// What all members have in common, one value for each of [`Drawing::group_by`]; empty text for none.
    pub values: Vec<SmolStr>,
    /// Members by index into the subject, worst first for an opened group, else in the subject's order.
    pub members: Vec<u32>,
    pub tally: Tally,
    /// Redundancy groups of a single item, each with its place beside the box.
    pub gates: Vec<GateFigure>,
    /// Relationships between members.
    pub inner: u64,
}

/// A redundancy group as a drawn object: links of its members end at it.
#[derive(Clone, Debug, PartialEq)]
pub struct GateFigure {
    pub proof: GateProof,
    pub area: Area,
}

/// All relationships from one box to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Indices into [`Drawing::figures`], in the direction the drawing is read.
    pub from: u32,
    pub to: u32,
    /// Index into the gates of the dependent end, where these are links of a redundancy group.
    pub gate: Option<u32>,
    pub relationships: u64,
    /// The worst that passes along it.
    pub state: State,
    /// None of the relationships is hard.
    pub soft: bool,
    /// An SVG path.
    pub path: String,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub x: f32,
    pub width: f32,
    /// Steps from the root, nearest and farthest; negative on the side of dependencies.
    pub steps: (i32, i32),
    pub items: u32,
    /// The classes in it, most items first.
    pub classes: Vec<SmolStr>,
}

/// The whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    pub width: f32,
    pub height: f32,
    pub columns: Vec<Column>,
    /// By column, from top to bottom.
    pub figures: Vec<Figure>,
    pub links: Vec<Link>,
    /// What groups were made by: as many of those asked for as fit.
    pub group_by: Vec<GroupBy>,
    /// Links left out because each is less than 2 % of what goes between its columns, and their relationships.
    pub hidden_links: u32,
    pub hidden_relationships: u64,
    /// By index into the subject: the box that an item is in.
    pub figure_of: Vec<u32>,
    /// Groups that were to be opened and for which there was no room.
    pub not_opened: u32,
}

impl Drawing {
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|f| f.id == id)
    }
}
