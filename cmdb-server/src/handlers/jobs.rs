//! Jobs: how far they are, their ends, calling them off. Whoever started a job and administrators see it.

use crate::api;
use crate::call::{Call, parameter};
use crate::jobs::Job;
use crate::problem::problem;
use crate::reply::{Content, Reply};
use crate::route::{Lane, Route};
use axum::body::Body;
use bytes::Bytes;
use cmdb_core::command::Right;
use cmdb_core::model::principal::Role;
use cmdb_core::{Error, Result};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio_stream::wrappers::ReceiverStream;

/// How often a job is looked at for its listeners.
const LOOK: Duration = Duration::from_millis(100);
/// A listener that was told nothing for so many looks gets a comment, so that the line stays open.
const QUIET_LOOKS: u32 = 100;

/// How long an answer waits for the end of its job before it becomes `202` with a job.
const WAIT_DEFAULT: Duration = Duration::from_secs(10);
/// The longest wait that can be asked for.
const WAIT_MAX: u64 = 3_600;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let jobs = call.app.jobs.all().iter().filter(|j| may_see(&call, j)).map(|j| view(j)).collect();
        Ok(Reply::json(&api::JobList { jobs }))
    }
    Route::get("/api/v1/jobs", "list_jobs", Right::Read, handler)
        .summary("Jobs, newest first")
        .gives::<api::JobList>()
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        Ok(Reply::json(&view(&*job_of(&call)?)))
    }
    Route::get("/api/v1/jobs/{id}", "read_job", Right::Read, handler)
        .summary("One job")
        .gives::<api::JobView>()
}

pub fn cancel() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let job = job_of(&call)?;
        job.cancelled.store(true, Ordering::Relaxed);
        Ok(Reply::json(&view(&job)).status(202))
    }
    Route::delete("/api/v1/jobs/{id}", "cancel_job", Right::Edit, handler)
        .summary("Asks a job to end")
        .gives::<api::JobView>()
        .status(202)
}

pub fn events() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let job = job_of(&call)?;
        let (sender, receiver) = tokio::sync::mpsc::channel::<std::result::Result<Bytes, Infallible>>(4);
        tokio::runtime::Handle::current().spawn(async move {
            let (mut told, mut quiet) = (String::new(), 0);
            loop {
                let ended = job.has_ended();
                let text = serde_json::to_string(&view(&job)).unwrap_or_default();
                // The time that passed is no news.
                let news = text.split("\"elapsed_ms\"").next().unwrap_or("").to_owned();
                quiet += 1;
                if news != told || ended {
                    let event = if ended { "end" } else { "progress" };
                    let line = format!("event: {event}\ndata: {text}\n\n");
                    if sender.send(Ok(line.into())).await.is_err() || ended {
                        return;
                    }
                    (told, quiet) = (news, 0);
                } else if quiet >= QUIET_LOOKS {
                    if sender.send(Ok(Bytes::from_static(b":\n\n"))).await.is_err() {
                        return;
                    }
                    quiet = 0;
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Ok(Reply::new("text/event-stream", Content::Async(Body::from_stream(ReceiverStream::new(receiver)))))
    }
    Route::get("/api/v1/jobs/{id}/events", "follow_job", Right::Read, handler)
        .summary("Progress of a job as server-sent events, the last of them `end`")
        .media("text/event-stream")
        .lane(Lane::Quick)
}

fn may_see(call: &Call, job: &Job) -> bool {
    job.owner == call.principal.name || call.principal.role == Role::Admin
}

fn job_of(call: &Call) -> Result<Arc<Job>> {
    let found = call.app.jobs.all().into_iter().find(|j| j.id == call.path("id") && may_see(call, j));
    found.ok_or_else(|| Error::not_found("job.unknown", "there is no job of this id"))
}

fn view(job: &Job) -> api::JobView {
    let state = job.state();
    let (word, result, problem) = match &state.outcome {
        None => ("running", None, None),
        Some(Ok(result)) => ("done", Some(result.clone()), None),
        Some(Err(error)) => ("failed", None, serde_json::to_value(problem(error, &job.id)).ok()),
    };
    api::JobView {
        id: job.id.clone(),
        kind: job.kind,
        state: word,
        phase: state.phase,
        done: state.done,
        total: state.total,
        elapsed_ms: job.started.elapsed().as_millis() as u64,
        result,
        problem,
    }
}

/// The result of a job that has ended, or 202 with where to look.
///
/// # Errors
/// Whatever the job ended with.
pub(crate) fn job_reply(job: &Job) -> Result<Reply> {
    let location = format!("/api/v1/jobs/{}", job.id);
    let outcome = {
        let state = job.state();
        match &state.outcome {
            None => None,
            Some(Ok(result)) => Some(Reply::json(result)),
            Some(Err(error)) => return Err(error.clone()),
        }
    };
    Ok(match outcome {
        Some(reply) => reply.header(axum::http::header::CONTENT_LOCATION, location),
        None => Reply::json(&view(job)).status(202).location(location),
    })
}

/// How long the answer to `call` waits for the end of its job.
pub(crate) fn patience(call: &Call) -> Result<Duration> {
    let Some(prefer) = call.headers.get("prefer").and_then(|v| v.to_str().ok()) else {
        return Ok(WAIT_DEFAULT);
    };
    if prefer.contains("respond-async") {
        return Ok(Duration::ZERO);
    }
    let wait = prefer.split([',', ';']).find_map(|p| p.trim().strip_prefix("wait="));
    let seconds =
        wait.map(|w| w.parse::<u64>().map_err(|_| parameter("prefer", "wait is in seconds".to_owned())));
    Ok(seconds.transpose()?.map_or(WAIT_DEFAULT, |s| Duration::from_secs(s.min(WAIT_MAX))))
}
