//! Which items a search must not visit (again).

use crate::graph::cow::CowTable;
use crate::graph::{Snapshot, View};

/// One bit per item, set where the item is hidden before the search begins: hiding costs nothing per edge.
///
/// Between questions about the same graph only the words touched are put back, so that a small question costs
/// microseconds whatever the size of the graph.
#[derive(Debug, Default)]
pub struct Marks {
    words: Vec<u64>,
    /// The hidden bits that `words` began from. Held, so that its chunks cannot be freed and their addresses
    /// used again: equal addresses mean equal bits.
    seed: Option<CowTable<u64, 512>>,
    unmarked: Vec<u32>,
}

/// A word written at random is taken to cost as much as so many words copied in a row; neither side of this guess
/// shows beside the search itself.
const STREAMED_PER_RANDOM: usize = 16;

impl Marks {
    /// Readies the marks; `touched` are the items marked since they were last readied.
    pub fn begin(&mut self, view: View<'_>, touched: &[u32]) {
        match &self.seed {
            Some(seed) if view.is_full() && self.same_graph(seed, view.snapshot()) => {
                if touched.len() * STREAMED_PER_RANDOM < self.words.len() {
                    for item in touched.iter().chain(&self.unmarked) {
                        let at = *item as usize / 64;
                        self.words[at] = seed.get(at).copied().unwrap_or(0);
                    }
                } else {
                    view.hidden_bits(&mut self.words);
                }
            }
            _ => {
                view.hidden_bits(&mut self.words);
                self.seed = view.is_full().then(|| view.snapshot().hidden.clone());
            }
        }
        self.unmarked.clear();
    }
    fn same_graph(&self, seed: &CowTable<u64, 512>, snapshot: &Snapshot) -> bool {
        let words = (snapshot.nodes() as usize).div_ceil(64);
        let addresses = snapshot.hidden.chunks().map(<[u64]>::as_ptr);
        words == self.words.len()
            && seed.len() == snapshot.hidden.len()
            && seed.chunks().map(<[u64]>::as_ptr).eq(addresses)
    }
    #[inline]
    pub fn is_marked(&self, item: u32) -> bool {
        self.words[item as usize / 64] >> (item % 64) & 1 != 0
    }
    pub fn unmark(&mut self, item: u32) {
        self.words[item as usize / 64] &= !(1 << (item % 64));
        self.unmarked.push(item);
    }
    /// Bits by item, for loops that mark many.
    #[inline]
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }
}
