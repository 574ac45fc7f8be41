//! The planner: waves in which no service falls below its gates, and windows for them.

use crate::api::gate::{ImpossibleTask, PlanAnswer, PlanQuestion, TaskView, WaitView, WaveView, WindowView};
use crate::call::{Call, now_ms};
use crate::convert::{item_ref, timestamp};
use crate::handlers::conflicts::at_stake;
use crate::queries::LanguageQueries;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::analysis::collision::{CollisionKind, Span, stakes};
use cmdb_core::analysis::impact::{Question, Root, Scratch, State, impact};
use cmdb_core::analysis::waves::{self, Batch, Plan, TASKS_MAX, Task, Why};
use cmdb_core::command::{Right, resolve};
use cmdb_core::graph::{Snapshot, View};
use cmdb_core::model::ItemNumber;
use cmdb_core::model::temporal::Instant;
use cmdb_core::process::calendar::saved;
use cmdb_core::process::change::ChangeRecord;
use cmdb_core::process::fields::millis;
use cmdb_core::process::outage::held;
use cmdb_core::process::queries::Queries;
use cmdb_core::process::schedule::{Schedule, roots_of, sentence};
use cmdb_core::process::service_level::{Account, Books};
use cmdb_core::{Error, Result};
use std::sync::Arc;

/// Windows looked at for one wave, and shown.
const WINDOWS_TRIED_MAX: i64 = 200;
const WINDOWS_SHOWN: usize = 5;
/// Reasons given against one window.
const REASONS_SHOWN: usize = 3;
/// Windows begin at multiples of this.
const STEP_MS: i64 = 30 * 60_000;
const MINUTES_MAX: u64 = 7 * 24 * 60;

pub fn plan() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let question: PlanQuestion = call.json()?;
        let snapshot = call.snapshot()?;
        let language = LanguageQueries::over(call.app.cmdb()?);
        let asked = Asked::read(&snapshot, &*language, &question)?;
        let view = View::full(&snapshot);
        let stakes = stakes(view);
        let batch = Batch {
            tasks: &asked.tasks,
            held: &asked.held,
            stakes: &stakes,
            worst: asked.worst,
            wave_max: question.wave_max.filter(|n| *n > 0).unwrap_or(usize::MAX),
        };
        let plan = waves::plan(view, batch);
        let answer = answer(&snapshot, &*language, &asked, &plan, &question)?;
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::post("/api/v1/changes/plan", "plan_changes", Right::Read, handler)
        .summary("Waves in which no service falls below its gates, with free windows; nothing is written")
        .text("at", "position, time or baseline to plan on")
        .takes::<PlanQuestion>()
        .gives::<PlanAnswer>()
        .lane(Lane::Read)
}

/// A batch, read.
struct Asked {
    views: Vec<TaskView>,
    tasks: Vec<Task>,
    held: Vec<Root>,
    worst: State,
    /// Changes that are being planned, which therefore are in nobody's way.
    planned: Vec<ItemNumber>,
}

fn wrong(pointer: &str, message: String) -> Error {
    Error::invalid("plan.question", message.clone()).detail(pointer, message)
}

fn state(pointer: &str, word: Option<&str>, default: State) -> Result<State> {
    match word {
        None => Ok(default),
        Some("maintenance") => Ok(State::Down),
        Some(word) => State::parse(word).filter(|s| *s != State::Up).ok_or_else(|| {
            wrong(pointer, format!("\"{word}\" is no state: down, degraded, at_risk or maintenance"))
        }),
    }
}

impl Asked {
    fn read(snapshot: &Arc<Snapshot>, queries: &dyn Queries, question: &PlanQuestion) -> Result<Asked> {
        let forced = state("/state", question.state.as_deref(), State::Down)?;
        let worst = state("/tolerate_below", question.tolerate_below.as_deref(), State::Degraded)?;
        let mut items: Vec<ItemNumber> =
            question.items.iter().map(|r| resolve(&**snapshot, r)).collect::<Result<_>>()?;
        if let Some(query) = &question.query {
            items.extend(queries.items(snapshot, &saved::text_of(snapshot, query)?)?);
        }
        let mut seen = std::collections::BTreeSet::new();
        items.retain(|item| seen.insert(*item));
        let changes: Vec<ChangeRecord> = question
            .changes
            .iter()
            .map(|r| ChangeRecord::read(&**snapshot, resolve(&**snapshot, r)?))
            .collect::<Result<_>>()?;
        let count = items.len() + changes.len();
        if count == 0 || count > TASKS_MAX {
            return Err(wrong("", format!("a batch has 1 to {TASKS_MAX} tasks; this one has {count}"))
                .hint("name changes, items, or a query whose result holds items"));
        }
        let planned: Vec<ItemNumber> = changes.iter().map(|c| c.item).collect();
        let (mut views, mut tasks) = (Vec::new(), Vec::new());
        for change in &changes {
            let after = change.follows.iter().filter_map(|f| planned.iter().position(|p| p == f)).collect();
            tasks.push(Task { roots: roots_of(snapshot, change), after });
            views.push(TaskView {
                item: item_ref(snapshot, snapshot.dense(change.item)),
                number: Some(change.number.to_string()),
                title: Some(change.title.to_string()),
            });
        }
        for item in items {
            let dense = snapshot.dense(item);
            tasks.push(Task { roots: vec![Root { item: dense, state: forced }], after: Vec::new() });
            views.push(TaskView { item: item_ref(snapshot, dense), number: None, title: None });
        }
        let held = match question.with_current {
            true => held(snapshot, now_ms())?.into_iter().map(|h| h.root).collect(),
            false => Vec::new(),
        };
        Ok(Asked { views, tasks, held, worst, planned })
    }
    fn name(&self, task: usize) -> &str {
        self.views[task].number.as_deref().unwrap_or(&self.views[task].item.name)
    }
    fn names(&self, tasks: &[usize]) -> String {
        const NAMED: usize = 5;
        let mut names: Vec<&str> = tasks.iter().take(NAMED).map(|t| self.name(*t)).collect();
        let more = format!("{} more", tasks.len().saturating_sub(NAMED));
        if tasks.len() > NAMED {
            names.push(&more);
        }
        names.join(", ")
    }
}

fn answer(
    snapshot: &Arc<Snapshot>,
    queries: &dyn Queries,
    asked: &Asked,
    plan: &Plan,
    question: &PlanQuestion,
) -> Result<PlanAnswer> {
    let windows = Windows::read(snapshot, queries, asked, question)?;
    let services =
        |list: &[(u32, State)]| list.iter().map(|s| at_stake(snapshot, *s)).collect::<Result<Vec<_>>>();
    let mut waves = Vec::new();
    for (tasks, residual) in plan.waves.iter().zip(&plan.residual) {
        let roots: Vec<Root> = tasks.iter().flat_map(|t| asked.tasks[*t].roots.iter().copied()).collect();
        waves.push(WaveView {
            tasks: tasks.iter().map(|t| asked.views[*t].clone()).collect(),
            services: services(residual)?,
            windows: windows.as_ref().map(|w| w.best(&roots)).transpose()?.unwrap_or_default(),
        });
    }
    let mut impossible = Vec::new();
    for (task, why) in &plan.impossible {
        let harmed = if let Why::Alone(harmed) = why { services(harmed)? } else { Vec::new() };
        let reason = reason(snapshot, asked, *task, why);
        // What harms somebody whenever it is done may have to be done all the same.
        let alone = windows.as_ref().filter(|_| matches!(why, Why::Alone(_)));
        let windows = alone.map(|w| w.best(&asked.tasks[*task].roots)).transpose()?.unwrap_or_default();
        impossible.push(ImpossibleTask {
            task: asked.views[*task].clone(),
            reason,
            services: harmed,
            windows,
        });
    }
    let wait = |w: &waves::Wait| WaitView {
        task: asked.views[w.task].clone(),
        wave: w.wave as u64 + 1,
        with: w.with.iter().map(|t| asked.views[*t].clone()).collect(),
        reason: format!(
            "{} together with {} would leave {}",
            asked.name(w.task),
            asked.names(&w.with),
            told(snapshot, &w.services)
        ),
    };
    Ok(PlanAnswer {
        position: snapshot.position().0,
        tasks: asked.tasks.len() as u64,
        exact: plan.exact,
        waves,
        impossible,
        waits: plan.waits.iter().map(wait).collect(),
    })
}

/// "Shop down, Checkout degraded and 3 more".
fn told(snapshot: &Snapshot, services: &[(u32, State)]) -> String {
    const NAMED: usize = 3;
    let one = |(item, state): &(u32, State)| {
        format!("{} {}", snapshot.name_of(*item), state.word().replace('_', " "))
    };
    let named: Vec<String> = services.iter().take(NAMED).map(one).collect();
    match services.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn reason(snapshot: &Snapshot, asked: &Asked, task: usize, why: &Why) -> String {
    match why {
        Why::Alone(harmed) => format!("by itself it leaves {}", told(snapshot, harmed)),
        Why::Circle(circle) => format!("these wait for each other: {}", asked.names(circle)),
        Why::Follows(before) => {
            format!("{} must follow {}, which has no place", asked.name(task), asked.name(*before))
        }
    }
}

/// Where windows are looked for.
struct Windows<'a> {
    schedule: Schedule,
    /// What is known of the downtime of services in that time, the batch aside.
    books: Books<'a>,
    within: Span,
    length_ms: i64,
}

impl<'a> Windows<'a> {
    /// Nothing if no time was stated.
    fn read(
        snapshot: &'a Arc<Snapshot>,
        queries: &'a dyn Queries,
        asked: &Asked,
        question: &PlanQuestion,
    ) -> Result<Option<Windows<'a>>> {
        let (Some(from), Some(to)) = (&question.from, &question.to) else { return Ok(None) };
        let time = |pointer: &str, text: &str| {
            let read = Instant::parse(text).map(|i| millis(&i));
            read.ok_or_else(|| wrong(pointer, format!("\"{text}\" is no time with an offset")))
        };
        let within = Span { start_ms: time("/from", from)?, end_ms: time("/to", to)? };
        let minutes = question.minutes.unwrap_or(60);
        let length_ms = i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(60_000);
        if minutes == 0 || minutes > MINUTES_MAX || within.end_ms.saturating_sub(within.start_ms) < length_ms
        {
            return Err(wrong("/to", format!("the time from..to must hold a window of {minutes} minutes")));
        }
        let mut schedule = Schedule::within(snapshot, queries, within, now_ms())?;
        schedule.leave_out(&asked.planned);
        let books = Books::read(snapshot, queries, &asked.planned, now_ms())?;
        Ok(Some(Windows { schedule, books, within, length_ms }))
    }
    /// Accounts of the services with a target that these take down by themselves.
    fn accounts(&self, roots: &[Root]) -> Result<Vec<Account>> {
        let answer =
            impact(View::full(&self.schedule.snapshot), &Question::new(roots), &mut Scratch::default());
        let down = answer.affected_waves().filter(|wave| wave.state == State::Down);
        let items = down.flat_map(|wave| answer.items(wave).iter().copied());
        let services: Vec<u32> =
            items.filter(|item| self.schedule.stakes().binary_search(item).is_ok()).collect();
        self.books.accounts(&services, self.within)
    }
    /// The windows with the fewest and mildest collisions, earliest first among equals. One that takes more downtime
    /// than a service's target leaves comes after all that do not, unless those would cut something together.
    fn best(&self, roots: &[Root]) -> Result<Vec<WindowView>> {
        let room = self.within.end_ms - self.length_ms - self.within.start_ms;
        let step = (room / WINDOWS_TRIED_MAX / STEP_MS + 1) * STEP_MS;
        let first = self.within.start_ms + (STEP_MS - self.within.start_ms.rem_euclid(STEP_MS)) % STEP_MS;
        let found = |span: Span| {
            let (trial, place) = self.schedule.with_trial(roots, span);
            let report = trial.collisions();
            let mut found: Vec<_> =
                report.collisions.into_iter().filter(|c| c.activities.contains(&place)).collect();
            found.sort_by_key(|c| c.kind);
            (trial, found)
        };
        let accounts = self.accounts(roots)?;
        let mut tried = Vec::new();
        for start_ms in (first..=self.within.end_ms - self.length_ms).step_by(step as usize) {
            let span = Span { start_ms, end_ms: start_ms + self.length_ms };
            let kinds: Vec<CollisionKind> = found(span).1.iter().map(|c| c.kind).collect();
            let cuts = kinds.first() == Some(&CollisionKind::JointCut);
            let breaks = accounts.iter().any(|account| account.cost_of(span).breaks());
            // The kinds are in order of weight; a window without any collision comes first.
            tried.push((cuts, breaks, kinds.first().copied().map(std::cmp::Reverse), kinds.len(), span));
        }
        tried.sort();
        let mut scratch = Scratch::default();
        let mut shown = Vec::new();
        for (_, breaks_budget, _, count, span) in tried.into_iter().take(WINDOWS_SHOWN) {
            let (trial, found) = found(span);
            let costs = accounts.iter().map(|account| (account, account.cost_of(span)));
            let broken = costs.filter(|(_, cost)| cost.breaks()).take(REASONS_SHOWN);
            let mut reasons: Vec<String> = broken.map(|(account, cost)| account.sentence(&cost)).collect();
            for collision in found.iter().take(REASONS_SHOWN) {
                reasons.push(sentence(&trial, collision, &mut scratch)?);
            }
            shown.push(WindowView {
                start: timestamp(span.start_ms),
                end: timestamp(span.end_ms),
                conflicts: count as u64,
                breaks_budget,
                reasons,
            });
        }
        Ok(shown)
    }
}
