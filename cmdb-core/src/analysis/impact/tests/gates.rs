//! Every group of up to four members, weights 1 to 3, up to two standbys, every `needs`, every state.

use super::super::State;
use super::super::gate::{MemberState, evaluate, fallen, margin_gone};
use super::oracle::{Asked, Group, How, Link, Needs, Oracle, Shape};
use crate::graph::group::GroupRow;
use crate::graph::link::UNIT_WEIGHT;

const LOSSES: [State; 3] = [State::AtRisk, State::Degraded, State::Down];

/// One group; a code holds the states of its members, two bits each.
struct Case {
    weights: Vec<u64>,
    standby: Vec<bool>,
    needs: u64,
}

impl Case {
    /// Members in the states of `code`.
    fn members(&self, code: usize) -> Vec<MemberState> {
        let state = |i: usize| State::ALL[code >> (2 * i) & 3];
        let weights = self.weights.iter().zip(&self.standby).enumerate();
        weights
            .map(|(i, (weight, standby))| MemberState {
                item: i as u32,
                weight: weight * UNIT_WEIGHT,
                standby: *standby,
                state: state(i),
            })
            .collect()
    }
    /// The code with every member's state changed.
    fn map(&self, code: usize, change: impl Fn(State) -> State) -> usize {
        self.members(code).iter().enumerate().map(|(i, m)| (change(m.state) as usize) << (2 * i)).sum()
    }
    fn codes(&self) -> std::ops::Range<usize> {
        0..1 << (2 * self.weights.len())
    }
    fn row(&self) -> GroupRow {
        let members = self.members(0);
        let active = || members.iter().filter(|m| !m.standby).map(|m| m.weight);
        GroupRow {
            needs: self.needs * UNIT_WEIGHT,
            active: active().sum(),
            all: members.iter().map(|m| m.weight).sum(),
            heaviest: active().max().unwrap_or(0),
            ..GroupRow::default()
        }
    }
    /// As the oracle reads it.
    fn shape(&self) -> Shape {
        let how =
            |i: usize| How::Member { group: 0, halves: self.weights[i] as u32 * 2, standby: self.standby[i] };
        let link = |i: usize| Link { dependent: 4, dependency: i, kind: "", how: how(i), unsure: false };
        Shape {
            hidden: vec![false; 5],
            groups: vec![Group { dependent: 4, needs: Needs::Count(self.needs as u32) }],
            links: (0..self.weights.len()).map(link).collect(),
        }
    }
}

fn every_case(mut check: impl FnMut(&Case)) {
    for size in 1..=4usize {
        for (digits, mask) in
            (0..3usize.pow(size as u32)).flat_map(|d| (0..1usize << size).map(move |m| (d, m)))
        {
            let weights: Vec<u64> =
                (0..size).map(|i| (digits / 3usize.pow(i as u32) % 3) as u64 + 1).collect();
            let standby: Vec<bool> = (0..size).map(|i| mask >> i & 1 == 1).collect();
            let active: u64 = weights.iter().zip(&standby).filter(|(_, s)| !**s).map(|(w, _)| *w).sum();
            if mask.count_ones() > 2 {
                continue;
            }
            for needs in active.min(1)..=active {
                check(&Case { weights: weights.clone(), standby: standby.clone(), needs });
            }
        }
    }
}

#[test]
fn gates_are_up_at_rest_monotone_and_never_worse_than_their_worst_member() {
    every_case(|case| {
        let gates: Vec<State> =
            case.codes().map(|code| evaluate(case.row().needs, &case.members(code))).collect();
        assert_eq!(gates[0], State::Up);
        for code in case.codes() {
            let members = case.members(code);
            assert!(Some(gates[code]) <= members.iter().map(|m| m.state).max());
            for (i, member) in members.iter().enumerate().filter(|(_, m)| m.state != State::Down) {
                assert!(
                    gates[code + (1 << (2 * i))] >= gates[code],
                    "{member:?} worse makes the gate better"
                );
            }
        }
    });
}

/// Whether a gate is at some state or worse hangs on the members that are at that state or worse and on nothing
/// milder; beyond lost margin, it does not even matter how much worse they are.
#[test]
fn nothing_mild_adds_up_to_something_worse() {
    every_case(|case| {
        let gates: Vec<State> =
            case.codes().map(|code| evaluate(case.row().needs, &case.members(code))).collect();
        for (code, level) in case.codes().flat_map(|code| LOSSES.map(|level| (code, level))) {
            let without_milder = case.map(code, |s| if s >= level { s } else { State::Up });
            assert_eq!(gates[code] >= level, gates[without_milder] >= level);
            if level > State::AtRisk {
                let at_worst = case.map(code, |s| if s >= level { State::Down } else { State::Up });
                assert_eq!(gates[code] >= level, gates[at_worst] >= level);
            }
        }
    });
}

#[test]
fn counters_say_what_the_rule_says() {
    every_case(|case| {
        let (row, shape, asked) = (case.row(), case.shape(), Asked::default());
        let oracle = Oracle::new(&shape, &asked);
        for code in case.codes() {
            let members = case.members(code);
            let by_rule = evaluate(row.needs, &members);
            assert_eq!(by_rule, oracle.gate(0, |i| members[i].state), "{members:?} {row:?}");
            let lost = |level: State, standby_too: bool| -> u64 {
                let lost = members.iter().filter(|m| m.state >= level && (standby_too || !m.standby));
                lost.map(|m| m.weight).sum()
            };
            let by_counters = LOSSES
                .map(|level| fallen(&row, lost(level, false), lost(level, true), level))
                .into_iter()
                .max();
            match by_counters {
                Some(State::Up) if margin_gone(row.needs, &members) => assert_eq!(by_rule, State::AtRisk),
                state => assert_eq!(Some(by_rule), state, "{members:?} {row:?}"),
            }
        }
    });
}
