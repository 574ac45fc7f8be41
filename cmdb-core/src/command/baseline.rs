//! Baselines: positions with a name, perhaps approved.

use super::Answer;
use super::decider::Decider;
use crate::error::{Error, Result};
use crate::fact::{Baseline, Fact, Setting};
use crate::graph::Records;
use crate::model::temporal::Instant;
use crate::model::{Position, SmolStr};

/// Names a position; the current one if none is stated.
#[derive(Clone, Debug)]
pub struct CreateBaseline {
    pub name: SmolStr,
    pub position: Option<Position>,
    pub note: SmolStr,
}

impl CreateBaseline {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        if self.name.is_empty() || self.name.len() > 128 {
            return Err(Error::invalid("baseline.name", "a baseline's name has 1 to 128 bytes"));
        }
        if is_number_or_time(&self.name) {
            return Err(Error::invalid("baseline.name", "a baseline's name is neither a number nor a time")
                .hint("--at takes positions and times as such; call it something like 2026-q4"));
        }
        if is_of_change(&self.name) {
            return Err(Error::refused(
                "baseline.reserved",
                format!("\"{}\" names the state before or after a change, when it is carried out", self.name),
            )
            .hint("choose another name"));
        }
        if decider.draft().settings().baselines.contains_key(&self.name) {
            return Err(Error::refused(
                "baseline.exists",
                format!("there already is a baseline \"{}\"", self.name),
            )
            .hint("baselines do not move; choose another name"));
        }
        let newest = Position(decider.draft().moment().position.0 - 1);
        let position = self.position.unwrap_or(newest);
        if position > newest || position.0 == 0 {
            return Err(Error::invalid("baseline.position", format!("positions run from 1 to {newest}")));
        }
        let baseline = Baseline {
            name: self.name.clone(),
            position,
            created_ms: decider.draft().moment().time_ms,
            by: decider.context().principal.name.clone(),
            note: self.note,
            approved_by: None,
        };
        decider.accept(Fact::Set(Setting::Baseline(baseline)))?;
        Ok(Answer::Name(self.name))
    }
}

/// Whether the process of changes names states so: `CHG-000001-before`.
fn is_of_change(name: &str) -> bool {
    let plain = name.to_ascii_uppercase();
    plain.starts_with("CHG-") && (plain.contains("-BEFORE") || plain.contains("-AFTER"))
}

/// Whether `--at` might take the name for a number, a date or a time, with or without an offset.
fn is_number_or_time(name: &str) -> bool {
    use jiff::civil::{Date, DateTime, Time};
    let name = name.trim();
    name.parse::<f64>().is_ok_and(f64::is_finite)
        || Instant::parse(name).is_some()
        || name.parse::<Date>().is_ok()
        || name.parse::<DateTime>().is_ok()
        || name.parse::<Time>().is_ok()
}

/// Approves a baseline; nobody approves their own.
#[derive(Clone, Debug)]
pub struct ApproveBaseline {
    pub name: SmolStr,
}

impl ApproveBaseline {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let known = decider.draft().settings().baselines.get(&self.name).cloned();
        let mut baseline = known.ok_or_else(|| {
            Error::not_found("baseline.unknown", format!("there is no baseline \"{}\"", self.name))
                .hint("`cmdb baseline list` lists them")
        })?;
        let approver = decider.context().principal.name.clone();
        if baseline.by == approver && approver != "local" {
            return Err(Error::refused("baseline.own", "nobody approves a baseline of their own")
                .hint("ask another approver"));
        }
        baseline.approved_by = Some(approver);
        decider.accept(Fact::Set(Setting::Baseline(baseline)))?;
        Ok(Answer::Name(self.name))
    }
}
