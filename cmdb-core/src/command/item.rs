//! Creating, editing and removing items.

use super::Answer;
use super::attributes::{Input, Inputs, read_all, refuse};
use super::decider::Decider;
use super::precedence::refuse_outranked;
use super::reference::{Reference, label, resolve};
use crate::error::{Detail, Error, Kind, Result, did_you_mean};
use crate::fact::kinds::ItemEdit;
use crate::fact::{Fact, NewItem};
use crate::graph::Records;
use crate::model::placeholder::is_placeholder;
use crate::model::{Item, ItemNumber, SmolStr, Symbol, Value};
use crate::schema::{Class, read, symbols};
use std::sync::Arc;

/// Longest name of an item, in bytes.
pub const NAME_BYTES_MAX: usize = 1024;

/// A new item.
#[derive(Clone, Debug, Default)]
pub struct CreateItem {
    pub class: SmolStr,
    pub name: Option<SmolStr>,
    pub status: Option<SmolStr>,
    pub attributes: Inputs,
}

impl CreateItem {
    pub(crate) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let number = self.in_part(decider)?;
        check_whole(decider, number)?;
        Ok(Answer::Item(number))
    }
    /// Creates the item though something it requires may still be missing; [`check_whole`] asks for it later.
    pub fn in_part(self, decider: &mut Decider<'_>) -> Result<ItemNumber> {
        let class = decider.draft().schema().class_named(decider.draft().names(), &self.class)?.clone();
        let name = check_name(self.name.as_deref())?;
        refuse_taken_name(decider, &class, name.as_deref())?;
        let stated = read_all(decider, &class.definition.name, &class.attributes, self.attributes)?;
        let attributes = stated.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let new = NewItem {
            item: decider.draft().next_item()?,
            labels: [class.symbol].into_iter().collect(),
            name,
            status: status_of(decider, &class, self.status.as_deref())?,
            key: None,
            attributes,
            source: symbols::MANUAL,
        };
        let number = new.item;
        let new = fill(decider.draft(), &class, new)?;
        decider.accept(Fact::ItemCreated(new))?;
        Ok(number)
    }
}

/// Refuses an item that lacks what its class requires.
pub fn check_whole(decider: &Decider<'_>, number: ItemNumber) -> Result<()> {
    let draft = decider.draft();
    let Some(item) = draft.item(number)? else { return Ok(()) };
    let Some(class) = item.class().and_then(|c| draft.schema().class(c)) else { return Ok(()) };
    let has = |key: Symbol| item.attribute(key).is_some();
    let wrong = missing(draft, class, item.name.as_deref(), &has);
    if wrong.is_empty() { Ok(()) } else { Err(refuse(wrong)) }
}

/// Checks a name's form.
pub(crate) fn check_name(name: Option<&str>) -> Result<Option<SmolStr>> {
    let Some(name) = name else { return Ok(None) };
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains('\0') {
        let message = format!("a name has 1 to {NAME_BYTES_MAX} bytes and no NUL");
        return Err(Error::invalid("item.name", message.clone()).detail("/name", message));
    }
    Ok(Some(SmolStr::new(name)))
}

/// Whether a text can be an item's name.
pub fn check_name_form(name: &str) -> bool {
    check_name(Some(name)).is_ok()
}

/// The status symbol for a class: the stated one if its lifecycle knows it, else the lifecycle's first.
pub(crate) fn status_of(
    decider: &mut Decider<'_>,
    class: &Class,
    status: Option<&str>,
) -> Result<Option<Symbol>> {
    status_text(class, status)?.map(|text| decider.symbol(&text)).transpose()
}

/// The text of the status that an item of `class` gets, if any.
pub(crate) fn status_text(class: &Class, status: Option<&str>) -> Result<Option<SmolStr>> {
    Ok(Some(match (&class.lifecycle, status) {
        (Some(lifecycle), Some(status)) => {
            if !lifecycle.states.iter().any(|s| s.name == status) {
                let states: Vec<&str> = lifecycle.states.iter().map(|s| s.name.as_str()).collect();
                let hint = did_you_mean(status, states.iter().copied()).unwrap_or_default();
                let message =
                    format!("\"{status}\" is no status of {}: {}", class.definition.name, states.join(", "));
                return Err(Error::invalid("item.status", message.clone())
                    .detail("/status", message)
                    .hint(hint));
            }
            SmolStr::new(status)
        }
        (Some(lifecycle), None) => lifecycle.initial.clone(),
        (None, Some(status)) => SmolStr::new(status),
        (None, None) => return Ok(None),
    }))
}

/// Fills defaults and checks what the class demands of a whole new item.
pub(crate) fn complete(records: &dyn Records, class: &Class, new: NewItem) -> Result<NewItem> {
    let new = fill(records, class, new)?;
    let has = |key: Symbol| new.attributes.iter().any(|(known, _)| *known == key);
    let wrong = missing(records, class, new.name.as_deref(), &has);
    if wrong.is_empty() { Ok(new) } else { Err(refuse(wrong)) }
}

/// Fills defaults; refuses abstract classes and values that must be unique and are taken.
fn fill(records: &dyn Records, class: &Class, mut new: NewItem) -> Result<NewItem> {
    if class.definition.is_abstract {
        let message = format!("{} is abstract; no item can be of it", class.definition.name);
        return Err(Error::invalid("class.abstract", message.clone())
            .detail("/class", message)
            .hint("use one of its subclasses: `cmdb schema list`"));
    }
    for (symbol, definition) in &class.attributes {
        let stated = new.attributes.iter().any(|(key, _)| key == symbol);
        if let (Some(default), false) = (&definition.default, stated)
            && let Ok(value) = read::from_text(definition, default)
        {
            new.attributes.push((*symbol, value));
        }
    }
    let mut wrong: Vec<Detail> = Vec::new();
    for (key, value) in &new.attributes {
        wrong.extend(unique_taken(records, class, *key, value, None)?);
    }
    if wrong.is_empty() { Ok(new) } else { Err(refuse(wrong)) }
}

/// What an item of the class must have and lacks.
fn missing(
    records: &dyn Records,
    class: &Class,
    name: Option<&str>,
    has: &dyn Fn(Symbol) -> bool,
) -> Vec<Detail> {
    let required = class.required.iter().filter(|key| !has(**key)).map(|key| {
        let attribute = records.names().text(*key);
        let message = format!("{} requires \"{attribute}\"", class.definition.name);
        Detail { pointer: format!("/attributes/{attribute}"), message }
    });
    let mut wrong: Vec<Detail> = required.collect();
    if name.is_none() && !records.schema().open {
        wrong.push(Detail { pointer: "/name".into(), message: "an item has a name".into() });
    }
    wrong
}

fn unique_taken(
    records: &dyn Records,
    class: &Class,
    key: Symbol,
    value: &Value,
    own: Option<ItemNumber>,
) -> Result<Option<Detail>> {
    let Some(definition) = class.attributes.get(&key).filter(|d| d.unique) else { return Ok(None) };
    if is_placeholder(value) {
        return Ok(None);
    }
    let other = records.with_attribute(key, value).into_iter().find(|n| Some(*n) != own);
    Ok(other.map(|other| Detail {
        pointer: format!("/attributes/{}", definition.name),
        message: format!("{} \"{value}\" is already taken by {}", definition.name, label(records, other)),
    }))
}

/// Class and name together identify an item where the class says nothing else.
fn refuse_taken_name(decider: &Decider<'_>, class: &Class, name: Option<&str>) -> Result<()> {
    let (Some(name), false) = (name, decider.draft().schema().open) else { return Ok(()) };
    if !class.identification.is_empty()
        && !class.identification.iter().any(|key| key.len() == 1 && key[0] == "name")
    {
        return Ok(());
    }
    for number in decider.draft().named(name, usize::MAX) {
        let same = decider.draft().item(number)?.and_then(|item| item.class()) == Some(class.symbol);
        if same {
            let message = format!("there already is a {} \"{name}\"", class.definition.name);
            return Err(Error::refused("item.duplicate", message)
                .hint(format!("`cmdb set {}:{name} …` edits it", class.definition.name)));
        }
    }
    Ok(())
}

/// A change of one item; what is not stated stays.
#[derive(Clone, Debug)]
pub struct EditItem {
    pub item: Reference,
    /// Only if the item is still at this version.
    pub if_version: Option<u32>,
    pub name: Option<SmolStr>,
    pub class: Option<SmolStr>,
    pub status: Option<SmolStr>,
    pub attributes: Inputs,
}

/// Refuses an edit of an item that changed meanwhile.
pub(crate) fn check_version(item: &Item, expected: Option<u32>) -> Result<()> {
    match expected {
        Some(expected) if expected != item.version => {
            let message = format!("the item is at version {}, not {expected}", item.version);
            Err(Error::new(Kind::Stale, "item.stale", message)
                .detail("/version", item.version.to_string())
                .hint("read it again, look at what changed, and repeat the edit"))
        }
        _ => Ok(()),
    }
}

impl EditItem {
    pub(crate) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let number = resolve(decider.draft(), &self.item.0)?;
        let item = decider.draft().item(number)?.ok_or_else(|| gone(&self.item))?;
        check_version(&item, self.if_version)?;
        let class = target_class(decider, &item, self.class.as_deref())?;
        let mut edit = ItemEdit::default();
        if let Some(name) = check_name(self.name.as_deref())?
            && item.name.as_ref() != Some(&name)
        {
            refuse_taken_name(decider, &class, Some(&name))?;
            edit.name = Some(Some(name));
        }
        if item.class() != Some(class.symbol) {
            check_fits(&class, &item, decider)?;
            edit.labels = Some([class.symbol].into_iter().collect());
        }
        if let Some(status) = &self.status {
            edit.status = self.status_move(decider, &class, &item, status)?;
        }
        let stated = read_all(decider, &class.definition.name, &class.attributes, self.attributes)?;
        check_stated(decider, &class, number, &stated)?;
        edit.attributes =
            stated.into_iter().filter(|(key, value)| item.attribute(*key) != value.as_ref()).collect();
        refuse_outranked(decider.draft(), &class, &item, edit.attributes.iter().map(|(key, _)| *key))?;
        if !edit.is_empty() {
            decider.accept(Fact::ItemEdited { item: number, edit, source: symbols::MANUAL })?;
        }
        Ok(Answer::Item(number))
    }
    fn status_move(
        &self,
        decider: &mut Decider<'_>,
        class: &Class,
        item: &Item,
        status: &str,
    ) -> Result<Option<Option<Symbol>>> {
        let to = status_of(decider, class, Some(status))?;
        if to == item.status {
            return Ok(None);
        }
        if let (Some(lifecycle), Some(from)) = (&class.lifecycle, item.status) {
            let from = decider.draft().names().text(from);
            let legal: Vec<&str> =
                lifecycle.moves.iter().filter(|(f, _)| f == from).map(|(_, to)| to.as_str()).collect();
            if !lifecycle.moves.is_empty() && !legal.contains(&status) {
                let message =
                    format!("a {} cannot go from \"{from}\" to \"{status}\"", class.definition.name);
                let hint = match legal.as_slice() {
                    [] => format!("\"{from}\" is final"),
                    legal => format!("from \"{from}\" it can go to {}", legal.join(", ")),
                };
                return Err(Error::refused("item.status-move", message)
                    .detail("/status", hint.clone())
                    .hint(hint));
            }
        }
        Ok(Some(to))
    }
}

fn gone(reference: &Reference) -> Error {
    Error::not_found("item.unknown", format!("there is no item \"{reference}\""))
}

fn target_class(decider: &Decider<'_>, item: &Item, class: Option<&str>) -> Result<Arc<Class>> {
    let draft = decider.draft();
    match class {
        Some(name) => {
            let class = draft.schema().class_named(draft.names(), name)?.clone();
            if class.definition.is_abstract {
                return Err(Error::invalid(
                    "class.abstract",
                    format!("{name} is abstract; no item can be of it"),
                ));
            }
            Ok(class)
        }
        None => item.class().and_then(|c| draft.schema().class(c)).cloned().ok_or_else(|| {
            Error::refused("class.undefined", "the item's class is not defined; name one with its edit")
        }),
    }
}

/// A class change keeps the id if the attributes fit, else it is refused.
fn check_fits(class: &Class, item: &Item, decider: &Decider<'_>) -> Result<()> {
    let names = decider.draft().names();
    let misfits: Vec<Detail> = item
        .attributes
        .iter()
        .filter_map(|a| {
            let name = names.text(a.key);
            let message = match class.attributes.get(&a.key) {
                None => format!("{} has no attribute \"{name}\"", class.definition.name),
                Some(d) => format!("{name} {}", read::from_value(d, a.value.clone()).err()?),
            };
            Some(Detail { pointer: format!("/attributes/{name}"), message })
        })
        .collect();
    if misfits.is_empty() {
        return Ok(());
    }
    let message = format!("the item does not fit {}", class.definition.name);
    let mut error = Error::refused("class.misfit", message).hint("clear or change these attributes first");
    for misfit in misfits {
        error = error.detail(misfit.pointer, misfit.message);
    }
    Err(error)
}

fn check_stated(
    decider: &Decider<'_>,
    class: &Class,
    number: ItemNumber,
    stated: &[(Symbol, Option<Value>)],
) -> Result<()> {
    let mut wrong = Vec::new();
    for (key, value) in stated {
        match value {
            Some(value) => wrong.extend(unique_taken(decider.draft(), class, *key, value, Some(number))?),
            None if class.required.contains(key) => {
                let name = decider.draft().names().text(*key);
                let message = format!("{} requires \"{name}\"", class.definition.name);
                wrong.push(Detail { pointer: format!("/attributes/{name}"), message });
            }
            None => {}
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(refuse(wrong)) }
}

/// Removing an item.
#[derive(Clone, Debug)]
pub struct RemoveItem {
    pub item: Reference,
    pub if_version: Option<u32>,
    /// Its relationships go, too, whatever depends on it.
    pub cascade: bool,
}

/// Dependents that a refused removal names.
const NAMED_MAX: usize = 10;

impl RemoveItem {
    pub(crate) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let number = resolve(decider.draft(), &self.item.0)?;
        let item = decider.draft().item(number)?.ok_or_else(|| gone(&self.item))?;
        check_version(&item, self.if_version)?;
        decider.foresee(Fact::ItemRemoved { item: number })?;
        let relationships = decider.draft().relationships_of(number)?;
        if !self.cascade {
            refuse_depended_on(decider, number, &relationships)?;
        }
        decider.ending(number, |decider| {
            let all = relationships.iter();
            all.into_iter().try_for_each(|(n, record)| super::relationship::end(decider, *n, record))
        })?;
        decider.accept(Fact::ItemRemoved { item: number })?;
        Ok(Answer::Item(number))
    }
}

fn refuse_depended_on(
    decider: &Decider<'_>,
    number: ItemNumber,
    relationships: &[(crate::model::RelationshipNumber, crate::model::Relationship)],
) -> Result<()> {
    let draft = decider.draft();
    let mut dependents: Vec<String> = Vec::new();
    for (_, record) in relationships {
        let Some(kind) = draft.schema().relationship_type(record.identity.kind) else { continue };
        let (dependent, dependency) = match kind.source_suffers() {
            true => (record.identity.source, record.identity.target),
            false => (record.identity.target, record.identity.source),
        };
        let live = |item: Option<Item>| {
            item.is_some_and(|item| draft.schema().is_live_in(item.class(), item.status, draft.names()))
        };
        if kind.carries_impact()
            && dependency == number
            && dependent != number
            && live(draft.item(dependent)?)
        {
            dependents.push(label(draft, dependent));
        }
    }
    if dependents.is_empty() {
        return Ok(());
    }
    dependents.sort();
    dependents.dedup();
    let count = dependents.len();
    let message = format!(
        "{count} live item{} depend{} on it",
        if count == 1 { "" } else { "s" },
        if count == 1 { "s" } else { "" }
    );
    let mut error = Error::refused("item.depended-on", message)
        .hint("retire it instead (`cmdb set REF status=retired`), or remove it with --cascade");
    for dependent in dependents.into_iter().take(NAMED_MAX) {
        error = error.detail("", dependent);
    }
    Err(error)
}

/// `k=v` pairs as commands take them; an empty value clears.
pub fn inputs_from_text<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Inputs {
    let input = |value: &str| if value.is_empty() { Input::Clear } else { Input::Text(SmolStr::new(value)) };
    pairs.into_iter().map(|(key, value)| (SmolStr::new(key), input(value))).collect()
}
