//! A rule with its names resolved against the definitions, or why it cannot be.

use super::{MATCHES_MAX, mark};
use crate::command::relationship::check_group;
use crate::error::{Detail, Error, Result, did_you_mean};
use crate::graph::Records;
use crate::graph::matching::{Field, Side};
use crate::model::relationship::Identity;
use crate::model::rule::{One, Rule, RuleEnd, RuleField};
use crate::model::{ItemNumber, SmolStr, Symbol, Value};
use crate::schema::{AttributeType, Class, RelationshipType, read};
use std::sync::Arc;

/// Attributes that are about a group as a whole and not about one of its members.
const NOT_STATED: [&str; 2] = ["needs", "standby"];

/// See the module.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub name: SmolStr,
    /// The end whose items refer to others.
    pub referrer: Side,
    /// The end that is looked up by value.
    pub named: Side,
    pub referrer_is_source: bool,
    /// Items of the looked-up end that a value may have; with more it tells nothing.
    pub matches_max: usize,
    pub ignore_case: bool,
    pub kind: Symbol,
    pub group: Option<SmolStr>,
    /// What its relationships state, with the mark; sorted by key.
    pub attributes: Vec<(Symbol, Value)>,
    /// The source of that.
    pub origin: Symbol,
}

impl Resolved {
    /// # Errors
    /// What is unknown or does not fit, by name and with the nearest known ones.
    pub fn of(records: &dyn Records, rule: &Rule) -> Result<Resolved> {
        let kind = type_of(records, rule)?;
        let source = side(records, &rule.source, "source")?;
        let target = side(records, &rule.target, "target")?;
        check_end(records, &kind, &rule.source, source, "source")?;
        check_end(records, &kind, &rule.target, target, "target")?;
        check_group(&kind, rule.group.as_deref())?;
        let (referrer, named) = if rule.one == One::Source { (target, source) } else { (source, target) };
        Ok(Resolved {
            name: rule.name.clone(),
            referrer,
            named,
            referrer_is_source: rule.one != One::Source,
            matches_max: if rule.one == One::Neither { MATCHES_MAX } else { 1 },
            ignore_case: rule.ignore_case,
            kind: kind.symbol,
            group: rule.group.clone(),
            attributes: attributes(records, rule, &kind)?,
            origin: interned(records, &mark::origin(&rule.name))?,
        })
    }
    /// The relationship between an item that refers and one that it finds.
    pub fn identity(&self, referrer: ItemNumber, found: ItemNumber) -> Identity {
        let (source, target) = if self.referrer_is_source { (referrer, found) } else { (found, referrer) };
        Identity { kind: self.kind, source, target, group: self.group.clone() }
    }
    /// The end of a relationship where its rule looks for others.
    pub fn referrer_of(&self, identity: &Identity) -> ItemNumber {
        if self.referrer_is_source { identity.source } else { identity.target }
    }
    /// The other end: what it found.
    pub fn found_of(&self, identity: &Identity) -> ItemNumber {
        if self.referrer_is_source { identity.target } else { identity.source }
    }
    pub fn sides(&self) -> [Side; 2] {
        [self.referrer, self.named]
    }
}

fn type_of(records: &dyn Records, rule: &Rule) -> Result<Arc<RelationshipType>> {
    let kind = records.schema().type_named(records.names(), &rule.kind).map_err(|e| at(e, "/type"))?.clone();
    if kind.attributes.values().any(|a| a.name == mark::ATTRIBUTE) {
        let message =
            format!("{} has an attribute \"{}\" of its own, which rules need", rule.kind, mark::ATTRIBUTE);
        return Err(at(Error::refused("rule.mark", message), "/type"));
    }
    Ok(kind)
}

fn side(records: &dyn Records, end: &RuleEnd, word: &str) -> Result<Side> {
    let class = records.schema().class_named(records.names(), &end.class);
    let class = class.map_err(|e| at(e, &format!("/{word}/class")))?;
    let field = match &end.field {
        RuleField::Name => Field::Name,
        RuleField::Key(source) => Field::Key(interned(records, source)?),
        RuleField::Attribute(name) => Field::Attribute(
            attribute(records, class, name).map_err(|e| at(e, &format!("/{word}/attribute")))?,
        ),
    };
    Ok(Side { class: class.symbol, field })
}

fn attribute(records: &dyn Records, class: &Class, name: &str) -> Result<Symbol> {
    let Some((symbol, definition)) = class.attributes.iter().find(|(_, a)| a.name == name) else {
        let known = class.attributes.values().map(|a| a.name.as_str()).chain(["name"]);
        let message = format!("{} has no attribute \"{name}\"", class.definition.name);
        let hint = did_you_mean(name, known).or_else(|| below(records, class, name));
        let hint = hint.unwrap_or_else(|| format!("`cmdb schema show {}` lists them", class.definition.name));
        return Err(Error::invalid("attribute.unknown", message).hint(hint));
    };
    match definition.kind {
        AttributeType::Map | AttributeType::Boolean => {
            let message = format!("\"{name}\" is {}, which names nothing", definition.kind.name());
            Err(Error::invalid("rule.attribute", message)
                .hint("compare a text, a number, a time or a list of these"))
        }
        _ => Ok(*symbol),
    }
}

/// Which subclass has the attribute.
fn below(records: &dyn Records, class: &Class, name: &str) -> Option<String> {
    let has = |c: &&Arc<Class>| {
        records.schema().is_a(c.symbol, class.symbol) && c.attributes.values().any(|a| a.name == name)
    };
    let found = records.schema().classes().find(has)?;
    Some(format!("{} has it", found.definition.name))
}

/// Every item of the class must be allowed where the type would put it.
fn check_end(
    records: &dyn Records,
    kind: &RelationshipType,
    end: &RuleEnd,
    side: Side,
    word: &str,
) -> Result<()> {
    let (allowed, names) = match word {
        "source" => (&kind.sources, &kind.definition.source),
        _ => (&kind.targets, &kind.definition.target),
    };
    if allowed.is_empty() || allowed.iter().any(|a| records.schema().is_a(side.class, *a)) {
        return Ok(());
    }
    let message =
        format!("the {word} of {} is a {}, not a {}", kind.definition.name, names.join(" or a "), end.class);
    Err(at(Error::invalid("relationship.end-not-allowed", message), &format!("/{word}/class"))
        .hint(format!("`cmdb schema show {}` shows which classes it joins", kind.definition.name)))
}

fn attributes(records: &dyn Records, rule: &Rule, kind: &RelationshipType) -> Result<Vec<(Symbol, Value)>> {
    let mut out = vec![(interned(records, mark::ATTRIBUTE)?, Value::Text(rule.name.clone()))];
    let mut wrong = Vec::new();
    for (name, text) in &rule.attributes {
        let known = kind.attributes.iter().find(|(_, a)| a.name == *name);
        let read = match known {
            _ if NOT_STATED.contains(&name.as_str()) => {
                Err("is about a whole group; state it of a relationship that no rule makes".to_owned())
            }
            Some(_) if out.iter().any(|(key, _)| known.is_some_and(|(k, _)| k == key)) => {
                Err("is stated twice".to_owned())
            }
            Some((key, definition)) => read::from_text(definition, text).map(|value| (*key, value)),
            None => {
                let near = did_you_mean(name, kind.attributes.values().map(|a| a.name.as_str()));
                Err(format!("is no attribute of {}; {}", rule.kind, near.unwrap_or_default()))
            }
        };
        match read {
            Ok(stated) => out.push(stated),
            Err(message) => wrong.push(Detail {
                pointer: format!("/attributes/{name}"),
                message: format!("{name} {}", message.trim_end_matches([';', ' '])),
            }),
        }
    }
    if !wrong.is_empty() {
        return Err(crate::command::attributes::refuse(wrong));
    }
    out.sort_by_key(|(key, _)| *key);
    Ok(out)
}

/// A name that a rule brought along when it was added.
fn interned(records: &dyn Records, name: &str) -> Result<Symbol> {
    let unknown = || Error::not_found("rule.name", format!("nothing here is called \"{name}\""));
    records.names().get(name).ok_or_else(unknown)
}

fn at(error: Error, pointer: &str) -> Error {
    let message = error.message().to_owned();
    error.detail(pointer, message)
}
