//! How much depends on every CI, exact, for all CIs at once.
//!
//! The method of `shared/spec/performance.md` §Q6: condense cycles, follow chains instead of storing their sets,
//! and keep bit vectors only for the core that remains, 512 columns at a time so that a pass stays in the cache.
//! A search per CI costs 105 s at 1M; this costs a few.
//!
//! Why it is exact: a component's set is itself plus the sets of its direct dependents. Where all of those lead
//! into one and the same core component by way of a few others, none of the few can be in that component's set
//! (that would be a cycle), so counts add up and no set is needed.

mod blocks;
mod core;

use self::core::Core;
use super::{Condensation, Csr};

/// What does not depend on what is counted: the condensation and its core.
#[derive(Clone, Debug)]
pub struct Ranking {
    condensation: Condensation,
    core: Core,
}

impl Ranking {
    /// `dependents` has a row of direct dependents for every CI.
    pub fn new(dependents: &Csr) -> Ranking {
        let condensation = Condensation::new(dependents);
        let core = Core::new(dependents, &condensation);
        Ranking { condensation, core }
    }

    /// For every CI, how many others depend on it.
    pub fn dependents(&self) -> Vec<u32> {
        self.weighed(|_| 1)
    }

    /// For every CI, how many others of a kind depend on it; business services are what this is for.
    pub fn dependents_where(&self, counts: impl Fn(u32) -> bool) -> Vec<u32> {
        self.weighed(|id| u32::from(counts(id)))
    }

    /// Components, and those of them that need a set.
    pub fn sizes(&self) -> (u32, usize) {
        (self.condensation.components, self.core.rows())
    }

    fn weighed(&self, weight: impl Fn(u32) -> u32) -> Vec<u32> {
        let components = 0..self.condensation.components;
        let weigh = |component| self.condensation.members(component).iter().map(|&id| weight(id)).sum();
        let weights: Vec<u32> = components.map(weigh).collect();
        let counts = self.core.counts(&weights);
        let component_of = self.condensation.component_of.iter();
        (0u32..).zip(component_of).map(|(id, &component)| counts[component as usize] - weight(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Scratch;
    use crate::estate::{Estate, Random, class};

    fn check(nodes: u32, pairs: &[(u32, u32)], counted: impl Fn(u32) -> bool) {
        let dependents = Csr::reversed(nodes, pairs);
        let ranking = Ranking::new(&dependents);
        let (all, some) = (ranking.dependents(), ranking.dependents_where(&counted));
        let mut scratch = Scratch::new(nodes);
        for id in 0..nodes {
            assert_eq!(all[id as usize] as usize, scratch.reach(&dependents, id), "all dependents of {id}");
            let expected = scratch.visited()[1..].iter().filter(|&&found| counted(found)).count();
            assert_eq!(some[id as usize] as usize, expected, "counted dependents of {id}");
        }
    }

    #[test]
    fn equals_a_search_from_every_ci_of_an_estate() {
        for seed in 0..3 {
            let estate = Estate::new(5_000, seed);
            let is_service = |id: u32| estate.class_of[id as usize] == class::BUSINESS_SERVICE;
            check(5_000, &estate.dependencies(), is_service);
        }
    }

    #[test]
    fn equals_a_search_from_every_node_of_random_graphs() {
        let mut random = Random::new(1);
        for _ in 0..2_000 {
            let nodes = 2 + random.below(40);
            let links = random.below(3 * nodes);
            let mut pairs: Vec<(u32, u32)> =
                (0..links).map(|_| (random.below(nodes), random.below(nodes))).collect();
            if random.chance(0.5) {
                pairs.retain(|(a, b)| a < b);
            }
            check(nodes, &pairs, |id| id % 3 == 0);
        }
    }

    #[test]
    fn long_chain_and_wide_star_are_counted() {
        let chain: Vec<(u32, u32)> = (0..100_000).map(|i| (i, i + 1)).collect();
        let counts = Ranking::new(&Csr::reversed(100_001, &chain)).dependents();
        assert!((0u32..).zip(&counts).all(|(id, &count)| id == count));
        let star: Vec<(u32, u32)> = (1..=100_000).map(|i| (i, 0)).collect();
        assert_eq!(Ranking::new(&Csr::reversed(100_001, &star)).dependents()[0], 100_000);
    }
}
