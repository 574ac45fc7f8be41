//! The part of a condensation that needs sets, and how everything else is counted from it.

use super::blocks::Columns;
use crate::baseline::{Condensation, Csr};

/// Components that one outside the core may count by name; more make it a core component. Keeps the lists, and
/// with them a comb or a wide star, linear.
const FEEDERS_MAX: usize = 16;

const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub(super) struct Core {
    /// Row of a core component, else [`NONE`].
    row_of: Vec<u32>,
    /// The core component that everything depending on this one leads into; itself in the core, or [`NONE`].
    leads_to: Vec<u32>,
    /// Outside the core: the components counted by name, before `leads_to` is entered.
    feeders: Lists,
    /// Of each row: the rows among its dependents, and the components outside the core that it holds itself.
    above: Lists,
    held: Lists,
    components: Vec<u32>,
    /// Component whose column stands for this one; see [`shared_columns`].
    column_of: Vec<u32>,
}

/// Lists of numbers end to end.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn new() -> Lists {
        Lists { starts: vec![0], items: Vec::new() }
    }

    fn push(&mut self, list: &[u32]) {
        self.items.extend_from_slice(list);
        self.starts.push(self.items.len() as u32);
    }

    pub fn get(&self, index: usize) -> &[u32] {
        &self.items[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}

impl Core {
    /// Components come in order of number, so dependents before what they depend on.
    pub fn new(dependents: &Csr, condensation: &Condensation) -> Core {
        let count = condensation.components as usize;
        let mut core = Core {
            row_of: vec![NONE; count],
            leads_to: vec![NONE; count],
            feeders: Lists::new(),
            above: Lists::new(),
            held: Lists::new(),
            components: Vec::new(),
            column_of: Vec::new(),
        };
        let mut only_dependency = vec![Dependency::None; count];
        let mut direct = Vec::new();
        let mut split = Split::default();
        for component in 0..condensation.components {
            direct_dependents(dependents, condensation, component, &mut direct);
            for &dependent in &direct {
                only_dependency[dependent as usize].add(component);
            }
            core.split(&direct, &mut split);
            core.add(component, &split);
        }
        core.column_of = shared_columns(&only_dependency, &core.row_of);
        core
    }

    pub fn rows(&self) -> usize {
        self.components.len()
    }

    /// Parts a component's dependents into core components they lead into and others on the way there.
    fn split(&self, direct: &[u32], split: &mut Split) {
        split.feeders.clear();
        split.targets.clear();
        for &dependent in direct {
            split.targets.push(self.leads_to[dependent as usize]);
            if self.row_of[dependent as usize] == NONE {
                split.feeders.push(dependent);
                split.feeders.extend_from_slice(self.feeders.get(dependent as usize));
            }
        }
        for list in [&mut split.feeders, &mut split.targets] {
            list.sort_unstable();
            list.dedup();
        }
    }

    fn add(&mut self, component: u32, split: &Split) {
        let outside = split.targets.len() <= 1 && split.feeders.len() <= FEEDERS_MAX;
        if outside {
            self.leads_to[component as usize] = split.targets.first().copied().unwrap_or(NONE);
            self.feeders.push(&split.feeders);
            return;
        }
        let rows = split.targets.iter().filter(|&&target| target != NONE);
        let rows: Vec<u32> = rows.map(|&target| self.row_of[target as usize]).collect();
        self.row_of[component as usize] = self.components.len() as u32;
        self.leads_to[component as usize] = component;
        self.components.push(component);
        self.feeders.push(&[]);
        self.above.push(&rows);
        self.held.push(&split.feeders);
    }

    /// Weight of everything that depends on each component, itself included.
    pub fn counts(&self, weights: &[u32]) -> Vec<u32> {
        let of_rows = Columns::new(self, weights).counts(&self.above);
        let mut counts = vec![0; weights.len()];
        for component in 0..weights.len() {
            let row = self.row_of[component];
            if row != NONE {
                counts[component] = of_rows[row as usize];
                continue;
            }
            let feeders = self.feeders.get(component).iter().map(|&feeder| weights[feeder as usize]);
            let target = self.leads_to[component];
            let beyond = if target == NONE { 0 } else { counts[target as usize] };
            counts[component] = weights[component] + feeders.sum::<u32>() + beyond;
        }
        counts
    }

    /// The component and those outside the core that a row holds, as the components of their columns.
    pub fn columns(&self, row: usize) -> impl Iterator<Item = u32> {
        let held = self.held.get(row).iter().chain(std::iter::once(&self.components[row]));
        held.map(|&component| self.column_of[component as usize])
    }

    pub fn column_of(&self, component: usize) -> u32 {
        self.column_of[component]
    }
}

#[derive(Default)]
struct Split {
    feeders: Vec<u32>,
    targets: Vec<u32>,
}

/// What a component depends on directly, as far as it matters here.
#[derive(Clone, Copy, Debug)]
enum Dependency {
    None,
    One(u32),
    Several,
}

impl Dependency {
    fn add(&mut self, component: u32) {
        *self = match self {
            Dependency::None => Dependency::One(component),
            Dependency::One(_) | Dependency::Several => Dependency::Several,
        };
    }
}

fn direct_dependents(dependents: &Csr, condensation: &Condensation, component: u32, direct: &mut Vec<u32>) {
    direct.clear();
    for &member in condensation.members(component) {
        let rows = dependents.row(member).iter().map(|&id| condensation.component_of[id as usize]);
        direct.extend(rows.filter(|&other| other != component));
    }
    direct.sort_unstable();
    direct.dedup();
}

/// A component outside the core with one dependency is in exactly the core's sets that this dependency is in,
/// so the two share a column, whose weight is their sum.
///
/// Dependencies have higher numbers, hence from the end.
fn shared_columns(only_dependency: &[Dependency], row_of: &[u32]) -> Vec<u32> {
    let mut column_of: Vec<u32> = (0..row_of.len() as u32).collect();
    for component in (0..row_of.len()).rev() {
        if let (Dependency::One(dependency), NONE) = (only_dependency[component], row_of[component]) {
            column_of[component] = column_of[dependency as usize];
        }
    }
    column_of
}
