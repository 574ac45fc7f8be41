//! Relationships: relate, list, read, edit, end.

use crate::api;
use crate::call::Call;
use crate::convert::{Convert, inputs, reference};
use crate::cursor::Page;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::relationship::{EditRelationship, Relate, Unrelate, Which};
use cmdb_core::command::{Answer, Command, Right, resolve};
use cmdb_core::engine::Receipt;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Relationship, RelationshipId, RelationshipNumber, Symbol};
use cmdb_core::{Error, Kind, Result};

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let page = call.page()?;
        let snapshot = call.snapshot_of(&page)?;
        let kind =
            call.text("type").map(|t| snapshot.schema().type_named(snapshot.names(), t)).transpose()?;
        let kind: Option<Symbol> = kind.map(|t| t.symbol);
        let end = |name: &str| call.text(name).map(|r| resolve(&*snapshot, r)).transpose();
        let (source, target) = (end("source")?, end("target")?);
        let admits = |r: &Relationship| {
            kind.is_none_or(|k| r.identity.kind == k)
                && source.is_none_or(|s| r.identity.source == s)
                && target.is_none_or(|t| r.identity.target == t)
        };
        match source.or(target) {
            Some(item) => {
                let numbers = snapshot.relationships_of(item).into_iter().map(|(number, _)| number);
                page_of(&call, &snapshot, &page, numbers, admits)
            }
            None => {
                let all = (0..snapshot.counts().relationship_numbers).map(RelationshipNumber);
                page_of(&call, &snapshot, &page, all, admits)
            }
        }
    }
    Route::read("/api/v1/relationships", "list_relationships", handler)
        .summary("Relationships")
        .text("type", "only of this type")
        .text("source", "only from this item (REF)")
        .text("target", "only to this item (REF)")
        .paged()
        .gives::<api::Relationships>()
}

/// A page of the relationships in `numbers` that `admits` lets through.
pub(crate) fn page_of(
    call: &Call,
    snapshot: &Snapshot,
    page: &Page,
    numbers: impl Iterator<Item = RelationshipNumber>,
    admits: impl Fn(&Relationship) -> bool,
) -> Result<Reply> {
    let convert = Convert::new(snapshot, call.app.cmdb()?);
    let limit = page.limit.unwrap_or(usize::MAX);
    let (mut passed, mut more, mut relationships) = (0, false, Vec::new());
    for number in numbers {
        let Some(record) = snapshot.relationship(number)?.filter(|r| admits(r)) else { continue };
        passed += 1;
        if passed <= page.offset {
            continue;
        }
        if relationships.len() == limit {
            more = true;
            break;
        }
        relationships.push(convert.relationship(number, &record)?);
    }
    let end = page.offset + relationships.len() as u64;
    let next_cursor = (more && limit > 0).then(|| page.cursor(snapshot.position(), end));
    let next = call.next_url(&next_cursor);
    let position = snapshot.position();
    Ok(Reply::json(&api::Relationships { position: position.0, relationships, next_cursor })
        .next_page(next)
        .at(position))
}

pub fn create() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewRelationship = call.json()?;
        let command = Relate {
            kind: body.kind.into(),
            source: reference(&body.source),
            target: reference(&body.target),
            attributes: inputs(body.attributes)?,
        };
        let receipt = call.submit(Command::Relate(command))?;
        let (number, record, reply) = answer(&call, &receipt)?;
        let created = (receipt.changed || receipt.duplicate) && record.created == receipt.position;
        let id = call.app.cmdb()?.snapshot().relationship_id(number);
        Ok(reply.status(if created { 201 } else { 200 }).location(format!("/api/v1/relationships/{id}")))
    }
    Route::post("/api/v1/relationships", "create_relationship", Right::Edit, handler)
        .summary("Relates two items; relating again what is related edits the attributes (200)")
        .takes::<api::NewRelationship>()
        .gives::<api::Relationship>()
        .status(201)
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let found = snapshot.relationship_by_id(id_of(&call)?)?;
        let (number, record) = found.ok_or_else(unknown)?;
        shown(&call, &snapshot, number, &record)
    }
    Route::read("/api/v1/relationships/{id}", "read_relationship", handler)
        .summary("One relationship by its id")
        .gives::<api::Relationship>()
}

pub fn edit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::RelationshipEdit = call.json()?;
        let which = Which::Id(id_of(&call)?);
        let command =
            EditRelationship { which, if_version: call.if_match()?, attributes: inputs(body.attributes)? };
        let receipt = call.submit(Command::EditRelationship(command))?;
        Ok(answer(&call, &receipt)?.2)
    }
    Route::patch("/api/v1/relationships/{id}", "edit_relationship", Right::Edit, handler)
        .summary("Changes a relationship's attributes")
        .takes::<api::RelationshipEdit>()
        .gives::<api::Relationship>()
}

pub fn remove() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let command = Unrelate { which: Which::Id(id_of(&call)?), if_version: call.if_match()? };
        let receipt = call.submit(Command::Unrelate(command))?;
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::delete("/api/v1/relationships/{id}", "remove_relationship", Right::Edit, handler)
        .summary("Ends a relationship")
        .status(204)
}

pub fn remove_between() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let which = Which::Ends {
            kind: call.required("type")?.into(),
            source: reference(call.required("source")?),
            target: reference(call.required("target")?),
            group: call.text("group").map(Into::into),
        };
        let receipt = call.submit(Command::Unrelate(Unrelate { which, if_version: call.if_match()? }))?;
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::delete("/api/v1/relationships", "remove_relationship_between", Right::Edit, handler)
        .summary("Ends the relationship of a type between two items")
        .text("type", "its type")
        .text("source", "REF of the source end")
        .text("target", "REF of the target end")
        .text("group", "its redundancy group, where several run in parallel")
        .status(204)
}

fn id_of(call: &Call) -> Result<RelationshipId> {
    call.path("id").parse().map(RelationshipId).map_err(|_| unknown())
}

fn unknown() -> Error {
    Error::not_found("relationship.unknown", "there is no relationship of this id")
}

fn answer(call: &Call, receipt: &Receipt) -> Result<(RelationshipNumber, Relationship, Reply)> {
    let Answer::Relationship(number) = receipt.answer else {
        let message = "a command about a relationship answered without one";
        return Err(Error::new(Kind::Internal, "relationship.answer", message));
    };
    let snapshot = call.state_after(receipt)?;
    let record = snapshot.relationship(number)?.ok_or_else(unknown)?;
    let reply = shown(call, &snapshot, number, &record)?.at(receipt.position);
    Ok((number, record, reply))
}

fn shown(
    call: &Call,
    snapshot: &Snapshot,
    number: RelationshipNumber,
    record: &Relationship,
) -> Result<Reply> {
    let shown = Convert::new(snapshot, call.app.cmdb()?).relationship(number, record)?;
    Ok(Reply::json(&shown).etag(record.version).at(snapshot.position()))
}
