//! Whether a person speaks for a party that is asked, and since when the records say so.
//!
//! Parties are items like any other, and editors edit them. So what makes somebody the authority has to be on record
//! before the change is handed in; whoever writes it down afterwards joins for the next one.

use super::approval::same;
use crate::error::Result;
use crate::model::{Item, Position, SmolStr};
use crate::process::fields::{Fields, Related};

/// Items of one name that are looked at for members.
const PARTIES_MAX: usize = 16;

/// Where the records say that a person speaks for a party; nowhere for a person's own name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    pub stated: Vec<Position>,
}

impl Claim {
    /// When the last of it was written down.
    pub fn since(&self) -> Position {
        self.stated.iter().copied().max().unwrap_or(Position(0))
    }
}

/// Whether a name is one of the parties' that a person belongs to, or the person's own; of several claims the oldest.
pub fn claim(state: &impl Related, person: &str, name: &str) -> Result<Option<Claim>> {
    if same(person, name) {
        return Ok(Some(Claim::default()));
    }
    let belongs_to = state.names().get("belongs_to");
    let mut claims: Vec<Claim> = Vec::new();
    for party in state.named(name, PARTIES_MAX) {
        let Some(item) = state.item(party)? else { continue };
        let named = named_at(&item);
        claims.extend(email_at(state, &item, person).map(|at| Claim { stated: vec![named, at] }));
        for (_, record) in state.relationships_at(party)? {
            if record.identity.target != party || Some(record.identity.kind) != belongs_to {
                continue;
            }
            let Some(member) = state.item(record.identity.source)? else { continue };
            let own_name = member.name.as_deref().is_some_and(|n| same(n, person));
            let known = email_at(state, &member, person).or_else(|| own_name.then(|| named_at(&member)));
            claims.extend(known.map(|at| Claim { stated: vec![named, record.created, at] }));
        }
    }
    Ok(claims.into_iter().min_by_key(Claim::since))
}

/// Since when an item has its name; one that had another before, since it was last written, for want of better.
fn named_at(item: &Item) -> Position {
    if item.former_names.is_empty() { item.created } else { item.updated }
}

/// Since when the item's e-mail is the person's.
fn email_at(state: &impl Related, item: &Item, person: &str) -> Option<Position> {
    let email = Fields::of(state, item).text("email").filter(|e| same(e, person));
    email.and_then(|_| stated_at(state, item, "email"))
}

/// When an attribute got the value that it has.
pub fn stated_at(state: &impl Related, item: &Item, attribute: &str) -> Option<Position> {
    let key = state.names().get(attribute)?;
    item.attributes.iter().find(|a| a.key == key).map(|a| a.at)
}

/// Who owns an item and since when that is on record: the targets of `owned_by`, else the attribute `owner`.
pub fn owners(state: &impl Related, item: crate::model::ItemNumber) -> Result<Vec<(SmolStr, Position)>> {
    let owned_by = state.names().get("owned_by");
    let mut owners = Vec::new();
    for (_, record) in state.relationships_at(item)? {
        if record.identity.source == item && Some(record.identity.kind) == owned_by {
            let name = state.item(record.identity.target)?.and_then(|party| party.name);
            owners.extend(name.map(|name| (name, record.created)));
        }
    }
    owners.sort();
    if owners.is_empty()
        && let Some(record) = state.item(item)?
    {
        let since = stated_at(state, &record, "owner").unwrap_or(record.created);
        owners.extend(Fields::of(state, &record).text("owner").map(|name| (SmolStr::new(name), since)));
    }
    Ok(owners)
}
