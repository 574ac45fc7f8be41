//! A random little graph written down twice: as an estate for the real code, as plain lists for naive oracles.

use super::{Estate, Random};

/// Relationship types the random graphs use: two whose source suffers, one whose target does.
const TYPES: [&str; 3] = ["depends_on", "runs_on", "hosts"];

/// Item `i` is called `n<i>`.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    pub nodes: u32,
    /// (dependent, dependency, index into the types), in order of their relationship numbers.
    pub edges: Vec<(u32, u32, u32)>,
    pub hidden: Vec<bool>,
}

/// Not reached.
pub const FAR: u32 = u32::MAX;

impl Plain {
    /// Up to `nodes_max` items with about `degree` dependencies each; cycles, loops and parallel relationships
    /// included, and in every other graph some hidden items.
    pub fn random(random: &mut Random, nodes_max: u32, degree: u32) -> Plain {
        let nodes = 1 + random.below(nodes_max);
        let edges = random.below(degree * nodes + 1);
        let acyclic = random.once_in(3);
        let hiding = random.once_in(2);
        let mut plain = Plain { nodes, edges: Vec::new(), hidden: Vec::new() };
        for _ in 0..edges {
            let (a, b) = (random.below(nodes), random.below(nodes));
            if !acyclic || a < b {
                plain.edges.push((a, b, random.below(3)));
            }
        }
        plain.hidden = (0..nodes).map(|_| hiding && random.once_in(5)).collect();
        plain
    }
    /// The same as an estate; gates do not matter for reachability and are drawn at random.
    pub fn estate(&self, random: &mut Random) -> Estate {
        let mut estate = Estate::numbered(self.nodes, []);
        for &(dependent, dependency, kind) in &self.edges {
            let (source, target) = if kind == 2 { (dependency, dependent) } else { (dependent, dependency) };
            estate = estate.typed(&format!("n{source}"), TYPES[kind as usize], &format!("n{target}"));
            estate = match random.below(4) {
                0 => estate.soft(),
                1 => estate.group("g"),
                _ => estate,
            };
        }
        for node in (0..self.nodes).filter(|n| self.hidden[*n as usize]) {
            estate = estate.hidden(&format!("n{node}"));
        }
        estate
    }
    /// Names of the types whose indexes have a bit in `types`.
    pub fn type_names(types: u32) -> impl Iterator<Item = &'static str> {
        (0..3).filter(move |i| types >> i & 1 == 1).map(|i| TYPES[i])
    }
    /// Steps from the nearest start to every item, [`FAR`] where there is no way, by relaxing all edges until
    /// nothing changes: slow, and nothing to get wrong. `types` has a bit for each type to follow.
    pub fn distances(&self, starts: &[u32], dependents: bool, types: u32) -> Vec<u32> {
        let mut distance = vec![FAR; self.nodes as usize];
        for start in starts {
            distance[*start as usize] = 0;
        }
        loop {
            let before = distance.clone();
            for &(dependent, dependency, _) in self.edges.iter().filter(|e| types >> e.2 & 1 == 1) {
                let (from, to) = if dependents { (dependency, dependent) } else { (dependent, dependency) };
                if !self.hidden[to as usize] {
                    let through = distance[from as usize].saturating_add(1);
                    distance[to as usize] = distance[to as usize].min(through);
                }
            }
            if distance == before {
                return distance;
            }
        }
    }
}
