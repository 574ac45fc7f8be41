//! The impact of a failure or a change, with proof.

use crate::api;
use crate::call::{Call, now_ms};
use crate::convert::ClassSet;
use crate::cursor::Page;
use crate::expression::{Expression, Vocabulary};
use crate::reply::Reply;
use crate::route::{Lane, ParamKind, Route};
use crate::sightings::with_doubts;
use cmdb_core::Result;
use cmdb_core::analysis::impact::{blind, impact};
use cmdb_core::command::Right;
use cmdb_core::graph::View;
use std::time::Instant;

pub(crate) mod answer;
pub mod drawn;
mod late;
pub(crate) mod roots;

use answer::Answering;
use roots::Asked;

pub fn ask() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let mut question: api::ImpactQuestion = call.json()?;
        question.at = question.at.or_else(|| call.text("at").map(str::to_owned));
        // Everything but the page tells one question from another.
        let wording = format!(
            "{:?}",
            (
                &question.roots,
                &question.state,
                question.depth,
                &question.types,
                &question.for_minutes,
                &question.class,
                &question.at,
                question.with_current
            )
        );
        let limit = question.limit.as_ref().map(|l| l.as_str().map_or_else(|| l.to_string(), str::to_owned));
        let page = Page::read(limit.as_deref(), question.cursor.as_deref(), &wording)?;
        answer(&call, &question, &page)
    }
    Route::post("/api/v1/impact", "ask_impact", Right::Read, handler)
        .summary("What happens to everything else if these items fail or change")
        .text("at", "position, time or baseline to answer for, unless the body says")
        .on_proposals()
        .number("min_position", "answer from a state that contains this position, waiting for it if need be")
        .takes::<api::ImpactQuestion>()
        .gives::<api::ImpactAnswer>()
        .lane(Lane::Read)
}

pub fn ask_in_query() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let page = call.page()?;
        call.required("ref")?;
        let owned = |name: &str| call.text(name).map(str::to_owned);
        let question = api::ImpactQuestion {
            roots: call.texts("ref").into_iter().map(Into::into).collect(),
            state: owned("state"),
            depth: call.number("depth")?,
            types: call.text("types").map(|_| call.words("types").into_iter().map(str::to_owned).collect()),
            limit: None,
            cursor: None,
            with_current: call.flag("with_current")?,
            include: call.words("include").into_iter().map(str::to_owned).collect(),
            for_minutes: call.number("for_minutes")?,
            class: owned("class"),
            condition: owned("where"),
            at: owned("at"),
        };
        answer(&call, &question, &page)
    }
    Route::read("/api/v1/impact", "ask_impact_in_query", handler)
        .summary("The same question in a URL")
        .param("ref", ParamKind::Texts, "REF or REF=STATE of a root; stated once for each")
        .text(
            "state",
            "state of roots that name none: `down` (default), `degraded`, `at_risk` or `maintenance`",
        )
        .number("depth", "waves to follow")
        .text("types", "relationship types that pass anything on, separated by commas")
        .text("include", "`protected` lists what redundancy keeps up")
        .flag("with_current", "adds what open outages hold down")
        .number("for_minutes", "leaves out effects later than this")
        .text("class", "lists affected items of this class only; counts stay whole")
        .text("where", "lists affected items for which this holds; counts stay whole")
        .paged()
        .gives::<api::ImpactAnswer>()
}

fn answer(call: &Call, question: &api::ImpactQuestion, page: &Page) -> Result<Reply> {
    if let Some(position) = call.number("min_position")? {
        let patience = std::time::Duration::from_secs(5);
        call.app.cmdb()?.wait_for(cmdb_core::model::Position(position), patience)?;
    }
    let snapshot = match page.position {
        Some(position) => call.proposed(call.app.cmdb()?.at(position)?)?,
        None => call.snapshot_at(question.at.as_deref())?,
    };
    let asked = Asked::read(&snapshot, question)?;
    let class = question.class.as_deref().map(|name| ClassSet::named(&snapshot, name)).transpose()?;
    let vocabulary = Vocabulary { snapshot: &snapshot, classes: class.as_ref(), affected: true };
    let condition = question.condition.as_deref();
    let condition = condition.map(|text| Expression::read(text, &vocabulary)).transpose()?;
    let (view, cmdb) = (View::full(&snapshot), call.app.cmdb()?);
    let core_question = asked.question(&call.cancelled);
    let (impact, blind_spots, elapsed_us) = call.app.with_scratch(|scratch| {
        let started = Instant::now();
        let impact = impact(view, &core_question, scratch);
        let elapsed_us = started.elapsed().as_micros() as u64;
        let now_ms = if question.at.is_some() { snapshot.time_ms() } else { now_ms() };
        let blind_spots = with_doubts(cmdb, &snapshot, now_ms, |doubts| {
            blind::blind_spots(view, &core_question, &impact, doubts, scratch)
        });
        (impact, blind_spots, elapsed_us)
    });
    let answering = Answering::new(view, &core_question, &impact, &asked, question.for_minutes)?;
    let listed = answering.listed(page, class.as_ref(), condition.as_ref())?;
    let next_cursor = page.next(snapshot.position(), listed.rows.len(), listed.total);
    let answer = api::ImpactAnswer {
        position: snapshot.position().0,
        complete: impact.complete,
        view: view.word(),
        roots: answering.roots(),
        summary: answering.summary()?,
        affected: listed.rows,
        protected: asked.protected.then(|| answering.protected()).transpose()?,
        blind_spots: blind_spots.iter().map(|spot| answer::blind_spot(&snapshot, spot)).collect(),
        frontier: answering.frontier(),
        next_cursor,
        elapsed_us,
    };
    // A question in a body has no URL to go on from; its next cursor is in the answer.
    let next =
        (!call.uri.query().unwrap_or("").is_empty()).then(|| call.next_url(&answer.next_cursor)).flatten();
    Ok(Reply::json(&answer).next_page(next).at(snapshot.position()))
}
