//! Whether a freeze keeps a change from going on.

use super::{exception, period};
use crate::analysis::collision::{Bits, PeriodKind, Span};
use crate::analysis::impact::{Question, Root, Scratch, State, impact};
use crate::error::{Error, Kind, Result};
use crate::graph::{Snapshot, View};
use crate::model::SmolStr;
use crate::process::change::approval::{involved, person};
use crate::process::change::membership::claim;
use crate::process::change::{ChangeRecord, record};
use crate::process::queries::Queries;
use std::sync::Arc;

/// Items of a scope that a refusal names.
const NAMED_MAX: usize = 5;

/// Refuses a change whose window, with the time for backing out, meets a freeze that protects what the change touches
/// or makes worse, unless an approved exception lets this plan through. `begins_ms` is when it is begun, if it is
/// about to be. A change without a window passes, for it has nowhere to be yet; so does an emergency, which cannot
/// wait and is ratified afterwards.
///
/// # Errors
/// `change.frozen`, which names the freezes and the way to an exception; a freeze that does not read.
pub fn check_freezes(
    snapshot: &Arc<Snapshot>,
    queries: &dyn Queries,
    change: &ChangeRecord,
    begins_ms: Option<i64>,
) -> Result<()> {
    let Some((start_ms, end_ms)) = change.padded().filter(|_| !change.is_emergency()) else { return Ok(()) };
    let planned = planned(begins_ms.unwrap_or(start_ms), end_ms);
    let (periods, unread) = period::all(snapshot)?;
    if let Some(error) = unread.into_iter().next() {
        let message = format!("a calendar entry does not read: {}", error.message());
        return Err(Error::invalid("calendar.unread", message)
            .hint("`cmdb freeze list` shows it")
            .caused_by(error));
    }
    let mut blocked: Vec<(SmolStr, String)> = Vec::new();
    let mut touched: Option<Vec<(u32, State)>> = None;
    for freeze in periods.iter().filter(|p| p.kind == PeriodKind::Freeze) {
        if freeze.spans(planned)?.is_empty() {
            continue;
        }
        let touched = touched.get_or_insert_with(|| touched_by(snapshot, change));
        let scope = Bits::of(snapshot.nodes(), freeze.scope(snapshot, queries)?);
        let hit: Vec<&(u32, State)> = touched.iter().filter(|(item, _)| scope.holds(*item)).collect();
        let excepted = || -> Result<bool> {
            Ok(exception::all(snapshot)?.iter().any(|e| e.lets(&**snapshot, freeze.item, change)))
        };
        if !hit.is_empty() && !excepted()? {
            let named: Vec<String> = hit
                .iter()
                .take(NAMED_MAX)
                .map(|(item, state)| format!("{} ({})", snapshot.name_of(*item), word(*state)))
                .collect();
            blocked.push((
                freeze.number.clone(),
                format!("{} {} protects {}", freeze.number, freeze.title, named.join(", ")),
            ));
        }
    }
    let Some((number, first)) = blocked.first() else { return Ok(()) };
    let message = format!("{} runs into a freeze: {first}", change.number);
    let mut error = Error::refused("change.frozen", message);
    for (_, sentence) in &blocked {
        error = error.detail("/planned_start", sentence.clone());
    }
    let hint = format!(
        "move the window, or ask for an exception: `cmdb freeze exception request {number} --change {} --reason …`",
        change.number
    );
    Err(error.hint(hint))
}

fn planned(start_ms: i64, end_ms: i64) -> Span {
    Span { start_ms, end_ms: end_ms.max(start_ms.saturating_add(1)) }
}

/// Whether a freeze, be it in force or lifted, protects something that a change touches or makes worse in its time.
/// One that has no window, or is an emergency, is not caught.
///
/// # Errors
/// The scope does not read.
pub fn catches(
    snapshot: &Arc<Snapshot>,
    queries: &dyn Queries,
    freeze: &period::CalendarPeriod,
    change: &ChangeRecord,
) -> Result<bool> {
    let Some((start_ms, end_ms)) = change.padded().filter(|_| !change.is_emergency()) else {
        return Ok(false);
    };
    if freeze.spans(planned(start_ms, end_ms))?.is_empty() {
        return Ok(false);
    }
    let scope = Bits::of(snapshot.nodes(), freeze.scope(snapshot, queries)?);
    Ok(touched_by(snapshot, change).iter().any(|(item, _)| scope.holds(*item)))
}

/// Refuses to lift a freeze for whoever has a hand in a change that it holds back.
///
/// # Errors
/// `freeze.own-lift`, naming the change.
pub(super) fn refuse_own_lift(
    snapshot: &Arc<Snapshot>,
    queries: &dyn Queries,
    freeze: &period::CalendarPeriod,
    by: &str,
) -> Result<()> {
    let Some(who) = person(by) else { return Ok(()) };
    for change in record::all(snapshot)?.iter().filter(|c| c.status.is_ahead()) {
        let mut own = false;
        for name in involved(&**snapshot, change)? {
            own = own || claim(&**snapshot, &who, &name)?.is_some();
        }
        if own && catches(snapshot, queries, freeze, change)? {
            let message = format!(
                "{who} has a hand in {}, which {} holds back, and does not lift it",
                change.number, freeze.number
            );
            return Err(Error::new(Kind::Denied, "freeze.own-lift", message).hint(
                "somebody else with the right to approve lifts it, or gives leave for this change alone",
            ));
        }
    }
    Ok(())
}

fn word(state: State) -> &'static str {
    if state == State::Up { "worked on" } else { state.word() }
}

/// What a change works on or makes worse, worst first.
fn touched_by(snapshot: &Snapshot, change: &ChangeRecord) -> Vec<(u32, State)> {
    let roots: Vec<Root> = change
        .affected
        .iter()
        .map(|a| Root { item: snapshot.dense(a.item), state: a.effect.state().unwrap_or(State::Up) })
        .collect();
    let answer = impact(View::full(snapshot), &Question::new(&roots), &mut Scratch::default());
    let waves = answer.affected_waves();
    let mut touched: Vec<(u32, State)> =
        waves.flat_map(|wave| answer.items(wave).iter().map(|item| (*item, wave.state))).collect();
    touched.extend(roots.iter().filter(|r| r.state == State::Up).map(|r| (r.item, r.state)));
    touched
}
