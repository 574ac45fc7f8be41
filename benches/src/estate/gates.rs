//! Redundancy groups and soft links over an estate, in the shares that the impact engine was tried with.
//!
//! `shared/spec/prototypes.md` §2 measured 12.8 % of CIs with a group, 12 % of dependencies in groups and 4.4 %
//! soft. A group here is all of a dependent's relationships of one type: two switches, several instances of an
//! application, several containers of an instance. That is where real estates are redundant.

use super::{Edge, Estate, Random, kind};

/// How a dependency's state reaches its dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    Hard,
    Soft,
    /// `number` names the group within its dependent; every member carries the same `needs`.
    Group {
        number: u8,
        needs: u32,
    },
}

/// Chance that several relationships of one type from one dependent are a group. Tuned to the shares above.
fn group_chance(kind: u8) -> f64 {
    match kind {
        kind::DEPENDS_ON => 0.43,
        kind::CONNECTS_TO | kind::HOSTS => 0.60,
        kind::RUNS_ON | kind::STORES_ON => 0.50,
        _ => 0.07,
    }
}

/// Soft links are calls and uses: the dependent runs on without them, but worse.
fn soft_chance(kind: u8) -> f64 {
    if matches!(kind, kind::CALLS | kind::USES) { 0.1325 } else { 0.0 }
}

impl Estate {
    /// The gate of every relationship, by its index in `edges`; informational ones read hard and mean nothing.
    ///
    /// Members of a group are distinct items and `needs` is at most their number, so everything is up at rest.
    pub fn gates(&self, seed: u64) -> Vec<Gate> {
        let mut gates = vec![Gate::Hard; self.edges.len()];
        let by_dependent = self.edges_by_dependent();
        let mut last = (u32::MAX, 0u8);
        for set in by_dependent.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (dependent, kind, _) = set[0];
            let number = if last.0 == dependent { last.1 } else { 0 };
            let mut random = Random::new(seed ^ (u64::from(dependent) << 8 | u64::from(kind)));
            let grouped = set.len() > 1 && random.chance(group_chance(kind));
            let needs = needs(set.len() as u32, &mut random);
            for &(_, _, edge) in set {
                gates[edge as usize] = match grouped {
                    true => Gate::Group { number, needs },
                    false if random.chance(soft_chance(kind)) => Gate::Soft,
                    false => Gate::Hard,
                };
            }
            last = (dependent, number + u8::from(grouped));
        }
        gates
    }

    /// (dependent, kind, edge index) of every dependency, in that order.
    fn edges_by_dependent(&self) -> Vec<(u32, u8, u32)> {
        let row = |(index, edge): (u32, &Edge)| {
            edge.dependency().map(|(dependent, _)| (dependent, edge.kind, index))
        };
        let mut rows: Vec<(u32, u8, u32)> = (0u32..).zip(&self.edges).filter_map(row).collect();
        rows.sort_unstable();
        rows
    }
}

/// Half need one of their members, the rest up to all but one; one in twenty only looks redundant and needs all.
fn needs(members: u32, random: &mut Random) -> u32 {
    let spare_one = members.saturating_sub(1).max(1);
    match random.below(20) {
        0 => members,
        1..10 => 1 + random.below(spare_one),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    #[test]
    fn groups_are_consistent_satisfiable_and_in_the_measured_shares() {
        let estate = Estate::new(20_000, 42);
        let gates = estate.gates(42);
        let mut groups: HashMap<(u32, u8), (u32, HashSet<u32>)> = HashMap::new();
        let (mut dependencies, mut soft, mut grouped) = (0, 0, 0);
        for (edge, gate) in estate.edges.iter().zip(&gates) {
            let Some((dependent, dependency)) = edge.dependency() else {
                assert_eq!(*gate, Gate::Hard);
                continue;
            };
            dependencies += 1;
            match *gate {
                Gate::Hard => {}
                Gate::Soft => soft += 1,
                Gate::Group { number, needs } => {
                    grouped += 1;
                    let group = groups.entry((dependent, number)).or_insert((needs, HashSet::new()));
                    assert_eq!(group.0, needs, "one group, one need");
                    assert!(group.1.insert(dependency), "a member is an item, not a row");
                }
            }
        }
        assert!(groups.values().all(|(needs, members)| (1..=members.len() as u32).contains(needs)));
        let dependents: HashSet<u32> = groups.keys().map(|&(dependent, _)| dependent).collect();
        let share = |part: usize, whole: usize| part as f64 * 100.0 / whole as f64;
        let of_cis = share(dependents.len(), 20_000);
        let (of_links, of_soft) = (share(grouped, dependencies), share(soft, dependencies));
        assert!((11.8..13.8).contains(&of_cis), "{of_cis} % of CIs have a group");
        assert!((11.0..13.0).contains(&of_links), "{of_links} % of dependencies are in groups");
        assert!((4.0..4.8).contains(&of_soft), "{of_soft} % are soft");
    }
}
