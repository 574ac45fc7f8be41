//! The components that need a set of their own, and how all others are counted from them.
//!
//! A component's set is itself and the sets of its direct dependents. Where all these dependents lead into one and
//! the same component `t`, by way of a few others that stand outside the core like itself, it holds: none of the few
//! is in the set of `t`, else there were a cycle. So the worth of the set is that of the few plus that of `t`'s set,
//! and no set need be kept. In inventories four components in five are such (a machine behind its only cluster); the
//! others are the core's *rows*.

use super::Worth;
use super::blocks;
use super::condensed::Condensed;
use super::lists::{Distinct, Lists};
use crate::analysis::reach::Flat;
use std::sync::atomic::AtomicBool;

/// Components counted one by one on the way to another; more make a row of it. Keeps combs and stars linear.
const FEEDERS_MAX: usize = 16;

const NONE: u32 = u32::MAX;
/// More than one dependency.
const SEVERAL: u32 = NONE - 1;

pub(super) struct Core {
    /// By component; [`NONE`] outside the core.
    row_of: Vec<u32>,
    /// By component: the row's component into which all its dependents lead, itself in the core; or [`NONE`].
    leads_to: Vec<u32>,
    /// By component outside the core: those counted one by one.
    feeders: Lists,
    /// By row: its component.
    components: Vec<u32>,
    /// By row: rows whose sets include this one's; all of them have higher numbers.
    pub below: Lists,
    /// By row: components outside the core that its set holds without getting them from another row.
    held: Lists,
    /// By component: the component whose column in the sets stands for this one, too.
    column_of: Vec<u32>,
}

/// What one component's dependents come to.
struct Parts {
    direct: Distinct,
    /// Components of rows they lead into.
    targets: Distinct,
    /// Some lead into none.
    ends: bool,
    feeders: Distinct,
}

/// How the set of a component is counted.
pub(super) enum Counted<'a> {
    /// It is a row.
    Row(usize),
    /// Itself, these components, and the set of a row.
    OneByOne { feeders: &'a [u32], target: Option<usize> },
}

impl Core {
    pub fn new(dependents: &Flat, condensed: &Condensed) -> Core {
        let count = condensed.components();
        let mut core = Core {
            row_of: vec![NONE; count],
            leads_to: vec![NONE; count],
            feeders: Lists::new(),
            components: Vec::new(),
            below: Lists::new(),
            held: Lists::new(),
            column_of: Vec::new(),
        };
        let distinct = || Distinct::new(count);
        let mut parts = Parts { direct: distinct(), targets: distinct(), ends: false, feeders: distinct() };
        let mut above = Lists::new();
        let mut only_dependency = vec![NONE; count];
        for component in 0..count as u32 {
            condensed.direct_dependents(dependents, component, &mut parts.direct);
            for &dependent in &parts.direct.items {
                let only = &mut only_dependency[dependent as usize];
                *only = if *only == NONE { component } else { SEVERAL };
            }
            core.part(&mut parts);
            core.add(component, &parts, &mut above);
        }
        core.below = Lists::of_pairs(above.len(), above.pairs().map(|(row, above)| (above, row)));
        core.column_of = core.shared_columns(&only_dependency);
        core
    }
    pub fn rows(&self) -> usize {
        self.components.len()
    }

    /// Parts direct dependents into the rows they lead into and those to be counted one by one.
    fn part(&self, parts: &mut Parts) {
        parts.targets.begin();
        parts.feeders.begin();
        parts.ends = false;
        for &dependent in &parts.direct.items {
            match self.leads_to[dependent as usize] {
                NONE => parts.ends = true,
                target => parts.targets.add(target),
            }
            if self.row_of[dependent as usize] == NONE {
                parts.feeders.add(dependent);
                self.feeders.get(dependent as usize).iter().for_each(|feeder| parts.feeders.add(*feeder));
            }
        }
    }
    fn add(&mut self, component: u32, parts: &Parts, above: &mut Lists) {
        let (targets, feeders) = (&parts.targets.items, &parts.feeders.items);
        if targets.len() + usize::from(parts.ends) <= 1 && feeders.len() <= FEEDERS_MAX {
            self.leads_to[component as usize] = targets.first().copied().unwrap_or(NONE);
            self.feeders.push(feeders.iter().copied());
            return;
        }
        self.row_of[component as usize] = self.components.len() as u32;
        self.leads_to[component as usize] = component;
        self.components.push(component);
        self.feeders.push([]);
        above.push(targets.iter().map(|target| self.row_of[*target as usize]));
        self.held.push(feeders.iter().copied());
    }

    /// A component outside the core with a single dependency is in exactly those rows' sets in which its dependency
    /// is; one column serves both. Dependencies have higher numbers, hence from the end.
    fn shared_columns(&self, only_dependency: &[u32]) -> Vec<u32> {
        let mut column_of: Vec<u32> = (0..self.row_of.len() as u32).collect();
        for component in (0..column_of.len()).rev() {
            let dependency = only_dependency[component];
            if self.row_of[component] == NONE && dependency < SEVERAL {
                column_of[component] = column_of[dependency as usize];
            }
        }
        column_of
    }

    /// Every (row, column): the row holds the component whose column it is, without getting it from another row.
    pub fn held_columns(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        let itself = self.components.iter().map(|component| self.column_of[*component as usize]);
        itself.enumerate().flat_map(|(row, own)| {
            let held = self.held.get(row).iter().map(|component| self.column_of[*component as usize]);
            held.chain([own]).map(move |column| (row as u32, column))
        })
    }

    /// What every component's set is worth, itself included, from what each is worth alone.
    pub fn sums(&self, worth: &[Worth], cancelled: &AtomicBool) -> Option<Vec<Worth>> {
        let mut of_columns = vec![Worth::default(); worth.len()];
        for (component, worth) in worth.iter().enumerate() {
            of_columns[self.column_of[component] as usize] += *worth;
        }
        let of_rows = blocks::sums(self, &of_columns, cancelled)?;
        Some(self.beyond_rows(worth, |row| of_rows[row]))
    }
    /// What every component's set is worth, from what each component alone and every row's set is worth.
    pub fn beyond_rows(&self, worth: &[Worth], of_row: impl Fn(usize) -> Worth) -> Vec<Worth> {
        let mut sums: Vec<Worth> = worth.to_vec();
        for (component, sum) in sums.iter_mut().enumerate() {
            match self.parts_of(component) {
                Counted::Row(row) => *sum = of_row(row),
                Counted::OneByOne { feeders, target } => {
                    for feeder in feeders {
                        *sum += worth[*feeder as usize];
                    }
                    if let Some(row) = target {
                        *sum += of_row(row);
                    }
                }
            }
        }
        sums
    }
    /// How a component's set is counted.
    pub fn parts_of(&self, component: usize) -> Counted<'_> {
        match self.row_of[component] {
            NONE => {
                let target = self.leads_to[component];
                let target = (target != NONE).then(|| self.row_of[target as usize] as usize);
                Counted::OneByOne { feeders: self.feeders.get(component), target }
            }
            row => Counted::Row(row as usize),
        }
    }
    /// The component whose column in the sets stands for this one, too.
    pub fn column_of(&self, component: u32) -> u32 {
        self.column_of[component as usize]
    }
}
