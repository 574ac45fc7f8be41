//! Queries in the openCypher-compatible language.

use crate::api::query::{QueryAnswer, QueryQuestion};
use crate::call::{Call, now_ms, random};
use crate::query::{Asked, Collected, Form, json, run};
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::command::{Command, Right, access};
use cmdb_core::{Error, Result};
use cmdb_query::estate::{QueryProgram, of_query, procedures};
use cmdb_query::run as language;
use cmdb_query::scene::{Clock, Limits, Parameters};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a query may use if it does not ask for less.
const TIMEOUT_MS_MAX: u64 = 30_000;
const ROWS_MAX: u64 = 5_000_000;
const MEMORY_BYTES_MAX: u64 = 512 << 20;
const STEPS_MAX: u64 = 10_000_000_000;

/// Said to a request that comes again with its Idempotency-Key.
const BEFORE: &str = "this request was carried out before, and its rows were answered then";

pub fn ask() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let question: QueryQuestion = call.json()?;
        let writes = language::writes(&question.query).map_err(|e| of_query(&e, &question.query))?;
        if writes { write(&call, question) } else { read(&call, question) }
    }
    Route::post("/api/v1/query", "query", Right::Read, handler)
        .summary("A query in the openCypher-compatible language; one that writes needs the right to edit")
        .on_proposals()
        .takes::<QueryQuestion>()
        .gives::<QueryAnswer>()
        .lane(Lane::Stream)
}

fn limits(question: &QueryQuestion) -> Result<Limits> {
    let bounded = |name: &str, stated: Option<u64>, max: u64| match stated {
        Some(n) if n > max => {
            let message = format!("{name} is at most {max}");
            Err(Error::limit("query.limits", message.clone()).detail(format!("/{name}"), message))
        }
        stated => Ok(stated.unwrap_or(max)),
    };
    let timeout = bounded("timeout_ms", question.timeout_ms, TIMEOUT_MS_MAX)?;
    Ok(Limits {
        deadline: Some(Instant::now() + Duration::from_millis(timeout)),
        memory_bytes: bounded("max_memory_bytes", question.max_memory_bytes, MEMORY_BYTES_MAX)?,
        rows: bounded("max_rows", question.max_rows, ROWS_MAX)?,
        steps: bounded("max_steps", question.max_steps, STEPS_MAX)?,
    })
}

fn parameters(question: &QueryQuestion) -> Result<Parameters> {
    let read =
        |(name, value): (&String, &serde_json::Value)| Ok((name.as_str().into(), json::read(name, value)?));
    question.parameters.iter().map(read).collect()
}

fn form(call: &Call) -> Form {
    let accept = call.headers.get(axum::http::header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    if accept.contains("ndjson") { Form::Ndjson } else { Form::Json }
}

fn clock() -> Clock {
    let now = now_ms();
    Clock { seconds: now.div_euclid(1000), nanoseconds: (now.rem_euclid(1000) * 1_000_000) as i32 }
}

fn read(call: &Call, question: QueryQuestion) -> Result<Reply> {
    let snapshot = call.snapshot_at(question.at.as_deref())?;
    run(Asked {
        limits: limits(&question)?,
        parameters: parameters(&question)?,
        procedures: procedures(call.app.cmdb()?.clone(), snapshot.clone()),
        clock: clock(),
        chance: u64::from_le_bytes(random()?),
        text: question.query,
        snapshot,
        cancelled: call.cancelled.clone(),
        form: form(call),
    })
}

fn write(call: &Call, question: QueryQuestion) -> Result<Reply> {
    access::check(&call.principal, Right::Edit)?;
    if question.read_only {
        return Err(Error::refused("query.read-only", "the query writes, and only reading was asked for"));
    }
    if call.text("proposal").is_some() {
        return Err(Error::invalid("query.proposal", "a query that writes has no proposal to run on")
            .hint("put it into the proposal: {\"op\": \"query\", \"text\": …}"));
    }
    if question.at.is_some() {
        return Err(Error::invalid(
            "query.at",
            "the past cannot be changed; a query that writes has no \"at\"",
        )
        .detail("/at", "not with a query that writes"));
    }
    let started = Instant::now();
    let cmdb = call.app.cmdb()?;
    let program = Arc::new(QueryProgram {
        parameters: parameters(&question)?,
        procedures: procedures(cmdb.clone(), cmdb.snapshot()),
        clock: clock(),
        chance: u64::from_le_bytes(random()?),
        limits: limits(&question)?,
        text: question.query,
        cancelled: Some(call.cancelled.clone()),
        output: if form(call) == Form::Ndjson { Collected::ndjson } else { Collected::json },
        done: Mutex::default(),
    });
    let receipt = call.submit(Command::Run(program.clone()))?;
    match program.take() {
        Some(Ok((rows, summary))) => {
            let elapsed_us = started.elapsed().as_micros() as u64;
            Ok(rows.reply(summary, receipt.position.0, elapsed_us).at(receipt.position))
        }
        Some(Err(e)) => Err(of_query(&e, &program.text)),
        None => {
            let notices = vec![BEFORE.to_owned()];
            let summary = language::Summary { notices, ..language::Summary::default() };
            Ok((program.output)().reply(summary, receipt.position.0, 0).at(receipt.position))
        }
    }
}
