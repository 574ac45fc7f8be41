//! Cutting an answer at a depth. The whole answer is computed first, so that what a cut one says of an item is what
//! the whole one says; what was cut off is kept aside, because proofs may lean on it.

use super::{Impact, Question, Wave};
use crate::graph::Snapshot;

/// What lies deeper than asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Beyond {
    pub(super) order: Vec<u32>,
    pub(super) waves: Vec<Wave>,
}

/// Takes out the waves beyond the question's depth, if it has one. `marks` holds a bit an item and is overwritten.
pub(super) fn cut(snapshot: &Snapshot, question: &Question<'_>, answer: &mut Impact, marks: &mut [u64]) {
    let Some(limit) = question.depth_max else { return };
    if answer.waves.iter().all(|wave| wave.depth <= limit) {
        return;
    }
    let (order, waves) = (std::mem::take(&mut answer.order), std::mem::take(&mut answer.waves));
    let beyond = &mut answer.beyond;
    for wave in waves {
        let (to, into) = match wave.depth > limit {
            true => (&mut beyond.order, &mut beyond.waves),
            false => (&mut answer.order, &mut answer.waves),
        };
        let start = to.len() as u32;
        to.extend_from_slice(&order[wave.start as usize..wave.end as usize]);
        into.push(Wave { start, end: to.len() as u32, ..wave });
    }
    answer.complete = false;
    if answer.frontier.is_empty() {
        answer.frontier = edge(snapshot, question, answer, limit, marks);
    }
}

/// Items at the limit with something beyond behind them.
fn edge(
    snapshot: &Snapshot,
    question: &Question<'_>,
    answer: &Impact,
    limit: u32,
    marks: &mut [u64],
) -> Vec<u32> {
    marks.fill(0);
    answer.beyond.order.iter().for_each(|item| marks[*item as usize / 64] |= 1 << (item % 64));
    let is_beyond = |item: u32| marks[item as usize / 64] >> (item % 64) & 1 != 0;
    let leads_on = |item: &u32| {
        snapshot.dependents().row(*item).entries().any(|e| is_beyond(e.other()) && question.takes(&e))
    };
    let last = answer.waves.iter().filter(|wave| wave.depth == limit);
    last.flat_map(|wave| answer.items(wave)).copied().filter(leads_on).collect()
}
