//! Founding a graph, changing its schema, and two notes that only the log carries.

use super::decider::Decider;
use super::program::Program;
use super::reference::label;
use super::relationship::check_ends;
use super::{Answer, Right, access};
use crate::error::{Error, Result};
use crate::fact::Fact;
use crate::graph::Records;
use crate::model::{IdKey, Item, ItemNumber, LogId, RelationshipNumber, Symbol};
use crate::schema::{Class, Schema, SchemaEdit, catalogue, read};
use rustc_hash::FxHashSet;

/// The first entry of a log.
#[derive(Clone, Debug)]
pub struct Found {
    pub id_key: IdKey,
    pub open_schema: bool,
    pub schema: SchemaEdit,
}

impl Found {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        decider.accept(Fact::Founded { id_key: self.id_key, open_schema: self.open_schema })?;
        accept_schema(decider, self.schema)?;
        Ok(Answer::Nothing)
    }
}

/// New or changed definitions.
#[derive(Clone, Debug)]
pub struct ApplySchema {
    pub edit: SchemaEdit,
}

/// Adds what the catalogue of this version of the program has and this graph does not; alters nothing that is defined.
#[derive(Clone, Copy, Debug)]
pub struct UpgradeSchema;

impl Program for UpgradeSchema {
    fn name(&self) -> &'static str {
        "upgrade schema"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Administer)?;
        if decider.draft().schema().open {
            return Err(Error::refused("schema.open", "a graph with an open schema has no catalogue"));
        }
        let edit = catalogue::missing(decider.draft().schema().definitions())?;
        ApplySchema { edit }.decide(decider)
    }
}

/// Offending items and relationships that a refused edit lists.
const LISTED_MAX: usize = 20;

impl ApplySchema {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let before = decider.draft().schema().clone();
        if before.edited(&self.edit) == *before.definitions() {
            return Ok(Answer::Nothing);
        }
        accept_schema(decider, self.edit.clone())?;
        refuse_misfits(decider, &before, &self.edit)?;
        Ok(Answer::Nothing)
    }
}

/// Records the names an edit needs, then the edit; an edit that does not resolve is refused.
pub fn accept_schema(decider: &mut Decider<'_>, edit: SchemaEdit) -> Result<()> {
    let names = decider.draft().names();
    let first = names.len();
    let mut seen = FxHashSet::default();
    let new: Vec<_> = edit
        .names()
        .into_iter()
        .filter(|n| names.get(n).is_none() && seen.insert(*n))
        .map(Into::into)
        .collect();
    if let Some(bad) = new.iter().find(|n: &&crate::model::SmolStr| n.is_empty() || n.len() > 256) {
        return Err(Error::invalid("schema.name", format!("\"{bad}\" is not a name: 1 to 256 bytes")));
    }
    if !new.is_empty() {
        decider.accept(Fact::NamesAdded { first: first as u32, names: new })?;
    }
    decider.accept(Fact::SchemaEdited(edit))
}

/// Refuses an edit under which recorded items or relationships would be illegal, and lists them.
fn refuse_misfits(decider: &Decider<'_>, before: &Schema, edit: &SchemaEdit) -> Result<()> {
    let draft = decider.draft();
    let changed_class = |c: &Class| {
        let old = before.class(c.symbol);
        old.is_some_and(|old| {
            old.attributes != c.attributes || old.definition != c.definition || old.lineage != c.lineage
        })
    };
    let classes: FxHashSet<Symbol> =
        draft.schema().classes().filter(|c| changed_class(c)).map(|c| c.symbol).collect();
    let types: FxHashSet<Symbol> = edit
        .relationship_types
        .iter()
        .filter_map(|t| draft.names().get(&t.name))
        .filter(|symbol| before.relationship_type(*symbol).is_some())
        .collect();
    let mut misfits = Vec::new();
    if !classes.is_empty() {
        for number in (0..draft.base().counts().item_numbers).map(ItemNumber) {
            if let Some(item) = draft.item(number)?
                && let Some(class) =
                    item.class().filter(|c| classes.contains(c)).and_then(|c| draft.schema().class(c))
            {
                misfits.extend(misfit(class, &item, draft).map(|m| format!("{} {m}", label(draft, number))));
            }
            if misfits.len() > LISTED_MAX {
                break;
            }
        }
    }
    if !types.is_empty() || !classes.is_empty() {
        for number in (0..draft.base().counts().relationship_numbers).map(RelationshipNumber) {
            let Some(record) = draft.relationship(number)? else { continue };
            let identity = &record.identity;
            let Some(kind) = draft.schema().relationship_type(identity.kind) else { continue };
            if let Err(e) = check_ends(draft, kind, identity.source, identity.target) {
                misfits.push(e.message().to_owned());
            }
            if misfits.len() > LISTED_MAX {
                break;
            }
        }
    }
    if misfits.is_empty() {
        return Ok(());
    }
    let more = if misfits.len() > LISTED_MAX { "more than " } else { "" };
    let count = misfits.len().min(LISTED_MAX);
    let message = format!("the edit would make {more}{count} recorded things illegal");
    let mut error = Error::refused("schema.misfit", message).hint("mend these first, or relax the edit");
    for message in misfits.into_iter().take(LISTED_MAX) {
        error = error.detail("", message);
    }
    Err(error)
}

/// What about an item its class does not admit.
fn misfit(class: &Class, item: &Item, records: &dyn Records) -> Option<String> {
    if class.definition.is_abstract {
        return Some(format!("is of class {}, which would be abstract", class.definition.name));
    }
    for attribute in &item.attributes {
        let name = records.names().text(attribute.key);
        match class.attributes.get(&attribute.key) {
            None if !records.schema().open => {
                return Some(format!("has \"{name}\", which the class would not"));
            }
            None => {}
            Some(definition) => {
                if let Err(e) = read::from_value(definition, attribute.value.clone()) {
                    return Some(format!("{name} {e}"));
                }
            }
        }
    }
    let missing = class.required.iter().find(|r| item.attribute(**r).is_none())?;
    Some(format!("lacks \"{}\", which would be required", records.names().text(*missing)))
}

/// The first entry after a restore.
#[derive(Clone, Debug)]
pub struct Continue {
    pub log: LogId,
    pub position: u64,
    pub chain: [u8; 32],
}

impl Continue {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        decider.accept(Fact::Continued { log: self.log, position: self.position, chain: self.chain })?;
        Ok(Answer::Nothing)
    }
}

/// Notes that a value was erased from the entries before.
#[derive(Clone, Debug)]
pub struct NotePurge {
    pub item: ItemNumber,
    pub attribute: Symbol,
    pub entries: u64,
}

impl NotePurge {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let item = decider.draft().item(self.item)?;
        // Claims first: clearing a value must not bring one of them to light.
        let claims = item.iter().flat_map(|item| &item.claims).filter(|c| c.key == self.attribute);
        for source in claims.map(|c| c.source).collect::<Vec<_>>() {
            let attributes = vec![(self.attribute, None)];
            decider.accept(Fact::ItemClaimed { item: self.item, attributes, source })?;
        }
        if item.is_some_and(|item| item.attribute(self.attribute).is_some()) {
            let edit = crate::fact::kinds::ItemEdit {
                attributes: vec![(self.attribute, None)],
                ..Default::default()
            };
            let source = crate::schema::symbols::MANUAL;
            decider.accept(Fact::ItemEdited { item: self.item, edit, source })?;
        }
        decider.accept(Fact::Purged { item: self.item, attribute: self.attribute, entries: self.entries })?;
        Ok(Answer::Item(self.item))
    }
}
