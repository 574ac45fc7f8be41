//! What an impact answer cannot know: missing dependencies, unsure links, groups cut short, items not live.

use super::{Impact, Question, Scratch, State, impact};
use crate::graph::View;
use crate::graph::adjacency::{Gate, flag};
use crate::model::Symbol;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

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
    /// Affected only over links of low confidence.
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
    scratch: &mut Scratch,
) -> Vec<BlindSpot> {
    let affected: Vec<u32> =
        answer.affected_waves().flat_map(|w| answer.items(w)).copied().take(LOOKED_AT_MAX).collect();
    let mut out = without_dependencies(view, answer);
    out.extend(on_unsure_links(view, question, answer, &affected, scratch));
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
    if question.sure_links_only || !affected.iter().any(unsure) {
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
    let mut cut = Vec::new();
    let mut dead: BTreeSet<u32> =
        roots.filter(|root| view.is_hidden(*root) && !snapshot.is_gone(*root)).collect();
    for &item in affected {
        for entry in snapshot.dependencies().row(item).entries().filter(|e| e.gate() == Gate::Group) {
            if snapshot.group(entry.group).cut {
                cut.push(item);
            }
        }
        for adjacency in [snapshot.dependents(), snapshot.dependencies()] {
            let neighbours = adjacency.row(item).entries().map(|e| e.other());
            dead.extend(neighbours.filter(|n| view.is_hidden(*n) && !snapshot.is_gone(*n)));
        }
    }
    let dead = spot(view, BlindKind::NotLive, None, dead.into_iter().collect());
    spot(view, BlindKind::NeedsCut, None, cut).into_iter().chain(dead).collect()
}
