//! Two scenarios side by side: which items fare differently in the second one.

use super::impact::answer::Answering;
use super::impact::roots::Asked;
use crate::api;
use crate::api::drawing::{ComparedRow, ComparisonAnswer, Scenario, Shift};
use crate::call::Call;
use crate::convert::item_ref;
use crate::handlers::items::class_filter;
use crate::reply::Reply;
use crate::route::{ParamKind, Route};
use crate::window::window;
use cmdb_core::Result;
use cmdb_core::analysis::criticality::criticality;
use cmdb_core::analysis::impact::{Explainer, Impact, State, impact};
use cmdb_core::graph::{Snapshot, View};
use std::cmp::Reverse;
use std::time::Instant;

pub fn compare() -> Route {
    Route::read("/api/v1/impact/comparison", "compare_impacts", answer)
        .summary("Two impacts, and every item whose state is not the same in both")
        .param(
            "root",
            ParamKind::Texts,
            "REF or REF=STATE of a root of the first scenario; stated once for each",
        )
        .text(
            "state",
            "state of roots that name none: `down` (default), `degraded`, `at_risk` or `maintenance`",
        )
        .param("versus", ParamKind::Texts, "REF or REF=STATE of a root of the second scenario")
        .text("types", "relationship types that pass anything on, separated by commas")
        .text("class", "rows of this class only, subclasses included; counts stay whole")
        .paged()
        .gives::<ComparisonAnswer>()
}

fn asked(call: &Call, snapshot: &Snapshot, roots: &str) -> Result<Asked> {
    call.required(roots)?;
    let question = api::ImpactQuestion {
        roots: call.texts(roots).into_iter().map(Into::into).collect(),
        state: call.text("state").map(str::to_owned),
        types: call.text("types").map(|_| call.words("types").into_iter().map(str::to_owned).collect()),
        ..api::ImpactQuestion::default()
    };
    Asked::read(snapshot, &question)
}

fn answer(call: Call) -> Result<Reply> {
    let page = call.page()?;
    let snapshot = call.snapshot_of(&page)?;
    let view = View::full(&snapshot);
    let class = class_filter(&call, &snapshot)?;
    let (asked_1, asked_2) = (asked(&call, &snapshot, "root")?, asked(&call, &snapshot, "versus")?);
    let started = Instant::now();
    let (question_1, question_2) = (asked_1.question(&call.cancelled), asked_2.question(&call.cancelled));
    let (impact_1, impact_2) = call
        .app
        .with_scratch(|scratch| (impact(view, &question_1, scratch), impact(view, &question_2, scratch)));
    let first = Answering::new(view, &question_1, &impact_1, &asked_1, None)?;
    let second = Answering::new(view, &question_2, &impact_2, &asked_2, None)?;
    let differing = differing([&impact_1, &impact_2], first.explainer(), second.explainer());
    let shifts = differing.chunk_by(|a, b| a.1 == b.1);
    let shifts = shifts.map(|same| Shift {
        first: same[0].1.0.word(),
        second: same[0].1.1.word(),
        count: same.len() as u64,
    });
    let shifts = shifts.collect();
    let listed: Vec<(u32, Pair)> = differing
        .into_iter()
        .filter(|(item, _)| class.as_ref().is_none_or(|c| c.holds(snapshot.class_of(*item))))
        .collect();
    let count = listed.len() as u64;
    let items: Vec<u32> = listed.iter().map(|(item, _)| *item).collect();
    let mut end = 0;
    let waves = listed.chunk_by(|a, b| a.1 == b.1).map(|same| {
        end += same.len();
        (&items[end - same.len()..end], same[0].1)
    });
    let rows = window(&snapshot, waves, page.offset, page.limit.unwrap_or(usize::MAX), None);
    let rows: Vec<ComparedRow> =
        rows.into_iter().map(|(item, pair)| row(&snapshot, item, pair)).collect::<Result<_>>()?;
    let next_cursor = page.next(snapshot.position(), rows.len(), count);
    let next = call.next_url(&next_cursor);
    let answer = ComparisonAnswer {
        position: snapshot.position().0,
        complete: impact_1.complete && impact_2.complete,
        first: Scenario { roots: first.roots(), summary: first.summary()? },
        second: Scenario { roots: second.roots(), summary: second.summary()? },
        shifts,
        rows,
        count,
        next_cursor,
        elapsed_us: started.elapsed().as_micros() as u64,
    };
    Ok(Reply::json(&answer).next_page(next).at(snapshot.position()))
}

/// States in the first and the second scenario.
type Pair = (State, State);

/// Items that are not in the same state in both, those that are worst in either first.
fn differing(impacts: [&Impact; 2], first: &Explainer<'_>, second: &Explainer<'_>) -> Vec<(u32, Pair)> {
    let affected = impacts.into_iter().flat_map(|i| i.affected_waves().flat_map(|w| i.items(w)));
    let mut items: Vec<u32> = affected.copied().collect();
    items.sort_unstable();
    items.dedup();
    let pair = |item: u32| (item, (first.place(item).0, second.place(item).0));
    let mut out: Vec<(u32, Pair)> = items.into_iter().map(pair).filter(|(_, (a, b))| a != b).collect();
    out.sort_by_key(|(item, pair)| (Reverse(pair.0.max(pair.1)), Reverse(*pair), *item));
    out
}

fn row(snapshot: &Snapshot, item: u32, (first, second): Pair) -> Result<ComparedRow> {
    let api::ItemRef { id, class, name } = item_ref(snapshot, item);
    let criticality = criticality(snapshot, item)?;
    Ok(ComparedRow { id, class, name, first: first.word(), second: second.word(), criticality })
}
