//! The questions of `shared/data/estate/QUESTIONS.md`, drawn the same way, apart from the estate's own stream.

use super::{Edge, Estate, Random, class};
use crate::baseline::Csr;

const STARTS_OF_A_KIND: usize = 50;
const PATH_PAIRS: usize = 50;
const CHANGE_SETS: usize = 20;
const CHANGE_SET_SIZE: usize = 50;
/// Sites whose patch window is asked for, and steps of the walk that finds a reachable hypervisor.
const PATCHED_SITES: u32 = 10;
const WALK_STEPS_MAX: u32 = 40;

impl Estate {
    /// Q1 to Q3: 50 CIs uniformly, then 50 of the thousandth with most direct dependents ("hubs").
    pub fn starts(&self, seed: u64) -> Vec<u32> {
        let mut random = Random::new(seed);
        let mut starts: Vec<u32> = (0..STARTS_OF_A_KIND).map(|_| random.below(self.nodes())).collect();
        let mut hubs = self.hubs();
        random.shuffle(&mut hubs);
        starts.extend(hubs.into_iter().take(STARTS_OF_A_KIND));
        starts
    }

    /// The CIs with most direct dependents, most first, lower id first among equals: a thousandth, at least 100.
    pub fn hubs(&self) -> Vec<u32> {
        let mut dependents = vec![0u32; self.class_of.len()];
        for (_, dependency) in self.edges.iter().filter_map(Edge::dependency) {
            dependents[dependency as usize] += 1;
        }
        let mut ids: Vec<u32> = (0..self.nodes()).collect();
        ids.sort_unstable_by_key(|&id| (std::cmp::Reverse(dependents[id as usize]), id));
        ids.truncate((ids.len() / 1_000).max(100));
        ids
    }

    /// Q4: 50 pairs of a business service and a hypervisor, 25 uniform and 25 connected by a random walk.
    pub fn path_pairs(&self, seed: u64) -> Vec<(u32, u32)> {
        let mut random = Random::new(seed);
        let (services, hypervisors) =
            (self.of_class(class::BUSINESS_SERVICE), self.of_class(class::HYPERVISOR));
        let draw = |random: &mut Random, pool: &[u32]| pool[random.below(pool.len() as u32) as usize];
        let mut pairs: Vec<(u32, u32)> = (0..PATH_PAIRS / 2)
            .map(|_| (draw(&mut random, &services), draw(&mut random, &hypervisors)))
            .collect();
        let dependencies = Csr::new(self.nodes(), &self.dependencies());
        while pairs.len() < PATH_PAIRS {
            let service = draw(&mut random, &services);
            if let Some(hypervisor) = self.walk_to_hypervisor(&dependencies, service, &mut random) {
                pairs.push((service, hypervisor));
            }
        }
        pairs
    }

    fn walk_to_hypervisor(&self, dependencies: &Csr, from: u32, random: &mut Random) -> Option<u32> {
        let mut at = from;
        for _ in 0..WALK_STEPS_MAX {
            let row = dependencies.row(at);
            if row.is_empty() || self.class_of[at as usize] == class::HYPERVISOR {
                break;
            }
            at = row[random.below(row.len() as u32) as usize];
        }
        (self.class_of[at as usize] == class::HYPERVISOR).then_some(at)
    }

    /// Q5: 20 change sets of 50 distinct CIs: 10 uniform, 10 "patch windows" (VMs and hypervisors of one site).
    /// A small site gives fewer than 50.
    pub fn change_sets(&self, seed: u64) -> Vec<Vec<u32>> {
        let mut random = Random::new(seed);
        let everything: Vec<u32> = (0..self.nodes()).collect();
        (0..CHANGE_SETS)
            .map(|set| match set < CHANGE_SETS / 2 {
                true => sample(&everything, &mut random),
                false => {
                    let site = random.below(self.sites.min(PATCHED_SITES)) as u16;
                    sample(&self.patch_window(site), &mut random)
                }
            })
            .collect()
    }

    fn patch_window(&self, site: u16) -> Vec<u32> {
        let patched = |&id: &u32| {
            self.site_of[id as usize] == site
                && [class::VM, class::HYPERVISOR].contains(&self.class_of[id as usize])
        };
        (0..self.nodes()).filter(patched).collect()
    }
}

/// Up to 50 distinct members in the order drawn; eight draws for each wanted, as gen.py.
fn sample(pool: &[u32], random: &mut Random) -> Vec<u32> {
    let mut chosen = Vec::with_capacity(CHANGE_SET_SIZE);
    for _ in 0..CHANGE_SET_SIZE * 8 {
        let id = pool[random.below(pool.len() as u32) as usize];
        if chosen.len() < CHANGE_SET_SIZE && !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_their_sizes_and_classes() {
        let estate = Estate::new(10_000, 42);
        assert_eq!(estate.starts(43).len(), 100);
        assert_eq!(estate.starts(43), estate.starts(43));
        let pairs = estate.path_pairs(43);
        assert_eq!(pairs.len(), 50);
        assert!(pairs.iter().all(|&(_, h)| estate.class_of[h as usize] == class::HYPERVISOR));
        let sets = estate.change_sets(43);
        assert_eq!(sets.len(), 20);
        assert!(sets.iter().all(|set| set.len() == 50));
    }
}
