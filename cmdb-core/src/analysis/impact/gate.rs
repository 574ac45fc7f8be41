//! Group gates: the rule itself, once for the engine's counters and once for members with known states.

use super::State;
use crate::graph::group::GroupRow;

/// What the gate has become, where `active` and `all` weigh the members at `state` or worse, and everything milder
/// counts as up. Lost margin is not looked at.
pub(super) fn fallen(group: &GroupRow, active: u64, all: u64, state: State) -> State {
    let missed_by_active = group.active.saturating_sub(active) < group.needs;
    let missed_by_all = group.all.saturating_sub(all) < group.needs;
    match (missed_by_active, missed_by_all) {
        (false, _) => State::Up,
        (true, true) => state,
        // A standby took over: the better of what the active ones give and the worse of degraded and all.
        (true, false) => state.min(State::Degraded),
    }
}

/// A live member of a group with its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberState {
    pub item: u32,
    /// In thousandths.
    pub weight: u64,
    pub standby: bool,
    pub state: State,
}

/// The gate over members with known states, straight from the rule: best states first until `needs` is met.
pub fn evaluate(needs: u64, members: &[MemberState]) -> State {
    let on_active = reached(needs, members, false);
    let on_all = reached(needs, members, true);
    let mut state = on_active.min(on_all.max(State::Degraded));
    if state == State::Up && margin_gone(needs, members) {
        state = State::AtRisk;
    }
    state
}

/// Whether an active member is not up and losing the heaviest one that is not down would miss `needs`.
pub fn margin_gone(needs: u64, members: &[MemberState]) -> bool {
    let active = || members.iter().filter(|m| !m.standby);
    let left: u64 = active().filter(|m| m.state != State::Down).map(|m| m.weight).sum();
    let heaviest = active().filter(|m| m.state != State::Down).map(|m| m.weight).max().unwrap_or(0);
    active().any(|m| m.state != State::Up) && left - heaviest < needs
}

fn reached(needs: u64, members: &[MemberState], with_standby: bool) -> State {
    let mut counted: Vec<&MemberState> = members.iter().filter(|m| with_standby || !m.standby).collect();
    counted.sort_by_key(|m| m.state);
    let mut weight = 0;
    if needs == 0 {
        return State::Up;
    }
    for member in counted {
        weight += member.weight;
        if weight >= needs {
            return member.state;
        }
    }
    State::Down
}
