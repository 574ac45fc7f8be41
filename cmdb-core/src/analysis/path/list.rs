//! Writing the shortest paths out, once the two searches have met.

use super::side::admitted;
use super::{HOPS_MAX, Hop, Paths, Question, Scratch, hop, order_key};
use crate::analysis::reach::Direction;
use crate::graph::View;

/// Paths of `length` hops in order. Everything that lies on a shortest path is marked first, so the walk that writes
/// them down never turns back from a dead end and costs what it writes.
pub(super) fn paths(view: View<'_>, question: &Question<'_>, length: u32, scratch: &mut Scratch) -> Paths {
    let Scratch { from, to } = scratch;
    let meeting = if from.depth() + to.depth() == length { from.meeting(to) } else { Vec::new() };
    from.mark_useful(view, question.types, meeting.clone());
    to.mark_useful(view, question.types, meeting);
    let mut walk = Walk { view, question, length, scratch, choices: Vec::new(), steps: Vec::new() };
    walk.open(question.from);
    let mut out = Paths { length: Some(length), paths: Vec::new(), complete: true };
    while let Some(path) = walk.next() {
        if out.paths.len() >= question.limit
            || (out.paths.len() + 1) * length as usize > HOPS_MAX && !out.paths.is_empty()
        {
            out.complete = false;
            break;
        }
        out.paths.push(path);
    }
    out
}

/// Depth first over the marked items, without recursion.
struct Walk<'a> {
    view: View<'a>,
    question: &'a Question<'a>,
    length: u32,
    scratch: &'a Scratch,
    /// Where to go next, for all steps of the path so far, end to end; each step's choices last one first.
    choices: Vec<u32>,
    steps: Vec<Step>,
}

struct Step {
    item: u32,
    /// Where its choices begin.
    choices: usize,
}

impl Walk<'_> {
    /// Goes on to `item` and lays out its choices.
    fn open(&mut self, item: u32) {
        let at = self.steps.len() as u32;
        let start = self.choices.len();
        self.steps.push(Step { item, choices: start });
        if at == self.length {
            return;
        }
        let useful = |next: &u32| {
            let (from, to) = (&self.scratch.from, &self.scratch.to);
            if at < from.depth() {
                from.is_useful(*next, at + 1)
            } else {
                to.is_useful(*next, self.length - at - 1)
            }
        };
        let next = admitted(self.view, Direction::Dependencies, item, self.question.types).filter(useful);
        self.choices.extend(next);
        let snapshot = self.view.snapshot();
        let mut new = self.choices.split_off(start);
        new.sort_by(|a, b| order_key(snapshot, *b).cmp(&order_key(snapshot, *a)));
        new.dedup();
        self.choices.append(&mut new);
    }
    /// The next path in order.
    fn next(&mut self) -> Option<Vec<Hop>> {
        loop {
            let step = self.steps.last()?;
            if self.steps.len() as u32 == self.length + 1 {
                let path = self.path();
                self.steps.pop();
                return Some(path);
            }
            if self.choices.len() == step.choices {
                self.steps.pop();
                continue;
            }
            let next = self.choices.pop()?;
            self.open(next);
        }
    }
    fn path(&self) -> Vec<Hop> {
        let pairs = self.steps.windows(2);
        pairs.filter_map(|pair| hop(self.view, pair[0].item, pair[1].item, self.question.types)).collect()
    }
}
