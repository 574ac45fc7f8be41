//! How likely a change is to fail and how bad that would be: every factor shown, and the cheapest one to remove.
//!
//! p₀ = (f + a) / (n + b) is the mean of a Beta posterior: f of the last n comparable changes failed, Beta(a, b − a) is
//! the prior (1 and 10 unless the policy says otherwise). The odds p₀ / (1 − p₀) are multiplied by each factor that
//! holds. Impact band and probability band give the level; of several graphs the highest counts.

use super::outlook::Scenario;
use super::policy::{Factor, LEVELS, Risk};
use super::record::ChangeRecord;
use super::status::Status;
use crate::analysis::impact::State;
use crate::error::Result;
use crate::graph::{Records, Snapshot};
use crate::model::{ItemNumber, Value};
use crate::process::fields::{Fields, list, map, text};
use rustc_hash::FxHashSet;

/// Impact bands, least first.
pub const BANDS: [&str; 3] = ["low", "medium", "high"];
/// The level for an impact band (row) and a probability band (column).
const TABLE: [[usize; 3]; 3] = [[0, 0, 1], [0, 1, 2], [1, 2, 3]];

/// How comparable changes ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparable {
    /// `model`, `class` or `all`: what made them comparable.
    pub by: &'static str,
    pub changes: u32,
    pub failures: u32,
    /// Whether the change has a model and none was made by it before.
    pub first_of_model: bool,
    /// Changes that came over and done with from another tool. They say what they like of how they ended, so they
    /// count for nothing.
    pub imported: u32,
}

/// Which factors hold, and the evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Circumstances {
    pub outside_window: bool,
    pub collisions: usize,
    /// A service that it takes down for longer than its target leaves in the month.
    pub budget_broken: Option<ItemNumber>,
    /// Of what the change reaches: judged by `last_seen`, and found stale.
    pub judged: usize,
    pub stale: usize,
}

/// The result, with what it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub level: usize,
    value: Value,
}

impl Judged {
    pub fn level(&self) -> &'static str {
        LEVELS[self.level]
    }
    pub fn value(&self) -> Value {
        self.value.clone()
    }
}

/// Changes that ended before and compare with `record`: those of its model, else those that touched items of the
/// same classes, else all; the last ones by when they ended.
pub fn comparable(
    snapshot: &Snapshot,
    record: &ChangeRecord,
    all: &[ChangeRecord],
    max: usize,
) -> Comparable {
    let (mut ended, imported): (Vec<&ChangeRecord>, Vec<&ChangeRecord>) = all
        .iter()
        .filter(|c| c.item != record.item && c.outcome.is_some() && c.actual_end_ms.is_some())
        .filter(|c| {
            matches!(c.status, Status::Implemented | Status::BackedOut | Status::Reviewed | Status::Closed)
        })
        .partition(|c| !c.journal.is_empty());
    ended.sort_by_key(|c| (std::cmp::Reverse(c.actual_end_ms), c.item));
    let classes = |c: &ChangeRecord| -> FxHashSet<_> {
        c.affected.iter().filter_map(|a| snapshot.class(a.item)).collect()
    };
    let own = classes(record);
    let of_model: Vec<&ChangeRecord> =
        ended.iter().copied().filter(|c| record.model.is_some() && c.model == record.model).collect();
    let first_of_model = record.model.is_some() && of_model.is_empty();
    let of_class: Vec<&ChangeRecord> =
        ended.iter().copied().filter(|c| !classes(c).is_disjoint(&own)).collect();
    let (by, chosen) = match (of_model.is_empty(), of_class.is_empty()) {
        (false, _) => ("model", of_model),
        (true, false) => ("class", of_class),
        (true, true) => ("all", ended),
    };
    let chosen = &chosen[..chosen.len().min(max)];
    let failed = |c: &&&ChangeRecord| matches!(c.outcome.as_deref(), Some("failed" | "backed_out"));
    Comparable {
        by,
        changes: chosen.len() as u32,
        failures: chosen.iter().filter(failed).count() as u32,
        first_of_model,
        imported: imported.len() as u32,
    }
}

/// How many of `items` were seen lately, of those that say when.
pub fn staleness(
    snapshot: &Snapshot,
    items: &[ItemNumber],
    as_of_ms: i64,
    stale_days: u32,
) -> Result<(usize, usize)> {
    let oldest = as_of_ms.saturating_sub(i64::from(stale_days) * 86_400_000);
    let (mut judged, mut stale) = (0, 0);
    for number in items {
        let Some(item) = snapshot.item(*number)? else { continue };
        if let Some(seen) = Fields::of(snapshot, &item).time_ms("last_seen") {
            judged += 1;
            stale += usize::from(seen < oldest);
        }
    }
    Ok((judged, stale))
}

/// High: a service of criticality 1 is down if the change fails (or a budget is broken, which the caller adds). Medium: one is at risk or degraded, or one of
/// criticality 2 is down. Only what the change makes worse counts.
fn impact_band(fails: &Scenario) -> (usize, Option<ItemNumber>) {
    let of = |s: &super::outlook::Service| match (s.criticality, s.state) {
        (Some(1), State::Down) => 2,
        (Some(1), State::AtRisk | State::Degraded) | (Some(2), State::Down) => 1,
        _ => 0,
    };
    let worse = fails.services.iter().filter(|s| s.is_worse());
    worse.map(|s| (of(s), Some(s.item))).fold((0, None), |best, one| if one.0 > best.0 { one } else { best })
}

fn holds(
    name: &str,
    record: &ChangeRecord,
    comparable: &Comparable,
    around: &Circumstances,
    rules: &Risk,
) -> bool {
    match name {
        "untested" => !record.tested,
        "back_out_untested" => !record.back_out_tested,
        "stale_radius" => {
            around.judged > 0 && around.stale as f64 > rules.stale_share_max * around.judged as f64
        }
        "outside_window" => around.outside_window || record.outside_maintenance_window,
        "collision" => around.collisions > 0,
        "first_of_model" => comparable.first_of_model,
        "automated_with_back_out" => record.automated && record.back_out_tested,
        // A factor the process knows nothing about never holds.
        _ => false,
    }
}

fn probability(p0: f64, factors: &[&Factor]) -> f64 {
    let odds = factors.iter().fold(p0 / (1.0 - p0), |odds, f| odds * f.odds);
    odds / (1.0 + odds)
}

fn band(p: f64, rules: &Risk) -> usize {
    usize::from(p >= rules.band_medium_min) + usize::from(p > rules.band_high_min)
}

/// Four digits are what the inputs carry.
fn rounded(p: f64) -> Value {
    Value::Decimal((p * 10_000.0).round() / 10_000.0)
}

/// Judges a change by what happens if it fails, on each graph.
pub fn judge(
    snapshot: &Snapshot,
    record: &ChangeRecord,
    fails: &[&Scenario],
    comparable: &Comparable,
    around: &Circumstances,
    rules: &Risk,
) -> Judged {
    let (impact, service) = fails
        .iter()
        .map(|s| impact_band(s))
        .chain(around.budget_broken.map(|service| (2, Some(service))))
        .fold((0, None), |best, one| if one.0 > best.0 { one } else { best });
    let p0 = f64::from(comparable.failures + rules.prior_failures)
        / f64::from(comparable.changes + rules.prior_changes);
    let factors: Vec<&Factor> =
        rules.factors.iter().filter(|f| holds(&f.name, record, comparable, around, rules)).collect();
    let p = probability(p0, &factors);
    let level = TABLE[impact][band(p, rules)];
    let without = |factor: &Factor| -> f64 {
        let rest: Vec<&Factor> = factors.iter().copied().filter(|f| f.name != factor.name).collect();
        probability(p0, &rest)
    };
    let mut worth: Vec<&Factor> = factors.iter().copied().filter(|f| f.odds > 1.0).collect();
    worth.sort_by(|a, b| a.effort.cmp(&b.effort).then(b.odds.total_cmp(&a.odds)).then(a.name.cmp(&b.name)));
    let cheapest = worth.first().map(|factor| {
        let p = without(factor);
        map([
            ("name", text(&factor.name)),
            ("remedy", text(&factor.remedy)),
            ("probability", Some(rounded(p))),
            ("level", text(LEVELS[TABLE[impact][band(p, rules)]])),
        ])
    });
    let shown = factors.iter().map(|f| {
        map([
            ("name", text(&f.name)),
            ("odds", Some(Value::Decimal(f.odds))),
            ("description", text(&f.description)),
            ("probability_without", Some(rounded(without(f)))),
        ])
    });
    let value = map([
        ("level", text(LEVELS[level])),
        ("impact", text(BANDS[impact])),
        ("impact_by", service.and_then(|s| text(&crate::command::reference::label(snapshot, s)))),
        ("probability", Some(rounded(p))),
        ("probability_band", text(BANDS[band(p, rules)])),
        ("prior", Some(rounded(p0))),
        (
            "comparable",
            Some(map([
                ("by", text(comparable.by)),
                ("changes", Some(Value::Integer(i64::from(comparable.changes)))),
                ("failures", Some(Value::Integer(i64::from(comparable.failures)))),
                ("imported_left_out", Some(Value::Integer(i64::from(comparable.imported)))),
            ])),
        ),
        ("factors", list(shown)),
        ("cheapest_to_remove", cheapest),
        ("collisions", Some(Value::Integer(around.collisions as i64))),
        ("radius_seen", Some(Value::Integer(around.judged as i64))),
        ("radius_stale", Some(Value::Integer(around.stale as i64))),
    ]);
    Judged { level, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untested_on_a_stale_radius_after_one_failure_in_twenty_is_one_in_six() {
        let rules = super::super::policy::Policy::of_version(&Default::default(), 0).unwrap().risk;
        let named = |name: &str| rules.factors.iter().find(|f| f.name == name).unwrap();
        let p0 = f64::from(1 + rules.prior_failures) / f64::from(20 + rules.prior_changes);
        assert!((p0 - 0.0667).abs() < 1e-4);
        let p = probability(p0, &[named("untested"), named("stale_radius")]);
        assert!((p - 0.1667).abs() < 1e-4, "{p}");
        assert_eq!(BANDS[band(p, &rules)], "high");
    }
}
