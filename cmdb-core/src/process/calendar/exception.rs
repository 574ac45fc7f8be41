//! Exceptions: leave for one change to be carried out in spite of a freeze. Whoever asks for it, or has a hand in the
//! change, does not decide on it.

use super::period::FREEZE;
use crate::command::attributes::Input;
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right, access};
use crate::error::{Error, Kind, Result};
use crate::graph::{Records, Snapshot};
use crate::model::temporal::Instant;
use crate::model::{ItemNumber, SmolStr, Value};
use crate::process::change::ChangeRecord;
use crate::process::change::approval::person;
use crate::process::change::assessment::plan_digest;
use crate::process::change::record as change;
use crate::process::fields::{Fields, Related};
use crate::process::record::{NewRecord, RELATES_TO, find, is_a, open_of, settle, targets, texts};

pub const CLASS: &str = "FreezeException";
/// The series of exceptions.
pub const EXCEPTIONS: &str = "EXC";
/// Attribute that holds the digest of the plan that leave was given for.
const PLAN: &str = "plan";
const REQUESTED: &str = "requested";
const APPROVED: &str = "approved";

/// Leave asked for or given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRecord {
    pub item: ItemNumber,
    pub number: SmolStr,
    pub freeze: Option<ItemNumber>,
    pub change: Option<ItemNumber>,
    pub reason: SmolStr,
    pub status: SmolStr,
    pub requested_by: SmolStr,
    pub decided_by: Option<SmolStr>,
    /// The plan it was given for; none where that was not noted.
    pub plan: Option<SmolStr>,
}

impl ExceptionRecord {
    pub fn read(state: &impl Related, number: ItemNumber) -> Result<ExceptionRecord> {
        let item = state.item(number)?.unwrap_or_default();
        let fields = Fields::of(state, &item);
        let related = targets(state, number, RELATES_TO)?;
        let of_class = |class: &str| related.iter().copied().find(|n| is_a(state, *n, class));
        Ok(ExceptionRecord {
            item: number,
            number: fields.text("number").map_or_else(|| item.name.clone().unwrap_or_default(), SmolStr::new),
            freeze: of_class(FREEZE),
            change: of_class(change::CLASS),
            reason: fields.text("reason").unwrap_or_default().into(),
            status: fields.status().into(),
            requested_by: fields.text("requested_by").unwrap_or_default().into(),
            decided_by: fields.text("decided_by").map(SmolStr::new),
            plan: fields.text(PLAN).map(SmolStr::new),
        })
    }
    pub fn is_approved(&self) -> bool {
        self.status == APPROVED
    }
    /// Whether it lets a change, as that is planned now, through a freeze: another plan is another matter.
    pub fn lets(&self, records: &dyn Records, freeze: ItemNumber, change: &ChangeRecord) -> bool {
        let same = self.freeze == Some(freeze) && self.change == Some(change.item);
        self.is_approved()
            && same
            && self.plan.as_ref().is_none_or(|plan| *plan == plan_digest(records, change))
    }
}

/// All exceptions that are asked for or given, as created.
pub fn all(snapshot: &Snapshot) -> Result<Vec<ExceptionRecord>> {
    open_of(snapshot, CLASS)?.into_iter().map(|n| ExceptionRecord::read(snapshot, n)).collect()
}

/// Asks for leave.
#[derive(Clone, Debug)]
pub struct RequestException {
    pub freeze: Reference,
    pub change: Reference,
    pub reason: SmolStr,
}

impl Program for RequestException {
    fn name(&self) -> &'static str {
        "request freeze exception"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Edit)?;
        let freeze = find(decider.draft(), &self.freeze.0, FREEZE, "cmdb freeze list")?;
        let change = find(decider.draft(), &self.change.0, change::CLASS, "cmdb change list")?;
        if self.reason.trim().is_empty() {
            let message = "an exception needs a reason";
            return Err(Error::invalid("freeze.reason", message).detail("/reason", message));
        }
        let by = decider.context().principal.name.clone();
        let attributes = texts([("reason", Some(self.reason.as_str())), ("requested_by", Some(by.as_str()))]);
        let id = |number| decider.draft().id_key().item_id(number).to_string().into();
        let relates_to = vec![id(change), id(freeze)];
        let record =
            NewRecord { class: CLASS, series: EXCEPTIONS, attributes, affects: Vec::new(), relates_to };
        Ok(Answer::Item(record.create(decider)?))
    }
}

/// Gives or refuses leave.
#[derive(Clone, Debug)]
pub struct DecideException {
    pub exception: Reference,
    pub approve: bool,
}

impl Program for DecideException {
    fn name(&self) -> &'static str {
        if self.approve { "approve freeze exception" } else { "reject freeze exception" }
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Approve)?;
        let number = find(decider.draft(), &self.exception.0, CLASS, "cmdb freeze exception list")?;
        let record = ExceptionRecord::read(decider.draft(), number)?;
        if record.status != REQUESTED {
            let message = format!("{} is {} already", record.number, record.status);
            return Err(Error::refused("freeze.exception-decided", message).hint("ask for another one"));
        }
        let by = decider.context().principal.name.clone();
        if self.approve {
            refuse_own(decider, &record, &by)?;
        }
        let now = Instant::from_millis(decider.draft().moment().time_ms);
        let mut attributes = vec![
            ("decided_by".into(), Input::Text(by)),
            ("decided_at".into(), Input::Typed(Value::DateTime(now))),
        ];
        // A folder made before the catalogue had the attribute keeps leave that holds for any plan.
        if let Some(change) = record.change.filter(|_| knows_plan(decider)) {
            let change = ChangeRecord::read(decider.draft(), change)?;
            attributes.push((PLAN.into(), Input::Text(plan_digest(decider.draft(), &change).into())));
        }
        settle(decider, number, if self.approve { APPROVED } else { "rejected" }, attributes)?;
        Ok(Answer::Item(number))
    }
}

fn knows_plan(decider: &Decider<'_>) -> bool {
    let (schema, names) = (decider.draft().schema(), decider.draft().names());
    let class = names.get(CLASS).and_then(|class| schema.class(class));
    class.zip(names.get(PLAN)).is_some_and(|(class, plan)| class.attributes.contains_key(&plan))
}

/// People are compared as for approvals: by name, however they came in.
fn refuse_own(decider: &Decider<'_>, record: &ExceptionRecord, by: &SmolStr) -> Result<()> {
    let Some(decider_name) = person(by) else {
        let message = "leave is given by a person, and this principal stands for nobody";
        return Err(Error::new(Kind::Denied, "freeze.nobody", message)
            .hint("act as somebody: --principal NAME, or a token of a user"));
    };
    let change = record.change.map(|n| ChangeRecord::read(decider.draft(), n)).transpose()?;
    let hands = change.iter().flat_map(|c| c.authors.iter().chain([&c.requester]).chain(&c.implementer));
    let own = hands.chain([&record.requested_by]).any(|name| person(name).as_ref() == Some(&decider_name));
    if own {
        let message = format!("{by} asked for {} or has a hand in its change", record.number);
        return Err(Error::new(Kind::Denied, "freeze.own-exception", message)
            .hint("somebody else with the right to approve decides on it"));
    }
    Ok(())
}
