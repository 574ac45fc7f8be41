//! One short cycle through an item.

use crate::analysis::path::{Hop, hop, order_key};
use crate::analysis::reach::{Flat, TypeFilter};
use crate::graph::View;

const UNSEEN: u32 = u32::MAX;

/// Breadth-first search inside one component, again and again with the same tables.
pub(super) struct Witness<'a> {
    view: View<'a>,
    types: Option<&'a TypeFilter>,
    dependencies: &'a Flat,
    component: &'a [u32],
    /// By dense id: the item from which it was found first.
    parent: Vec<u32>,
    queue: Vec<u32>,
}

impl<'a> Witness<'a> {
    pub fn new(
        view: View<'a>,
        types: Option<&'a TypeFilter>,
        dependencies: &'a Flat,
        component: &'a [u32],
    ) -> Witness<'a> {
        let parent = vec![UNSEEN; component.len()];
        Witness { view, types, dependencies, component, parent, queue: Vec::new() }
    }
    /// The shortest cycle through `start`, which must be on one.
    ///
    /// Items of a wave stand in the queue in order of the paths to them, and what an item finds is appended in order
    /// of names: so of all shortest paths the one that comes first by names is found first.
    pub fn through(&mut self, start: u32) -> Vec<Hop> {
        self.queue.clear();
        self.queue.push(start);
        let mut at = 0;
        let mut last = start;
        while let Some(&item) = self.queue.get(at) {
            at += 1;
            if self.dependencies.row(item).contains(&start) {
                last = item;
                break;
            }
            self.find_from(item, start);
        }
        let cycle = self.back_from(last, start);
        self.queue.iter().for_each(|item| self.parent[*item as usize] = UNSEEN);
        cycle
    }
    fn find_from(&mut self, item: u32, start: u32) {
        let from = self.queue.len();
        for &next in self.dependencies.row(item) {
            let inside = self.component[next as usize] == self.component[start as usize];
            if inside && next != start && self.parent[next as usize] == UNSEEN {
                self.parent[next as usize] = item;
                self.queue.push(next);
            }
        }
        let snapshot = self.view.snapshot();
        self.queue[from..].sort_by_cached_key(|item| order_key(snapshot, *item));
    }
    /// Hops from `start` along the parents to `last`, and from there back to `start`.
    fn back_from(&self, last: u32, start: u32) -> Vec<Hop> {
        let parent = |item: &u32| Some(self.parent[*item as usize]).filter(|parent| *parent != UNSEEN);
        let mut items: Vec<u32> = std::iter::successors(Some(last), parent).collect();
        items.reverse();
        items.push(start);
        items.windows(2).filter_map(|pair| hop(self.view, pair[0], pair[1], self.types)).collect()
    }
}
