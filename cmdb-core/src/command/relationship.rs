//! Relating items, editing and ending relationships.

use super::Answer;
use super::attributes::{Input, Inputs, read_all};
use super::decider::Decider;
use super::reference::{Reference, label, resolve};
use super::rule::mark::{declare, made_by, refuse_made};
use crate::error::{Error, Kind, Result};
use crate::fact::{Fact, NewRelationship};
use crate::graph::group::{self, Member};
use crate::graph::link::{Membership, Needs, UNIT_WEIGHT, check_needs};
use crate::graph::{Draft, Records};
use crate::model::relationship::Identity;
use crate::model::{ItemNumber, Relationship, RelationshipId, RelationshipNumber, SmolStr, Symbol, Value};
use crate::schema::{RelationshipType, symbols};

/// A new relationship. Relating again what is related edits its attributes.
#[derive(Clone, Debug)]
pub struct Relate {
    pub kind: SmolStr,
    pub source: Reference,
    pub target: Reference,
    /// `group` may also stand among these.
    pub attributes: Inputs,
}

impl Relate {
    pub(crate) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let number = self.in_part(decider)?;
        check_whole(decider, number)?;
        Ok(Answer::Relationship(number))
    }
    /// Relates though the redundancy group may not have all its members yet; [`check_whole`] looks at that later.
    pub fn in_part(mut self, decider: &mut Decider<'_>) -> Result<RelationshipNumber> {
        let kind = decider.draft().schema().type_named(decider.draft().names(), &self.kind)?.clone();
        let source = resolve(decider.draft(), &self.source.0)?;
        let target = resolve(decider.draft(), &self.target.0)?;
        check_ends(decider.draft(), &kind, source, target)?;
        let group = take_group(&mut self.attributes)?;
        check_group(&kind, group.as_deref())?;
        let stated = read_all(decider, &kind.definition.name, &kind.attributes, self.attributes)?;
        check_stated_needs(&stated, group.is_some())?;
        let identity = Identity { kind: kind.symbol, source, target, group };
        let number = match decider.draft().related(&identity)? {
            Some((number, known)) => {
                declare(decider, number, &known, stated, symbols::MANUAL)?;
                number
            }
            None => create(decider, identity, stated)?,
        };
        Ok(number)
    }
}

/// Refuses a relationship whose redundancy group could not be met when nothing has failed.
pub fn check_whole(decider: &Decider<'_>, number: RelationshipNumber) -> Result<()> {
    let draft = decider.draft();
    let Some(record) = draft.relationship(number)? else { return Ok(()) };
    match draft.schema().relationship_type(record.identity.kind) {
        Some(kind) => check_at_rest(draft, kind, record.identity.source, record.identity.target),
        None => Ok(()),
    }
}

fn create(
    decider: &mut Decider<'_>,
    identity: Identity,
    stated: Vec<(Symbol, Option<Value>)>,
) -> Result<RelationshipNumber> {
    let relationship = decider.draft().next_relationship()?;
    decider.accept(Fact::Related(NewRelationship {
        relationship,
        kind: identity.kind,
        source: identity.source,
        target: identity.target,
        group: identity.group,
        attributes: stated.into_iter().filter_map(|(key, value)| Some((key, value?))).collect(),
        origin: symbols::MANUAL,
    }))?;
    Ok(relationship)
}

fn take_group(attributes: &mut Inputs) -> Result<Option<SmolStr>> {
    let Some(at) = attributes.iter().position(|(name, _)| name == "group") else { return Ok(None) };
    match attributes.remove(at).1 {
        Input::Clear => Ok(None),
        Input::Text(text) | Input::Typed(Value::Text(text)) => Ok(Some(text)),
        Input::Typed(Value::Integer(n)) => Ok(Some(n.to_string().into())),
        Input::Typed(_) => Err(Error::invalid("relationship.group", "group is a text")
            .detail("/attributes/group", "group is a text")),
    }
}

/// A group name is short, and only impact has groups.
pub(crate) fn check_group(kind: &RelationshipType, group: Option<&str>) -> Result<()> {
    match group {
        Some(group) if group.is_empty() || group.len() > 256 => {
            Err(Error::invalid("relationship.group", "a group's name has 1 to 256 bytes"))
        }
        Some(_) if !kind.carries_impact() => {
            let message =
                format!("{} carries no impact and cannot be in a redundancy group", kind.definition.name);
            Err(Error::invalid("relationship.group", message))
        }
        _ => Ok(()),
    }
}

fn check_stated_needs(stated: &[(Symbol, Option<Value>)], in_group: bool) -> Result<()> {
    let needs = stated.iter().find(|(key, _)| *key == symbols::NEEDS).and_then(|(_, v)| v.as_ref());
    if needs.is_some() && !in_group {
        let message = "needs belongs to a group, and the relationship is in none";
        return Err(Error::invalid("relationship.needs", message)
            .detail("/attributes/needs", message)
            .hint("state the group, too: group=NAME needs=1"));
    }
    needs.and_then(Value::as_text).map_or(Ok(()), |text| check_needs(text).map(drop))
}

/// Refuses ends that the type does not join.
pub(crate) fn check_ends(
    records: &dyn Records,
    kind: &RelationshipType,
    source: ItemNumber,
    target: ItemNumber,
) -> Result<()> {
    if records.schema().open {
        return Ok(());
    }
    for (end, number, allowed, names) in [
        ("source", source, &kind.sources, &kind.definition.source),
        ("target", target, &kind.targets, &kind.definition.target),
    ] {
        let class = records.class(number);
        let fits = allowed.is_empty()
            || class == Some(symbols::PLACEHOLDER)
            || class.is_some_and(|c| allowed.iter().any(|a| records.schema().is_a(c, *a)));
        if !fits {
            let class = class.map_or("nothing", |c| records.names().text(c));
            let message = format!(
                "the {end} of {} is a {}; {} is a {class}",
                kind.definition.name,
                names.join(" or a "),
                label(records, number),
            );
            return Err(Error::invalid("relationship.end-not-allowed", message.clone())
                .detail(format!("/{end}"), message)
                .hint(format!("`cmdb schema show {}` shows which classes it joins", kind.definition.name)));
        }
    }
    Ok(())
}

/// At rest everything is up: refuses a group whose members, all of them working, could not meet `needs`.
pub(crate) fn check_at_rest(
    draft: &Draft,
    kind: &RelationshipType,
    source: ItemNumber,
    target: ItemNumber,
) -> Result<()> {
    if !kind.carries_impact() {
        return Ok(());
    }
    let dependent = if kind.source_suffers() { source } else { target };
    match unmet_groups(draft, dependent)?.first() {
        None => Ok(()),
        Some((group, wanted, given)) => Err(unmet(draft, dependent, group, *wanted, *given)),
    }
}

/// The refusal for a group that needs more than it has.
pub(crate) fn unmet(draft: &Draft, dependent: ItemNumber, group: &str, wanted: u64, given: u64) -> Error {
    let plain = |weight: u64| weight as f64 / UNIT_WEIGHT as f64;
    let message = format!(
        "group \"{group}\" of {} needs {} but its active members give {}",
        label(draft, dependent),
        plain(wanted),
        plain(given)
    );
    Error::refused("group.unmet", message.clone())
        .detail("/attributes/needs", message)
        .hint("relate enough members first, or lower needs; a group must be met when nothing has failed")
}

/// Groups of `dependent` whose active members, live or not, give less than `needs`: (group, wanted, given).
pub(crate) fn unmet_groups(draft: &Draft, dependent: ItemNumber) -> Result<Vec<(SmolStr, u64, u64)>> {
    let members = members_of(draft, dependent)?;
    let resolved = group::resolve(0, &members);
    Ok(resolved
        .into_iter()
        .filter(|r| {
            let newest = members
                .iter()
                .filter(|m| m.membership.group == r.name)
                .filter_map(|m| m.membership.needs.map(|(needs, at)| (at, m.number, needs)))
                .max_by_key(|(at, number, _)| (*at, *number));
            // A share can always be met; a count or weight may not.
            !matches!(newest, Some((_, _, Needs::Percent(_)))) && r.wanted > r.declared_active
        })
        .map(|r| (r.name, r.wanted, r.declared_active))
        .collect())
}

fn members_of(draft: &Draft, dependent: ItemNumber) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for (number, record) in draft.grouped_at(dependent)? {
        let Some(kind) = draft.schema().relationship_type(record.identity.kind) else { continue };
        let (from, to) = match kind.source_suffers() {
            true => (record.identity.source, record.identity.target),
            false => (record.identity.target, record.identity.source),
        };
        if kind.carries_impact()
            && from == dependent
            && let Some(membership) = Membership::of(&record)
        {
            members.push(Member { number: number.0, item: to.0, membership, live: true });
        }
    }
    Ok(members)
}

/// Names a relationship: by its id, or by its ends.
#[derive(Clone, Debug)]
pub enum Which {
    Id(RelationshipId),
    Ends { kind: SmolStr, source: Reference, target: Reference, group: Option<SmolStr> },
}

impl Which {
    fn find(&self, draft: &Draft) -> Result<(RelationshipNumber, Relationship)> {
        let unknown = || {
            Error::new(Kind::NotFound, "relationship.unknown", "there is no such relationship")
                .hint("`cmdb show REF` lists an item's relationships")
        };
        match self {
            Which::Id(id) => {
                let number = draft.id_key().relationship_number(*id).ok_or_else(unknown)?;
                draft.relationship(number)?.map(|r| (number, r)).ok_or_else(unknown)
            }
            Which::Ends { kind, source, target, group } => {
                let kind = draft.schema().type_named(draft.names(), kind)?.symbol;
                let (source, target) = (resolve(draft, &source.0)?, resolve(draft, &target.0)?);
                let mut found = Vec::new();
                for number in draft.linked(kind, source, target) {
                    let number = RelationshipNumber(number);
                    let record = draft.relationship(number)?;
                    found.extend(
                        record.filter(|r| group.is_none() || r.identity.group == *group).map(|r| (number, r)),
                    );
                }
                match found.len() {
                    0 => Err(unknown()),
                    1 => Ok(found.remove(0)),
                    n => Err(Error::invalid("relationship.ambiguous", format!("{n} relationships match"))
                        .hint("name its group with group=NAME, or use its id")),
                }
            }
        }
    }
}

/// A change of a relationship's attributes.
#[derive(Clone, Debug)]
pub struct EditRelationship {
    pub which: Which,
    pub if_version: Option<u32>,
    pub attributes: Inputs,
}

impl EditRelationship {
    pub(crate) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let (number, record) = self.which.find(decider.draft())?;
        check_version(&record, self.if_version)?;
        refuse_made(decider.draft().names(), &record)?;
        let kind =
            decider.draft().schema().relationship_type(record.identity.kind).cloned().ok_or_else(|| {
                Error::refused(
                    "relationship-type.undefined",
                    "the relationship's type is not defined any more",
                )
            })?;
        let stated = read_all(decider, &kind.definition.name, &kind.attributes, self.attributes)?;
        check_stated_needs(&stated, record.identity.group.is_some())?;
        let attributes: Vec<_> =
            stated.into_iter().filter(|(key, value)| record.attribute(*key) != value.as_ref()).collect();
        if !attributes.is_empty() {
            let source = symbols::MANUAL;
            decider.accept(Fact::RelationshipEdited { relationship: number, attributes, source })?;
        }
        check_at_rest(decider.draft(), &kind, record.identity.source, record.identity.target)?;
        Ok(Answer::Relationship(number))
    }
}

fn check_version(record: &Relationship, expected: Option<u32>) -> Result<()> {
    match expected {
        Some(expected) if expected != record.version => {
            let message = format!("the relationship is at version {}, not {expected}", record.version);
            Err(Error::new(Kind::Stale, "relationship.stale", message)
                .detail("/version", record.version.to_string())
                .hint("read it again and repeat the edit"))
        }
        _ => Ok(()),
    }
}

/// The end of a relationship.
#[derive(Clone, Debug)]
pub struct Unrelate {
    pub which: Which,
    pub if_version: Option<u32>,
}

impl Unrelate {
    pub(crate) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let (number, record) = self.which.find(decider.draft())?;
        check_version(&record, self.if_version)?;
        end(decider, number, &record)?;
        if made_by(decider.draft().names(), &record).is_some() {
            // Unless the rule has no reason any more when the command ends, it is refused then.
            decider.note_ended_by_hand(record.identity);
        }
        Ok(Answer::Relationship(number))
    }
}

/// Ends a relationship. What its group needs belongs to the group: if this row alone stated it, another member's row
/// states it from now on.
pub(crate) fn end(
    decider: &mut Decider<'_>,
    number: RelationshipNumber,
    record: &Relationship,
) -> Result<()> {
    if let Some(needs) = record.attribute(symbols::NEEDS).filter(|_| record.identity.group.is_some()) {
        let stated = (symbols::NEEDS, Some(needs.clone()));
        if let Some(relationship) = heir(decider.draft(), number, record)? {
            let source = symbols::MANUAL;
            decider.accept(Fact::RelationshipEdited { relationship, attributes: vec![stated], source })?;
        }
    }
    decider.accept(Fact::Unrelated { relationship: number })
}

/// The member row that takes over `needs`: the first of the same group, if none of them states it already.
fn heir(
    draft: &Draft,
    number: RelationshipNumber,
    record: &Relationship,
) -> Result<Option<RelationshipNumber>> {
    let dependent_of = |r: &Relationship| {
        let kind = draft.schema().relationship_type(r.identity.kind);
        if kind.is_some_and(|k| k.source_suffers()) { r.identity.source } else { r.identity.target }
    };
    let dependent = dependent_of(record);
    let mut others = draft.grouped_at(dependent)?;
    let same_group =
        |r: &Relationship| r.identity.group == record.identity.group && dependent_of(r) == dependent;
    others.retain(|(n, r)| *n != number && same_group(r));
    let states = |r: &Relationship| r.attribute(symbols::NEEDS).is_some();
    Ok(if others.iter().any(|(_, r)| states(r)) { None } else { others.first().map(|(n, _)| *n) })
}
