//! Subgraphs to look at: an impact or the dependencies of something, and the neighbours of one item.

use super::impact::answer::{Answering, blind_spot};
use super::impact::roots::Asked;
use crate::api;
use crate::api::drawing::DrawnSubgraph;
use crate::call::Call;
use crate::cursor::Page;
use crate::drawing::{Form, Looks, Picture, svg};
use crate::reply::Reply;
use crate::route::{Lane, ParamKind, Route};
use crate::sightings::{moment, with_doubts};
use axum::http::HeaderName;
use cmdb_core::Result;
use cmdb_core::analysis::drawing::Subject;
use cmdb_core::analysis::impact::blind::{self, BlindSpot};
use cmdb_core::analysis::impact::{Impact, Question, State, impact as compute};
use cmdb_core::analysis::reach::{self, Direction, Limits, Scratch, TypeFilter};
use cmdb_core::command::resolve;
use cmdb_core::graph::{Snapshot, View};
use std::time::Instant;

/// Steps to each side of an item that its neighbourhood shows if nobody says.
const NEIGHBOURHOOD_DEPTH: u32 = 1;

pub fn impact() -> Route {
    let route = Route::read("/api/v1/impact/drawing", "draw_impact", |call| {
        let page = call.page()?;
        let snapshot = call.snapshot_of(&page)?;
        let asked = Asked::read(&snapshot, &question(&call)?)?;
        match direction(&call)? {
            Direction::Dependents => draw_impact(&call, &page, &snapshot, &asked),
            Direction::Dependencies => draw_dependencies(&call, &page, &snapshot, &asked),
        }
    })
    .summary(
        "An impact as it is drawn: grouped, in columns, links bundled, with a page of the table beside it",
    )
    .param("root", ParamKind::Texts, "REF or REF=STATE of a root; stated once for each")
    .text("state", "state of roots that name none: `down` (default), `degraded`, `at_risk` or `maintenance`")
    .text("dir", "`out` (default): what suffers; `in`: what the roots depend on")
    .number("depth", "steps to follow")
    .text("types", "relationship types that pass anything on, separated by commas")
    .flag("with_current", "adds what open outages hold down")
    .flag("affected_only", "leaves out what redundancy keeps up");
    Looks::of(route).gives::<DrawnSubgraph>().lane(Lane::Read)
}

pub fn neighbourhood() -> Route {
    let route = Route::read("/api/v1/items/{ref}/neighbourhood", "draw_neighbourhood", |call| {
        let page = call.page()?;
        let snapshot = call.snapshot_of(&page)?;
        draw_neighbourhood(&call, &page, &snapshot)
    })
    .summary("An item between what it depends on and what depends on it, as it is drawn")
    .number("depth", "steps to follow to each side; 1 if not stated")
    .text("types", "relationship types to follow, separated by commas");
    Looks::of(route).gives::<DrawnSubgraph>().lane(Lane::Read)
}

fn question(call: &Call) -> Result<api::ImpactQuestion> {
    call.required("root")?;
    let owned = |name: &str| call.text(name).map(str::to_owned);
    Ok(api::ImpactQuestion {
        roots: call.texts("root").into_iter().map(Into::into).collect(),
        state: owned("state"),
        depth: call.number("depth")?,
        types: types_of(call),
        with_current: call.flag("with_current")?,
        at: owned("at"),
        ..api::ImpactQuestion::default()
    })
}

fn types_of(call: &Call) -> Option<Vec<String>> {
    call.text("types").map(|_| call.words("types").into_iter().map(str::to_owned).collect())
}

fn direction(call: &Call) -> Result<Direction> {
    match call.text("dir") {
        None | Some("out") => Ok(Direction::Dependents),
        Some("in") => Ok(Direction::Dependencies),
        Some(other) => Err(crate::call::parameter("dir", format!("dir is out or in, not \"{other}\""))),
    }
}

/// What has been found, and when each step was done.
struct Found<'a> {
    asked: &'a Asked,
    impact: &'a Impact,
    subject: Subject,
    blind_spots: Vec<BlindSpot>,
    complete: bool,
    left_out: u64,
    started: Instant,
    searched: Instant,
}

fn draw_impact(call: &Call, page: &Page, snapshot: &Snapshot, asked: &Asked) -> Result<Reply> {
    let (view, cmdb, now_ms) = (View::full(snapshot), call.app.cmdb()?, moment(call, snapshot)?);
    let core_question = asked.question(&call.cancelled);
    let protected = !call.flag("affected_only")?;
    let started = Instant::now();
    let (impact, blind_spots) = call.app.with_scratch(|scratch| {
        let impact = compute(view, &core_question, scratch);
        let blind_spots = with_doubts(cmdb, snapshot, now_ms, |doubts| {
            blind::blind_spots(view, &core_question, &impact, doubts, scratch)
        });
        (impact, blind_spots)
    });
    let searched = Instant::now();
    let subject = Subject::of_impact(view, &asked.items, &impact, protected);
    let left_out = if protected { 0 } else { impact.count(State::Up) as u64 };
    let complete = impact.complete;
    let found = Found { asked, impact: &impact, subject, blind_spots, complete, left_out, started, searched };
    answer(call, page, view, &core_question, found)
}

fn draw_dependencies(call: &Call, page: &Page, snapshot: &Snapshot, asked: &Asked) -> Result<Reply> {
    let view = View::full(snapshot);
    let types = asked.types.clone().map(TypeFilter::of);
    let started = Instant::now();
    let (subject, complete) = Scratch::with(|scratch| {
        let (starts, depth_max) = (&asked.items[..], asked.depth_max);
        let direction = Direction::Dependencies;
        let question = reach::Question { starts, direction, depth_max, types: types.as_ref() };
        let limits = Limits { steps_max: None, cancelled: &call.cancelled };
        let reached = reach::reach(view, &question, &limits, scratch);
        (Subject::of_dependencies(view, starts, &reached), reached.complete)
    });
    at_rest(call, page, view, asked, subject, complete, started)
}

fn draw_neighbourhood(call: &Call, page: &Page, snapshot: &Snapshot) -> Result<Reply> {
    let view = View::full(snapshot);
    let item = snapshot.dense(resolve(snapshot, call.path("ref"))?);
    let depth = call.number("depth")?.unwrap_or(NEIGHBOURHOOD_DEPTH);
    let question = api::ImpactQuestion {
        roots: vec![call.path("ref").into()],
        depth: Some(depth),
        types: types_of(call),
        ..api::ImpactQuestion::default()
    };
    let asked = Asked::read(snapshot, &question)?;
    let types = asked.types.clone().map(TypeFilter::of);
    let started = Instant::now();
    let mut complete = true;
    let mut side = |direction| {
        Scratch::with(|scratch| {
            let question =
                reach::Question { starts: &[item], direction, depth_max: Some(depth), types: types.as_ref() };
            let limits = Limits { steps_max: None, cancelled: &call.cancelled };
            let reached = reach::reach(view, &question, &limits, scratch);
            complete &= reached.complete;
            reached.with_depth().collect::<Vec<_>>()
        })
    };
    let (dependencies, dependents) = (side(Direction::Dependencies), side(Direction::Dependents));
    let subject = Subject::of_neighbours(view, item, &dependencies, &dependents);
    at_rest(call, page, view, &asked, subject, complete, started)
}

/// Nothing is assumed to fail: an impact without roots explains that nothing is lost.
fn at_rest(
    call: &Call,
    page: &Page,
    view: View<'_>,
    asked: &Asked,
    subject: Subject,
    complete: bool,
    started: Instant,
) -> Result<Reply> {
    let (nothing, searched) = (Impact::default(), Instant::now());
    let question = Question { types: asked.types.as_deref(), ..Question::new(&[]) };
    let found = Found {
        asked,
        impact: &nothing,
        subject,
        blind_spots: Vec::new(),
        complete,
        left_out: 0,
        started,
        searched,
    };
    answer(call, page, view, &question, found)
}

fn answer(
    call: &Call,
    page: &Page,
    view: View<'_>,
    question: &Question<'_>,
    found: Found<'_>,
) -> Result<Reply> {
    let snapshot = view.snapshot();
    let looks = Looks::read(call, snapshot)?;
    let answering = Answering::new(view, question, found.impact, found.asked, None)?;
    let types = found.asked.types.as_deref();
    let picture = Picture::draw(view, &found.subject, &looks, types, answering.explainer())?;
    let drawn = Instant::now();
    if looks.form == Form::Csv {
        let csv = picture.csv(view)?;
        return Ok(file(Reply::bytes("text/csv; charset=utf-8", csv), "impact.csv").at(snapshot.position()));
    }
    let summary = picture.summary(answering.services()?, found.left_out);
    let drawing = picture.drawing()?;
    if looks.form == Form::Svg {
        let names: Vec<String> = answering.roots().into_iter().map(|r| r.name).collect();
        let image = svg::render(&drawing, &summary, &names.join(", "));
        return Ok(file(Reply::bytes("image/svg+xml", image), "impact.svg").at(snapshot.position()));
    }
    let table = picture.table(view, page)?;
    let listed = Instant::now();
    let timing = format!(
        "search;dur={:.2}, draw;dur={:.2}, rows;dur={:.2}",
        millis(found.started, found.searched),
        millis(found.searched, drawn),
        millis(drawn, listed)
    );
    let next = call.next_url(&table.next_cursor);
    let answer = DrawnSubgraph {
        position: snapshot.position().0,
        complete: found.complete,
        view: view.word(),
        roots: answering.roots(),
        limits: picture.limits(found.asked.depth_max, found.complete),
        summary,
        drawing,
        blind_spots: found.blind_spots.iter().map(|spot| blind_spot(snapshot, spot)).collect(),
        table,
        elapsed_us: found.started.elapsed().as_micros() as u64,
    };
    let reply = Reply::json(&answer).next_page(next).at(snapshot.position());
    Ok(reply.header(HeaderName::from_static("server-timing"), timing))
}

fn millis(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1e3
}

/// Shown in the browser, and saved under this name.
fn file(reply: Reply, name: &str) -> Reply {
    reply.header(axum::http::header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\""))
}
