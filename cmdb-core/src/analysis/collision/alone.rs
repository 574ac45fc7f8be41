//! What each activity does by itself: computed once, side by side, and all that most comparisons need.

use super::{Activity, Bits, Calendar, Doing, Period, PeriodKind};
use crate::analysis::impact::{Impact, Question, Scratch, State, impact};
use crate::graph::adjacency::Gate;
use crate::graph::{Snapshot, View};
use rayon::prelude::*;

/// Items of a freeze's scope that are remembered as touched by one activity.
const FROZEN_ITEMS_MAX: usize = 10;

/// The effect of one activity.
#[derive(Clone, Debug, Default)]
pub(super) struct Alone {
    /// Stakes that are not up, by dense id.
    pub stakes: Vec<(u32, State)>,
    /// Stakes that redundancy keeps up, by dense id.
    pub held: Vec<u32>,
    /// Rows of groups of which a member is not up, ascending.
    pub groups: Vec<u32>,
    /// Items that some activity works on and this one leaves degraded or down, by dense id.
    pub hit: Vec<(u32, State)>,
    /// (freeze, what of its scope is touched, worst first) for freezes that meet the planned span.
    pub frozen: Vec<(usize, Vec<(u32, State)>)>,
}

struct Marks<'a> {
    stakes: &'a Bits,
    worked_on: Bits,
    /// Scopes of freezes by place; of other periods nothing.
    scopes: Vec<Option<Bits>>,
}

pub(super) fn all(view: View<'_>, calendar: Calendar<'_>, stakes: &Bits) -> Vec<Alone> {
    let nodes = view.snapshot().nodes();
    let roots = calendar.activities.iter().flat_map(|a| a.roots.iter().map(|r| r.item));
    let scope = |period: &Period| {
        (period.kind == PeriodKind::Freeze).then(|| Bits::of(nodes, period.scope.iter().copied()))
    };
    let marks = Marks {
        stakes,
        worked_on: Bits::of(nodes, roots),
        scopes: calendar.periods.par_iter().map(scope).collect(),
    };
    calendar
        .activities
        .par_iter()
        .map_init(Scratch::default, |scratch, activity| of(view, calendar, activity, &marks, scratch))
        .collect()
}

fn of(
    view: View<'_>,
    calendar: Calendar<'_>,
    activity: &Activity,
    marks: &Marks<'_>,
    scratch: &mut Scratch,
) -> Alone {
    let answer = impact(view, &Question::new(&activity.roots), scratch);
    let alone = Alone {
        stakes: stakes_of(&answer, marks.stakes),
        held: held_of(&answer, marks.stakes),
        groups: groups_of(view.snapshot(), &answer),
        hit: hit_of(&answer, &marks.worked_on),
        frozen: frozen_by(calendar, activity, marks, &answer),
    };
    scratch.recycle(answer);
    alone
}

/// What an activity does to the stakes and which groups it reaches, whatever the calendar says.
pub(super) fn without_calendar(
    view: View<'_>,
    activity: &Activity,
    stakes: &Bits,
    scratch: &mut Scratch,
) -> Alone {
    let answer = impact(view, &Question::new(&activity.roots), scratch);
    let alone = Alone {
        stakes: stakes_of(&answer, stakes),
        groups: groups_of(view.snapshot(), &answer),
        ..Alone::default()
    };
    scratch.recycle(answer);
    alone
}

/// Stakes that are not up, by dense id.
pub(super) fn stakes_of(answer: &Impact, stakes: &Bits) -> Vec<(u32, State)> {
    let in_wave = |wave: &super::super::impact::Wave| {
        let state = wave.state;
        answer.items(wave).iter().filter(|i| stakes.holds(**i)).map(move |i| (*i, state)).collect::<Vec<_>>()
    };
    let mut out: Vec<(u32, State)> = answer.affected_waves().flat_map(in_wave).collect();
    out.sort_unstable_by_key(|(item, _)| *item);
    out
}

fn held_of(answer: &Impact, stakes: &Bits) -> Vec<u32> {
    let up = answer.waves.iter().filter(|wave| wave.state == State::Up);
    let mut out: Vec<u32> =
        up.flat_map(|wave| answer.items(wave)).copied().filter(|i| stakes.holds(*i)).collect();
    out.sort_unstable();
    out
}

/// Rows of groups that have lost a member or part of one, ascending: where effects can add up.
pub(super) fn groups_of(snapshot: &Snapshot, answer: &Impact) -> Vec<u32> {
    let mut out = Vec::new();
    for wave in answer.affected_waves() {
        for item in answer.items(wave) {
            let entries = snapshot.dependents().row(*item).entries();
            out.extend(entries.filter(|e| e.gate() == Gate::Group).map(|e| e.group));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn hit_of(answer: &Impact, worked_on: &Bits) -> Vec<(u32, State)> {
    let mut out = Vec::new();
    for wave in answer.affected_waves().filter(|w| w.state >= State::Degraded) {
        let hit = answer.items(wave).iter().filter(|i| worked_on.holds(**i));
        out.extend(hit.map(|i| (*i, wave.state)));
    }
    out.sort_unstable_by_key(|(item, _)| *item);
    out
}

fn frozen_by(
    calendar: Calendar<'_>,
    activity: &Activity,
    marks: &Marks<'_>,
    answer: &Impact,
) -> Vec<(usize, Vec<(u32, State)>)> {
    if activity.doing != Doing::Change {
        return Vec::new();
    }
    let meets = |at: &usize| calendar.periods[*at].spans.iter().any(|span| span.meets(&activity.planned));
    let touched = |at: usize| {
        let scope = marks.scopes[at].as_ref()?;
        let waves = answer.affected_waves();
        let all = waves.flat_map(|wave| answer.items(wave).iter().map(|item| (*item, wave.state)));
        let touched: Vec<_> = all.filter(|(item, _)| scope.holds(*item)).take(FROZEN_ITEMS_MAX).collect();
        (!touched.is_empty()).then_some((at, touched))
    };
    (0..calendar.periods.len()).filter(meets).filter_map(touched).collect()
}
