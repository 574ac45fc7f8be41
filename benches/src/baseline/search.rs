//! Breadth-first search with a bitset, a queue that is never reallocated and a push without a branch.

use super::Csr;

/// Visited bits and queue for graphs of one size, reused between questions.
#[derive(Clone, Debug)]
pub struct Scratch {
    visited: Vec<u64>,
    /// One slot more than there are nodes, because the branch-free push writes past the tail.
    queue: Vec<u32>,
    tail: usize,
}

impl Scratch {
    pub fn new(nodes: u32) -> Scratch {
        let words = nodes as usize / 64 + 1;
        Scratch { visited: vec![0; words], queue: vec![0; nodes as usize + 1], tail: 0 }
    }

    /// How many nodes `start` reaches in one or more steps, itself left out even on a cycle.
    pub fn reach(&mut self, graph: &Csr, start: u32) -> usize {
        self.reach_from_all(graph, &[start])
    }

    /// How many nodes the starts reach together, the starts left out.
    pub fn reach_from_all(&mut self, graph: &Csr, starts: &[u32]) -> usize {
        self.begin(starts);
        let first_found = self.tail;
        self.expand(graph, 0, None);
        self.tail - first_found
    }

    /// The same within `steps_max` steps.
    pub fn reach_within(&mut self, graph: &Csr, start: u32, steps_max: u32) -> usize {
        self.begin(&[start]);
        let mut head = 0;
        for _ in 0..steps_max {
            let wave_end = self.tail;
            if head == wave_end {
                break;
            }
            self.expand(graph, head, Some(wave_end));
            head = wave_end;
        }
        self.tail - 1
    }

    /// Starts, then what the last question found, in breadth-first order.
    pub fn visited(&self) -> &[u32] {
        &self.queue[..self.tail]
    }

    fn begin(&mut self, starts: &[u32]) {
        self.clear();
        for &start in starts {
            self.tail = push(&mut self.visited, &mut self.queue, self.tail, start);
        }
    }

    /// Zeroes the words touched last time, or all of them where that should stream faster. The factor is a guess
    /// at a random access against a streamed word, not measured.
    fn clear(&mut self) {
        if self.tail * 16 < self.visited.len() {
            for &node in &self.queue[..self.tail] {
                self.visited[node as usize / 64] = 0;
            }
        } else {
            self.visited.fill(0);
        }
        self.tail = 0;
    }

    /// Expands queue entries from `head` up to `end`, or until the queue is empty.
    #[inline]
    fn expand(&mut self, graph: &Csr, mut head: usize, end: Option<usize>) {
        let (visited, queue, mut tail) = (&mut self.visited[..], &mut self.queue[..], self.tail);
        while head < end.unwrap_or(tail) {
            for &neighbour in graph.row(queue[head]) {
                tail = push(visited, queue, tail, neighbour);
            }
            head += 1;
        }
        self.tail = tail;
    }
}

/// Writes the node behind the tail whether it is new or not and moves the tail only if it is: whether a
/// neighbour was seen is a coin toss to the branch predictor.
#[inline(always)]
fn push(visited: &mut [u64], queue: &mut [u32], tail: usize, node: u32) -> usize {
    let word = &mut visited[node as usize / 64];
    let seen = *word >> (node % 64) & 1;
    *word |= 1 << (node % 64);
    queue[tail] = node;
    tail + (1 - seen) as usize
}

/// Scratch of the bidirectional shortest path: one search from each end.
#[derive(Clone, Debug)]
pub struct PathScratch {
    forward: Scratch,
    backward: Scratch,
}

impl PathScratch {
    pub fn new(nodes: u32) -> PathScratch {
        PathScratch { forward: Scratch::new(nodes), backward: Scratch::new(nodes) }
    }

    /// Steps of the shortest path, or nothing if there is none. `reversed` holds the same graph the other way.
    ///
    /// Whole waves are expanded, the end with the shorter wave first. No path is shorter than the waves done so
    /// far plus one, else the ends would have met before; so the first meeting is the answer (Pohl, 1971).
    pub fn steps(&mut self, graph: &Csr, reversed: &Csr, from: u32, to: u32) -> Option<u32> {
        if from == to {
            return Some(0);
        }
        self.forward.begin(&[from]);
        self.backward.begin(&[to]);
        let (mut forward_head, mut backward_head) = (0, 0);
        for steps in 1.. {
            let forward_wave = self.forward.tail - forward_head;
            let backward_wave = self.backward.tail - backward_head;
            if forward_wave == 0 || backward_wave == 0 {
                return None;
            }
            let met = if forward_wave <= backward_wave {
                wave_meets(graph, &mut self.forward, &mut forward_head, &self.backward.visited)
            } else {
                wave_meets(reversed, &mut self.backward, &mut backward_head, &self.forward.visited)
            };
            if met {
                return Some(steps);
            }
        }
        None
    }
}

/// Expands one wave; true as soon as it touches what the other end has visited.
fn wave_meets(graph: &Csr, side: &mut Scratch, head: &mut usize, other: &[u64]) -> bool {
    let wave = *head..side.tail;
    *head = side.tail;
    for at in wave {
        for &neighbour in graph.row(side.queue[at]) {
            if other[neighbour as usize / 64] >> (neighbour % 64) & 1 == 1 {
                return true;
            }
            side.tail = push(&mut side.visited, &mut side.queue, side.tail, neighbour);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::PetgraphWalk;
    use crate::estate::Estate;

    /// Distance of every node by relaxing all pairs until nothing changes: slow, and nothing to get wrong.
    fn distances(nodes: u32, pairs: &[(u32, u32)], starts: &[u32]) -> Vec<u32> {
        let mut distance = vec![u32::MAX; nodes as usize];
        starts.iter().for_each(|&start| distance[start as usize] = 0);
        loop {
            let before = distance.clone();
            for &(from, to) in pairs {
                let through = distance[from as usize].saturating_add(1);
                distance[to as usize] = distance[to as usize].min(through);
            }
            if before == distance {
                return distance;
            }
        }
    }

    fn reached(distance: &[u32], steps_max: u32) -> usize {
        distance.iter().filter(|&&d| d > 0 && d != u32::MAX && d <= steps_max).count()
    }

    #[test]
    fn answers_equal_relaxation_over_all_pairs() {
        let estate = Estate::new(1_000, 3);
        let pairs = estate.dependencies();
        let dependents: Vec<(u32, u32)> = pairs.iter().map(|&(a, b)| (b, a)).collect();
        let graph = Csr::reversed(1_000, &pairs);
        assert_eq!(graph, Csr::new(1_000, &dependents));
        let (mut scratch, mut walk) = (Scratch::new(1_000), PetgraphWalk::new(1_000, &pairs));
        for start in estate.starts(4) {
            let distance = distances(1_000, &dependents, &[start]);
            assert_eq!(scratch.reach(&graph, start), reached(&distance, u32::MAX));
            assert_eq!(walk.dependents(start), reached(&distance, u32::MAX));
            assert_eq!(scratch.reach_within(&graph, start, 3), reached(&distance, 3));
        }
        for set in estate.change_sets(4) {
            let expected = reached(&distances(1_000, &dependents, &set), u32::MAX);
            assert_eq!(scratch.reach_from_all(&graph, &set), expected);
            assert_eq!(walk.dependents_of_all(&set), expected);
        }
    }

    #[test]
    fn shortest_path_from_both_ends_equals_relaxation() {
        let estate = Estate::new(1_000, 5);
        let pairs = estate.dependencies();
        let (forward, backward) = (Csr::new(1_000, &pairs), Csr::reversed(1_000, &pairs));
        let mut scratch = PathScratch::new(1_000);
        for from in (0..1_000).step_by(37) {
            let distance = distances(1_000, &pairs, &[from]);
            for (to, &steps) in (0..).zip(&distance) {
                let expected = (steps != u32::MAX).then_some(steps);
                assert_eq!(scratch.steps(&forward, &backward, from, to), expected, "{from} to {to}");
            }
        }
    }
}
