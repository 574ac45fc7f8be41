//! The rules put as plainly as possible, over described links instead of snapshots. Deliberately slow.

use super::super::State;

/// A described estate: items are places in `hidden`.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Not live.
    pub hidden: Vec<bool>,
    pub groups: Vec<Group>,
    pub links: Vec<Link>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub dependent: usize,
    pub needs: Needs,
}

/// Weights are counted in halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Unstated,
    Count(u32),
    Percent(u32),
    Halves(u32),
}

#[derive(Clone, Debug)]
pub struct Link {
    pub dependent: usize,
    pub dependency: usize,
    pub kind: &'static str,
    pub how: How,
    pub unsure: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Hard,
    Soft,
    Member { group: usize, halves: u32, standby: bool },
}

#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub roots: Vec<(usize, State)>,
    pub kinds: Option<Vec<&'static str>>,
    pub sure_links_only: bool,
    pub depth_max: Option<u32>,
}

/// Where an item ends up: its state and the wave in which it got it.
pub type Place = Option<(State, u32)>;

#[derive(Clone, Copy, Debug)]
struct Member {
    item: usize,
    halves: u32,
    standby: bool,
    takes_part: bool,
}

pub struct Oracle<'a> {
    shape: &'a Shape,
    asked: &'a Asked,
    members: Vec<Vec<Member>>,
}

impl<'a> Oracle<'a> {
    pub fn new(shape: &'a Shape, asked: &'a Asked) -> Oracle<'a> {
        let mut oracle = Oracle { shape, asked, members: Vec::new() };
        oracle.members = (0..shape.groups.len()).map(|group| oracle.members_of(group)).collect();
        oracle
    }
    fn takes(&self, link: &Link) -> bool {
        let by_kind = self.asked.kinds.as_ref().is_none_or(|kinds| kinds.contains(&link.kind));
        by_kind && !(self.asked.sure_links_only && link.unsure)
    }
    /// Links that pass something on: taken, and neither end hidden.
    fn carrying(&self) -> impl Iterator<Item = &Link> {
        let seen = |l: &&Link| !self.shape.hidden[l.dependent] && !self.shape.hidden[l.dependency];
        self.shape.links.iter().filter(move |l| self.takes(l)).filter(seen)
    }
    /// One member an item: an active row before a standby one, then the heavier row.
    fn members_of(&self, wanted: usize) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        for link in &self.shape.links {
            let How::Member { group, halves, standby } = link.how else { continue };
            if group != wanted || self.shape.hidden[link.dependency] {
                continue;
            }
            let row = Member { item: link.dependency, halves, standby, takes_part: self.takes(link) };
            match members.iter_mut().find(|m| m.item == row.item) {
                None => members.push(row),
                Some(known) => {
                    if (!row.standby, row.halves) > (!known.standby, known.halves) {
                        (known.standby, known.halves) = (row.standby, row.halves);
                    }
                    known.takes_part |= row.takes_part;
                }
            }
        }
        members
    }
    /// The gate's state when its members are in these states.
    pub fn gate(&self, group: usize, state_of: impl Fn(usize) -> State) -> State {
        let members = &self.members[group];
        let state = |m: &Member| if m.takes_part { state_of(m.item) } else { State::Up };
        let active = || members.iter().filter(|m| !m.standby);
        let total: u32 = active().map(|m| m.halves).sum();
        let needs = match self.shape.groups[group].needs {
            Needs::Unstated => 2,
            Needs::Count(count) => count * 2,
            Needs::Percent(share) => (total * share).div_ceil(200) * 2,
            Needs::Halves(halves) => halves,
        };
        let needs = needs.min(total);
        let reached = |standby_too: bool| {
            let counted = || members.iter().filter(|m| standby_too || !m.standby);
            let met_at =
                |s: &State| counted().filter(|m| state(m) <= *s).map(|m| m.halves).sum::<u32>() >= needs;
            State::ALL.into_iter().find(met_at).unwrap_or(State::Down)
        };
        match reached(false) {
            State::Down => reached(true).max(State::Degraded),
            State::Up if active().any(|m| state(m) != State::Up) => {
                let left: Vec<u32> = active().filter(|m| state(m) != State::Down).map(|m| m.halves).collect();
                let after_next_loss = left.iter().sum::<u32>() - left.iter().max().unwrap_or(&0);
                if after_next_loss < needs { State::AtRisk } else { State::Up }
            }
            on_active => on_active,
        }
    }
    /// What the rules make of one item, given the states of all.
    fn rule(&self, item: usize, states: &[State]) -> State {
        if self.shape.hidden[item] {
            return State::Up;
        }
        let forced = self.asked.roots.iter().filter(|(root, _)| *root == item).map(|(_, state)| *state);
        let links = self.carrying().filter(|l| l.dependent == item).map(|l| match l.how {
            How::Hard => states[l.dependency],
            How::Soft if states[l.dependency] == State::Down => State::Degraded,
            How::Soft | How::Member { .. } => State::Up,
        });
        let own = (0..self.shape.groups.len()).filter(|g| self.shape.groups[*g].dependent == item);
        let gates = own.map(|group| self.gate(group, |member| states[member]));
        forced.chain(links).chain(gates).max().unwrap_or(State::Up)
    }
    /// The least fixpoint from all-up, every item at once.
    pub fn states(&self) -> Vec<State> {
        let mut states = vec![State::Up; self.shape.hidden.len()];
        loop {
            let next: Vec<State> = (0..states.len()).map(|item| self.rule(item, &states)).collect();
            if next == states {
                return states;
            }
            states = next;
        }
    }
    /// The same, one item after the other in the order given.
    pub fn states_in(&self, order: &[usize]) -> Vec<State> {
        let mut states = vec![State::Up; self.shape.hidden.len()];
        loop {
            let before = states.clone();
            for &item in order {
                states[item] = self.rule(item, &states);
            }
            if before == states {
                return states;
            }
        }
    }
    /// States and depths by playing the waves: see `passes.rs` on depth.
    pub fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = vec![None; self.shape.hidden.len()];
        let mut reasons: Vec<(State, u32, usize)> =
            self.asked.roots.iter().map(|(item, state)| (*state, 0, *item)).collect();
        for pass in [State::Down, State::Degraded, State::AtRisk] {
            let last = |reasons: &[(State, u32, usize)]| {
                reasons.iter().filter(|r| r.0 == pass).map(|r| r.1).max().map_or(0, |last| last + 1)
            };
            let mut wave = 0;
            while wave < last(&reasons) {
                let before = places.clone();
                for &(_, _, item) in reasons.iter().filter(|r| (r.0, r.1) == (pass, wave)) {
                    if places[item].is_none() && !self.shape.hidden[item] {
                        places[item] = Some((pass, wave));
                    }
                }
                if places != before {
                    reasons.extend(self.reasons(&before, &places, pass, wave));
                }
                wave += 1;
            }
        }
        places
    }
    /// What follows from the items that were placed in one wave.
    fn reasons(&self, before: &[Place], after: &[Place], pass: State, wave: u32) -> Vec<(State, u32, usize)> {
        let mut out = Vec::new();
        for link in self.carrying().filter(|l| after[l.dependency] == Some((pass, wave))) {
            match link.how {
                How::Hard => out.push((pass, wave + 1, link.dependent)),
                How::Soft if pass == State::Down => out.push((State::Degraded, wave + 1, link.dependent)),
                How::Soft | How::Member { .. } => {}
            }
        }
        for group in 0..self.shape.groups.len() {
            let gate = |places: &[Place]| self.gate(group, |m| places[m].map_or(State::Up, |p| p.0));
            if gate(after) > gate(before) {
                out.push((gate(after), wave + 1, self.shape.groups[group].dependent));
            }
        }
        out
    }
    /// Reachable over any link, and up; with the number of links from the nearest item that is not up.
    pub fn protected(&self, places: &[Place]) -> Vec<Option<u32>> {
        let mut reached: Vec<Option<u32>> = places.iter().map(|p| p.map(|p| p.1)).collect();
        for _ in 0..places.len() {
            for link in self.carrying().filter(|l| places[l.dependent].is_none()) {
                if let Some(depth) = reached[link.dependency] {
                    let nearer = reached[link.dependent].map_or(depth + 1, |known| known.min(depth + 1));
                    reached[link.dependent] = Some(nearer);
                }
            }
        }
        reached.into_iter().zip(places).map(|(depth, place)| depth.filter(|_| place.is_none())).collect()
    }
    /// Items at depth `limit`, affected or protected, that a link leads on from to something deeper.
    pub fn edge(&self, places: &[Place], protected: &[Option<u32>], limit: u32) -> Vec<usize> {
        let depth = |item: usize| places[item].map(|p| p.1).or(protected[item]);
        let leads_on = |item: &usize| {
            let mut links = self.carrying().filter(|l| l.dependency == *item);
            links.any(|l| depth(l.dependent).is_some_and(|d| d > limit))
        };
        (0..places.len()).filter(|item| depth(*item) == Some(limit)).filter(leads_on).collect()
    }
    /// Whether `on` is a reason for `item`: some link gave its state on, or tipped a gate that it is counted in.
    pub fn explains(&self, places: &[Place], item: usize, on: usize) -> bool {
        let (Some((state, depth)), Some((given, at))) = (places[item], places[on]) else { return false };
        let gives = |link: &Link| match link.how {
            How::Hard => given == state,
            How::Soft => given == State::Down && state == State::Degraded,
            How::Member { group, .. } => {
                let lost_by = |m: usize, wave: u32| {
                    places[m]
                        .filter(|p| p.0 > given || (p.0 == given && p.1 < wave))
                        .map_or(State::Up, |p| p.0)
                };
                let tips = self.gate(group, |m| lost_by(m, at)) < state
                    && self.gate(group, |m| lost_by(m, at + 1)) == state;
                let active = self.members[group].iter().any(|m| m.item == on && !m.standby);
                tips && (active || state == State::Down)
            }
        };
        at + 1 == depth && self.carrying().filter(|l| l.dependent == item && l.dependency == on).any(gives)
    }
}
