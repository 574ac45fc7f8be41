//! What is drawn: items, each with its state and how far it is from the root.

use crate::analysis::impact::{Impact, State};
use crate::analysis::reach::Reached;
use crate::graph::View;
use rustc_hash::{FxHashMap, FxHashSet};

/// An item to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Dense id.
    pub item: u32,
    pub state: State,
    /// Steps from the root; negative on the side of dependencies.
    pub depth: i32,
    pub root: bool,
}

/// All items to be drawn, each once, and where each is.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    pub members: Vec<Member>,
    /// By dense id: index of the member plus one, 0 for what is not drawn.
    places: Vec<u32>,
    /// Read from the root towards dependencies.
    pub towards_dependencies: bool,
    /// Nothing is assumed to fail, so redundancy is drawn as it stands.
    pub at_rest: bool,
}

impl Subject {
    fn of(view: View<'_>, members: Vec<Member>) -> Subject {
        let mut places = vec![0; view.snapshot().nodes() as usize];
        for (index, member) in (1..).zip(&members) {
            places[member.item as usize] = index;
        }
        Subject { members, places, towards_dependencies: false, at_rest: false }
    }
    /// An impact with its roots; `protected` takes what redundancy keeps up along. Roots first, then worst first.
    pub fn of_impact(view: View<'_>, roots: &[u32], impact: &Impact, protected: bool) -> Subject {
        let mut places: FxHashMap<u32, usize> = FxHashMap::default();
        let mut members = Vec::with_capacity(roots.len() + impact.order.len());
        for item in roots {
            places.entry(*item).or_insert_with(|| {
                members.push(root(*item, State::Up));
                members.len() - 1
            });
        }
        for wave in impact.waves.iter().filter(|w| protected || w.state != State::Up) {
            let depth = i32::try_from(wave.depth).unwrap_or(i32::MAX).max(1);
            for item in impact.items(wave) {
                match places.get(item) {
                    Some(root) => members[*root].state = wave.state,
                    None => members.push(Member { item: *item, state: wave.state, depth, root: false }),
                }
            }
        }
        Subject::of(view, members)
    }
    /// What `starts` depend on, none of it in any trouble.
    pub fn of_dependencies(view: View<'_>, starts: &[u32], reached: &Reached<'_>) -> Subject {
        let mut seen = FxHashSet::default();
        let starts = starts.iter().copied().filter(|start| seen.insert(*start));
        let mut members: Vec<Member> = starts.map(|item| root(item, State::Up)).collect();
        members.extend(reached.with_depth().map(|(item, depth)| at(item, depth as i32)));
        Subject { towards_dependencies: true, at_rest: true, ..Subject::of(view, members) }
    }
    /// One item between what it depends on and what depends on it. Whatever is both, on a cycle, counts as dependent.
    pub fn of_neighbours(
        view: View<'_>,
        item: u32,
        dependencies: &[(u32, u32)],
        dependents: &[(u32, u32)],
    ) -> Subject {
        let mut seen: FxHashSet<u32> = [item].into_iter().collect();
        let mut members = vec![root(item, State::Up)];
        for (found, sign) in [(dependents, 1), (dependencies, -1)] {
            let new = found.iter().filter(|(item, _)| seen.insert(*item));
            members.extend(new.map(|(item, depth)| at(*item, sign * *depth as i32)));
        }
        Subject { at_rest: true, ..Subject::of(view, members) }
    }
    /// Index of the member that is this item.
    #[inline]
    pub fn index_of(&self, item: u32) -> Option<u32> {
        self.places.get(item as usize).and_then(|place| place.checked_sub(1))
    }
}

fn root(item: u32, state: State) -> Member {
    Member { item, state, depth: 0, root: true }
}

fn at(item: u32, depth: i32) -> Member {
    Member { item, state: State::Up, depth, root: false }
}
