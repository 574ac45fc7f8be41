//! What nobody has seen for too long, and the rules that say how long that is.

use crate::api;
use crate::call::{Call, parameter};
use crate::convert::{item_ref, timestamp};
use crate::reply::Reply;
use crate::route::{Lane, Route};
use crate::sightings::{moment, with_seen};
use cmdb_core::analysis::freshness::{DAY_MS, Freshness, Question, Share, Stale, freshness};
use cmdb_core::command::trust::{DAYS, SetStaleRule};
use cmdb_core::command::{Command, Right};
use cmdb_core::fact::trust::STALE_DAYS_DEFAULT;
use cmdb_core::fact::{StaleAfter, StaleRule};
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::{Error, Result};

pub fn report() -> Route {
    // It looks at every record.
    Route::read("/api/v1/freshness", "freshness", answer)
        .summary("Items that nobody has seen for longer than holds for their class, the longest first, with counts by class and source")
        .text("class", "items of this class, subclasses included")
        .text("source", "judged by what this source alone has seen, of the items that it knows")
        .number("older_than", "days, instead of what the rules say")
        .text("when", "the moment to judge for, RFC 3339; now if not stated")
        .paged()
        .gives::<api::FreshnessReport>()
        .lane(Lane::Stream)
}

fn answer(call: Call) -> Result<Reply> {
    let page = call.page()?;
    let snapshot = call.snapshot_of(&page)?;
    let class = call.text("class");
    let class = class.map(|name| snapshot.schema().class_named(snapshot.names(), name)).transpose()?;
    let days: Option<u32> = call.number("older_than")?;
    if days.is_some_and(|days| days > *DAYS.end()) {
        return Err(parameter("older_than", format!("older_than is at most {} days", DAYS.end())));
    }
    let when_ms = moment(&call, &snapshot)?;
    let question = Question { when_ms, class: class.map(|c| c.symbol), source: call.text("source"), days };
    let found =
        with_seen(call.app.cmdb()?, &snapshot, |seen, _| freshness(View::full(&snapshot), seen, &question))?;
    let items = found.items.iter().skip(page.offset as usize).take(page.limit.unwrap_or(usize::MAX));
    let items: Vec<_> = items.map(|stale| item(&snapshot, &found, stale, when_ms)).collect();
    let next_cursor = page.next(snapshot.position(), items.len(), found.all.stale);
    let next = call.next_url(&next_cursor);
    let share = |s: &Share| api::StaleShare { stale: s.stale, items: s.items };
    let answer = api::FreshnessReport {
        position: snapshot.position().0,
        when: timestamp(when_ms),
        count: found.all.stale,
        items_count: found.all.items,
        by_class: found
            .by_class
            .iter()
            .map(|(c, s)| (snapshot.names().text(*c).to_owned(), share(s)))
            .collect(),
        by_source: found.by_source.iter().map(|(source, n)| (source.to_string(), *n)).collect(),
        items,
        next_cursor,
    };
    Ok(Reply::json(&answer).next_page(next).at(snapshot.position()))
}

fn item(snapshot: &Snapshot, found: &Freshness, stale: &Stale, when_ms: i64) -> api::StaleItem {
    let api::ItemRef { id, class, name } = item_ref(snapshot, stale.item);
    api::StaleItem {
        id,
        class,
        name,
        last_seen: timestamp(stale.last_ms),
        or_until: (stale.until_ms > stale.last_ms).then(|| timestamp(stale.until_ms)),
        source: found.sources.get(stale.source as usize).map_or_else(String::new, ToString::to_string),
        age_days: (when_ms - stale.last_ms) / DAY_MS,
        stale_after_days: stale.days,
    }
}

pub fn rules() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        Ok(Reply::json(&all(&snapshot)).at(snapshot.position()))
    }
    Route::get("/api/v1/freshness/rules", "list_freshness_rules", Right::Read, handler)
        .summary("After how many days items of a class are stale; subclasses inherit it")
        .gives::<api::StaleRules>()
}

pub fn set() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewStaleRule = call.json()?;
        let after = match (body.days, body.never) {
            (Some(_), true) => {
                let message = "a rule says a number of days or never, not both";
                return Err(Error::invalid("freshness.days", message).detail("/never", message));
            }
            (Some(days), false) => Some(StaleAfter::Days(days)),
            (None, true) => Some(StaleAfter::Never),
            (None, false) => None,
        };
        let rule = StaleRule { class: body.class.into(), after };
        let receipt = call.submit(Command::SetStaleRule(SetStaleRule { rule }))?;
        Ok(Reply::json(&all(&*call.state_after(&receipt)?)).at(receipt.position))
    }
    Route::post("/api/v1/freshness/rules", "set_freshness_rule", Right::Administer, handler)
        .summary("Writes one rule; with neither days nor never it is taken back")
        .takes::<api::NewStaleRule>()
        .gives::<api::StaleRules>()
}

fn all(snapshot: &Snapshot) -> api::StaleRules {
    let rule = |rule: &StaleRule| {
        let days = match rule.after {
            Some(StaleAfter::Days(days)) => Some(days),
            Some(StaleAfter::Never) | None => None,
        };
        api::StaleRuleView { class: rule.class.to_string(), days }
    };
    let rules = snapshot.settings().stale_rules.values().map(rule).collect();
    api::StaleRules { default_days: STALE_DAYS_DEFAULT, rules }
}
