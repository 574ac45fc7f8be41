//! Strongly connected components: what is on one cycle reaches the same.

use super::lists::{Distinct, Lists};
use crate::analysis::reach::Flat;
use crate::graph::order;

/// Components are numbered so that dependents come before what they depend on.
pub(super) struct Condensed {
    /// By dense id.
    pub component_of: Vec<u32>,
    members: Lists,
}

impl Condensed {
    pub fn new(dependents: &Flat) -> Condensed {
        let (offsets, targets) = dependents.parts();
        let component_of = order::components(dependents.nodes() as usize, offsets, targets);
        let count = component_of.iter().max().map_or(0, |last| *last as usize + 1);
        let members = Lists::of_pairs(count, component_of.iter().copied().zip(0..));
        Condensed { component_of, members }
    }
    pub fn components(&self) -> usize {
        self.members.len()
    }
    /// Collects the other components that depend directly on this one.
    pub fn direct_dependents(&self, dependents: &Flat, component: u32, direct: &mut Distinct) {
        direct.begin();
        for &member in self.members.get(component as usize) {
            for &dependent in dependents.row(member) {
                let other = self.component_of[dependent as usize];
                if other != component {
                    direct.add(other);
                }
            }
        }
    }
}
