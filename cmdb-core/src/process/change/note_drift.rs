//! What becomes of a decision whose ground has moved: void, or flagged, as the policy says.

use super::drift::Drift;
use super::moves::{self, Entry};
use super::policy::{OnDrift, Policy};
use super::record::ChangeRecord;
use super::status::Status;
use crate::command::attributes::{Input, Inputs};
use crate::command::program::Program;
use crate::command::{Answer, Decider};
use crate::error::Result;
use crate::graph::Records;
use crate::model::{ItemNumber, SmolStr};
use crate::process::fields::get_text;

/// Notes that a change would do something else than what was decided on, or that it would not any more.
#[derive(Clone, Debug)]
pub struct NoteDrift {
    pub change: ItemNumber,
    /// The assessment the drift was found against; another one by now is another decision.
    pub digest: SmolStr,
    pub drift: Drift,
}

impl Program for NoteDrift {
    fn name(&self) -> &'static str {
        "note drift"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        let record = ChangeRecord::read(decider.draft(), self.change)?;
        let same = record.assessment.as_ref().is_some_and(|a| get_text(a, "digest") == self.digest);
        if !same || !record.status.is_committed() {
            return Ok(Answer::Nothing);
        }
        let policy = Policy::in_force(decider.draft().settings())?;
        let decided = matches!(record.status, Status::Approved | Status::Scheduled);
        if decided && self.drift.is_worse() && policy.approval.on_drift == OnDrift::Void {
            let reason = format!("the ground moved: {}", self.drift.sentence());
            moves::void(decider, &record, Entry { verb: "drift", reason }, Inputs::new())?;
            let now = ChangeRecord::read(decider.draft(), self.change)?;
            moves::write(decider, &now, None, self.flag())?;
        } else if self.drift.is_none() != record.drift.is_none()
            || record.drift.as_ref().is_some_and(|known| *known != self.drift.value())
        {
            moves::write(decider, &record, None, self.flag())?;
        }
        Ok(Answer::Item(self.change))
    }
}

impl NoteDrift {
    fn flag(&self) -> Inputs {
        let value = if self.drift.is_none() { Input::Clear } else { Input::Typed(self.drift.value()) };
        vec![("drift".into(), value)]
    }
}
