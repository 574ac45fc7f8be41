//! The joint picture of a stretch of time: what everything that runs does together, from one moment to the next.

use super::alone::stakes_of;
use super::{Activity, Bits, Calendar, Span, worst_first};
use crate::analysis::impact::{Question, Root, Scratch, State, impact};
use crate::graph::View;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// A stretch in which the same activities run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub span: Span,
    /// Places of activities, ascending.
    pub running: Vec<usize>,
    /// Stakes that are not up, worst first.
    pub stakes: Vec<(u32, State)>,
}

/// Moments between the ends of `within` in which something runs, in order.
pub fn picture(view: View<'_>, calendar: Calendar<'_>, within: Span) -> Vec<Moment> {
    let spans = calendar.activities.iter().map(|a| a.span.common(&within)).filter(|s| !s.is_empty());
    let instants: BTreeSet<i64> = spans.flat_map(|s| [s.start_ms, s.end_ms]).collect();
    let instants: Vec<i64> = instants.into_iter().collect();
    let stakes = Bits::of(view.snapshot().nodes(), calendar.stakes.iter().copied());
    let moment = |scratch: &mut Scratch, ends: &[i64]| {
        let span = Span { start_ms: ends[0], end_ms: ends[1] };
        let runs = |a: &Activity| !a.span.is_empty() && a.span.contains(&span);
        let running: Vec<usize> =
            (0..calendar.activities.len()).filter(|at| runs(&calendar.activities[*at])).collect();
        let roots: Vec<Root> =
            running.iter().flat_map(|at| calendar.activities[*at].roots.iter().copied()).collect();
        let answer = impact(view, &Question::new(&roots), scratch);
        let stakes = worst_first(view, stakes_of(&answer, &stakes));
        scratch.recycle(answer);
        Moment { span, running, stakes }
    };
    let moments: Vec<Moment> = instants.par_windows(2).map_init(Scratch::default, moment).collect();
    moments.into_iter().filter(|m| !m.running.is_empty()).collect()
}
