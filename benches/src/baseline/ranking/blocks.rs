//! Sets as bit vectors, 512 columns at a time, blocks in parallel.

use super::core::{Core, Lists};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const COLUMNS: usize = 512;
const WORDS: usize = COLUMNS / 64;

/// One cache line, and aligned to one: the allocator would start rows 16 bytes into a line, so that each took two.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Row([u64; WORDS]);

const UNPLACED: u32 = u32::MAX;

/// The bits every row sets by itself, block by block, and what a bit is worth.
pub(super) struct Columns {
    rows: usize,
    /// Block (from bit 32 + 9), row (from bit 9) and column within the block, ascending.
    own: Vec<u64>,
    /// Where each block begins in `own`.
    starts: Vec<usize>,
    planes: Vec<Planes>,
}

/// The columns of a block whose weight has the bit `shift`, for every bit that occurs.
type Planes = Vec<(u32, Row)>;

impl Columns {
    /// Columns are numbered by the first row that holds them. Rows before a block's first are empty, which saves
    /// passing over them; weights above 1, which cost a popcount for each bit, come last to lie in as few blocks as possible.
    pub fn new(core: &Core, weights: &[u32]) -> Columns {
        let mut worth = vec![0u32; weights.len()];
        for (component, &weight) in weights.iter().enumerate() {
            worth[core.column_of(component) as usize] += weight;
        }
        let (numbers, order) = number(core, &worth);
        let own = own_bits(core, &numbers);
        let blocks = order.len().div_ceil(COLUMNS);
        let starts = (0..=blocks as u64).map(|block| own.partition_point(|&bit| bit >> 41 < block)).collect();
        let planes = order.chunks(COLUMNS).map(|block| planes(block, &worth)).collect();
        Columns { rows: core.rows(), own, starts, planes }
    }

    /// Weight of every row's set. Workers take the blocks one by one, last first, each with rows of its own.
    pub fn counts(&self, above: &Lists) -> Vec<u32> {
        let left = AtomicUsize::new(self.planes.len());
        let take = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).ok();
        let work = |_| {
            let mut worker = Worker::new(self.rows);
            while let Some(n) = take() {
                worker.count_block(self, n - 1, above);
            }
            worker.counts
        };
        let workers = (0..rayon::current_num_threads()).into_par_iter();
        workers.map(work).reduce(|| vec![0; self.rows], sum)
    }

    fn own(&self, block: usize) -> &[u64] {
        &self.own[self.starts[block]..self.starts[block + 1]]
    }
}

struct Worker {
    rows: Vec<Row>,
    counts: Vec<u32>,
    /// Rows before this one are zero.
    used_from: usize,
}

impl Worker {
    fn new(rows: usize) -> Worker {
        Worker { rows: vec![Row::default(); rows], counts: vec![0; rows], used_from: rows }
    }

    fn count_block(&mut self, columns: &Columns, block: usize, above: &Lists) {
        let mut own = columns.own(block);
        let Some(first) = own.first().map(|&bit| row_of(bit)) else { return };
        if self.used_from < first {
            self.rows[self.used_from..first].fill(Row::default());
        }
        self.used_from = first;
        let planes = &columns.planes[block];
        for row in first..self.rows.len() {
            let mut set = Row::default();
            for &dependent in above.get(row) {
                let theirs = &self.rows[dependent as usize];
                set.0.iter_mut().zip(theirs.0).for_each(|(word, more)| *word |= more);
            }
            while let [bit, rest @ ..] = own
                && row_of(*bit) == row
            {
                set.0[(bit >> 6 & 7) as usize] |= 1 << (bit & 63);
                own = rest;
            }
            self.rows[row] = set;
            self.counts[row] += weigh(&set, planes);
        }
    }
}

fn row_of(bit: u64) -> usize {
    (bit >> 9 & 0xffff_ffff) as usize
}

/// Number of every column that some row holds and that weighs anything, and the columns in that order.
fn number(core: &Core, worth: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut numbers = vec![UNPLACED; worth.len()];
    let (mut light, mut heavy) = (Vec::new(), Vec::new());
    for column in (0..core.rows()).flat_map(|row| core.columns(row)) {
        if numbers[column as usize] == UNPLACED && worth[column as usize] > 0 {
            numbers[column as usize] = 0;
            let order = if worth[column as usize] == 1 { &mut light } else { &mut heavy };
            order.push(column);
        }
    }
    light.append(&mut heavy);
    for (number, &column) in (0u32..).zip(&light) {
        numbers[column as usize] = number;
    }
    (numbers, light)
}

fn own_bits(core: &Core, numbers: &[u32]) -> Vec<u64> {
    let bit = |row: usize, column: u32| match numbers[column as usize] {
        UNPLACED => None,
        number => Some(u64::from(number >> 9) << 41 | (row as u64) << 9 | u64::from(number & 511)),
    };
    let rows = 0..core.rows();
    let mut own: Vec<u64> = rows.flat_map(|row| core.columns(row).filter_map(move |c| bit(row, c))).collect();
    own.par_sort_unstable();
    own.dedup();
    own
}

fn planes(block: &[u32], worth: &[u32]) -> Planes {
    let weights = || block.iter().map(|&column| worth[column as usize]);
    let bits = weights().fold(0, |bits, weight| bits | weight);
    let plane = |shift: u32| {
        let mut mask = Row::default();
        for (at, weight) in weights().enumerate() {
            mask.0[at / 64] |= u64::from(weight >> shift & 1) << (at % 64);
        }
        (shift, mask)
    };
    (0..32).filter(|shift| bits >> shift & 1 == 1).map(plane).collect()
}

fn weigh(set: &Row, planes: &Planes) -> u32 {
    let count =
        |mask: &Row| set.0.iter().zip(mask.0).map(|(word, mask)| (word & mask).count_ones()).sum::<u32>();
    planes.iter().map(|(shift, mask)| count(mask) << shift).sum()
}

fn sum(mut total: Vec<u32>, more: Vec<u32>) -> Vec<u32> {
    total.iter_mut().zip(more).for_each(|(count, add)| *count += add);
    total
}
