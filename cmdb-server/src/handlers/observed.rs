//! Observed against declared dependencies.

use crate::api;
use crate::call::{Call, parameter};
use crate::convert::{Convert, types};
use crate::reply::Reply;
use crate::route::{Lane, Route};
use crate::sightings::{confidence, with_seen};
use cmdb_core::analysis::observed::{TYPES_DEFAULT, compare};
use cmdb_core::analysis::seen::Seen;
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::{RelationshipNumber, Symbol};
use cmdb_core::schema::symbols;
use cmdb_core::{Cmdb, Result};

pub fn report() -> Route {
    // It looks at every relationship.
    Route::read("/api/v1/observed", "observed", answer)
        .summary("Observed against declared dependencies: seen in traffic and not in the CMDB, and the reverse; with relation coverage")
        .text("list", "`undeclared` (default): seen in traffic, not in the CMDB; `unobserved`: declared between items that traffic shows, never seen")
        .text("types", "relationship types to compare, separated by commas; calls, depends_on, uses, connects_to and cabled_to if not stated")
        .paged()
        .gives::<api::ObservedReport>()
        .lane(Lane::Stream)
}

fn answer(call: Call) -> Result<Reply> {
    let page = call.page()?;
    let snapshot = call.snapshot_of(&page)?;
    let list = match call.text("list") {
        None | Some("undeclared") => "undeclared",
        Some("unobserved") => "unobserved",
        Some(other) => {
            let message =
                format!("the list is of undeclared or of unobserved dependencies, not of \"{other}\"");
            return Err(parameter("list", message));
        }
    };
    let types = asked_types(&call, &snapshot)?;
    let cmdb = call.app.cmdb()?;
    let (found, dependencies, listed) = with_seen(cmdb, &snapshot, |seen, _| {
        let found = compare(View::full(&snapshot), seen, &types)?;
        let all = if list == "undeclared" { &found.undeclared } else { &found.unobserved };
        let shown = all.iter().skip(page.offset as usize).take(page.limit.unwrap_or(usize::MAX));
        let shown = shown.filter_map(|number| dependency(cmdb, &snapshot, seen, *number).transpose());
        let (shown, count) = (shown.collect::<Result<Vec<_>>>()?, all.len() as u64);
        Ok((found, shown, count))
    })?;
    let next_cursor = page.next(snapshot.position(), dependencies.len(), listed);
    let next = call.next_url(&next_cursor);
    let answer = api::ObservedReport {
        position: snapshot.position().0,
        observed: found.observed,
        observed_and_declared: found.covered,
        relation_coverage: found.coverage(),
        undeclared: found.undeclared.len() as u64,
        unobserved: found.unobserved.len() as u64,
        out_of_sight: found.out_of_sight,
        observing: found.observing.iter().map(ToString::to_string).collect(),
        types: types.iter().map(|t| snapshot.names().text(*t).to_owned()).collect(),
        list,
        dependencies,
        next_cursor,
    };
    Ok(Reply::json(&answer).next_page(next).at(snapshot.position()))
}

/// The types asked for; else those of the default that the schema knows.
fn asked_types(call: &Call, snapshot: &Snapshot) -> Result<Vec<Symbol>> {
    let asked = call.words("types");
    if !asked.is_empty() {
        return types(snapshot, asked);
    }
    let known = |name: &&str| snapshot.schema().type_named(snapshot.names(), name).ok().map(|t| t.symbol);
    Ok(TYPES_DEFAULT.iter().filter_map(known).collect())
}

fn dependency(
    cmdb: &Cmdb,
    snapshot: &Snapshot,
    seen: &Seen<'_>,
    number: RelationshipNumber,
) -> Result<Option<api::UnmatchedDependency>> {
    let Some(record) = snapshot.relationship(number)? else { return Ok(None) };
    let known = seen.of_relationship(number.0, &record)?;
    let shown = Convert::new(snapshot, cmdb).relationship(number, &record)?;
    let own = record.attribute(symbols::CONFIDENCE).and_then(|value| value.as_number());
    let believed = known.iter().map(|known| known.belief.confidence).max().unwrap_or(0);
    Ok(Some(api::UnmatchedDependency {
        id: shown.id,
        kind: shown.kind,
        source: shown.source,
        target: shown.target,
        known_by: known.first().map(|known| known.source.to_string()).unwrap_or_default(),
        last_seen: known.first().map(|known| crate::convert::timestamp(known.last_ms)),
        confidence: own.unwrap_or_else(|| confidence(believed)),
        attributes: shown.attributes,
    }))
}
