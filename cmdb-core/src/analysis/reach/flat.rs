//! One direction of a view laid flat, for analyses that read the whole graph several times.

use super::{Direction, TypeFilter};
use crate::graph::View;
use crate::graph::adjacency::OTHER_MASK;

/// Compressed rows: offsets and neighbours, 4 bytes per item and relationship. Hidden items are nobody's neighbours,
/// but have their own rows: a search may start from them. Parallel relationships stay.
#[derive(Clone, Debug, Default)]
pub struct Flat {
    offsets: Vec<u32>,
    targets: Vec<u32>,
}

impl Flat {
    pub fn of(view: View<'_>, direction: Direction, types: Option<&TypeFilter>) -> Flat {
        let mut hidden = Vec::new();
        view.hidden_bits(&mut hidden);
        let is_hidden = |item: u32| hidden[item as usize / 64] >> (item % 64) & 1 != 0;
        let adjacency = direction.adjacency(view);
        let nodes = view.snapshot().nodes();
        let mut flat = Flat { offsets: Vec::with_capacity(nodes as usize + 1), targets: Vec::new() };
        flat.offsets.push(0);
        for node in 0..nodes {
            for part in adjacency.row(node).parts() {
                let others = part.heads().iter().map(|head| head & OTHER_MASK);
                match types {
                    None => flat.targets.extend(others.filter(|other| !is_hidden(*other))),
                    Some(types) => flat.targets.extend(
                        others
                            .zip(part.kinds())
                            .filter(|(other, kind)| types.admits(**kind) && !is_hidden(*other))
                            .map(|(other, _)| other),
                    ),
                }
            }
            flat.offsets.push(flat.targets.len() as u32);
        }
        flat
    }
    pub fn nodes(&self) -> u32 {
        self.offsets.len() as u32 - 1
    }
    #[inline]
    pub fn row(&self, node: u32) -> &[u32] {
        &self.targets[self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize]
    }
    /// Offsets and neighbours, as [`crate::graph::order::components`] takes them.
    pub fn parts(&self) -> (&[u32], &[u32]) {
        (&self.offsets, &self.targets)
    }
}
