//! Definitions that came with an import go with it, as far as nothing uses them.

use super::{Trace, UndoReport, may_define};
use crate::command::decider::Decider;
use crate::error::Result;
use crate::fact::Fact;
use crate::graph::{Draft, Records, decode_definitions};
use crate::model::rule::RuleField;
use crate::model::{ItemNumber, RelationshipNumber, SmolStr, Symbol};
use crate::schema::{AttributeDefinition, SchemaEdit};
use rustc_hash::FxHashSet;

/// One definition that the import brought: a class or type, or one attribute of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Brought {
    is_class: bool,
    owner: SmolStr,
    attribute: Option<SmolStr>,
}

impl Brought {
    fn label(&self) -> String {
        let kind = if self.is_class { "class" } else { "relationship type" };
        match &self.attribute {
            None => format!("{kind} {}", self.owner),
            Some(attribute) => format!("attribute {}.{attribute}", self.owner),
        }
    }
}

pub(super) fn take_back(trace: &Trace, decider: &mut Decider<'_>, report: &mut UndoReport) -> Result<()> {
    let Some((_, before)) = trace.schema.as_deref().map(decode_definitions).transpose()? else {
        return Ok(());
    };
    let brought = brought(&before, &trace.edits);
    if brought.is_empty() {
        return Ok(());
    }
    if !may_define(decider) {
        report.definitions_kept = brought.iter().map(Brought::label).collect();
        return Ok(());
    }
    let used = Used::of(decider.draft())?;
    let draft = decider.draft();
    let mut whole = draft.schema().definitions().clone();
    // Attributes before their owners, children before their parents: a class may go once what names it is gone.
    let mut waiting: Vec<Brought> = brought;
    loop {
        let (gone, kept): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|b| !used.uses(draft, b) && !is_named(&whole, b));
        gone.iter().for_each(|b| remove(&mut whole, b));
        report.definitions_removed.extend(gone.iter().map(Brought::label));
        waiting = kept;
        if gone.is_empty() {
            break;
        }
    }
    report.definitions_kept = waiting.iter().map(Brought::label).collect();
    if whole == *draft.schema().definitions() {
        return Ok(());
    }
    decider.accept(Fact::SchemaReplaced(whole))
}

fn brought(before: &SchemaEdit, edits: &[SchemaEdit]) -> Vec<Brought> {
    let mut out = Vec::new();
    let mut note = |is_class: bool,
                    owner: &SmolStr,
                    old: Option<&[AttributeDefinition]>,
                    new: &[AttributeDefinition]| {
        let attribute =
            |name: Option<&SmolStr>| Brought { is_class, owner: owner.clone(), attribute: name.cloned() };
        match old {
            None => out.push(attribute(None)),
            Some(old) => {
                let added = new.iter().filter(|a| old.iter().all(|o| o.name != a.name));
                out.extend(added.map(|a| attribute(Some(&a.name))));
            }
        }
    };
    for edit in edits {
        for class in &edit.classes {
            let old = before.classes.iter().find(|c| c.name == class.name);
            note(true, &class.name, old.map(|c| c.attributes.as_slice()), &class.attributes);
        }
        for kind in &edit.relationship_types {
            let old = before.relationship_types.iter().find(|t| t.name == kind.name);
            note(false, &kind.name, old.map(|t| t.attributes.as_slice()), &kind.attributes);
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Whether another definition names the class.
fn is_named(whole: &SchemaEdit, brought: &Brought) -> bool {
    let owner = &brought.owner;
    brought.is_class
        && brought.attribute.is_none()
        && (whole.classes.iter().any(|c| c.parent.as_ref() == Some(owner))
            || whole.relationship_types.iter().any(|t| t.source.contains(owner) || t.target.contains(owner)))
}

fn remove(whole: &mut SchemaEdit, brought: &Brought) {
    let owner = &brought.owner;
    match (&brought.attribute, brought.is_class) {
        (None, true) => whole.classes.retain(|c| c.name != *owner),
        (None, false) => whole.relationship_types.retain(|t| t.name != *owner),
        (Some(attribute), true) => {
            let class = whole.classes.iter_mut().find(|c| c.name == *owner);
            class.into_iter().for_each(|c| c.attributes.retain(|a| a.name != *attribute));
        }
        (Some(attribute), false) => {
            let kind = whole.relationship_types.iter_mut().find(|t| t.name == *owner);
            kind.into_iter().for_each(|t| t.attributes.retain(|a| a.name != *attribute));
        }
    }
}

/// What the records of a draft use: classes and types, and (owner, attribute).
#[derive(Default)]
struct Used {
    owners: FxHashSet<Symbol>,
    attributes: FxHashSet<(Symbol, Symbol)>,
}

impl Used {
    fn of(draft: &Draft) -> Result<Used> {
        let mut used = Used::default();
        let counts = draft.base().counts();
        for number in (0..counts.item_numbers).map(ItemNumber) {
            let Some(item) = draft.item(number)? else { continue };
            let Some(class) = item.class() else { continue };
            used.owners.insert(class);
            used.attributes.extend(item.attributes.iter().map(|a| (class, a.key)));
        }
        for number in (0..counts.relationship_numbers).map(RelationshipNumber) {
            let Some(record) = draft.relationship(number)? else { continue };
            used.owners.insert(record.identity.kind);
            used.attributes.extend(record.attributes.iter().map(|a| (record.identity.kind, a.key)));
        }
        used.by_rules(draft);
        Ok(used)
    }
    /// What rules name is in use, too.
    fn by_rules(&mut self, draft: &Draft) {
        let symbol = |name: &str| draft.names().get(name);
        for rule in draft.settings().rules.values() {
            self.owners.extend(symbol(&rule.kind));
            let stated = rule.attributes.iter().filter_map(|(key, _)| symbol(&rule.kind).zip(symbol(key)));
            self.attributes.extend(stated);
            for end in [&rule.source, &rule.target] {
                self.owners.extend(symbol(&end.class));
                if let RuleField::Attribute(attribute) = &end.field {
                    self.attributes.extend(symbol(&end.class).zip(symbol(attribute)));
                }
            }
        }
    }
    fn uses(&self, draft: &Draft, brought: &Brought) -> bool {
        let Some(owner) = draft.names().get(&brought.owner) else { return false };
        // An attribute of a class is one of its subclasses, too.
        let is_owner = |user: Symbol| user == owner || draft.schema().is_a(user, owner);
        match &brought.attribute {
            None => self.owners.contains(&owner),
            Some(attribute) => draft.names().get(attribute).is_some_and(|key| {
                self.attributes.iter().any(|(user, used)| *used == key && is_owner(*user))
            }),
        }
    }
}
