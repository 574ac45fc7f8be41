//! Plans of imports that wait to be applied, and applying one. Whoever made a plan and administrators see it.

use crate::api;
use crate::call::{Call, now_ms};
use crate::convert::timestamp;
use crate::handlers::imports;
use crate::importing::InputFile;
use crate::plans::StoredPlan;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::Right;
use cmdb_core::model::principal::Role;
use cmdb_core::{Error, Result};

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let plans = call.app.plans.list(now_ms())?;
        let plans = plans.iter().filter(|plan| may_see(&call, plan)).map(row).collect();
        Ok(Reply::json(&api::ImportPlans { plans }))
    }
    Route::get("/api/v1/import-plans", "list_import_plans", Right::Edit, handler)
        .summary("Plans that wait to be applied, newest first")
        .gives::<api::ImportPlans>()
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        Ok(Reply::json(&plan_of(&call)?.report))
    }
    Route::get("/api/v1/import-plans/{id}", "read_import_plan", Right::Edit, handler)
        .summary("The report of a dry run with its plan, as it was answered")
        .gives::<api::ImportReport>()
}

pub fn forget() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let plan = plan_of(&call)?;
        call.app.plans.forget(&plan.id)?;
        Ok(Reply::json(&row(&plan)))
    }
    Route::delete("/api/v1/import-plans/{id}", "forget_import_plan", Right::Edit, handler)
        .summary("Drops a plan and the files kept with it")
        .gives::<api::ImportPlanRow>()
}

pub fn apply() -> Route {
    fn handler(mut call: Call) -> Result<Reply> {
        let context = call.context()?;
        if let Some(again) = imports::said_before(&call, &context)? {
            return Ok(again);
        }
        let plan = plan_of(&call)?;
        if let Some(reason) = &plan.reason {
            return Err(Error::refused(
                "import.plan-not-applicable",
                format!("the plan cannot be applied: {reason}"),
            )
            .hint("mend the files and plan again"));
        }
        plan.check_files()?;
        let file = |f: &crate::plans::StoredFile| InputFile { name: f.name.clone(), path: f.path.clone() };
        let files = plan.files.iter().map(file).collect();
        call.query.clone_from(&plan.query);
        let mut request = imports::request(&call, files)?;
        request.planned = Some(plan.fingerprint);
        imports::run(&call, context, request, Default::default(), Some(plan.id))
    }
    Route::post("/api/v1/imports/{id}/apply", "apply_import_plan", Right::Edit, handler)
        .summary(
            "Imports exactly what a plan says, or refuses it as stale where what it rests on has changed",
        )
        .gives::<api::ImportReport>()
}

fn may_see(call: &Call, plan: &StoredPlan) -> bool {
    plan.by == call.principal.name || call.principal.role == Role::Admin
}

/// The plan of the path.
fn plan_of(call: &Call) -> Result<StoredPlan> {
    plan_named(call, call.path("id"))
}

/// A plan that the caller may see.
pub(crate) fn plan_named(call: &Call, id: &str) -> Result<StoredPlan> {
    let plan = call.app.plans.read(id, now_ms())?;
    match may_see(call, &plan) {
        true => Ok(plan),
        false => Err(Error::not_found("import.plan-unknown", format!("there is no plan \"{id}\""))),
    }
}

fn row(plan: &StoredPlan) -> api::ImportPlanRow {
    api::ImportPlanRow {
        id: plan.id.clone(),
        at: timestamp(plan.created_ms),
        expires_at: timestamp(plan.expires_ms),
        by: plan.by.clone(),
        source: plan.source.clone(),
        files: plan.files.iter().map(|f| f.name.clone()).collect(),
        position: plan.position,
        applicable: plan.reason.is_none(),
    }
}
