//! Requests said again: the same request under the same key is answered from the log and not done twice; another
//! request under a key that was used is refused.

use super::{Cmdb, Receipt};
use crate::command::Answer;
use crate::error::{Error, Result};
use crate::fact::{Fact, Setting};
use crate::model::{CommitId, Position};
use crate::store::{CommitLog, Store, log};

impl Cmdb {
    /// The receipt of a request that was committed before under this commit id.
    ///
    /// # Errors
    /// `idempotency.key-reused` where another request was committed under the same key.
    pub fn said_before(&self, commit: CommitId) -> Result<Option<Receipt>> {
        said_before(&*self.store()?, commit)
    }
}

pub(super) fn said_before(store: &Store, commit: CommitId) -> Result<Option<Receipt>> {
    match store.committed_under(commit)? {
        None => Ok(None),
        Some((position, stored)) if stored == commit => {
            let answer = made_by(store, position)?;
            Ok(Some(Receipt { position, changed: false, answer, duplicate: true }))
        }
        Some((position, _)) => Err(key_reused(position)),
    }
}

pub(super) fn key_reused(position: Position) -> Error {
    let message = format!("the key was used before, for another request (entry {position})");
    Error::invalid("idempotency.key-reused", message)
        .hint("a new request needs a new key; the same request must be repeated byte by byte")
}

/// What the entry at `position` was about.
fn made_by(store: &Store, position: Position) -> Result<Answer> {
    let before = Position(position.0.saturating_sub(1));
    let Some(entry) = store.read(before, 1)?.into_iter().next() else { return Ok(Answer::Nothing) };
    let facts = log::facts(store, &entry)?;
    // What a request made or was about, before what it changed beside that.
    let found =
        [created, about_item, about_relationship].iter().find_map(|about| facts.iter().find_map(about));
    Ok(found.unwrap_or_default())
}

fn created(fact: &Fact) -> Option<Answer> {
    match fact {
        Fact::ItemCreated(new) => Some(Answer::Item(new.item)),
        Fact::Related(new) => Some(Answer::Relationship(new.relationship)),
        Fact::Set(Setting::Baseline(b)) => Some(Answer::Name(b.name.clone())),
        Fact::Set(Setting::User(u)) => Some(Answer::Name(u.name.clone())),
        Fact::Set(Setting::Token(t)) => Some(Answer::Name(t.id.clone())),
        Fact::Set(Setting::Import(i)) => Some(Answer::Name(i.id.clone())),
        Fact::Set(Setting::Webhook(w)) => Some(Answer::Name(w.name.clone())),
        Fact::Set(Setting::Feed(f)) => Some(Answer::Name(f.name.clone())),
        Fact::Set(Setting::Password(p)) => Some(Answer::Name(p.user.clone())),
        Fact::Set(Setting::Rule(r)) => Some(Answer::Name(r.name.clone())),
        _ => None,
    }
}

fn about_item(fact: &Fact) -> Option<Answer> {
    match fact {
        Fact::ItemEdited { item, .. }
        | Fact::ItemRemoved { item }
        | Fact::Purged { item, .. }
        | Fact::ItemClaimed { item, .. }
        | Fact::ItemRestored { item, .. } => Some(Answer::Item(*item)),
        _ => None,
    }
}

fn about_relationship(fact: &Fact) -> Option<Answer> {
    match fact {
        Fact::RelationshipEdited { relationship, .. }
        | Fact::Unrelated { relationship }
        | Fact::RelationshipRestored { relationship, .. } => Some(Answer::Relationship(*relationship)),
        _ => None,
    }
}
