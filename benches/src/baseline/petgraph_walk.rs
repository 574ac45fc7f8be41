//! The same reachability as most Rust programs would have it: petgraph's `Bfs` over a reversed `DiGraph`.

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Reversed, VisitMap, Visitable};

type Graph = DiGraph<(), (), u32>;

/// The graph with its search state, which is reused so that allocation is not what gets compared.
#[derive(Clone)]
pub struct PetgraphWalk {
    graph: Graph,
    search: Bfs<NodeIndex<u32>, <Graph as Visitable>::Map>,
}

impl PetgraphWalk {
    /// Pairs are (dependent, dependency).
    pub fn new(nodes: u32, pairs: &[(u32, u32)]) -> PetgraphWalk {
        let mut graph = Graph::with_capacity(nodes as usize, pairs.len());
        for _ in 0..nodes {
            graph.add_node(());
        }
        graph.extend_with_edges(pairs);
        let search = Bfs { stack: Default::default(), discovered: graph.visit_map() };
        PetgraphWalk { graph, search }
    }

    /// How many CIs depend on `start`, directly or not, itself left out.
    pub fn dependents(&mut self, start: u32) -> usize {
        self.dependents_of_all(&[start])
    }

    /// How many CIs depend on any of the starts, the starts left out.
    pub fn dependents_of_all(&mut self, starts: &[u32]) -> usize {
        self.graph.reset_map(&mut self.search.discovered);
        self.search.stack.clear();
        for &start in starts {
            let start = NodeIndex::<u32>::new(start as usize);
            if self.search.discovered.visit(start) {
                self.search.stack.push_back(start);
            }
        }
        let roots = self.search.stack.len();
        let mut visited = 0;
        while self.search.next(Reversed(&self.graph)).is_some() {
            visited += 1;
        }
        visited - roots
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}
