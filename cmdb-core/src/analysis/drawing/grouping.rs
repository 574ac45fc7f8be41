//! Which items share a box.
//!
//! Up to so many items are a box each. More are put together by column and, as long as the boxes fit, by one value
//! after another. What is left of the room goes to groups that are small or hold business services, whose members
//! are then drawn one by one: those are what people look for. Which groups are opened by hand plays no part, so
//! that opening one leaves the rest as it was.

use super::keys::{GroupBy, Values};
use super::{COLUMNS_MAX, Columns, Subject};
use crate::graph::{Records, View};
use crate::model::SmolStr;
use crate::schema::symbols;
use rustc_hash::FxHashMap;

/// A group of more members than this is not taken apart on its own accord.
const UNFOLDED_MAX: usize = 12;

/// Members that share a box, and its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub column: u32,
    pub root: bool,
    /// Indices into the subject, ascending.
    pub members: Vec<u32>,
    /// One item on its own.
    pub single: bool,
}

/// Where each member stands: its column by index into the subject, and the steps that each column covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub column_of: Vec<u32>,
    pub steps: Vec<(i32, i32)>,
}

/// Gives every member a column.
pub fn columns(subject: &Subject, columns: Columns, classes: &Values) -> Standing {
    let rank: Vec<i32> = match columns {
        Columns::Rings => subject.members.iter().map(|m| m.depth).collect(),
        Columns::Tiers => tiers(subject, classes),
    };
    let mut ranks: Vec<i32> = rank.clone();
    ranks.sort_unstable();
    ranks.dedup();
    // Folds what is farthest on the longer side, so that the root never shares its column with what is far away.
    let (mut first, mut last) = (0, ranks.len().saturating_sub(1));
    while last - first + 1 > COLUMNS_MAX as usize {
        match ranks[last] >= -ranks[first] {
            true => last -= 1,
            false => first += 1,
        }
    }
    let column = |rank: &i32| ranks.partition_point(|r| r < rank).clamp(first, last) - first;
    let column_of: Vec<u32> = rank.iter().map(|r| column(r) as u32).collect();
    let mut steps = vec![(i32::MAX, i32::MIN); (last - first + 1).min(ranks.len())];
    for (member, column) in subject.members.iter().zip(&column_of) {
        let (nearest, farthest) = &mut steps[*column as usize];
        (*nearest, *farthest) = ((*nearest).min(member.depth), (*farthest).max(member.depth));
    }
    Standing { column_of, steps }
}

/// Every class as far out as half of its items are; roots stay where they are.
fn tiers(subject: &Subject, classes: &Values) -> Vec<i32> {
    let mut depths: Vec<Vec<i32>> = vec![Vec::new(); classes.texts.len()];
    for (at, member) in subject.members.iter().enumerate().filter(|(_, m)| !m.root) {
        depths[classes.of[at] as usize].push(member.depth);
    }
    let median = |depths: &mut Vec<i32>| match depths.is_empty() {
        true => 0,
        false => {
            let middle = (depths.len() - 1) / 2;
            *depths.select_nth_unstable(middle).1
        }
    };
    let of_class: Vec<i32> = depths.iter_mut().map(median).collect();
    let tier = |at: usize, root: bool| if root { 0 } else { of_class[classes.of[at] as usize] };
    subject.members.iter().enumerate().map(|(at, m)| tier(at, m.root)).collect()
}

/// Groups by column and values, and how many of `keys` they were made by.
pub fn groups(
    view: View<'_>,
    subject: &Subject,
    standing: &Standing,
    keys: &[(GroupBy, Values)],
    boxes_max: usize,
) -> (Vec<Group>, usize) {
    if subject.members.len() <= boxes_max {
        return (singles(subject, standing), keys.len());
    }
    let mut level: Vec<u32> = Vec::with_capacity(subject.members.len());
    let mut numbers = Numbers::default();
    for (member, column) in subject.members.iter().zip(&standing.column_of) {
        level.push(numbers.of(u32::from(member.root), *column));
    }
    let (mut used, mut count) = (0, numbers.count());
    for (_, values) in keys {
        let mut numbers = Numbers::default();
        let finer: Vec<u32> = level.iter().zip(&values.of).map(|(g, v)| numbers.of(*g, *v)).collect();
        if numbers.count() > boxes_max {
            break;
        }
        (level, count) = (finer, numbers.count());
        used += 1;
    }
    let mut groups: Vec<Group> =
        vec![Group { column: 0, root: false, members: Vec::new(), single: false }; count];
    for (at, group) in level.iter().enumerate() {
        let group = &mut groups[*group as usize];
        (group.column, group.root) = (standing.column_of[at], subject.members[at].root);
        group.members.push(at as u32);
    }
    // Which group was met first says how items are numbered, and a drawing must not.
    groups.sort_by_cached_key(|group| {
        let first = group.members[0] as usize;
        let values: Vec<SmolStr> =
            keys[..used].iter().map(|(_, values)| values.text(first).clone()).collect();
        (group.column, group.root, values)
    });
    (unfold(view, subject, groups, boxes_max), used)
}

fn singles(subject: &Subject, standing: &Standing) -> Vec<Group> {
    let single = |(at, column): (usize, &u32)| Group {
        column: *column,
        root: subject.members[at].root,
        members: vec![at as u32],
        single: true,
    };
    standing.column_of.iter().enumerate().map(single).collect()
}

/// Takes groups apart as far as there is room: roots first, then business services, then the smallest.
fn unfold(view: View<'_>, subject: &Subject, groups: Vec<Group>, boxes_max: usize) -> Vec<Group> {
    let snapshot = view.snapshot();
    let is_service = |member: &u32| {
        let class = snapshot.class_of(subject.members[*member as usize].item);
        class.is_some_and(|c| snapshot.schema().is_a(c, symbols::BUSINESS_SERVICE))
    };
    let serves = |group: &Group| group.members.iter().any(is_service);
    let small = |at: &usize| groups[*at].members.len() <= UNFOLDED_MAX;
    let mut order: Vec<usize> = (0..groups.len()).filter(small).collect();
    order.sort_by_key(|at| {
        let group = &groups[*at];
        (!group.root, !serves(group), group.members.len(), *at)
    });
    let mut room = boxes_max.saturating_sub(groups.len());
    let mut apart = vec![false; groups.len()];
    for at in order {
        let size = groups[at].members.len();
        if size - 1 <= room {
            (apart[at], room) = (true, room - (size - 1));
        }
    }
    let mut out = Vec::with_capacity(boxes_max);
    for (group, apart) in groups.into_iter().zip(apart) {
        match apart {
            true => {
                out.extend(group.members.iter().map(|at| Group { members: vec![*at], single: true, ..group }))
            }
            false => out.push(group),
        }
    }
    out
}

/// Numbers pairs in the order they are first met.
#[derive(Default)]
struct Numbers(FxHashMap<(u32, u32), u32>);

impl Numbers {
    fn of(&mut self, a: u32, b: u32) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry((a, b)).or_insert(next)
    }
    fn count(&self) -> usize {
        self.0.len()
    }
}
