//! What may be asked of the inventory, who may ask it, and the decision: facts or a refusal.
//!
//! A decision reads a draft, accepts facts one by one (each is applied at once, so later parts of the same command
//! see it), and either ends with an answer or refuses; after a refusal the draft is dropped and nothing happened.

pub mod access;
pub mod attributes;
pub mod baseline;
pub mod decider;
pub mod feed;
pub mod free;
mod handle;
pub mod import;
pub mod item;
pub mod merge;
pub mod owned;
pub mod precedence;
pub mod principal;
pub mod program;
pub mod reference;
pub mod relationship;
pub mod rule;
pub mod schema;
pub mod trust;
pub mod undo;
pub mod webhook;

pub use access::Right;
pub use decider::{Context, Decider};
pub use reference::{Reference, resolve};

use crate::error::Result;
use crate::model::{ItemNumber, RelationshipNumber, SmolStr};
use std::sync::PoisonError;

/// One request to change the inventory.
#[derive(Clone, Debug)]
pub enum Command {
    /// First entry of a log: the graph and its schema.
    Found(schema::Found),
    CreateItem(item::CreateItem),
    EditItem(item::EditItem),
    RemoveItem(item::RemoveItem),
    Relate(relationship::Relate),
    EditRelationship(relationship::EditRelationship),
    Unrelate(relationship::Unrelate),
    ApplySchema(schema::ApplySchema),
    CreateBaseline(baseline::CreateBaseline),
    ApproveBaseline(baseline::ApproveBaseline),
    PutUser(principal::PutUser),
    SetPassword(principal::SetPassword),
    CreateToken(principal::CreateToken),
    RevokeToken(principal::RevokeToken),
    EditWebhook(webhook::EditWebhook),
    EditFeed(feed::EditFeed),
    Import(import::ImportPart),
    UndoImport(undo::UndoImport),
    MergeItems(merge::MergeItems),
    SetPrecedence(precedence::SetPrecedence),
    AddRule(rule::AddRule),
    RemoveRule(rule::RemoveRule),
    SetTrust(trust::SetTrust),
    SetStaleRule(trust::SetStaleRule),
    /// Edits decided one after another by a program, such as a query; one entry.
    Run(std::sync::Arc<dyn program::Program>),
    /// Notes in the log that a restored log goes on from another one.
    Continue(schema::Continue),
    NotePurge(schema::NotePurge),
}

/// What a command yields besides its position.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Answer {
    #[default]
    Nothing,
    Item(ItemNumber),
    Relationship(RelationshipNumber),
    Name(SmolStr),
}

/// Decides one command, and what the rules that make relationships have to do because of it.
///
/// # Errors
/// Whatever rule refuses it, with the way out in the hint.
pub fn decide(decider: &mut Decider<'_>, command: Command) -> Result<Answer> {
    access::check(&decider.context().principal, command.right())?;
    let import = match &command {
        Command::Import(part) => Some(part.import.clone()),
        _ => None,
    };
    let (answer, is_whole) = decider.within(|decider| decide_alone(decider, command))?;
    if is_whole {
        let settled = rule::settle(decider)?;
        if let Some(import) = import {
            import.lock().unwrap_or_else(PoisonError::into_inner).report.derived.add(settled);
        }
    }
    Ok(answer)
}

fn decide_alone(decider: &mut Decider<'_>, command: Command) -> Result<Answer> {
    match command {
        Command::Found(c) => c.decide(decider),
        Command::CreateItem(c) => c.decide(decider),
        Command::EditItem(c) => c.decide(decider),
        Command::RemoveItem(c) => c.decide(decider),
        Command::Relate(c) => c.decide(decider),
        Command::EditRelationship(c) => c.decide(decider),
        Command::Unrelate(c) => c.decide(decider),
        Command::ApplySchema(c) => c.decide(decider),
        Command::CreateBaseline(c) => c.decide(decider),
        Command::ApproveBaseline(c) => c.decide(decider),
        Command::PutUser(c) => c.decide(decider),
        Command::SetPassword(c) => c.decide(decider),
        Command::CreateToken(c) => c.decide(decider),
        Command::RevokeToken(c) => c.decide(decider),
        Command::EditWebhook(c) => c.decide(decider),
        Command::EditFeed(c) => c.decide(decider),
        Command::Import(c) => c.decide(decider),
        Command::UndoImport(c) => c.decide(decider),
        Command::MergeItems(c) => c.decide(decider),
        Command::SetPrecedence(c) => c.decide(decider),
        Command::AddRule(c) => c.decide(decider),
        Command::RemoveRule(c) => c.decide(decider),
        Command::SetTrust(c) => c.decide(decider),
        Command::SetStaleRule(c) => c.decide(decider),
        Command::Run(program) => program.run(decider),
        Command::Continue(c) => c.decide(decider),
        Command::NotePurge(c) => c.decide(decider),
    }
}

impl Command {
    /// What the principal must be trusted with.
    pub fn right(&self) -> Right {
        match self {
            Command::CreateItem(_)
            | Command::EditItem(_)
            | Command::RemoveItem(_)
            | Command::Relate(_)
            | Command::EditRelationship(_)
            | Command::Unrelate(_)
            | Command::CreateBaseline(_)
            | Command::Import(_)
            | Command::UndoImport(_)
            | Command::MergeItems(_)
            | Command::Run(_) => Right::Edit,
            Command::ApproveBaseline(_) => Right::Approve,
            Command::Found(_)
            | Command::ApplySchema(_)
            | Command::SetPrecedence(_)
            | Command::AddRule(_)
            | Command::RemoveRule(_)
            | Command::SetTrust(_)
            | Command::SetStaleRule(_)
            | Command::PutUser(_)
            | Command::CreateToken(_)
            | Command::RevokeToken(_)
            | Command::EditWebhook(_)
            | Command::EditFeed(_)
            | Command::Continue(_)
            | Command::NotePurge(_) => Right::Administer,
            // Of one's own; another's is refused by the decision.
            Command::SetPassword(_) => Right::Read,
        }
    }
    /// The command's name in the log and the audit stream.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Found(_) => "found",
            Command::CreateItem(_) => "create item",
            Command::EditItem(_) => "edit item",
            Command::RemoveItem(_) => "remove item",
            Command::Relate(_) => "relate",
            Command::EditRelationship(_) => "edit relationship",
            Command::Unrelate(_) => "unrelate",
            Command::ApplySchema(_) => "apply schema",
            Command::CreateBaseline(_) => "create baseline",
            Command::ApproveBaseline(_) => "approve baseline",
            Command::PutUser(_) => "put user",
            Command::SetPassword(_) => "set password",
            Command::CreateToken(_) => "create token",
            Command::RevokeToken(_) => "revoke token",
            Command::EditWebhook(_) => "edit webhook",
            Command::EditFeed(_) => "edit source",
            Command::Import(_) => "import",
            Command::UndoImport(_) => "undo import",
            Command::MergeItems(_) => "merge items",
            Command::SetPrecedence(_) => "set precedence",
            Command::AddRule(_) => "add rule",
            Command::RemoveRule(_) => "remove rule",
            Command::SetTrust(_) => "set trust",
            Command::SetStaleRule(_) => "set staleness",
            Command::Run(program) => program.name(),
            Command::Continue(_) => "continue",
            Command::NotePurge(_) => "purge",
        }
    }
}
