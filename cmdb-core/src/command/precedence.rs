//! Which source's word counts for an attribute.

use super::Answer;
use super::decider::Decider;
use crate::error::{Error, Result};
use crate::fact::{Fact, Precedence, Setting};
use crate::graph::Records;
use crate::model::{Item, SmolStr, Symbol};
use crate::schema::{Class, symbols};
use std::cmp::Ordering;

/// Rules at most in one graph.
pub const RULES_MAX: usize = 1_000;
/// Sources that one rule names at most.
pub const SOURCES_MAX: usize = 64;

/// Writes a rule, or with no sources takes it back.
#[derive(Clone, Debug)]
pub struct SetPrecedence {
    pub rule: Precedence,
}

impl SetPrecedence {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let draft = decider.draft();
        let known = &draft.settings().precedence;
        if let Some(class) = &self.rule.class {
            draft.schema().class_named(draft.names(), class)?;
        }
        if known.len() >= RULES_MAX || self.rule.sources.len() > SOURCES_MAX {
            let message = format!("there are at most {RULES_MAX} rules of at most {SOURCES_MAX} sources");
            return Err(Error::limit("precedence.rules", message));
        }
        let mut sorted = self.rule.sources.clone();
        sorted.sort();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) || sorted.iter().any(SmolStr::is_empty) {
            return Err(Error::invalid("precedence.sources", "each source is named once"));
        }
        let of = (self.rule.class.clone(), self.rule.attribute.clone());
        let before = known.get(&of).map_or(&[][..], |rule| &rule.sources);
        if before != self.rule.sources {
            decider.accept(Fact::Set(Setting::Precedence(self.rule)))?;
        }
        Ok(Answer::Nothing)
    }
}

/// Whether `source` may show its value of `key` where `shown` does now. Without rules the last word counts.
pub(crate) fn may_show(
    records: &dyn Records,
    class: &Class,
    key: Symbol,
    source: Symbol,
    shown: Symbol,
) -> bool {
    if source == shown || records.settings().precedence.is_empty() {
        return true;
    }
    let Some(rule) = rule(records, class, key) else { return true };
    let names = records.names();
    rank(rule, names.text(source)).cmp(&rank(rule, names.text(shown))) != Ordering::Greater
}

/// The rule that is nearest: by attribute before by class, a class before its ancestors.
fn rule<'r>(records: &'r dyn Records, class: &Class, key: Symbol) -> Option<&'r Precedence> {
    let (names, rules) = (records.names(), &records.settings().precedence);
    let classes = class.lineage.iter().map(|c| Some(SmolStr::new(names.text(*c)))).chain([None]);
    let attribute = Some(SmolStr::new(names.text(key)));
    let all = |attribute: Option<SmolStr>| classes.clone().map(move |class| (class, attribute.clone()));
    all(attribute).chain(all(None)).find_map(|of| rules.get(&of))
}

/// 0 ranks highest.
fn rank(rule: &Precedence, source: &str) -> usize {
    match rule.sources.iter().position(|s| s == source) {
        Some(at) => at + 1,
        None if source == "manual" => 0,
        None => rule.sources.len() + 1,
    }
}

/// Refuses an edit by hand of what a source shows that ranks above people.
pub(crate) fn refuse_outranked(
    records: &dyn Records,
    class: &Class,
    item: &Item,
    keys: impl Iterator<Item = Symbol>,
) -> Result<()> {
    for key in keys {
        let Ok(at) = item.attributes.binary_search_by_key(&key, |a| a.key) else { continue };
        let shown = item.attributes[at].source;
        if !may_show(records, class, key, symbols::MANUAL, shown) {
            let (name, source) = (records.names().text(key), records.names().text(shown));
            let message = format!("\"{name}\" comes from source {source}, which ranks above manual");
            return Err(Error::refused("attribute.outranked", message.clone())
                .detail(format!("/attributes/{name}"), message)
                .hint("change it at its source, or the order of sources: `cmdb precedence`"));
        }
    }
    Ok(())
}
