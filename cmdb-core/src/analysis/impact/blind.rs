//! What an impact answer cannot know: missing dependencies, unsure links, groups cut short, items not live.

use super::{Impact, Question, Scratch, State, impact};
use crate::analysis::doubt::Doubts;
use crate::graph::View;
use crate::graph::adjacency::{Gate, OTHER_MASK, flag};
use crate::model::Symbol;
use rustc_hash::{FxHashMap, FxHashSet};

/// Items named per blind spot; the count is always whole.
pub const NAMED_MAX: usize = 5;
/// Affected items looked at for blind spots next to them.
pub const LOOKED_AT_MAX: usize = 10_000;

/// One thing the answer cannot see through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindSpot {
    pub kind: BlindKind,
    /// The class concerned, where the kind is about one.
    pub class: Option<Symbol>,
    pub count: usize,
    /// Dense ids of the first few, by name.
    pub items: Vec<u32>,
}

/// Why something cannot be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlindKind {
    /// Items of a class in the radius that should have dependencies and have none recorded.
    NoDependencies,
    /// Affected only over links of low confidence, of sources hardly believed, or that nobody has seen for long.
    UnsureLinks,
    /// A group needs more than its live members give.
    NeedsCut,
    /// Items next to affected ones that are not live and therefore carry nothing.
    NotLive,
}

/// Looks for blind spots around `answer`.
pub fn blind_spots(
    view: View<'_>,
    question: &Question<'_>,
    answer: &Impact,
    doubts: Option<&Doubts<'_, '_>>,
    scratch: &mut Scratch,
) -> Vec<BlindSpot> {
    let affected: Vec<u32> =
        answer.affected_waves().flat_map(|w| answer.items(w)).copied().take(LOOKED_AT_MAX).collect();
    let mut out = without_dependencies(view, answer);
    let doubtful = doubtful(view, &affected, doubts);
    let asked = Question { doubtful: Some(&doubtful), ..*question };
    out.extend(on_unsure_links(view, &asked, answer, &affected, scratch));
    let roots = question.roots.iter().map(|r| r.item).filter(|item| *item < view.snapshot().nodes());
    out.extend(cut_and_dead(view, &affected, roots));
    out
}

fn spot(view: View<'_>, kind: BlindKind, class: Option<Symbol>, mut items: Vec<u32>) -> Option<BlindSpot> {
    items.sort_unstable();
    items.dedup();
    let count = items.len();
    if count > NAMED_MAX {
        items.select_nth_unstable_by(NAMED_MAX, |a, b| {
            view.snapshot().name_of(*a).cmp(view.snapshot().name_of(*b))
        });
        items.truncate(NAMED_MAX);
    }
    items.sort_by_key(|item| view.snapshot().name_of(*item));
    (count > 0).then_some(BlindSpot { kind, class, count, items })
}

/// Of the classes in the radius: visible items that should depend on something and record nothing.
fn without_dependencies(view: View<'_>, answer: &Impact) -> Vec<BlindSpot> {
    let snapshot = view.snapshot();
    let mut classes: Vec<Symbol> =
        answer.order.iter().take(LOOKED_AT_MAX).filter_map(|item| snapshot.class_of(*item)).collect();
    classes.sort_unstable();
    classes.dedup();
    let bare = snapshot.without_dependencies();
    let of_class = |class: Symbol| {
        let items: Vec<u32> = bare.get(&class)?.iter().copied().filter(|i| !view.is_hidden(*i)).collect();
        spot(view, BlindKind::NoDependencies, Some(class), items)
    };
    classes.into_iter().filter_map(of_class).collect()
}

/// Links by which affected items depend on others and that nobody who is believed has named lately.
fn doubtful(view: View<'_>, affected: &[u32], doubts: Option<&Doubts<'_, '_>>) -> FxHashSet<u32> {
    let Some(doubts) = doubts else { return FxHashSet::default() };
    let rows = affected.iter().flat_map(|item| view.snapshot().dependencies().row(*item).entries());
    rows.map(|entry| entry.number).filter(|number| doubts.has(*number).is_ok_and(|doubt| doubt)).collect()
}

fn on_unsure_links(
    view: View<'_>,
    question: &Question<'_>,
    answer: &Impact,
    affected: &[u32],
    scratch: &mut Scratch,
) -> Option<BlindSpot> {
    let unsure = |item: &u32| {
        view.snapshot()
            .dependencies()
            .row(*item)
            .parts()
            .any(|p| p.kinds().iter().any(|k| k & flag::UNSURE != 0))
    };
    let has_doubtful = question.doubtful.is_some_and(|doubtful| !doubtful.is_empty());
    if question.sure_links_only || !(has_doubtful || affected.iter().any(unsure)) {
        return None;
    }
    let sure = impact(view, &Question { sure_links_only: true, depth_max: None, ..*question }, scratch);
    let states = |impact: &Impact| -> FxHashMap<u32, State> {
        impact.affected_waves().flat_map(|w| impact.items(w).iter().map(|i| (*i, w.state))).collect()
    };
    let without = states(&sure);
    let hanging =
        states(answer).into_iter().filter(|(item, state)| without.get(item).is_none_or(|s| s < state));
    spot(view, BlindKind::UnsureLinks, None, hanging.map(|(item, _)| item).collect())
}

/// A root that is not live carries nothing, whatever state it was given, and is listed like its neighbours.
fn cut_and_dead(view: View<'_>, affected: &[u32], roots: impl Iterator<Item = u32>) -> Vec<BlindSpot> {
    let snapshot = view.snapshot();
    let is_cut = |item: &u32| {
        let mut groups = snapshot.dependencies().row(*item).entries().filter(|e| e.gate() == Gate::Group);
        snapshot.cut_dependents().binary_search(item).is_ok()
            && groups.any(|entry| snapshot.group(entry.group).cut)
    };
    let cut = match snapshot.cut_dependents().is_empty() {
        true => Vec::new(),
        false => affected.iter().copied().filter(is_cut).collect(),
    };
    let mut dead = dead_beside(view, affected);
    dead.extend(roots.filter(|root| view.is_hidden(*root) && !snapshot.is_gone(*root)));
    let dead = spot(view, BlindKind::NotLive, None, dead);
    spot(view, BlindKind::NeedsCut, None, cut).into_iter().chain(dead).collect()
}

/// Items that are there but not live, next to affected ones; looked for from the side that has fewer items.
fn dead_beside(view: View<'_>, affected: &[u32]) -> Vec<u32> {
    let snapshot = view.snapshot();
    let mut hidden = Vec::new();
    view.hidden_bits(&mut hidden);
    let numbered = (0u32..).step_by(64).zip(hidden).filter(|(_, word)| *word != 0);
    let bits = numbered.flat_map(|(first, word)| {
        (0..64).filter(move |bit| word >> bit & 1 != 0).map(move |bit| first + bit)
    });
    let is_dead = |item: &u32| view.is_hidden(*item) && !snapshot.is_gone(*item);
    let dead: Vec<u32> = bits.filter(is_dead).take(affected.len() + 1).collect();
    let beside = |item: u32| {
        [snapshot.dependents(), snapshot.dependencies()].into_iter().flat_map(move |adjacency| {
            adjacency.row(item).parts().flat_map(|p| p.heads()).map(|head| head & OTHER_MASK)
        })
    };
    if dead.len() > affected.len() {
        return affected.iter().flat_map(|item| beside(*item)).filter(is_dead).collect();
    }
    if dead.is_empty() {
        return dead;
    }
    let affected: FxHashSet<u32> = affected.iter().copied().collect();
    dead.into_iter().filter(|item| beside(*item).any(|other| affected.contains(&other))).collect()
}
