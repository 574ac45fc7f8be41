//! Status, audit stream, verification, backup, compaction.

use crate::api;
use crate::call::Call;
use crate::convert::timestamp;
use crate::cursor::LIMIT_DEFAULT;
use crate::handlers::jobs::{job_reply, patience};
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::command::Right;
use cmdb_core::graph::Records;
use cmdb_core::store::verify::{VerifyOptions, VerifyReport};
use cmdb_core::{Error, Kind, Result};
use std::io::Write;

/// Audit records of one answer at most.
const AUDIT_MAX: usize = 10_000;

pub fn status() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let cmdb = call.app.cmdb()?;
        let snapshot = cmdb.snapshot();
        let counts = snapshot.counts();
        let status = api::Status {
            version: env!("CARGO_PKG_VERSION"),
            position: snapshot.position().0,
            at: timestamp(snapshot.time_ms()),
            log: cmdb.log_id()?.to_string(),
            items: counts.items.into(),
            relationships: counts.relationships.into(),
            classes: snapshot.schema().classes().count() as u64,
            open_schema: snapshot.schema().open,
            state_hash: format!("{:032x}", snapshot.state_hash()),
            principal: call.principal.name.to_string(),
            role: call.principal.role.name(),
        };
        Ok(Reply::json(&status).at(snapshot.position()))
    }
    Route::get("/api/v1/status", "status", Right::Read, handler)
        .summary("How the inventory stands, and whom the caller is taken for")
        .gives::<api::Status>()
}

pub fn audit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let cmdb = call.app.cmdb()?;
        call.app.audit.flush(cmdb);
        let max = call.number("limit")?.unwrap_or(LIMIT_DEFAULT).min(AUDIT_MAX);
        let record = |(number, r): (u64, cmdb_core::store::embedded::AuditRecord)| api::AuditView {
            number,
            at: timestamp(r.time_ms),
            actor: r.actor.to_string(),
            action: r.action.to_string(),
            code: r.code.to_string(),
            message: r.message.to_string(),
        };
        let records = cmdb.store()?.audit_records(max)?.into_iter().map(record).collect();
        Ok(Reply::json(&api::AuditPage { records }))
    }
    Route::get("/api/v1/audit", "list_audit", Right::Audit, handler)
        .summary("Denied and refused attempts, newest first")
        .number("limit", "records; 100 if not stated, at most 10000")
        .gives::<api::AuditPage>()
}

pub fn verify() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let options = VerifyOptions { full: call.flag("full")?, ..VerifyOptions::default() };
        let cmdb = call.app.cmdb()?.clone();
        let wait = patience(&call)?;
        let job = call.app.jobs.start("verify", call.principal.name.clone(), move |_| {
            let report = cmdb.verify(&options)?;
            serde_json::to_value(verified(&report)).map_err(|e| {
                Error::new(Kind::Internal, "verify.report", "the report does not encode").caused_by(e)
            })
        })?;
        job.wait(wait);
        job_reply(&job)
    }
    Route::post("/api/v1/verify", "verify", Right::Audit, handler)
        .summary("Checks checksums, hash chain, and that graph and store agree; 202 with a job where it takes long (`Prefer: respond-async`)")
        .flag("full", "also replay the log and check every page; holds up writes meanwhile")
        .gives::<api::VerifyView>()
}

/// A report as it is answered.
pub fn verified(report: &VerifyReport) -> api::VerifyView {
    let findings = report.findings.iter().map(|f| api::FindingView {
        place: f.place.clone(),
        message: f.message.clone(),
        remedy: f.remedy.to_owned(),
    });
    api::VerifyView {
        clean: report.is_clean(),
        position: report.position.0,
        chain: report.chain.0.iter().map(|b| format!("{b:02x}")).collect(),
        entries: report.entries,
        purged: report.purged,
        rows: report.rows,
        findings: findings.collect(),
        findings_count: report.findings_count,
        notes: report.notes.clone(),
    }
}

pub fn backup() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let cmdb = call.app.cmdb()?.clone();
        Ok(Reply::written("application/octet-stream", move |out: &mut dyn Write| {
            cmdb.backup(out).map(drop).map_err(std::io::Error::other)
        }))
    }
    Route::post("/api/v1/backup", "backup", Right::Administer, handler)
        .summary("One consistent state of everything, as a file for `cmdb restore`; reads and writes go on")
        .media("application/octet-stream")
        .lane(Lane::Stream)
}

pub fn compact() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let cmdb = call.app.cmdb()?.clone();
        let wait = patience(&call)?;
        let job = call.app.jobs.start("compact", call.principal.name.clone(), move |_| {
            serde_json::to_value(api::Compacted { compacted: cmdb.compact()? }).map_err(|e| {
                Error::new(Kind::Internal, "compact.report", "the report does not encode").caused_by(e)
            })
        })?;
        job.wait(wait);
        job_reply(&job)
    }
    Route::post("/api/v1/compact", "compact", Right::Administer, handler)
        .summary("Gives unused space back to the file system; writes wait meanwhile. 202 with a job where it takes long")
        .gives::<api::Compacted>()
}
