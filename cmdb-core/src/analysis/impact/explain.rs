//! Proof of single results: the witness chain and the gates, computed only for rows that are shown.

use super::gate::{MemberState, evaluate};
use super::margin::weight_of;
use super::{Impact, Question, State};
use crate::error::Result;
use crate::graph::adjacency::{Entry, Gate, flag};
use crate::graph::link::UNIT_WEIGHT;
use crate::graph::{Records, Snapshot, View};
use crate::model::{RelationshipNumber, SmolStr, Value};
use crate::schema::symbols;
use rustc_hash::{FxHashMap, FxHashSet};

/// One step of a chain: `item` is as it is because `on` is in `state`.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Dense ids.
    pub item: u32,
    pub relationship: RelationshipNumber,
    pub on: u32,
    /// The state of `on`.
    pub state: State,
    pub gate: Option<GateProof>,
    pub lag_minutes: u64,
    pub confidence: Option<f64>,
}

/// A group gate as it stands. Weights in thousandths.
#[derive(Clone, Debug, PartialEq)]
pub struct GateProof {
    pub group: SmolStr,
    /// The group's row in the snapshot's group table.
    pub row: u32,
    pub needed: u64,
    /// Active weight that is not lost.
    pub left: u64,
    pub of: u64,
    /// Standby weight beside it.
    pub standby: u64,
    /// Members all weigh 1, so the gate reads "2 of 3".
    pub counted: bool,
    pub state: State,
    /// Dense ids of the members that are not up, by class and name.
    pub lost: Vec<u32>,
    /// `needs` was cut to what live members give.
    pub cut: bool,
}

/// Explains results of one impact.
pub struct Explainer<'a> {
    view: View<'a>,
    question: &'a Question<'a>,
    /// State (top two bits) and depth of every item that is not up, by dense id.
    places: Vec<u32>,
}

/// Live members of an item's groups, by group row; each ascending by item.
type Members = FxHashMap<u32, Vec<MemberState>>;

const DEPTH_MASK: u32 = (1 << 30) - 1;

impl<'a> Explainer<'a> {
    pub fn new(view: View<'a>, question: &'a Question<'a>, impact: &Impact) -> Explainer<'a> {
        let mut places = vec![0; view.snapshot().nodes() as usize];
        let beyond = (&impact.beyond.order, &impact.beyond.waves);
        for (order, waves) in [(&impact.order, &impact.waves), beyond] {
            for wave in waves.iter().filter(|w| w.state != State::Up) {
                let place = (wave.state as u32) << 30 | wave.depth.min(DEPTH_MASK);
                order[wave.start as usize..wave.end as usize]
                    .iter()
                    .for_each(|i| places[*i as usize] = place);
            }
        }
        Explainer { view, question, places }
    }
    fn snapshot(&self) -> &'a Snapshot {
        self.view.snapshot()
    }
    /// State and depth of an item.
    pub fn place(&self, item: u32) -> (State, u32) {
        let place = self.places.get(item as usize).copied().unwrap_or(0);
        (State::ALL[(place >> 30) as usize], place & DEPTH_MASK)
    }
    /// The chain from `item` to a root, as long as the item's depth.
    pub fn chain(&self, item: u32) -> Result<Vec<Step>> {
        let (_, depth) = self.place(item);
        let mut steps = Vec::with_capacity(depth as usize);
        let mut at = item;
        for _ in 0..depth {
            let Some(step) = self.step(at)? else { break };
            at = step.on;
            steps.push(step);
        }
        Ok(steps)
    }
    /// Why `item` is as it is: a dependency of one wave earlier that gave or tipped its state, ties by class, name.
    pub fn step(&self, item: u32) -> Result<Option<Step>> {
        let (state, depth) = self.place(item);
        let Some(before) = depth.checked_sub(1) else { return Ok(None) };
        let earlier = |e: &Entry| {
            let (given, at) = self.place(e.other());
            given != State::Up && at == before
        };
        let candidates: Vec<Entry> = self.entries(item).filter(earlier).collect();
        let members = match candidates.iter().any(|e| e.gate() == Gate::Group) {
            true => self.members(item),
            false => Members::default(),
        };
        let tipping = self.tipping(&candidates, &members, state, before);
        let by_name = |e: &Entry| {
            let other = e.other();
            let row = (e.kind & flag::SHADOW, e.kind, e.number);
            (self.snapshot().class_name(other), self.snapshot().name_of(other), row)
        };
        let giving = candidates.into_iter().filter(|e| self.gives(state, e, &members, &tipping));
        let Some(entry) = giving.min_by(|a, b| by_name(a).cmp(&by_name(b))) else { return Ok(None) };
        let record = self.snapshot().relationship(RelationshipNumber(entry.number))?;
        let attribute = |key| record.as_ref().and_then(|r| r.attribute(key)).and_then(Value::as_number);
        Ok(Some(Step {
            item,
            relationship: RelationshipNumber(entry.number),
            on: entry.other(),
            state: self.place(entry.other()).0,
            gate: if entry.gate() == Gate::Group { self.proof(&entry, &members)? } else { None },
            lag_minutes: attribute(symbols::LAG_MINUTES).unwrap_or(0.0) as u64,
            confidence: attribute(symbols::CONFIDENCE),
        }))
    }
    /// Every group of `item` that lost something, by group name.
    pub fn gates(&self, item: u32) -> Result<Vec<GateProof>> {
        let mut gates = self.groups(item)?;
        gates.retain(|g| !g.lost.is_empty());
        Ok(gates)
    }
    /// Every group of `item`, by group name.
    pub fn groups(&self, item: u32) -> Result<Vec<GateProof>> {
        let members = self.members(item);
        let mut seen = FxHashSet::default();
        let mut out = Vec::new();
        for entry in self.entries(item).filter(|e| e.gate() == Gate::Group && seen.insert(e.group)) {
            out.extend(self.proof(&entry, &members)?);
        }
        out.sort_by(|a, b| a.group.cmp(&b.group));
        Ok(out)
    }
    /// Dependencies of `item` that take part in the question.
    fn entries(&self, item: u32) -> impl Iterator<Item = Entry> + '_ {
        self.snapshot().dependencies().row(item).entries().filter(|e| self.question.takes(e))
    }
    /// Groups, each with a state its members were lost in at wave `before`, whose gate became `state` just then.
    fn tipping(
        &self,
        candidates: &[Entry],
        members: &Members,
        state: State,
        before: u32,
    ) -> FxHashSet<(u32, State)> {
        let lost = candidates.iter().filter(|e| e.gate() == Gate::Group);
        let steps: FxHashSet<(u32, State)> = lost.map(|e| (e.group, self.place(e.other()).0)).collect();
        let becomes_there = |&(group, pass): &(u32, State)| {
            let members = members.get(&group).map(Vec::as_slice).unwrap_or(&[]);
            let up_to = |waves: u32| self.gate_after(group, members, pass, waves);
            up_to(before + 1) >= state && up_to(before) < state
        };
        steps.into_iter().filter(becomes_there).collect()
    }
    /// The gate once everything worse than `pass` and the first `waves` waves of that pass were lost.
    fn gate_after(&self, group: u32, members: &[MemberState], pass: State, waves: u32) -> State {
        let lost = |m: &MemberState| m.state > pass || (m.state == pass && self.place(m.item).1 < waves);
        let so_far = |m: &MemberState| if lost(m) { *m } else { MemberState { state: State::Up, ..*m } };
        evaluate(self.snapshot().group(group).needs, &members.iter().map(so_far).collect::<Vec<_>>())
    }
    fn gives(
        &self,
        state: State,
        entry: &Entry,
        members: &Members,
        tipping: &FxHashSet<(u32, State)>,
    ) -> bool {
        let given = self.place(entry.other()).0;
        match entry.gate() {
            Gate::Hard => given == state,
            Gate::Soft => given == State::Down && state == State::Degraded,
            // A standby member matters only where nothing is left.
            Gate::Group => {
                let active = || member_of(members, entry).is_some_and(|m| !m.standby);
                tipping.contains(&(entry.group, given)) && (state == State::Down || active())
            }
        }
    }
    /// Live members of all groups of `item` with their states; members that do not take part stay up.
    fn members(&self, item: u32) -> Members {
        let row = || self.snapshot().dependencies().row(item).entries().filter(|e| e.gate() == Gate::Group);
        let picky = self.question.types.is_some() || self.question.sure_links_only;
        let takes_part: Option<FxHashSet<(u32, u32)>> =
            picky.then(|| row().filter(|e| self.question.takes(e)).map(|e| (e.group, e.other())).collect());
        let mut members = Members::default();
        for entry in row().filter(|e| e.kind & flag::SHADOW == 0 && !self.view.is_hidden(e.other())) {
            let counts = takes_part.as_ref().is_none_or(|t| t.contains(&(entry.group, entry.other())));
            members.entry(entry.group).or_default().push(MemberState {
                item: entry.other(),
                weight: weight_of(self.snapshot(), &entry),
                standby: entry.kind & flag::STANDBY != 0,
                state: if counts { self.place(entry.other()).0 } else { State::Up },
            });
        }
        members
    }
    /// The gate of the group that `entry` is a row of, as it stands in the end.
    fn proof(&self, entry: &Entry, members: &Members) -> Result<Option<GateProof>> {
        let row = self.snapshot().group(entry.group);
        let members = members.get(&entry.group).map(Vec::as_slice).unwrap_or(&[]);
        let record = self.snapshot().relationship(RelationshipNumber(entry.number))?;
        let Some(name) = record.and_then(|r| r.identity.group) else { return Ok(None) };
        let mut lost: Vec<u32> = members.iter().filter(|m| m.state != State::Up).map(|m| m.item).collect();
        lost.sort_by_key(|item| (self.snapshot().class_name(*item), self.snapshot().name_of(*item)));
        Ok(Some(GateProof {
            group: name,
            row: entry.group,
            needed: row.needs,
            left: members.iter().filter(|m| !m.standby && m.state == State::Up).map(|m| m.weight).sum(),
            of: row.active,
            standby: row.all - row.active,
            counted: members.iter().all(|m| m.weight == UNIT_WEIGHT),
            state: evaluate(row.needs, members),
            lost,
            cut: row.cut,
        }))
    }
}

fn member_of<'m>(members: &'m Members, entry: &Entry) -> Option<&'m MemberState> {
    let members = members.get(&entry.group)?;
    members.binary_search_by_key(&entry.other(), |m| m.item).ok().map(|at| &members[at])
}
