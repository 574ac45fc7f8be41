//! All nodes a walk reaches, each once: a visit in waves with one bit per node.

use crate::graph::{Graph, Hop, Reach};
use crate::value::Node;

/// Appends what `question` reaches; false where a visit of each node once cannot answer it.
pub fn reach(graph: &dyn Graph, nodes: u32, question: &Reach<'_>, out: &mut Vec<Node>) -> bool {
    if question.min > 1 || question.direction == crate::syntax::tree::Direction::Both {
        return false;
    }
    let mut seen = vec![0u64; (nodes as usize).div_ceil(64)];
    let mut take = |node: Node| {
        let Some(word) = seen.get_mut(node.0 as usize / 64) else { return false };
        let bit = 1 << (node.0 % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    };
    let from = out.len();
    if question.min == 0 {
        take(question.start);
        out.push(question.start);
    }
    let mut hops: Vec<Hop> = Vec::new();
    let mut wave = vec![question.start];
    let mut depth = 0;
    while !wave.is_empty() && question.max.is_none_or(|max| depth < max) {
        let next_from = out.len();
        for node in wave.drain(..) {
            hops.clear();
            graph.expand(node, question.direction, question.kinds, &mut hops);
            out.extend(hops.iter().map(|hop| hop.node).filter(|node| take(*node)));
        }
        wave.extend_from_slice(&out[next_from..]);
        depth += 1;
    }
    debug_assert!(out.len() >= from);
    true
}
