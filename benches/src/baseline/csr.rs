//! Compressed sparse rows: one array of offsets, one of neighbours, both 32 bits wide.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csr {
    offsets: Vec<u32>,
    neighbours: Vec<u32>,
}

impl Csr {
    /// Rows by the first of each pair. Counting sort, so a row keeps the order of its pairs.
    pub fn new(nodes: u32, pairs: &[(u32, u32)]) -> Csr {
        Csr::filled(nodes, || pairs.iter().copied())
    }

    /// Rows by the second of each pair: dependents, when the pairs are (dependent, dependency).
    pub fn reversed(nodes: u32, pairs: &[(u32, u32)]) -> Csr {
        Csr::filled(nodes, || pairs.iter().map(|&(from, to)| (to, from)))
    }

    fn filled<I: Iterator<Item = (u32, u32)>>(nodes: u32, pairs: impl Fn() -> I) -> Csr {
        let mut offsets = vec![0u32; nodes as usize + 1];
        let mut count = 0;
        for (row, _) in pairs() {
            offsets[row as usize + 1] += 1;
            count += 1;
        }
        for row in 0..nodes as usize {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut neighbours = vec![0; count];
        for (row, neighbour) in pairs() {
            let slot = &mut next[row as usize];
            neighbours[*slot as usize] = neighbour;
            *slot += 1;
        }
        Csr { offsets, neighbours }
    }

    pub fn nodes(&self) -> u32 {
        self.offsets.len() as u32 - 1
    }

    pub fn pairs(&self) -> usize {
        self.neighbours.len()
    }

    #[inline]
    pub fn row(&self, node: u32) -> &[u32] {
        let start = self.offsets[node as usize] as usize;
        let end = self.offsets[node as usize + 1] as usize;
        &self.neighbours[start..end]
    }

    pub fn bytes(&self) -> usize {
        4 * (self.offsets.len() + self.neighbours.len())
    }
}
