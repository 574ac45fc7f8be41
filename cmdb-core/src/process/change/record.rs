//! A change as the process and the analyses read it: the item and its relationships in one struct.

use super::status::Status;
use crate::analysis::impact::State;
use crate::error::{Error, Result, did_you_mean};
use crate::graph::{Records, Snapshot};
use crate::model::{Item, ItemNumber, Relationship, SmolStr, Value};
use crate::process::fields::{Fields, Related, millis};

/// The class of changes; subclasses are changes, too.
pub const CLASS: &str = "Change";
pub const AFFECTS: &str = "affects";
pub const FOLLOWS: &str = "follows";
/// How much longer a change is taken to last that is over its time: 90 days.
pub const OVERRUN_MS: i64 = 90 * 86_400_000;
/// Items that one change may touch.
pub const AFFECTED_MAX: usize = 10_000;

/// How a change is authorised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChangeType {
    #[default]
    Normal,
    /// By a model that was approved once for all of its kind.
    Standard,
    /// Carried out first, decided on along the way.
    Emergency,
}

impl ChangeType {
    pub fn word(self) -> &'static str {
        match self {
            ChangeType::Normal => "normal",
            ChangeType::Standard => "standard",
            ChangeType::Emergency => "emergency",
        }
    }
    fn parse(word: &str) -> Option<ChangeType> {
        [ChangeType::Normal, ChangeType::Standard, ChangeType::Emergency]
            .into_iter()
            .find(|t| t.word() == word)
    }
}

/// What a change does to an item while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Its record or configuration is edited; it stays up if all goes well.
    Edited,
    Degraded,
    /// Planned downtime; propagates as down.
    #[default]
    Maintenance,
    Down,
}

impl Effect {
    pub const ALL: [Effect; 4] = [Effect::Edited, Effect::Degraded, Effect::Maintenance, Effect::Down];
    pub fn word(self) -> &'static str {
        match self {
            Effect::Edited => "edited",
            Effect::Degraded => "degraded",
            Effect::Maintenance => "maintenance",
            Effect::Down => "down",
        }
    }
    /// Reads a word.
    ///
    /// # Errors
    /// `change.state`, with the words there are.
    pub fn parse(word: &str) -> Result<Effect> {
        Effect::ALL.into_iter().find(|e| e.word() == word).ok_or_else(|| {
            let words = Effect::ALL.map(Effect::word);
            let message =
                format!("\"{word}\" is nothing a change does to an item; it is {}", words.join(", "));
            let error = Error::invalid("change.state", message);
            match did_you_mean(word, words) {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })
    }
    /// The state it forces while all goes as planned; none for what stays up.
    pub fn state(self) -> Option<State> {
        match self {
            Effect::Edited => None,
            Effect::Degraded => Some(State::Degraded),
            Effect::Maintenance | Effect::Down => Some(State::Down),
        }
    }
}

/// An item a change touches, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affected {
    pub item: ItemNumber,
    pub effect: Effect,
}

/// When a change is to be carried out; milliseconds since 1970, the end excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub start_ms: i64,
    pub end_ms: i64,
    /// IANA name of the zone it was agreed in.
    pub zone: Option<SmolStr>,
}

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRecord {
    pub item: ItemNumber,
    pub version: u32,
    /// `CHG-000001`; the name where it has none.
    pub number: SmolStr,
    pub title: SmolStr,
    pub kind: ChangeType,
    pub status: Status,
    pub model: Option<SmolStr>,
    /// None unless both ends are stated.
    pub window: Option<Window>,
    /// Minutes by which the window is padded: how long backing out takes.
    pub back_out_minutes: u64,
    pub back_out_tested: bool,
    pub tested: bool,
    pub automated: bool,
    pub outside_maintenance_window: bool,
    /// By item, each once.
    pub affected: Vec<Affected>,
    /// Changes that must have ended before this one begins.
    pub follows: Vec<ItemNumber>,
    /// The principal that recorded it, as logged.
    pub requester: SmolStr,
    /// Everybody who had a hand in the plan, the requester included.
    pub authors: Vec<SmolStr>,
    pub implementer: Option<SmolStr>,
    /// Scarce people, tools or rooms it takes for itself.
    pub resources: Vec<SmolStr>,
    /// Planned edits; see `process::proposal`.
    pub proposal: Vec<Value>,
    pub approvals: Vec<Value>,
    pub assessment: Option<Value>,
    pub drift: Option<Value>,
    pub journal: Vec<Value>,
    pub actual_start_ms: Option<i64>,
    pub actual_end_ms: Option<i64>,
    pub outcome: Option<SmolStr>,
    pub delivery: Option<Value>,
    pub review: Option<Value>,
}

impl ChangeRecord {
    /// Reads a change.
    ///
    /// # Errors
    /// `change.unknown` if the item is no change.
    pub fn read(state: &impl Related, number: ItemNumber) -> Result<ChangeRecord> {
        let item = state.item(number)?.filter(|item| is_change(state, item));
        let item = item.ok_or_else(|| {
            let label = crate::command::reference::label(state, number);
            Error::not_found("change.unknown", format!("{label} is no change"))
                .hint("`cmdb change list` lists the changes")
        })?;
        let fields = Fields::of(state, &item);
        let standing = fields.text("planned_state").and_then(|w| Effect::parse(w).ok()).unwrap_or_default();
        let (affected, follows) = related(state, number, standing)?;
        let own_name = item.name.clone().unwrap_or_default();
        Ok(ChangeRecord {
            item: number,
            version: item.version,
            number: fields.text("number").map_or_else(|| own_name.clone(), SmolStr::new),
            title: fields.text("title").map_or(own_name, SmolStr::new),
            kind: fields.text("change_type").and_then(ChangeType::parse).unwrap_or_default(),
            status: Status::parse(fields.status()).unwrap_or(Status::Draft),
            model: fields.text("model").map(SmolStr::new),
            window: window(&fields),
            back_out_minutes: fields
                .integer("back_out_minutes")
                .and_then(|m| u64::try_from(m).ok())
                .unwrap_or(0),
            back_out_tested: fields.yes("back_out_tested"),
            tested: fields.text("test_evidence").is_some_and(|t| !t.trim().is_empty()),
            automated: fields.yes("automated"),
            outside_maintenance_window: fields.yes("outside_maintenance_window"),
            affected,
            follows,
            requester: fields.text("requester").unwrap_or_default().into(),
            authors: fields.texts("authors"),
            implementer: fields.text("implementer").map(SmolStr::new),
            resources: fields.texts("resources"),
            proposal: fields.list("proposal").to_vec(),
            approvals: fields.list("approvals").to_vec(),
            assessment: fields.value("assessment").cloned(),
            drift: fields.value("drift").cloned(),
            journal: fields.list("journal").to_vec(),
            actual_start_ms: fields.time_ms("actual_start"),
            actual_end_ms: fields.time_ms("actual_end"),
            outcome: fields.text("outcome").map(SmolStr::new),
            delivery: fields.value("delivery").cloned(),
            review: fields.value("review").cloned(),
        })
    }
    /// The window with the time that backing out would take, milliseconds since 1970.
    pub fn padded(&self) -> Option<(i64, i64)> {
        let pad = i64::try_from(self.back_out_minutes).unwrap_or(i64::MAX).saturating_mul(60_000);
        self.window.as_ref().map(|w| (w.start_ms, w.end_ms.saturating_add(pad)))
    }
    /// The time in which it may have something down, as known at `now_ms`: the padded window. A change that is being
    /// carried out after its window, or without one, lasts until somebody ends it, which nobody can foresee: it is
    /// taken to last another [`OVERRUN_MS`].
    pub fn occupied(&self, now_ms: i64) -> Option<(i64, i64)> {
        let padded = self.padded();
        if self.status != Status::Implementing {
            return padded;
        }
        let begun = self.actual_start_ms.unwrap_or(now_ms);
        let (start, end) = padded.unwrap_or((begun, begun));
        let lasting = if end > now_ms { end } else { now_ms.saturating_add(OVERRUN_MS) };
        Some((start.min(begun), lasting))
    }
    pub fn is_emergency(&self) -> bool {
        self.kind == ChangeType::Emergency
    }
}

/// All changes of a snapshot, as created.
///
/// # Errors
/// Only damage.
pub fn all(snapshot: &Snapshot) -> Result<Vec<ChangeRecord>> {
    of_class(snapshot, CLASS)?.into_iter().map(|number| ChangeRecord::read(snapshot, number)).collect()
}

/// Items of a class and its subclasses that exist, ascending by number. A look at one column of the graph.
pub fn of_class(snapshot: &Snapshot, class: &str) -> Result<Vec<ItemNumber>> {
    let Some(class) = snapshot.names().get(class) else { return Ok(Vec::new()) };
    let schema = snapshot.schema();
    let heirs = schema.classes().map(|c| c.symbol).filter(|c| schema.is_a(*c, class));
    let mut numbers: Vec<ItemNumber> =
        snapshot.of_classes(heirs.chain([class])).map(|dense| snapshot.number(dense)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn is_change(records: &impl Records, item: &Item) -> bool {
    let class = records.names().get(CLASS);
    class.zip(item.class()).is_some_and(|(change, class)| records.schema().is_a(class, change))
}

fn window(fields: &Fields<'_>) -> Option<Window> {
    let (start, end) = (fields.instant("planned_start")?, fields.instant("planned_end")?);
    let zone = fields.text("time_zone").map(SmolStr::new).or_else(|| start.zone.clone());
    Some(Window { start_ms: millis(start), end_ms: millis(end), zone })
}

fn related(
    state: &impl Related,
    number: ItemNumber,
    standing: Effect,
) -> Result<(Vec<Affected>, Vec<ItemNumber>)> {
    let names = state.names();
    let (affects, follows, stated) = (names.get(AFFECTS), names.get(FOLLOWS), names.get("state"));
    let (mut affected, mut before) = (Vec::new(), Vec::new());
    let outgoing = state.relationships_at(number)?.into_iter().filter(|(_, r)| r.identity.source == number);
    for (_, record) in outgoing {
        let kind = Some(record.identity.kind);
        if kind == affects {
            let word = |r: &Relationship| stated.and_then(|s| r.attribute(s)?.as_text().map(SmolStr::new));
            let effect = word(&record).and_then(|w| Effect::parse(&w).ok()).unwrap_or(standing);
            affected.push(Affected { item: record.identity.target, effect });
        } else if kind == follows {
            before.push(record.identity.target);
        }
    }
    affected.sort_by_key(|a| (a.item, std::cmp::Reverse(a.effect)));
    affected.dedup_by_key(|a| a.item);
    before.sort_unstable();
    before.dedup();
    Ok((affected, before))
}
