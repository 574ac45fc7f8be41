//! Why one item is affected, or is not: the chain to a root, what its redundancy lost, and each loss's own chain.

use super::impact::answer::Answering;
use super::impact::roots::Asked;
use crate::api;
use crate::api::drawing::{WhyAnswer, WhyLost};
use crate::call::Call;
use crate::convert::item_ref;
use crate::handlers::path::hop;
use crate::reply::Reply;
use crate::route::{ParamKind, Route};
use cmdb_core::Result;
use cmdb_core::analysis::impact::{State, impact};
use cmdb_core::analysis::path;
use cmdb_core::analysis::reach::{Limits, TypeFilter};
use cmdb_core::command::resolve;
use cmdb_core::graph::View;

/// Lost members that are explained one by one, over all groups of the target.
const LOST_MAX: usize = 24;
/// Roots to which a path is looked for where no state passes along one.
const ROOTS_TRIED: usize = 16;

pub fn why() -> Route {
    Route::read("/api/v1/why", "why", answer)
        .summary("Why an item is affected by some roots: chains with relationship names and redundancy")
        .param("root", ParamKind::Texts, "REF or REF=STATE of a root; stated once for each")
        .text(
            "state",
            "state of roots that name none: `down` (default), `degraded`, `at_risk` or `maintenance`",
        )
        .text("target", "REF of the item to explain")
        .text("types", "relationship types that pass anything on, separated by commas")
        .flag("with_current", "adds what open outages hold down")
        .gives::<WhyAnswer>()
}

fn question(call: &Call) -> Result<api::ImpactQuestion> {
    call.required("root")?;
    Ok(api::ImpactQuestion {
        roots: call.texts("root").into_iter().map(Into::into).collect(),
        state: call.text("state").map(str::to_owned),
        types: call.text("types").map(|_| call.words("types").into_iter().map(str::to_owned).collect()),
        with_current: call.flag("with_current")?,
        at: call.text("at").map(str::to_owned),
        ..api::ImpactQuestion::default()
    })
}

fn answer(call: Call) -> Result<Reply> {
    let snapshot = call.snapshot()?;
    let asked = Asked::read(&snapshot, &question(&call)?)?;
    let target = snapshot.dense(resolve(&*snapshot, call.required("target")?)?);
    let view = View::full(&snapshot);
    let core_question = asked.question(&call.cancelled);
    let impact = call.app.with_scratch(|scratch| impact(view, &core_question, scratch));
    let answering = Answering::new(view, &core_question, &impact, &asked, None)?;
    let explainer = answering.explainer();
    let (state, depth) = explainer.place(target);
    let affected = answering.affected(target, state, depth)?;
    let lost_items = explainer.gates(target)?.into_iter().flat_map(|gate| gate.lost);
    let mut lost_items: Vec<u32> = lost_items.collect();
    lost_items.dedup();
    let lost = |item: &u32| {
        let (state, depth) = explainer.place(*item);
        let why = answering.affected(*item, state, depth)?.why;
        Ok(WhyLost { item: item_ref(&snapshot, *item), state: state.word(), why })
    };
    let path = match state {
        State::Up => shortest(&call, view, &asked, target)?,
        _ => Vec::new(),
    };
    let answer = WhyAnswer {
        position: snapshot.position().0,
        complete: impact.complete,
        roots: answering.roots(),
        target: item_ref(&snapshot, target),
        state: state.word(),
        protected: state == State::Up && !path.is_empty(),
        depth,
        after_minutes: affected.after_minutes,
        why: affected.why,
        gates: affected.gates,
        lost: lost_items.iter().take(LOST_MAX).map(lost).collect::<Result<_>>()?,
        path,
    };
    Ok(Reply::json(&answer).at(snapshot.position()))
}

/// The shortest chain of dependencies to any root.
fn shortest(call: &Call, view: View<'_>, asked: &Asked, target: u32) -> Result<Vec<api::Hop>> {
    let types = asked.types.clone().map(TypeFilter::of);
    let limits = Limits { steps_max: None, cancelled: &call.cancelled };
    let mut scratch = path::Scratch::default();
    let mut best: Option<Vec<path::Hop>> = None;
    for root in asked.items.iter().take(ROOTS_TRIED) {
        let question =
            path::Question { from: target, to: *root, limit: 1, depth_max: None, types: types.as_ref() };
        let found = path::paths(view, &question, &limits, &mut scratch).paths.into_iter().next();
        if let Some(found) = found
            && best.as_ref().is_none_or(|b| found.len() < b.len())
        {
            best = Some(found);
        }
    }
    best.unwrap_or_default().iter().map(|h| hop(view.snapshot(), h)).collect()
}
