//! The search from one end.

use crate::analysis::reach::{self, Direction, Limits, TypeFilter};
use crate::graph::View;
use crate::graph::adjacency::OTHER_MASK;

/// Depth of an item that was not found.
const UNSEEN: u32 = u32::MAX;
/// Set beside the depth of an item that lies on a shortest path.
const USEFUL: u32 = 1 << 31;

#[derive(Debug)]
pub(super) struct Side {
    search: reach::Scratch,
    /// Steps from this end by dense id.
    depth: Vec<u32>,
    /// Wave `d` is `queue[starts[d]..starts[d + 1]]`.
    starts: Vec<u32>,
    direction: Direction,
    /// Relationships at the last wave.
    cost: usize,
}

impl Default for Side {
    fn default() -> Side {
        let search = reach::Scratch::default();
        Side { search, depth: Vec::new(), starts: Vec::new(), direction: Direction::Dependencies, cost: 0 }
    }
}

impl Side {
    pub fn begin(&mut self, view: View<'_>, direction: Direction, end: u32, other_end: u32) {
        for item in self.search.queue() {
            self.depth[*item as usize] = UNSEEN;
        }
        self.depth.resize(view.snapshot().nodes() as usize, UNSEEN);
        self.direction = direction;
        self.search.begin(view, &[end]);
        if end != other_end {
            self.search.admit(other_end);
        }
        self.depth[end as usize] = 0;
        self.starts.clear();
        self.starts.extend([0, 1]);
        self.cost = self.direction.adjacency(view).row(end).len();
    }
    /// Relationships to be read for the next wave.
    pub fn cost(&self) -> usize {
        self.cost
    }
    /// The last wave's depth.
    pub fn depth(&self) -> u32 {
        self.starts.len() as u32 - 2
    }
    pub fn rows_done(&self) -> usize {
        self.starts[self.starts.len() - 2] as usize
    }
    fn wave_at(&self, depth: u32) -> &[u32] {
        let (start, end) = (self.starts[depth as usize], self.starts[depth as usize + 1]);
        &self.search.queue()[start as usize..end as usize]
    }

    /// Expands the last wave; false where the limits forbid.
    pub fn expand_wave(
        &mut self,
        view: View<'_>,
        types: Option<&TypeFilter>,
        limits: &Limits<'_>,
        done_elsewhere: usize,
    ) -> bool {
        let adjacency = self.direction.adjacency(view);
        let (mut head, end) = (self.rows_done(), self.search.queue().len());
        while head < end {
            let next = (limits.rows_from(head + done_elsewhere) - done_elsewhere).min(end);
            if next == head {
                return false;
            }
            self.search.expand(adjacency, types, head..next);
            head = next;
        }
        self.starts.push(self.search.queue().len() as u32);
        true
    }
    /// Writes down the depth of the last wave; whether the other end has found any of it.
    pub fn note_wave(&mut self, view: View<'_>, other: &Side) -> bool {
        let depth = self.depth();
        let start = self.rows_done();
        let adjacency = self.direction.adjacency(view);
        let mut met = false;
        self.cost = 0;
        for item in &self.search.queue()[start..] {
            self.depth[*item as usize] = depth;
            self.cost += adjacency.row(*item).len();
            met |= other.found(*item);
        }
        met
    }
    fn found(&self, item: u32) -> bool {
        self.search.has(item) && self.depth[item as usize] != UNSEEN
    }

    /// Items of the last wave that the other end has found, too: every shortest path passes through one of them.
    pub fn meeting(&self, other: &Side) -> Vec<u32> {
        let wave = self.wave_at(self.depth()).iter().copied();
        wave.filter(|item| other.found(*item)).collect()
    }
    /// Marks what lies on shortest paths from this end to the items `layer`, wave by wave back to the end.
    pub fn mark_useful(&mut self, view: View<'_>, types: Option<&TypeFilter>, mut layer: Vec<u32>) {
        let Some(item) = layer.first() else { return };
        let depth = self.depth[*item as usize];
        layer.iter().for_each(|item| self.depth[*item as usize] |= USEFUL);
        for depth in (0..depth).rev() {
            layer = self.layer_before(view, types, depth, &layer);
            layer.iter().for_each(|item| self.depth[*item as usize] |= USEFUL);
        }
    }
    /// Items of the wave `depth` with a neighbour in `layer`, found from whichever of the two is quicker to read.
    fn layer_before(
        &self,
        view: View<'_>,
        types: Option<&TypeFilter>,
        depth: u32,
        layer: &[u32],
    ) -> Vec<u32> {
        let wave = self.wave_at(depth);
        let back = self.direction.opposite().adjacency(view);
        let mut relationships = 0;
        let is_short = |item: &u32| {
            relationships += back.row(*item).len();
            relationships <= ROW_LENGTH_USUAL * wave.len()
        };
        let mut before = Vec::new();
        if layer.iter().all(is_short) {
            for item in layer {
                let neighbours = admitted(view, self.direction.opposite(), *item, types);
                before.extend(neighbours.filter(|n| self.search.has(*n) && self.depth[*n as usize] == depth));
            }
            before.sort_unstable();
            before.dedup();
        } else {
            let useful = (depth + 1) | USEFUL;
            let leads_on = |item: &u32| {
                admitted(view, self.direction, *item, types)
                    .any(|n| self.search.has(n) && self.depth[n as usize] == useful)
            };
            before.extend(wave.iter().copied().filter(leads_on));
        }
        before
    }
    pub fn is_useful(&self, item: u32, depth: u32) -> bool {
        self.depth[item as usize] == depth | USEFUL
    }
}

/// Relationships per item that are usual in an inventory.
const ROW_LENGTH_USUAL: usize = 4;

/// Neighbours along admitted relationships, hidden ones and repetitions included.
pub(super) fn admitted<'a>(
    view: View<'a>,
    direction: Direction,
    item: u32,
    types: Option<&'a TypeFilter>,
) -> impl Iterator<Item = u32> + use<'a> {
    let parts = direction.adjacency(view).row(item).parts();
    let all = parts.flat_map(|part| part.heads().iter().zip(part.kinds()));
    all.filter(move |(_, kind)| types.is_none_or(|t| t.admits(**kind))).map(|(head, _)| head & OTHER_MASK)
}
