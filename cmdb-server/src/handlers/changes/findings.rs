//! What was found about a change: its frozen assessment, worked out again if asked, and what it waits for.

use crate::api::changes::AssessmentView;
use crate::call::Call;
use crate::queries::LanguageQueries;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::resolve;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::process::change::approval;
use cmdb_core::process::change::assessment::{Replayed, assess_now, replay};
use cmdb_core::process::change::drift::{drift, is_of_plan};
use cmdb_core::process::change::policy::Policy;
use cmdb_core::process::change::record::ChangeRecord;
use cmdb_core::{Error, Result};
use cmdb_import::json;
use std::sync::Arc;

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let number = resolve(&*snapshot, call.path("ref"))?;
        let record = ChangeRecord::read(&*snapshot, number)?;
        let cmdb = call.app.cmdb()?;
        let frozen = record.assessment.clone().ok_or_else(|| {
            Error::not_found("change.not-assessed", format!("{} was not assessed yet", record.number))
                .hint("`cmdb change assess` does it")
        })?;
        let replayed = match call.flag("replay")? {
            true => {
                let queries = LanguageQueries::over(cmdb);
                Some(replay(&record, |position| cmdb.at(position), &*queries)?)
            }
            false => None,
        };
        let same = replayed.as_ref().map(Replayed::is_same);
        let again = replayed.filter(|r| !r.is_same()).map(|r| json::from_value(&r.again));
        let answer = AssessmentView {
            change: snapshot.item_id(number).to_string(),
            number: record.number.to_string(),
            position: snapshot.position().0,
            of_plan: is_of_plan(&*snapshot, &record),
            same,
            assessment: json::from_value(&frozen),
            again,
        };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/changes/{ref}/assessment", "read_assessment", handler)
        .summary("What was found about the change, frozen in its record")
        .flag("replay", "work it out again from the record, and say whether the bytes are the same")
        .gives::<AssessmentView>()
}

/// The authorities a change needs; none before it was assessed.
pub fn required(snapshot: &Snapshot, record: &ChangeRecord) -> Result<Vec<serde_json::Value>> {
    if record.assessment.is_none() {
        return Ok(Vec::new());
    }
    let policy = Policy::in_force(snapshot.settings())?;
    let required = approval::required(snapshot, record, &policy)?;
    Ok(required.iter().map(|r| json::from_value(&r.value())).collect())
}

/// How the impact of a change that waits for something differs from the one that was assessed.
pub fn drift_now(
    call: &Call,
    snapshot: &Arc<Snapshot>,
    record: &ChangeRecord,
) -> Result<Option<serde_json::Value>> {
    let Some(decided) = record.assessment.as_ref().filter(|_| record.status.is_committed()) else {
        return Ok(None);
    };
    let policy = Policy::in_force(snapshot.settings())?;
    let queries = LanguageQueries::over(call.app.cmdb()?);
    let as_of_ms = snapshot.time_ms().max(crate::call::now_ms());
    let now = assess_now(snapshot, record.item, &policy, &*queries, as_of_ms)?;
    let found = drift(decided, &now.value);
    Ok((!found.is_none()).then(|| json::from_value(&found.value())))
}
