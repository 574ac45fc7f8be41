//! Changing the plan of a change. What was decided on the old plan is void: the change is a draft again.

use super::create::{Plan, affect, by_id, check_attributes, check_plan, follow};
use super::moves::{self, Entry};
use super::record::{AFFECTS, ChangeRecord, FOLLOWS};
use super::status::{Status, Verb};
use crate::command::attributes::{Input, Inputs};
use crate::command::item::{EditItem, check_version};
use crate::command::owned::IMMATERIAL;
use crate::command::program::Program;
use crate::command::reference::label;
use crate::command::relationship::{Unrelate, Which};
use crate::command::{Answer, Decider, Reference, Right, access, resolve};
use crate::error::Result;
use crate::graph::Records;
use crate::model::{ItemNumber, SmolStr, Value};
use crate::process::fields::Related;

/// Changes a plan.
#[derive(Clone, Debug)]
pub struct EditChange {
    pub change: Reference,
    pub if_version: Option<u32>,
    /// What is stated replaces what was there.
    pub plan: Plan,
    /// `REF` or `REF=STATE` of further items.
    pub add: Vec<SmolStr>,
    /// Items it does not touch after all.
    pub drop: Vec<SmolStr>,
}

impl Program for EditChange {
    fn name(&self) -> &'static str {
        "edit change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Edit)?;
        check_attributes(&self.plan.attributes)?;
        let number = resolve(decider.draft(), &self.change.0)?;
        let before = ChangeRecord::read(decider.draft(), number)?;
        Verb::Edit.check(&before.number, before.status, before.is_emergency())?;
        if let Some(item) = decider.draft().item(number)? {
            check_version(&item, self.if_version)?;
        }
        let mut what = self.edit_attributes(decider, number)?;
        what.extend(self.edit_scope(decider, &before)?);
        let after = ChangeRecord::read(decider.draft(), number)?;
        check_plan(&after)?;
        if what.is_empty() {
            return Ok(Answer::Item(number));
        }
        let by = decider.context().principal.name.clone();
        let mut attributes = Inputs::new();
        if !after.authors.contains(&by) {
            let authors = after.authors.iter().chain([&by]).cloned().map(Value::Text).collect();
            attributes.push(("authors".into(), Input::Typed(Value::List(authors))));
        }
        match before.status == Status::Draft {
            true => moves::write(decider, &after, None, attributes)?,
            false => {
                let reason = format!("the plan was edited: {}", what.join(", "));
                moves::void(decider, &after, Entry { verb: Verb::Edit.word(), reason }, attributes)?;
            }
        }
        Ok(Answer::Item(number))
    }
}

impl EditChange {
    /// Writes what is stated; the names of what decides something and is not what it was.
    fn edit_attributes(&self, decider: &mut Decider<'_>, number: ItemNumber) -> Result<Vec<String>> {
        let before = decider.draft().item(number)?.unwrap_or_default();
        let edit = EditItem {
            item: by_id(decider.draft(), number),
            if_version: None,
            name: None,
            class: None,
            status: None,
            attributes: self.plan.attributes.clone(),
        };
        decider.in_process(|decider| edit.decide(decider))?;
        let after = decider.draft().item(number)?.unwrap_or_default();
        let differs = |name: &SmolStr| {
            let key = decider.draft().names().get(name)?;
            (before.attribute(key) != after.attribute(key)).then(|| name.to_string())
        };
        let stated = self.plan.attributes.iter().map(|(name, _)| name);
        Ok(stated.filter(|name| !IMMATERIAL.contains(&name.as_str())).filter_map(differs).collect())
    }
    /// Writes what it touches and follows; the differences, such as `+Database:db1`.
    fn edit_scope(&self, decider: &mut Decider<'_>, before: &ChangeRecord) -> Result<Vec<String>> {
        let number = before.item;
        if let Some(affects) = &self.plan.affects {
            let mut kept = Vec::new();
            for reference in affects {
                kept.push(affect(decider, number, reference)?);
            }
            end_others(decider, number, AFFECTS, |item| kept.contains(&item))?;
        }
        for reference in &self.add {
            affect(decider, number, reference)?;
        }
        let mut dropped = Vec::new();
        for reference in &self.drop {
            dropped.push(resolve(decider.draft(), reference)?);
        }
        if !dropped.is_empty() {
            end_others(decider, number, AFFECTS, |item| !dropped.contains(&item))?;
        }
        if let Some(follows) = &self.plan.follows {
            let mut kept = Vec::new();
            for reference in follows {
                kept.push(follow(decider, number, reference)?);
            }
            end_others(decider, number, FOLLOWS, |item| kept.contains(&item))?;
        }
        let after = ChangeRecord::read(decider.draft(), number)?;
        let name = |item: ItemNumber| label(decider.draft(), item);
        let gone = before.affected.iter().filter(|a| !after.affected.iter().any(|b| a.item == b.item));
        let new = after.affected.iter().filter(|a| !before.affected.iter().any(|b| a.item == b.item));
        let other = after
            .affected
            .iter()
            .filter(|a| before.affected.iter().any(|b| a.item == b.item && a.effect != b.effect));
        let mut what: Vec<String> = new.map(|a| format!("+{}", name(a.item))).collect();
        what.extend(gone.map(|a| format!("-{}", name(a.item))));
        what.extend(other.map(|a| format!("{}={}", name(a.item), a.effect.word())));
        if before.follows != after.follows {
            what.push("follows".to_owned());
        }
        Ok(what)
    }
}

/// Ends the change's relationships of a kind whose target is not to stay.
fn end_others(
    decider: &mut Decider<'_>,
    change: ItemNumber,
    kind: &str,
    stays: impl Fn(ItemNumber) -> bool,
) -> Result<()> {
    let symbol = decider.draft().names().get(kind);
    for (number, record) in decider.draft().relationships_at(change)? {
        let ours = record.identity.source == change && Some(record.identity.kind) == symbol;
        if ours && !stays(record.identity.target) {
            let which = Which::Id(decider.draft().id_key().relationship_id(number));
            let unrelate = Unrelate { which, if_version: None };
            decider.in_process(|decider| unrelate.decide(decider))?;
        }
    }
    Ok(())
}
