//! What only a process may write: the standing of a change, and everything it was decided on.
//!
//! Every fact passes here on its way into the log, whatever accepted it: an edit, an import, a query, a merge, an
//! undo. A change is thus planned by anybody who may edit, but what was assessed, approved and carried out is written
//! by `process/change` alone. Whoever has a hand in a draft is noted in it, so that nobody approves what they planned.

use super::{Right, access};
use crate::error::{Error, Result};
use crate::fact::Fact;
use crate::fact::kinds::{ItemEdit, NewItem, Stated};
use crate::graph::{Draft, Records};
use crate::model::principal::Principal;
use crate::model::relationship::Identity;
use crate::model::{Item, ItemNumber, Relationship, SmolStr, Symbol, Value};
use crate::schema::{SchemaEdit, symbols};
use smallvec::SmallVec;

/// Attributes of a change that the process writes.
pub const OWNED: &[&str] = &[
    "requester",
    "authors",
    "approvals",
    "assessment",
    "drift",
    "journal",
    "actual_start",
    "actual_end",
    "outcome",
    "delivery",
    "review",
];
/// What a change that comes from another tool, over and done with, may bring along of these.
const HISTORY: &[&str] = &["requester", "actual_start", "actual_end", "outcome"];
/// Attributes that decide nothing and may be edited at any time.
pub const IMMATERIAL: &[&str] = &["description", "benefit", "external_ref", "communications", "priority"];
/// Statuses in which nothing is decided any more.
const OVER: &[&str] = &["closed", "cancelled", "rejected"];
/// Statuses in which it was decided and begun.
const UNDER_WAY: &[&str] = &["implementing", "implemented", "backed_out", "reviewed"];
const DRAFT: &str = "draft";
/// Types of relationships that are part of a change's plan where a change is the source.
const PLANNING: &[&str] = &["affects", "follows", "assigned_to", "owned_by", "caused_by"];
/// Definitions that the process relies on.
const LIFECYCLES: &[&str] = &["change", "change_model"];

/// The symbols to look out for, resolved once for each command.
#[derive(Clone, Debug, Default)]
pub(super) struct Owned {
    change: Option<Symbol>,
    model: Option<Symbol>,
    exception: Option<Symbol>,
    /// Freezes and maintenance windows.
    periods: SmallVec<[Symbol; 2]>,
    affects: Option<Symbol>,
    relates_to: Option<Symbol>,
    authors: Option<Symbol>,
    requester: Option<Symbol>,
    planning: SmallVec<[Symbol; 8]>,
}

impl Owned {
    pub(super) fn of(records: &dyn Records) -> Owned {
        // An open schema has neither classes nor processes.
        if records.schema().open {
            return Owned::default();
        }
        let names = records.names();
        let class = |name: &str| names.get(name).filter(|s| records.schema().class(*s).is_some());
        Owned {
            change: class("Change"),
            model: class("ChangeModel"),
            exception: class("FreezeException"),
            periods: ["Freeze", "MaintenanceWindow"].into_iter().filter_map(class).collect(),
            affects: names.get("affects"),
            relates_to: names.get("relates_to"),
            authors: names.get("authors"),
            requester: names.get("requester"),
            planning: PLANNING.iter().filter_map(|name| names.get(name)).collect(),
        }
    }
    /// Looks at a fact before it is accepted; what has to be accepted with it, where something has.
    ///
    /// # Errors
    /// `change.owned`, with the command that does it properly.
    pub(super) fn check(
        &self,
        draft: &Draft,
        by: &Principal,
        ending: Option<ItemNumber>,
        fact: &mut Fact,
    ) -> Result<Option<Fact>> {
        let Some(change) = self.change else { return Ok(None) };
        let is_change = |class: Option<Symbol>| class.is_some_and(|c| draft.schema().is_a(c, change));
        let is_model = |class: Option<Symbol>| {
            class.zip(self.model).is_some_and(|(c, model)| draft.schema().is_a(c, model))
        };
        if self.is_of_calendar(draft, fact)? {
            access::check(by, Right::Approve).map_err(|e| {
                let message =
                    "a freeze or a maintenance window binds others: whoever may decide on changes edits it";
                Error::new(e.kind(), e.code(), message)
                    .hint("ask an approver, or for an exception: `cmdb freeze exception request`")
            })?;
        }
        if self.is_leave(draft, fact)? {
            return Err(owned("leave from a freeze is asked for and decided on, not edited")
                .hint("`cmdb freeze exception request`, `approve` and `reject`"));
        }
        match fact {
            Fact::ItemCreated(new) if is_change(new.labels.first().copied()) => {
                self.created(draft, by, new)?
            }
            Fact::ItemCreated(new) if is_model(new.labels.first().copied()) => {
                self.drafted(draft, by, new)?
            }
            Fact::ItemEdited { item, edit, .. } => {
                let class = draft.class(*item);
                let (into, guarded) =
                    (edit.labels.as_ref().and_then(|l| l.first().copied()), |c| is_change(c) || is_model(c));
                if edit.labels.is_some() && (guarded(into) || guarded(class)) {
                    return Err(owned("a change is neither made of another item nor turned into one"));
                }
                if is_change(class) {
                    self.edited(draft, by, *item, edit)?;
                } else if is_model(class) {
                    self.redrafted(draft, by, *item, edit)?;
                }
            }
            Fact::ItemRemoved { item } if is_change(draft.class(*item)) || is_model(draft.class(*item)) => {
                let status = status(draft, *item)?;
                // What came over and done with from another tool may be taken back with its import.
                if !matches!(status.as_str(), DRAFT | "cancelled") && self.was_moved(draft, *item)? {
                    return Err(owned("a change that got beyond a draft stays on record")
                        .hint("`cmdb change cancel` ends it"));
                }
            }
            Fact::Related(new) if self.planning.contains(&new.kind) && is_change(draft.class(new.source)) => {
                return self.replanned(draft, by, new.source);
            }
            &mut Fact::RelationshipEdited { relationship, .. } | &mut Fact::Unrelated { relationship } => {
                let ends = matches!(fact, Fact::Unrelated { .. });
                let Some(record) = draft.relationship(relationship)? else { return Ok(None) };
                let source = record.identity.source;
                if self.planning.contains(&record.identity.kind) && is_change(draft.class(source)) {
                    // Whoever carries out a change may remove what it touches, and not only say that it is not touched.
                    let goes = ending.is_some_and(|item| item == record.identity.target);
                    if ends && goes && UNDER_WAY.contains(&status(draft, source)?.as_str()) {
                        return Ok(None);
                    }
                    return self.replanned(draft, by, source);
                }
            }
            Fact::ItemRestored { item, record } => {
                let restored = Item::decode(record)?;
                let guarded = |class| is_change(class) || is_model(class);
                if guarded(restored.class()) || guarded(draft.class(*item)) {
                    self.restored(draft, *item, &restored)?;
                    *record = self.signed(draft, by, *item, restored)?.encode();
                }
            }
            Fact::RelationshipRestored { relationship, record } => {
                let restored = Relationship::decode(record)?;
                let known = draft.relationship(*relationship)?;
                let identity = known.map_or(restored.identity, |known| known.identity);
                if self.planning.contains(&identity.kind) && is_change(draft.class(identity.source)) {
                    return self.replanned(draft, by, identity.source);
                }
            }
            Fact::ItemClaimed { item, .. } => {
                let class = draft.class(*item);
                if is_change(class) || is_model(class) {
                    return Err(owned("the order of sources does not reach changes")
                        .hint("leave their class out of it: `cmdb precedence --clear`"));
                }
            }
            Fact::SchemaEdited(edit) => keeps_process(draft, edit)?,
            Fact::SchemaReplaced(whole) => {
                let has = |name: &str| whole.classes.iter().any(|c| c.name == name);
                if !has("Change") || !has("ChangeModel") {
                    return Err(owned("the classes of changes stay"));
                }
                keeps_process(draft, whole)?;
            }
            Fact::Founded { .. }
            | Fact::NamesAdded { .. }
            | Fact::ItemCreated(_)
            | Fact::ItemRemoved { .. }
            | Fact::Related(_)
            | Fact::Set(_)
            | Fact::Continued { .. }
            | Fact::Purged { .. } => {}
        }
        Ok(None)
    }
    /// Whether items of a class may be refused here.
    pub(super) fn guards(&self, draft: &Draft, class: Symbol) -> bool {
        let guarded = [self.change, self.model, self.exception].into_iter().flatten();
        guarded.chain(self.periods.iter().copied()).any(|guarded| draft.schema().is_a(class, guarded))
    }
    /// Whether a relationship may be refused here.
    pub(super) fn guards_link(&self, draft: &Draft, identity: &Identity) -> bool {
        let kind = Some(identity.kind);
        (self.planning.contains(&identity.kind) || kind == self.affects || kind == self.relates_to)
            && draft.class(identity.source).is_some_and(|class| self.guards(draft, class))
    }
    /// Refuses a class for a rule that makes relationships, if some of its items are a process's own.
    pub(super) fn refuse_rule(&self, draft: &Draft, class: &str) -> Result<()> {
        let Some(class) = draft.names().get(class) else { return Ok(()) };
        let is_at =
            |guarded: Symbol| draft.schema().is_a(guarded, class) || draft.schema().is_a(class, guarded);
        match [self.change, self.model, self.exception].into_iter().flatten().find(|c| is_at(*c)) {
            None => Ok(()),
            Some(guarded) => {
                let guarded = draft.names().text(guarded);
                Err(owned(&format!("what a {guarded} is related to is its process's own, and no rule's"))
                    .hint("name a class that no change belongs to"))
            }
        }
    }
    /// Whether a fact makes or changes an exception from a freeze, or what it is for.
    fn is_leave(&self, draft: &Draft, fact: &Fact) -> Result<bool> {
        let is_it = |class: Symbol| Some(class) == self.exception;
        let made = matches!(fact, Fact::ItemCreated(new) if new.labels.first().copied().is_some_and(is_it));
        Ok(made || alters(draft, fact, is_it, self.relates_to)?)
    }
    /// Whether a fact alters a freeze or a maintenance window that is on record, or what it is about.
    fn is_of_calendar(&self, draft: &Draft, fact: &Fact) -> Result<bool> {
        let is_it = |class: Symbol| self.periods.iter().any(|period| draft.schema().is_a(class, *period));
        alters(draft, fact, is_it, self.affects)
    }
    fn created(&self, draft: &Draft, by: &Principal, new: &mut NewItem) -> Result<()> {
        let status = new.status.map_or(DRAFT, |s| draft.names().text(s));
        let over = OVER.contains(&status);
        if !over && status != DRAFT {
            return Err(owned(&format!("a change begins as a draft, not as \"{status}\""))
                .hint("one that another tool has dealt with may come as closed, cancelled or rejected"));
        }
        let allowed = |name: &str| over && HISTORY.contains(&name);
        refuse_owned(draft, new.attributes.iter().map(|(key, _)| *key), allowed)?;
        // Whoever brings a change along has a hand in it, whatever it says of its requester.
        if let (Some(authors), Some(requester)) = (self.authors, self.requester) {
            if !over {
                new.attributes.push((requester, Value::Text(by.name.clone())));
            }
            new.attributes.push((authors, Value::List(vec![Value::Text(by.name.clone())])));
        }
        Ok(())
    }
    fn drafted(&self, draft: &Draft, by: &Principal, new: &mut NewItem) -> Result<()> {
        let status = new.status.map_or(DRAFT, |s| draft.names().text(s));
        if status != DRAFT {
            return Err(owned("a change model begins as a draft")
                .hint("`cmdb change model approve NAME` puts it in force"));
        }
        refuse_owned(draft, new.attributes.iter().map(|(key, _)| *key), |_| false)?;
        new.attributes.extend(self.authors.map(|key| (key, Value::List(vec![Value::Text(by.name.clone())]))));
        Ok(())
    }
    fn edited(&self, draft: &Draft, by: &Principal, item: ItemNumber, edit: &mut ItemEdit) -> Result<()> {
        if edit.status.is_some() {
            return Err(owned("the status of a change is moved by its process, not by an edit")
                .hint("`cmdb change submit`, `approve`, `schedule`, `start`, … move it"));
        }
        let stands = status(draft, item)?;
        if stands == DRAFT {
            refuse_owned(draft, edit.attributes.iter().map(|(key, _)| *key), |_| false)?;
            return self.sign(draft, by, item, &mut edit.attributes);
        }
        let name = |key: Symbol| draft.names().text(key);
        let material = edit.attributes.iter().map(|(key, _)| name(*key)).find(|n| !IMMATERIAL.contains(n));
        match material.or(edit.name.as_ref().map(|_| "name")) {
            Some(what) => {
                Err(owned(&format!("the change is {stands}; \"{what}\" is part of what was decided on"))
                    .hint("`cmdb change edit` changes the plan, which voids approvals"))
            }
            None => Ok(()),
        }
    }
    fn redrafted(&self, draft: &Draft, by: &Principal, item: ItemNumber, edit: &mut ItemEdit) -> Result<()> {
        if edit.status.is_some() || status(draft, item)? != DRAFT {
            return Err(owned("a change model in force is not edited")
                .hint("`cmdb change model withdraw NAME` first"));
        }
        refuse_owned(draft, edit.attributes.iter().map(|(key, _)| *key), |_| false)?;
        self.sign(draft, by, item, &mut edit.attributes)
    }
    /// An earlier record may come back where nothing was decided on since, nor then.
    fn restored(&self, draft: &Draft, item: ItemNumber, restored: &Item) -> Result<()> {
        let names = draft.names();
        let then = restored.status.map_or(DRAFT, |s| names.text(s));
        let now = draft.item(item)?;
        let stands = status(draft, item)?;
        let same_class = now.as_ref().is_none_or(|now| now.class() == restored.class());
        if then == DRAFT && stands == DRAFT && same_class {
            return Ok(());
        }
        Err(owned(&format!("the change is {stands}; an earlier record of it does not come back")))
    }
    /// Whether the process ever moved it.
    fn was_moved(&self, draft: &Draft, item: ItemNumber) -> Result<bool> {
        let journal = draft.names().get("journal");
        Ok(draft.item(item)?.is_some_and(|i| journal.is_some_and(|key| i.attribute(key).is_some())))
    }
    /// A relationship of a plan is about to change: allowed for drafts, and noted there.
    fn replanned(&self, draft: &Draft, by: &Principal, change: ItemNumber) -> Result<Option<Fact>> {
        let stands = status(draft, change)?;
        // What came over and done with from another tool may be completed by its import.
        let is_history = OVER.contains(&stands.as_str()) && !self.was_moved(draft, change)?;
        if stands != DRAFT && !is_history {
            return Err(owned(&format!("the change is {stands}; what it touches was decided on"))
                .hint("`cmdb change edit --affects …` changes the plan, which voids approvals"));
        }
        let mut attributes = Vec::new();
        self.sign(draft, by, change, &mut attributes)?;
        let edit = ItemEdit { attributes, ..ItemEdit::default() };
        Ok((!edit.is_empty()).then_some(Fact::ItemEdited { item: change, edit, source: symbols::CMDB }))
    }
    /// An earlier record of a draft, with everybody who has had a hand in the plan by now.
    fn signed(&self, draft: &Draft, by: &Principal, item: ItemNumber, mut restored: Item) -> Result<Item> {
        let Some(key) = self.authors else { return Ok(restored) };
        let known = draft.item(item)?.and_then(|i| i.attribute(key).cloned());
        let mut all: Vec<Value> = Vec::new();
        for list in [restored.attribute(key).cloned(), known] {
            all.extend(
                list.and_then(|l| if let Value::List(all) = l { Some(all) } else { None })
                    .unwrap_or_default(),
            );
        }
        all.push(Value::Text(by.name.clone()));
        let mut seen: Vec<Value> = Vec::new();
        all.retain(|one| {
            !seen.contains(one) && {
                seen.push(one.clone());
                true
            }
        });
        let at = draft.moment().position;
        restored.set(crate::model::item::Attribute {
            key,
            value: Value::List(all),
            source: symbols::CMDB,
            at,
        });
        Ok(restored)
    }
    /// Notes that `by` had a hand in the plan.
    fn sign(
        &self,
        draft: &Draft,
        by: &Principal,
        item: ItemNumber,
        attributes: &mut Vec<Stated>,
    ) -> Result<()> {
        let Some(key) = self.authors else { return Ok(()) };
        let known = draft.item(item)?.and_then(|i| i.attribute(key).cloned());
        let signed = Value::Text(by.name.clone());
        let mut all = match known {
            Some(Value::List(all)) => all,
            _ => Vec::new(),
        };
        if !all.contains(&signed) {
            all.push(signed);
            attributes.push((key, Some(Value::List(all))));
        }
        Ok(())
    }
}

/// Whether a fact alters an item of a class that `is_it` means, or turns one into that, or touches a relationship of
/// type `link` that leads from one.
fn alters(draft: &Draft, fact: &Fact, is_it: impl Fn(Symbol) -> bool, link: Option<Symbol>) -> Result<bool> {
    let of = |item: ItemNumber| draft.class(item).is_some_and(&is_it);
    let leads = |kind: Symbol, source: ItemNumber| Some(kind) == link && of(source);
    Ok(match fact {
        Fact::ItemEdited { item, edit, .. } => {
            of(*item) || edit.labels.as_ref().and_then(|l| l.first().copied()).is_some_and(&is_it)
        }
        Fact::ItemRemoved { item } | Fact::ItemRestored { item, .. } | Fact::ItemClaimed { item, .. } => {
            of(*item)
        }
        Fact::Related(new) => leads(new.kind, new.source),
        Fact::RelationshipEdited { relationship, .. }
        | Fact::RelationshipRestored { relationship, .. }
        | Fact::Unrelated { relationship } => {
            let record = draft.relationship(*relationship)?;
            record.is_some_and(|r| leads(r.identity.kind, r.identity.source))
        }
        Fact::ItemCreated(_)
        | Fact::Founded { .. }
        | Fact::NamesAdded { .. }
        | Fact::SchemaEdited(_)
        | Fact::SchemaReplaced(_)
        | Fact::Set(_)
        | Fact::Continued { .. }
        | Fact::Purged { .. } => false,
    })
}

fn owned(message: &str) -> Error {
    Error::refused("change.owned", message)
}

fn status(draft: &Draft, item: ItemNumber) -> Result<SmolStr> {
    let status = draft.item(item)?.as_ref().and_then(|i: &Item| i.status);
    Ok(status.map_or(SmolStr::new_static(DRAFT), |s| draft.names().text(s).into()))
}

fn refuse_owned(
    draft: &Draft,
    keys: impl Iterator<Item = Symbol>,
    allowed: impl Fn(&str) -> bool,
) -> Result<()> {
    let names = draft.names();
    match keys.map(|key| names.text(key)).find(|name| OWNED.contains(name) && !allowed(name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!("\"{name}\" is written by the change's process, not by an edit");
            Err(owned(&message).detail(format!("/attributes/{name}"), message.clone()))
        }
    }
}

/// A schema edit may add to the class of changes and may not take away what the process stands on.
fn keeps_process(draft: &Draft, edit: &SchemaEdit) -> Result<()> {
    let known = draft.schema().definitions();
    for lifecycle in edit.lifecycles.iter().filter(|l| LIFECYCLES.contains(&l.name.as_str())) {
        if known.lifecycles.iter().any(|k| k.name == lifecycle.name && k != lifecycle) {
            return Err(owned(&format!("the lifecycle \"{}\" is the process's own", lifecycle.name)));
        }
    }
    for class in
        edit.classes.iter().filter(|c| matches!(c.name.as_str(), "Change" | "ChangeModel" | "Record"))
    {
        let Some(known) = known.classes.iter().find(|k| k.name == class.name) else { continue };
        let kept = known.attributes.iter().all(|a| {
            class.attributes.iter().any(|b| a.name == b.name && a.kind == b.kind && a.values == b.values)
        });
        if !kept || class.parent != known.parent || class.lifecycle != known.lifecycle {
            return Err(owned(&format!(
                "the class {} may get more attributes and must keep those it has",
                class.name
            )));
        }
    }
    Ok(())
}
