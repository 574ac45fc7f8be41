//! Recording a change, as a draft with whatever is known of it.

use super::number::{CHANGES, next};
use super::record::{AFFECTED_MAX, AFFECTS, CLASS, ChangeRecord, Effect, FOLLOWS};
use crate::command::attributes::{Input, Inputs};
use crate::command::item::CreateItem;
use crate::command::owned::OWNED;
use crate::command::program::Program;
use crate::command::relationship::Relate;
use crate::command::{Answer, Decider, Reference, Right, access, resolve};
use crate::error::{Error, Result};
use crate::graph::Records;
use crate::model::{ItemNumber, SmolStr, Value};

/// What is planned: what is stated of it at creation, or what changes about it later.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Attributes of the class `Change` that planners write.
    pub attributes: Inputs,
    /// `REF` or `REF=STATE` of everything it touches; none leaves it as it is.
    pub affects: Option<Vec<SmolStr>>,
    /// Changes that must have ended before.
    pub follows: Option<Vec<SmolStr>>,
}

/// Records a change.
#[derive(Clone, Debug, Default)]
pub struct CreateChange {
    pub plan: Plan,
}

impl Program for CreateChange {
    fn name(&self) -> &'static str {
        "create change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Edit)?;
        check_attributes(&self.plan.attributes)?;
        let number = next(decider, CHANGES)?;
        let by = Value::Text(decider.context().principal.name.clone());
        let mut attributes = self.plan.attributes.clone();
        attributes.push(("number".into(), Input::Text(number.clone())));
        attributes.push(("requester".into(), Input::Typed(by.clone())));
        attributes.push(("authors".into(), Input::Typed(Value::List(vec![by]))));
        let create =
            CreateItem { class: CLASS.into(), name: Some(number), status: Some("draft".into()), attributes };
        let answer = decider.in_process(|decider| create.decide(decider))?;
        let Answer::Item(item) = answer else { return Ok(answer) };
        for reference in self.plan.affects.iter().flatten() {
            affect(decider, item, reference)?;
        }
        for reference in self.plan.follows.iter().flatten() {
            follow(decider, item, reference)?;
        }
        check_plan(&ChangeRecord::read(decider.draft(), item)?)?;
        Ok(answer)
    }
}

/// Refuses attributes that planners do not write.
pub(super) fn check_attributes(attributes: &Inputs) -> Result<()> {
    let owned = |name: &str| OWNED.contains(&name) || name == "number";
    match attributes.iter().find(|(name, _)| owned(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let message = format!("\"{name}\" is written by the change's process");
            Err(Error::invalid("change.owned", message.clone())
                .detail(format!("/attributes/{name}"), message))
        }
    }
}

/// Refuses a plan that contradicts itself.
pub(super) fn check_plan(record: &ChangeRecord) -> Result<()> {
    if record.window.as_ref().is_some_and(|w| w.end_ms <= w.start_ms) {
        let message = "the window ends before it begins";
        return Err(Error::invalid("change.window", message).detail("/end", message));
    }
    if let Some(zone) = record.window.as_ref().and_then(|w| w.zone.as_ref())
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        let message = format!("\"{zone}\" is no IANA time zone");
        return Err(Error::invalid("change.time-zone", message.clone())
            .detail("/time_zone", message)
            .hint("such as Europe/Berlin or UTC"));
    }
    if record.affected.len() > AFFECTED_MAX {
        return Err(Error::limit("change.affects", format!("a change touches at most {AFFECTED_MAX} items")));
    }
    crate::process::proposal::check_form(&record.proposal)?;
    if record.follows.contains(&record.item) {
        return Err(Error::invalid("change.follows", "a change does not follow itself"));
    }
    Ok(())
}

/// `REF` or `REF=STATE`; a name that really ends so wins.
pub fn read_affected(records: &dyn Records, text: &str) -> Result<(ItemNumber, Option<Effect>)> {
    let error = match resolve(records, text) {
        Ok(number) => return Ok((number, None)),
        Err(error) => error,
    };
    let Some((reference, state)) = text.rsplit_once('=') else { return Err(error) };
    match resolve(records, reference) {
        Ok(number) => Ok((number, Some(Effect::parse(state)?))),
        Err(_) => Err(error),
    }
}

/// Adds an item to what a change touches, or says anew how.
pub(super) fn affect(decider: &mut Decider<'_>, change: ItemNumber, reference: &str) -> Result<ItemNumber> {
    let (target, effect) = read_affected(decider.draft(), reference)
        .map_err(|e| e.detail("/affects", format!("\"{reference}\"")))?;
    let state = effect.map(|e| (SmolStr::new_static("state"), Input::Text(e.word().into())));
    let relate = Relate {
        kind: AFFECTS.into(),
        source: by_id(decider.draft(), change),
        target: by_id(decider.draft(), target),
        attributes: state.into_iter().collect(),
    };
    decider.in_process(|decider| relate.decide(decider))?;
    Ok(target)
}

pub(super) fn follow(decider: &mut Decider<'_>, change: ItemNumber, reference: &str) -> Result<ItemNumber> {
    let target = resolve(decider.draft(), reference)?;
    ChangeRecord::read(decider.draft(), target)?;
    let relate = Relate {
        kind: FOLLOWS.into(),
        source: by_id(decider.draft(), change),
        target: by_id(decider.draft(), target),
        attributes: Vec::new(),
    };
    decider.in_process(|decider| relate.decide(decider))?;
    Ok(target)
}

/// A reference that means exactly this item.
pub(super) fn by_id(records: &dyn Records, number: ItemNumber) -> Reference {
    Reference(records.id_key().item_id(number).to_string().into())
}
