//! Why a joint collision is one: the gate that several changes bring down together, and what each takes of it.

use super::Activity;
use crate::analysis::impact::{Explainer, GateProof, Impact, Question, Root, Scratch, State, impact};
use crate::error::Result;
use crate::graph::View;

/// The gate where the effects add up.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The item whose gate it is; dense id.
    pub item: u32,
    pub gate: GateProof,
    /// What each activity takes, in order of the activities.
    pub taken: Vec<Taken>,
}

/// A member of the gate that one activity takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Place in the list of activities.
    pub activity: usize,
    /// Dense id of the member.
    pub member: u32,
    /// The state that activity alone brings it to.
    pub state: State,
    /// What the activity works on to that effect; the member itself if it is worked on.
    pub by: u32,
}

/// One question with its answer, to be explained.
struct Asked {
    roots: Vec<Root>,
    answer: Impact,
}

impl Asked {
    fn new(view: View<'_>, roots: Vec<Root>, scratch: &mut Scratch) -> Asked {
        let answer = impact(view, &Question::new(&roots), scratch);
        Asked { roots, answer }
    }
}

/// Follows the proof of `service` under all of `set` down to the first gate that has lost members to different
/// activities; nothing if the losses add up in no single gate.
pub fn reason(
    view: View<'_>,
    activities: &[Activity],
    set: &[usize],
    service: u32,
    scratch: &mut Scratch,
) -> Result<Option<Reason>> {
    let roots_of = |a: &usize| activities[*a].roots.iter().copied();
    let all = Asked::new(view, set.iter().flat_map(roots_of).collect(), scratch);
    let single: Vec<Asked> = set.iter().map(|a| Asked::new(view, roots_of(a).collect(), scratch)).collect();
    let question = Question::new(&all.roots);
    let whole = Explainer::new(view, &question, &all.answer);
    let questions: Vec<Question<'_>> = single.iter().map(|asked| Question::new(&asked.roots)).collect();
    let alone: Vec<Explainer<'_>> =
        single.iter().zip(&questions).map(|(asked, q)| Explainer::new(view, q, &asked.answer)).collect();
    let mut at = service;
    let (_, depth) = whole.place(service);
    for _ in 0..=depth {
        for gate in whole.gates(at)? {
            let taken = taken_of(&gate, set, &alone)?;
            let takers = taken.iter().map(|t| t.activity).collect::<std::collections::BTreeSet<_>>();
            let worse = gate.state > single_gates(&alone, at, &gate)?;
            if takers.len() > 1 && worse {
                return Ok(Some(Reason { item: at, gate, taken }));
            }
        }
        match whole.step(at)? {
            Some(step) => at = step.on,
            None => break,
        }
    }
    Ok(None)
}

/// The worst that the same gate becomes under any one activity.
fn single_gates(alone: &[Explainer<'_>], item: u32, gate: &GateProof) -> Result<State> {
    let mut worst = State::Up;
    for explainer in alone {
        let same = explainer.gates(item)?.into_iter().find(|g| g.group == gate.group);
        worst = worst.max(same.map_or(State::Up, |g| g.state));
    }
    Ok(worst)
}

fn taken_of(gate: &GateProof, set: &[usize], alone: &[Explainer<'_>]) -> Result<Vec<Taken>> {
    let mut taken = Vec::new();
    for (activity, explainer) in set.iter().zip(alone) {
        for member in &gate.lost {
            let (state, _) = explainer.place(*member);
            if state != State::Up {
                let by = explainer.chain(*member)?.last().map_or(*member, |step| step.on);
                taken.push(Taken { activity: *activity, member: *member, state, by });
            }
        }
    }
    Ok(taken)
}
