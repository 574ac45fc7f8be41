//! Which planned changes must not happen together: time × effect.
//!
//! Two changes collide where their spans meet and one touches what the other needs. Most tools compare pairs by item
//! and neighbour; the dangerous case is another: each change alone is held by redundancy, together they are a cut.
//! [`collisions`] finds for every change, among all that runs when it begins (open outages included), the minimal sets
//! that make a service worse than any smaller part of them does.
//!
//! Why this need not try every set at every instant: states only combine beyond their maximum at a gate. So changes
//! fall into clusters that meet at some group ([`joint`]), a cluster is evaluated once with everything in it, and only
//! the changes that the result leans on are tried in smaller sets ([`culprits`]). A set whose members run together
//! runs together when the last of them begins; so it is looked for then and found once. The tests compare with a
//! naive evaluator that tries every set.

mod alone;
mod bits;
mod culprits;
pub mod failure;
mod joint;
mod pairs;
mod periods;
pub mod picture;
pub mod reason;
#[cfg(test)]
mod tests;

use super::impact::{Root, State};
use crate::analysis::criticality::standing;
use crate::graph::View;
use crate::model::SmolStr;
use crate::schema::symbols;
use alone::Alone;
pub(super) use joint::{Joint, state_in};
use rayon::prelude::*;

pub use bits::Bits;
pub use picture::{Moment, picture};
pub use reason::{Reason, Taken, reason};

/// A stretch of time in milliseconds since 1970; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start_ms: i64,
    pub end_ms: i64,
}

impl Span {
    pub fn is_empty(&self) -> bool {
        self.end_ms <= self.start_ms
    }
    pub fn meets(&self, other: &Span) -> bool {
        !self.is_empty() && !other.is_empty() && self.start_ms < other.end_ms && other.start_ms < self.end_ms
    }
    pub fn contains(&self, other: &Span) -> bool {
        self.start_ms <= other.start_ms && other.end_ms <= self.end_ms
    }
    /// What both have in common; empty if they do not meet.
    pub fn common(&self, other: &Span) -> Span {
        Span { start_ms: self.start_ms.max(other.start_ms), end_ms: self.end_ms.min(other.end_ms) }
    }
}

/// Whose doing something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Somebody plans it and could plan it otherwise.
    Change,
    /// It is so already.
    Outage,
}

/// Something that holds items in a state for a while.
#[derive(Clone, Debug)]
pub struct Activity {
    pub doing: Doing,
    /// From the first touch until a way back would be over.
    pub span: Span,
    /// Without the way back; what windows and orders are measured by.
    pub planned: Span,
    /// What is worked on; an item that stays up all the while has the state `up`.
    pub roots: Vec<Root>,
    /// Names of people and things that can only be in one place.
    pub claims: Vec<SmolStr>,
    /// Activities, by place in the list, that must be over before this one begins.
    pub after: Vec<usize>,
}

/// What a period says about its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodKind {
    /// Nothing may be touched meanwhile.
    Freeze,
    /// Only meanwhile may something be touched.
    Maintenance,
}

/// A freeze or a maintenance window with its occurrences.
#[derive(Clone, Debug)]
pub struct Period {
    pub kind: PeriodKind,
    /// Ascending.
    pub spans: Vec<Span>,
    /// Dense ids.
    pub scope: Vec<u32>,
    /// Activities, by place, that an approved exception lets through.
    pub excepted: Vec<usize>,
}

/// What is wrong; the order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CollisionKind {
    /// Together they degrade or take down a service that each alone leaves standing better.
    JointCut,
    /// It touches what a freeze protects.
    Freeze,
    /// They work on the same item.
    SameItem,
    /// One works on what the other degrades or takes down.
    Radius,
    /// One begins before what must precede it is over.
    Order,
    /// Together they leave a service without reserve that each alone leaves one.
    JointMargin,
    /// If one or both fail, together they degrade or take down a service that as planned stays better.
    JointFailure,
    /// They need the same person or thing.
    Claim,
    /// It touches something outside of its maintenance windows.
    OutsideWindow,
}

impl CollisionKind {
    pub const ALL: [CollisionKind; 9] = [
        CollisionKind::JointCut,
        CollisionKind::Freeze,
        CollisionKind::SameItem,
        CollisionKind::Radius,
        CollisionKind::Order,
        CollisionKind::JointMargin,
        CollisionKind::JointFailure,
        CollisionKind::Claim,
        CollisionKind::OutsideWindow,
    ];
    pub fn word(self) -> &'static str {
        match self {
            CollisionKind::JointCut => "joint_cut",
            CollisionKind::Freeze => "freeze",
            CollisionKind::SameItem => "same_item",
            CollisionKind::Radius => "radius",
            CollisionKind::Order => "order",
            CollisionKind::JointMargin => "joint_margin",
            CollisionKind::JointFailure => "joint_failure",
            CollisionKind::Claim => "same_person",
            CollisionKind::OutsideWindow => "outside_window",
        }
    }
    pub fn is_joint(self) -> bool {
        matches!(self, CollisionKind::JointCut | CollisionKind::JointMargin)
    }
}

/// One collision, with what a sentence about it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    pub kind: CollisionKind,
    /// Places in the list of activities, ascending; of an order or a radius, see `items`.
    pub activities: Vec<usize>,
    /// The freeze or maintenance window it is about.
    pub period: Option<usize>,
    /// When it happens.
    pub span: Span,
    /// Same item: the items. Radius: items of the second activity that the first one hits, with the state it gives
    /// them. Freeze and window: what is touched, with its state. Otherwise empty.
    pub items: Vec<(u32, State)>,
    /// Who or what both need.
    pub claims: Vec<SmolStr>,
    /// Services at stake, worst state first.
    pub services: Vec<(u32, State)>,
}

/// All collisions in order of time, then weight.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub collisions: Vec<Collision>,
    /// Nothing was left out: no limit on how many sets are tried or found was reached.
    pub complete: bool,
}

/// Collisions of one report at most; more than a board can read and less than would fill the memory.
pub const COLLISIONS_MAX: usize = 100_000;
/// Activities that can be compared at once.
pub const ACTIVITIES_MAX: usize = 20_000;

/// What is compared: the activities, the periods, and the services that count.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    pub activities: &'a [Activity],
    pub periods: &'a [Period],
    /// Items whose states decide whether a joint effect matters; see [`stakes`].
    pub stakes: &'a [u32],
}

/// Everything shared between the threads of one question.
pub(super) struct Ground<'a> {
    view: View<'a>,
    calendar: Calendar<'a>,
    stakes: Bits,
    alone: Vec<Alone>,
}

/// The items whose loss is what everybody wants to avoid: business services; where there are none, whatever
/// nothing else depends on.
pub fn stakes(view: View<'_>) -> Vec<u32> {
    let snapshot = view.snapshot();
    let schema = crate::graph::Records::schema(snapshot);
    let heirs = schema.classes().filter(|class| class.lineage.contains(&symbols::BUSINESS_SERVICE));
    let classes = heirs.map(|class| class.symbol).chain([symbols::BUSINESS_SERVICE]);
    let services: Vec<u32> = snapshot.of_classes(classes).filter(|item| !view.is_hidden(*item)).collect();
    if !services.is_empty() {
        return services;
    }
    let carries = |item: &u32| snapshot.dependencies().row(*item).entries().next().is_some();
    let is_top = |item: &u32| snapshot.dependents().row(*item).entries().next().is_none();
    let seen = (0..snapshot.nodes()).filter(|item| !view.is_hidden(*item));
    seen.filter(carries).filter(is_top).collect()
}

/// Compares everything in the calendar on what `view` shows.
pub fn collisions(view: View<'_>, calendar: Calendar<'_>) -> Report {
    let ground = Ground::new(view, calendar);
    let order = by_start(calendar.activities);
    let mut complete = true;
    let per_activity: Vec<(Vec<Collision>, bool)> = (0..order.len())
        .into_par_iter()
        .map_init(|| Joint::new(&ground), |joint, at| of_newcomer(joint, &order, at))
        .collect();
    let mut collisions = Vec::new();
    for (mut found, whole) in per_activity {
        complete &= whole;
        collisions.append(&mut found);
    }
    let (failures, whole) = failure::of(&ground, &order);
    complete &= whole;
    collisions.extend(failures);
    collisions.extend(pairs::orders(&ground));
    for at in 0..calendar.activities.len() {
        collisions.extend(periods::of(&ground, at));
    }
    collisions.sort_by(|a, b| {
        (a.span.start_ms, a.kind, &a.activities, a.period).cmp(&(
            b.span.start_ms,
            b.kind,
            &b.activities,
            b.period,
        ))
    });
    complete &= collisions.len() <= COLLISIONS_MAX;
    collisions.truncate(COLLISIONS_MAX);
    Report { collisions, complete }
}

/// Places of the activities that take any time, by start, then by place.
fn by_start(activities: &[Activity]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..activities.len()).filter(|a| !activities[*a].span.is_empty()).collect();
    order.sort_by_key(|a| (activities[*a].span.start_ms, *a));
    order
}

/// What the activity at place `at` of the order runs into when it begins.
fn of_newcomer(joint: &mut Joint<'_>, order: &[usize], at: usize) -> (Vec<Collision>, bool) {
    let activities = joint.ground().calendar.activities;
    let newcomer = order[at];
    let start_ms = activities[newcomer].span.start_ms;
    let runs = |other: &usize| activities[*other].span.end_ms > start_ms;
    let running: Vec<usize> = order[..at].iter().copied().filter(runs).collect();
    let mut found = Vec::new();
    for other in &running {
        found.extend(pairs::between(joint.ground(), *other, newcomer));
    }
    let (joint_found, whole) = culprits::of(joint, &running, newcomer);
    found.extend(joint_found);
    (found, whole)
}

impl<'a> Ground<'a> {
    pub(super) fn new(view: View<'a>, calendar: Calendar<'a>) -> Ground<'a> {
        let nodes = view.snapshot().nodes();
        let stakes = Bits::of(nodes, calendar.stakes.iter().copied());
        let alone = alone::all(view, calendar, &stakes);
        Ground { view, calendar, stakes, alone }
    }
    fn activity(&self, at: usize) -> &Activity {
        &self.calendar.activities[at]
    }
    /// Stakes that one activity by itself leaves worse than up, by dense id.
    pub(super) fn alone(&self, at: usize) -> &[(u32, State)] {
        &self.alone[at].stakes
    }
    /// Stakes that either of two leaves worse than up, with the worse state.
    fn stakes_of(&self, activities: &[usize]) -> Vec<(u32, State)> {
        let mut all: Vec<(u32, State)> =
            activities.iter().flat_map(|a| self.alone[*a].stakes.iter().copied()).collect();
        all.sort_by_key(|(item, state)| (*item, std::cmp::Reverse(*state)));
        all.dedup_by_key(|(item, _)| *item);
        worst_first(self.view, all)
    }
}

/// Worst state first, then the most critical, then by name.
pub(super) fn worst_first(view: View<'_>, mut items: Vec<(u32, State)>) -> Vec<(u32, State)> {
    items.sort_by_cached_key(|&(item, state)| standing(view.snapshot(), item, state));
    items
}
