//! Relationships between boxes, bundled: one link for each pair of boxes and redundancy group.

use super::{Figure, FigureKind, Subject};
use crate::analysis::impact::State;
use crate::graph::View;
use crate::graph::adjacency::{Entry, Gate, flag};
use crate::model::Symbol;
use rustc_hash::FxHashMap;

/// A link that carries less than one part in this many of what goes between its columns is thin.
const THIN_SHARE: u64 = 50;

/// All relationships from the figure of a dependency to that of a dependent.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Indices of figures.
    pub dependency: u32,
    pub dependent: u32,
    /// Index into the gates of the dependent.
    pub gate: Option<u32>,
    pub relationships: u64,
    pub state: State,
    pub soft: bool,
}

/// Bundles by ends, and what lies within figures.
pub struct Bundles {
    pub between: Vec<Bundle>,
    /// By figure.
    pub inner: Vec<u64>,
}

/// Bundles every relationship between members. `figure_of` says which figure each member is in.
pub fn bundle(
    view: View<'_>,
    subject: &Subject,
    types: Option<&[Symbol]>,
    figures: &[Figure],
    figure_of: &[u32],
) -> Bundles {
    let mut found: FxHashMap<(u32, u32, u32), Bundle> = FxHashMap::default();
    let mut inner = vec![0; figures.len()];
    let takes = |e: &Entry| {
        e.kind & flag::SHADOW == 0 && types.is_none_or(|t| t.iter().any(|t| t.0 == e.type_symbol()))
    };
    for (member, dependent) in subject.members.iter().zip(figure_of) {
        for entry in view.snapshot().dependencies().row(member.item).entries().filter(&takes) {
            let Some(other) = subject.index_of(entry.other()) else { continue };
            let dependency = figure_of[other as usize];
            if dependency == *dependent {
                inner[dependency as usize] += 1;
                continue;
            }
            let gate = gate_of(&figures[*dependent as usize], &entry);
            let passes = subject.members[other as usize].state.min(member.state);
            let key = (dependency, *dependent, gate.map_or(0, |g| g + 1));
            let bundle = found.entry(key).or_insert(Bundle {
                dependency,
                dependent: *dependent,
                gate,
                relationships: 0,
                state: State::Up,
                soft: true,
            });
            bundle.relationships += 1;
            bundle.state = bundle.state.max(passes);
            bundle.soft &= entry.gate() == Gate::Soft;
        }
    }
    let mut between: Vec<Bundle> = found.into_values().collect();
    between.sort_unstable_by_key(|b| (b.dependency, b.dependent, b.gate));
    Bundles { between, inner }
}

fn gate_of(dependent: &Figure, entry: &Entry) -> Option<u32> {
    if entry.gate() != Gate::Group {
        return None;
    }
    dependent.gates.iter().position(|g| g.proof.row == entry.group).map(|at| at as u32)
}

/// Which bundles are too thin to draw. A link between single items is never, nor the strongest of any box.
pub fn thin(bundles: &[Bundle], figures: &[Figure]) -> Vec<bool> {
    let columns = |b: &Bundle| {
        let column = |figure: u32| figures[figure as usize].column;
        (column(b.dependency), column(b.dependent))
    };
    let mut flow: FxHashMap<(u32, u32), u64> = FxHashMap::default();
    let mut strongest = vec![0_u64; figures.len()];
    for bundle in bundles {
        *flow.entry(columns(bundle)).or_default() += bundle.relationships;
        for end in [bundle.dependency, bundle.dependent] {
            let most = &mut strongest[end as usize];
            *most = (*most).max(bundle.relationships);
        }
    }
    let is_thin = |bundle: &Bundle| {
        let ends = [bundle.dependency, bundle.dependent];
        let singles = ends.iter().all(|end| figures[*end as usize].kind == FigureKind::Item);
        let matters = ends.iter().any(|end| strongest[*end as usize] == bundle.relationships);
        let all = flow.get(&columns(bundle)).copied().unwrap_or(0);
        !singles && !matters && bundle.relationships * THIN_SHARE < all
    };
    bundles.iter().map(is_thin).collect()
}
