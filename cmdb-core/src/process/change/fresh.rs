//! What is true right now, on the writer: the state with everything that was decided before, and a change assessed on
//! it. Nothing can come between this and the move that rests on it.

use super::approval::{Required, required};
use super::assessment::{Assessed, assess_now};
use super::drift::{Drift, drift, is_of_plan};
use super::policy::Policy;
use super::record::ChangeRecord;
use crate::command::Decider;
use crate::error::{Error, Result};
use crate::graph::{Records, Snapshot};
use crate::model::{Position, Value};
use crate::process::fields::get_list;
use crate::process::queries::Queries;
use std::sync::Arc;

/// The state just before the entry that is being decided.
pub(in crate::process) fn snapshot(decider: &Decider<'_>) -> Result<Arc<Snapshot>> {
    let moment = decider.draft().moment();
    let before = Position(moment.position.0 - 1);
    Ok(Arc::new(decider.draft().clone().settle(before, moment.time_ms)?))
}

/// A change and what is true of it now.
pub(super) struct Fresh {
    pub snapshot: Arc<Snapshot>,
    pub policy: Policy,
    pub now_ms: i64,
}

impl Fresh {
    pub(super) fn of(decider: &Decider<'_>) -> Result<Fresh> {
        let snapshot = snapshot(decider)?;
        let policy = Policy::in_force(decider.draft().settings())?;
        Ok(Fresh { snapshot, policy, now_ms: decider.draft().moment().time_ms })
    }
    pub(super) fn assess(&self, record: &ChangeRecord, queries: &dyn Queries) -> Result<Assessed> {
        assess_now(&self.snapshot, record.item, &self.policy, queries, self.now_ms)
    }
    /// How the impact differs from the one that was decided on.
    ///
    /// # Errors
    /// `change.not-assessed`, also if the plan is another one than was assessed.
    pub(super) fn drift(&self, record: &ChangeRecord, queries: &dyn Queries) -> Result<Drift> {
        let decided = record.assessment.as_ref().filter(|_| is_of_plan(&*self.snapshot, record));
        let decided = decided.ok_or_else(|| {
            Error::refused(
                "change.not-assessed",
                format!("{} is not the plan that was assessed", record.number),
            )
            .hint("`cmdb change edit` it, then assess and submit it again")
        })?;
        Ok(drift(decided, &self.assess(record, queries)?.value))
    }
    /// The authorities still missing.
    pub(super) fn missing(&self, record: &ChangeRecord) -> Result<Vec<Required>> {
        let required = required(&*self.snapshot, record, &self.policy)?;
        Ok(required.into_iter().filter(|r| !r.is_met()).collect())
    }
}

/// Refuses a change whose planned edits the inventory would not take.
pub(super) fn check_proposal(record: &ChangeRecord, assessed: &Value) -> Result<()> {
    let proposal = crate::process::fields::get(assessed, "proposal");
    let refused = proposal.map(|p| get_list(p, "refused")).unwrap_or(&[]);
    if refused.is_empty() {
        return Ok(());
    }
    let message = format!("{} of the planned edits of {} would be refused", refused.len(), record.number);
    let mut error =
        Error::refused("change.proposal", message).hint("`cmdb change show` lists them with the reasons");
    for refusal in refused.iter().take(20) {
        let at = crate::process::fields::get(refusal, "edit").and_then(Value::as_integer).unwrap_or(0);
        error = error.detail(
            format!("/proposal/{at}"),
            crate::process::fields::get_text(refusal, "message").to_owned(),
        );
    }
    Err(error)
}
