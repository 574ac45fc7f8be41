//! Strongly connected components without recursion: a chain of a million CIs must not end the process.

use super::Csr;

const UNSEEN: u32 = 0;

/// Components of a graph, numbered so that every edge between two of them leads to the lower number.
#[derive(Clone, Debug)]
pub struct Condensation {
    pub component_of: Vec<u32>,
    pub components: u32,
    /// Members of component c are `members[starts[c]..starts[c + 1]]`.
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl Condensation {
    /// Tarjan (1972) with one word per node, as Pearce (Information Processing Letters, 2016), and the calls
    /// in a vector.
    pub fn new(graph: &Csr) -> Condensation {
        let mut walk = Walk::new(graph.nodes());
        for root in 0..graph.nodes() {
            if walk.low[root as usize] == UNSEEN {
                walk.explore(graph, root);
            }
        }
        let (mut component_of, components) = (walk.low, walk.components);
        component_of.iter_mut().for_each(|low| *low = u32::MAX - *low);
        let (starts, members) = group(&component_of, components);
        Condensation { component_of, components, starts, members }
    }

    pub fn members(&self, component: u32) -> &[u32] {
        let start = self.starts[component as usize] as usize;
        &self.members[start..self.starts[component as usize + 1] as usize]
    }
}

struct Walk {
    /// Of an open node the earliest discovery it is known to reach, counted from 1; of a closed node
    /// `u32::MAX - component`, which is above all discoveries and so never wins a minimum: no test for closed.
    low: Vec<u32>,
    open: Vec<u32>,
    calls: Vec<Call>,
    clock: u32,
    components: u32,
}

#[derive(Clone, Copy)]
struct Call {
    node: u32,
    discovered: u32,
    /// Next entry of the node's row.
    at: u32,
}

impl Walk {
    fn new(nodes: u32) -> Walk {
        let low = vec![UNSEEN; nodes as usize];
        Walk { low, open: Vec::new(), calls: Vec::new(), clock: 0, components: 0 }
    }

    fn explore(&mut self, graph: &Csr, root: u32) {
        self.enter(root);
        while let Some(mut call) = self.calls.pop() {
            match self.next_unseen(graph, &mut call) {
                Some(unseen) => {
                    self.calls.push(call);
                    self.enter(unseen);
                }
                None => self.leave(call),
            }
        }
    }

    fn enter(&mut self, node: u32) {
        self.clock += 1;
        self.low[node as usize] = self.clock;
        self.open.push(node);
        self.calls.push(Call { node, discovered: self.clock, at: 0 });
    }

    fn next_unseen(&mut self, graph: &Csr, call: &mut Call) -> Option<u32> {
        let row = graph.row(call.node);
        let mut low = self.low[call.node as usize];
        let mut unseen = None;
        for &neighbour in &row[call.at as usize..] {
            call.at += 1;
            let theirs = self.low[neighbour as usize];
            if theirs == UNSEEN {
                unseen = Some(neighbour);
                break;
            }
            low = low.min(theirs);
        }
        self.low[call.node as usize] = low;
        unseen
    }

    fn leave(&mut self, call: Call) {
        let low = self.low[call.node as usize];
        if low == call.discovered {
            self.close(call.node);
        } else if let Some(caller) = self.calls.last() {
            let theirs = &mut self.low[caller.node as usize];
            *theirs = (*theirs).min(low);
        }
    }

    fn close(&mut self, root: u32) {
        while let Some(member) = self.open.pop() {
            self.low[member as usize] = u32::MAX - self.components;
            if member == root {
                break;
            }
        }
        self.components += 1;
    }
}

/// Counting sort of nodes by component.
fn group(component_of: &[u32], components: u32) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; components as usize + 1];
    for &component in component_of {
        starts[component as usize + 1] += 1;
    }
    for component in 0..components as usize {
        starts[component + 1] += starts[component];
    }
    let mut next = starts.clone();
    let mut members = vec![0; component_of.len()];
    for (node, &component) in (0u32..).zip(component_of) {
        let slot = &mut next[component as usize];
        members[*slot as usize] = node;
        *slot += 1;
    }
    (starts, members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Estate;

    #[test]
    fn components_agree_with_petgraph_and_edges_lead_down() {
        let estate = Estate::new(2_000, 9);
        let pairs = estate.dependencies();
        let condensation = Condensation::new(&Csr::new(2_000, &pairs));
        let walk = crate::baseline::PetgraphWalk::new(2_000, &pairs);
        let expected = petgraph::algo::kosaraju_scc(walk.graph());
        assert_eq!(condensation.components as usize, expected.len());
        for members in expected {
            let own = condensation.component_of[members[0].index()];
            assert_eq!(condensation.members(own).len(), members.len());
            assert!(members.iter().all(|member| condensation.component_of[member.index()] == own));
        }
        let down = |&(a, b): &(u32, u32)| {
            condensation.component_of[a as usize] >= condensation.component_of[b as usize]
        };
        assert!(pairs.iter().all(down));
    }

    #[test]
    fn chain_and_cycle_of_a_million_do_not_overflow_the_stack() {
        let chain: Vec<(u32, u32)> = (0..1_000_000).map(|i| (i, i + 1)).collect();
        assert_eq!(Condensation::new(&Csr::new(1_000_001, &chain)).components, 1_000_001);
        let cycle: Vec<(u32, u32)> = (0..1_000_000).map(|i| (i, (i + 1) % 1_000_000)).collect();
        assert_eq!(Condensation::new(&Csr::new(1_000_000, &cycle)).components, 1);
    }
}
