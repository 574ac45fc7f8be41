//! How a relationship tells that a rule made it: an attribute that names the rule and comes from it as its source.
//!
//! Both must hold, so that nobody makes a relationship look made by stating the attribute.

use crate::command::decider::Decider;
use crate::error::{Error, Result};
use crate::fact::{Fact, Stated};
use crate::graph::{Draft, Records};
use crate::model::{Relationship, RelationshipNumber, SmolStr, Symbol, Value};
use crate::schema::Names;
use rayon::prelude::*;

/// The attribute that names the rule.
pub const ATTRIBUTE: &str = "derived_by";
/// What the source of what a rule states begins with; no import may call itself so.
pub const ORIGIN: &str = "derived:";
/// Relationships looked at together.
const TOGETHER: u32 = 4_096;

/// The source of what the rule states.
pub fn origin(rule: &str) -> String {
    format!("{ORIGIN}{rule}")
}

/// The rule that made a relationship; none for those that somebody stated.
pub fn made_by<'r>(names: &Names, record: &'r Relationship) -> Option<&'r str> {
    let key = names.get(ATTRIBUTE)?;
    let at = record.attributes.binary_search_by_key(&key, |a| a.key).ok()?;
    let attribute = &record.attributes[at];
    let rule = attribute.value.as_text()?;
    (names.text(attribute.source).strip_prefix(ORIGIN) == Some(rule)).then_some(rule)
}

/// What has to be stated besides `stated` to make a relationship of a rule one that somebody states: whatever the
/// rule said of it goes. Nothing for others.
pub fn declaring(names: &Names, record: &Relationship, stated: &[Stated]) -> Vec<Stated> {
    let Some(rule) = made_by(names, record) else { return Vec::new() };
    let Some(source) = names.get(&origin(rule)) else { return Vec::new() };
    let is_stated = |key: Symbol| stated.iter().any(|(k, value)| *k == key && value.is_some());
    let said = record.attributes.iter().filter(|a| a.source == source && !is_stated(a.key));
    said.map(|a| (a.key, None)).collect()
}

/// Makes a relationship of a rule one that `source` states, with what it says of it.
pub(crate) fn declare(
    decider: &mut Decider<'_>,
    number: RelationshipNumber,
    record: &Relationship,
    stated: Vec<Stated>,
    source: Symbol,
) -> Result<()> {
    let mut attributes = declaring(decider.draft().names(), record, &stated);
    attributes.extend(stated.into_iter().filter(|(key, value)| record.attribute(*key) != value.as_ref()));
    if attributes.is_empty() {
        return Ok(());
    }
    decider.accept(Fact::RelationshipEdited { relationship: number, attributes, source })
}

/// Refuses an edit of what a rule made.
pub(crate) fn refuse_made(names: &Names, record: &Relationship) -> Result<()> {
    made_by(names, record).map_or(Ok(()), |rule| Err(made(rule)))
}

/// The refusal of an edit by hand of what a rule makes.
pub(crate) fn made(rule: &str) -> Error {
    Error::refused("relationship.derived", format!("the rule \"{rule}\" makes this relationship"))
        .hint(format!("change the values that it compares: `cmdb rule show {rule}`; or state the relationship yourself first: `cmdb relate`"))
}

/// Every relationship that the rule made, ascending. Reads all there are.
pub fn all_made_by(draft: &Draft, rule: &str) -> Result<Vec<RelationshipNumber>> {
    all_made(draft, &|record| made_by(draft.names(), record) == Some(rule))
}

/// Every relationship with the mark for which `is_it` holds, ascending.
pub(super) fn all_made(
    draft: &Draft,
    is_it: &(dyn Fn(&Relationship) -> bool + Sync),
) -> Result<Vec<RelationshipNumber>> {
    let Some(key) = draft.names().get(ATTRIBUTE) else { return Ok(Vec::new()) };
    let given = draft.base().counts().relationship_numbers;
    let parts = (0..given.div_ceil(TOGETHER)).into_par_iter().map(|part| {
        let first = part * TOGETHER;
        let mut found = Vec::new();
        for number in first..first.saturating_add(TOGETHER).min(given) {
            let Some(bytes) = draft.relationship_bytes(number) else { continue };
            if !matches!(Relationship::find_attribute(bytes, key)?, Some(Value::Text(_))) {
                continue;
            }
            let record = Relationship::decode(bytes)?;
            if !record.removed && is_it(&record) {
                found.push(RelationshipNumber(number));
            }
        }
        Ok(found)
    });
    let parts: Vec<Vec<_>> = parts.collect::<Result<_>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// Refuses an import that calls itself what only a rule may.
pub(crate) fn refuse_source(source: &SmolStr) -> Result<()> {
    if !source.starts_with(ORIGIN) {
        return Ok(());
    }
    let message = format!("a source's name does not begin with \"{ORIGIN}\"");
    Err(Error::invalid("import.source", message).hint("that is how rules sign what they make"))
}
