//! An impact as it is answered: counts over everything, proofs for what is shown.

use super::late::later_than;
use super::roots::Asked;
use crate::api;
use crate::convert::{ClassSet, by_class_name, item_ref};
use crate::cursor::{LIMIT_MAX, Page};
use crate::expression::{Expression, Fields, ItemFields, Operand};
use crate::window::window;
use cmdb_core::analysis::impact::blind::{BlindKind, BlindSpot};
use cmdb_core::analysis::impact::{Explainer, GateProof, Impact, Question, State, Step, Wave};
use cmdb_core::analysis::reach::by_class;
use cmdb_core::graph::link::UNIT_WEIGHT;
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::Item;
use cmdb_core::schema::symbols;
use cmdb_core::{Error, Result};
use cmdb_import::json;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::borrow::Cow;

/// Items named where the answer was cut off.
const FRONTIER_MAX: usize = 100;

/// Turns an impact into its answer.
pub struct Answering<'a> {
    snapshot: &'a Snapshot,
    impact: &'a Impact,
    asked: &'a Asked,
    explainer: Explainer<'a>,
    late: FxHashSet<u32>,
}

/// A page of affected items and how many there are to page through.
pub struct Listed {
    pub rows: Vec<api::Affected>,
    pub total: u64,
}

impl<'a> Answering<'a> {
    pub fn new(
        view: View<'a>,
        question: &'a Question<'a>,
        impact: &'a Impact,
        asked: &'a Asked,
        minutes: Option<u64>,
    ) -> Result<Answering<'a>> {
        let explainer = Explainer::new(view, question, impact);
        let late = minutes.map(|m| later_than(impact, &explainer, m)).transpose()?.unwrap_or_default();
        Ok(Answering { snapshot: view.snapshot(), impact, asked, explainer, late })
    }
    /// Whether an item of an affected wave counts: it is no root, and its effect does not come too late.
    fn counts(&self, item: u32) -> bool {
        !self.asked.is_root(item) && (self.late.is_empty() || !self.late.contains(&item))
    }
    /// Whether everything in a wave counts, so that nothing in it has to be looked at.
    fn counts_whole(&self, wave: &Wave) -> bool {
        let here = |root: &u32| self.explainer.place(*root) == (wave.state, wave.depth);
        self.late.is_empty() && !self.asked.items.iter().any(here)
    }
    fn count(&self, wave: &Wave) -> u64 {
        match self.counts_whole(wave) {
            true => u64::from(wave.end - wave.start),
            false => self.counted(wave).count() as u64,
        }
    }
    fn counted(&self, wave: &Wave) -> impl Iterator<Item = u32> + '_ {
        self.impact.items(wave).iter().copied().filter(|item| self.counts(*item))
    }

    pub fn roots(&self) -> Vec<api::ImpactRoot> {
        let root = |item: &u32| {
            let api::ItemRef { id, class, name } = item_ref(self.snapshot, *item);
            let planned = self.asked.planned.binary_search(item).is_ok();
            let records = self.asked.held.iter().filter(|held| held.root.item == *item);
            let records = records.map(|held| item_ref(self.snapshot, held.record)).collect();
            let state = self.explainer.place(*item).0.word();
            api::ImpactRoot { id, class, name, state, planned, records }
        };
        let mut seen = FxHashSet::default();
        self.asked.roots.iter().map(|r| r.item).filter(|i| seen.insert(*i)).map(|i| root(&i)).collect()
    }
    pub fn summary(&self) -> Result<api::ImpactSummary> {
        let mut by_state = std::collections::BTreeMap::new();
        for wave in self.impact.affected_waves() {
            let count = self.count(wave);
            if count > 0 {
                *by_state.entry(wave.state.word()).or_default() += count;
            }
        }
        let affected = self.impact.affected_waves().flat_map(|w| self.counted(w));
        Ok(api::ImpactSummary {
            total: by_state.values().sum(),
            by_class: by_class_name(self.snapshot, by_class(self.snapshot, affected)),
            by_state,
            protected: self.impact.count(State::Up) as u64,
            services: self.services()?,
        })
    }
    pub fn explainer(&self) -> &Explainer<'a> {
        &self.explainer
    }
    /// Affected business services: state worst first, then the most critical, then by name.
    pub fn services(&self) -> Result<Vec<api::AffectedService>> {
        let services = ClassSet::business_services(self.snapshot);
        let mut found = Vec::new();
        for wave in self.impact.affected_waves() {
            for item in self.counted(wave).filter(|i| services.holds(self.snapshot.class_of(*i))) {
                let record = self.snapshot.item(self.snapshot.number(item))?;
                let criticality = record.and_then(|r| r.attribute(symbols::CRITICALITY).cloned());
                let rank = criticality.as_ref().map_or(f64::INFINITY, |c| c.as_number().unwrap_or(f64::MAX));
                found.push((wave.state, rank, item, criticality));
            }
        }
        found.sort_by(|a, b| {
            let name = |item: u32| self.snapshot.name_of(item);
            b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)).then_with(|| name(a.2).cmp(name(b.2)))
        });
        let service = |(state, _, item, criticality): (State, f64, u32, Option<cmdb_core::model::Value>)| {
            let api::ItemRef { id, class, name } = item_ref(self.snapshot, item);
            let criticality = criticality.as_ref().map(json::from_value);
            api::AffectedService { id, class, name, state: state.word(), criticality }
        };
        Ok(found.into_iter().map(service).collect())
    }
    /// The page of affected items, each with its proof.
    pub fn listed(
        &self,
        page: &Page,
        class: Option<&ClassSet>,
        condition: Option<&Expression>,
    ) -> Result<Listed> {
        let matches = condition.map(|c| self.matching(c)).transpose()?;
        let keep = |item: u32| {
            self.counts(item)
                && class.is_none_or(|c| c.holds(self.snapshot.class_of(item)))
                && matches.as_ref().is_none_or(|m| m.contains(&item))
        };
        let whole = |wave: &Wave| class.is_none() && matches.is_none() && self.counts_whole(wave);
        let kept = |wave: &Wave| -> Cow<'_, [u32]> {
            match whole(wave) {
                true => Cow::Borrowed(self.impact.items(wave)),
                false => self.impact.items(wave).iter().copied().filter(|i| keep(*i)).collect(),
            }
        };
        let waves: Vec<_> = self.impact.affected_waves().map(|w| (kept(w), (w.state, w.depth))).collect();
        let total = waves.iter().map(|(items, _)| items.len() as u64).sum();
        let rows = waves.iter().map(|(items, place)| (&**items, *place));
        let rows = window(self.snapshot, rows, page.offset, page.limit.unwrap_or(usize::MAX), None);
        let row = |(item, (state, depth)): (u32, (State, u32))| self.affected(item, state, depth);
        // Long lists are proved on all cores; order stays.
        let rows = match rows.len() > LIMIT_MAX / 10 {
            true => rows.into_par_iter().map(row).collect::<Result<_>>()?,
            false => rows.into_iter().map(row).collect::<Result<_>>()?,
        };
        Ok(Listed { rows, total })
    }
    fn matching(&self, condition: &Expression) -> Result<FxHashSet<u32>> {
        let mut out = FxHashSet::default();
        for wave in self.impact.affected_waves() {
            for item in self.counted(wave) {
                let Some(record) = self.snapshot.item(self.snapshot.number(item))? else { continue };
                if condition.holds(&AffectedFields { snapshot: self.snapshot, item: &record, wave }) {
                    out.insert(item);
                }
            }
        }
        Ok(out)
    }
    /// What redundancy keeps up, as far as one page goes.
    pub fn protected(&self) -> Result<Vec<api::Affected>> {
        let up = self.impact.waves.iter().filter(|w| w.state == State::Up);
        let waves = up.map(|w| (self.impact.items(w), w.depth));
        let rows = window(self.snapshot, waves, 0, LIMIT_MAX, None);
        rows.into_iter().map(|(item, depth)| self.affected(item, State::Up, depth)).collect()
    }
    /// One item with its proof.
    pub fn affected(&self, item: u32, state: State, depth: u32) -> Result<api::Affected> {
        let chain = if state == State::Up { Vec::new() } else { self.explainer.chain(item)? };
        let gates = self.explainer.gates(item)?;
        let api::ItemRef { id, class, name } = item_ref(self.snapshot, item);
        Ok(api::Affected {
            id,
            class,
            name,
            state: state.word(),
            depth,
            after_minutes: chain.iter().map(|s| s.lag_minutes).fold(0, u64::saturating_add),
            confidence: chain.iter().filter_map(|s| s.confidence).reduce(f64::min),
            why: chain.iter().map(|step| self.reason(step)).collect::<Result<_>>()?,
            gates: gates.iter().map(|g| gate(self.snapshot, g)).collect(),
        })
    }
    fn reason(&self, step: &Step) -> Result<api::Reason> {
        let record = self.snapshot.relationship(step.relationship)?;
        let missing = || Error::corrupt("store.relationship", "a relationship of the graph has no record");
        let kind = record.ok_or_else(missing)?.identity.kind;
        Ok(api::Reason {
            item: item_ref(self.snapshot, step.item),
            relationship: self.snapshot.names().text(kind).to_owned(),
            on: item_ref(self.snapshot, step.on),
            state: step.state.word(),
            gate: step.gate.as_ref().map(|g| gate(self.snapshot, g)),
        })
    }
    pub fn frontier(&self) -> Vec<api::ItemRef> {
        self.impact.frontier.iter().take(FRONTIER_MAX).map(|item| item_ref(self.snapshot, *item)).collect()
    }
}

/// What an expression can ask about an affected item: all of the item, and its state and depth.
pub(crate) struct AffectedFields<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) item: &'a Item,
    pub(crate) wave: &'a Wave,
}

impl Fields for AffectedFields<'_> {
    fn field(&self, name: &str) -> Option<Operand> {
        match name {
            "state" => Some(Operand::State(self.wave.state)),
            "depth" => Some(Operand::Number(f64::from(self.wave.depth))),
            other => ItemFields { snapshot: self.snapshot, item: self.item }.field(other),
        }
    }
    fn is_a(&self, class: &str) -> Option<bool> {
        ItemFields { snapshot: self.snapshot, item: self.item }.is_a(class)
    }
}

fn plain(weight: u64) -> f64 {
    weight as f64 / UNIT_WEIGHT as f64
}

/// A redundancy group as it stands.
pub fn gate(snapshot: &Snapshot, proof: &GateProof) -> api::Gate {
    let (needed, of) = (plain(proof.needed), plain(proof.of));
    let rule = if proof.counted { format!("{needed} of {of}") } else { format!("weight>={needed} of {of}") };
    api::Gate {
        group: proof.group.to_string(),
        rule,
        needed,
        left: plain(proof.left),
        of,
        standby: (proof.standby > 0).then(|| plain(proof.standby)),
        state: proof.state.word(),
        lost: proof.lost.iter().map(|item| item_ref(snapshot, *item)).collect(),
    }
}

/// A blind spot with a sentence for people.
pub fn blind_spot(snapshot: &Snapshot, spot: &BlindSpot) -> api::BlindSpot {
    let class = spot.class.map(|c| snapshot.names().text(c).to_owned());
    let items = |count: usize| if count == 1 { "1 item".to_owned() } else { format!("{count} items") };
    let (kind, message) = match spot.kind {
        BlindKind::NoDependencies => {
            let class = class.as_deref().unwrap_or("any class");
            (
                "no_dependencies",
                format!(
                    "{} of class {class} should depend on something and record nothing",
                    items(spot.count)
                ),
            )
        }
        BlindKind::UnsureLinks => (
            "unsure_links",
            format!(
                "{} are affected only over links of low confidence or that nobody has seen for long",
                items(spot.count)
            ),
        ),
        BlindKind::NeedsCut => (
            "needs_cut",
            format!("{} have a group that needs more than its live members give", items(spot.count)),
        ),
        BlindKind::NotLive => (
            "not_live",
            format!("{} next to affected ones are not live and carry nothing", items(spot.count)),
        ),
    };
    let items = spot.items.iter().map(|item| item_ref(snapshot, *item)).collect();
    api::BlindSpot { kind, class, count: spot.count as u64, items, message }
}
