//! What one principal sees of a snapshot. Analyses take a view, never a snapshot, so that hiding is decided inside
//! the traversal and hidden items show neither in counts nor in paths nor in order.

use super::snapshot::Snapshot;

/// A snapshot as one principal sees it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    snapshot: &'a Snapshot,
}

impl<'a> View<'a> {
    /// The whole graph.
    pub fn full(snapshot: &'a Snapshot) -> View<'a> {
        View { snapshot }
    }
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }
    /// `full` or `restricted`, as answers say it.
    pub fn word(&self) -> &'static str {
        "full"
    }
    /// Whether items, relationships and groups may be counted from tables made for the whole graph.
    pub fn is_full(&self) -> bool {
        true
    }
    #[inline]
    pub fn is_hidden(&self, dense: u32) -> bool {
        self.snapshot.is_hidden(dense)
    }
    /// Fills `words` with one bit per item, set where the item is hidden; traversal starts from this as its
    /// visited set, so that hiding costs nothing per edge.
    pub fn hidden_bits(&self, words: &mut Vec<u64>) {
        let len = (self.snapshot.nodes() as usize).div_ceil(64);
        words.clear();
        words.reserve(len);
        for chunk in self.snapshot.hidden.chunks() {
            words.extend_from_slice(chunk);
        }
        words.resize(len, 0);
    }
}
