//! Items: list, create, read, edit, remove.

use crate::api;
use crate::call::Call;
use crate::convert::{ClassSet, Convert, inputs, reference};
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::item::{CreateItem, EditItem, RemoveItem};
use cmdb_core::command::{Answer, Command, Right, resolve};
use cmdb_core::engine::Receipt;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{ItemNumber, Symbol};
use cmdb_core::{Error, Kind, Result};

mod listing;

pub fn list() -> Route {
    Route::read("/api/v1/items", "list_items", listing::list)
        .summary("Items, filtered and sorted")
        .text("class", "items of this class, subclasses included")
        .text("status", "items in this status")
        .text("where", "items for which this expression holds, such as `criticality <= 2 and status = operational`")
        .text("sort", "`class`, `name`, `status`, `created_at`, `updated_at` or an attribute; `-` before it reverses; as created if not stated")
        .text("fields", "only these fields and attributes, separated by commas")
        .paged()
        .gives::<api::Items>()
}

pub fn create() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewItem = call.json()?;
        let command = CreateItem {
            class: body.class.into(),
            name: body.name.map(Into::into),
            status: body.status.map(Into::into),
            attributes: inputs(body.attributes)?,
        };
        let receipt = call.submit(Command::CreateItem(command))?;
        let number = item_of(&receipt)?;
        let reply = answer(&call, &receipt, number)?.status(201);
        let id = call.app.cmdb()?.snapshot().item_id(number);
        Ok(reply.location(format!("/api/v1/items/{id}")))
    }
    Route::post("/api/v1/items", "create_item", Right::Edit, handler)
        .summary("Creates an item")
        .takes::<api::NewItem>()
        .gives::<api::Item>()
        .status(201)
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let number = resolve(&*snapshot, call.path("ref"))?;
        shown(&call, &snapshot, number)
    }
    Route::read("/api/v1/items/{ref}", "read_item", handler)
        .summary("One item by its REF")
        .gives::<api::Item>()
}

pub fn edit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::ItemEdit = call.json()?;
        let command = EditItem {
            item: reference(call.path("ref")),
            if_version: call.if_match()?,
            name: body.name.map(Into::into),
            class: body.class.map(Into::into),
            status: body.status.map(Into::into),
            attributes: inputs(body.attributes)?,
        };
        let receipt = call.submit(Command::EditItem(command))?;
        let number = item_of(&receipt)?;
        answer(&call, &receipt, number)
    }
    Route::patch("/api/v1/items/{ref}", "edit_item", Right::Edit, handler)
        .summary(
            "Changes an item; what is not stated stays, null clears. `If-Match` guards against lost updates",
        )
        .takes::<api::ItemEdit>()
        .gives::<api::Item>()
}

pub fn remove() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let item = reference(call.path("ref"));
        let command = RemoveItem { item, if_version: call.if_match()?, cascade: call.flag("cascade")? };
        let receipt = call.submit(Command::RemoveItem(command))?;
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::delete("/api/v1/items/{ref}", "remove_item", Right::Edit, handler)
        .summary("Removes an item; refused while live items depend on it, unless cascading")
        .flag("cascade", "its relationships go, too, whatever depends on it")
        .status(204)
}

pub fn relationships() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let page = call.page()?;
        let snapshot = call.snapshot_of(&page)?;
        let number = resolve(&*snapshot, call.path("ref"))?;
        let wanted =
            call.text("type").map(|t| snapshot.schema().type_named(snapshot.names(), t)).transpose()?;
        let wanted: Option<Symbol> = wanted.map(|t| t.symbol);
        let outgoing = match call.text("direction") {
            None | Some("both") => None,
            Some("out") => Some(true),
            Some("in") => Some(false),
            Some(other) => {
                return Err(crate::call::parameter(
                    "direction",
                    format!("\"{other}\" is not in, out or both"),
                ));
            }
        };
        let all = snapshot.relationships_of(number).into_iter();
        let numbers =
            all.filter(|(_, source)| outgoing.is_none_or(|o| o == *source)).map(|(number, _)| number);
        super::relationships::page_of(&call, &snapshot, &page, numbers, |r| {
            wanted.is_none_or(|w| r.identity.kind == w)
        })
    }
    Route::read("/api/v1/items/{ref}/relationships", "list_item_relationships", handler)
        .summary("Relationships at an item, in both directions")
        .text("type", "only relationships of this type")
        .text("direction", "`out` where the item is the source, `in` where it is the target, `both`")
        .paged()
        .gives::<api::Relationships>()
}

/// The item that a command was about.
fn item_of(receipt: &Receipt) -> Result<ItemNumber> {
    match receipt.answer {
        Answer::Item(number) => Ok(number),
        _ => Err(Error::new(Kind::Internal, "item.answer", "a command about an item answered without one")),
    }
}

fn answer(call: &Call, receipt: &Receipt, number: ItemNumber) -> Result<Reply> {
    let snapshot = call.state_after(receipt)?;
    Ok(shown(call, &snapshot, number)?.at(receipt.position))
}

fn shown(call: &Call, snapshot: &Snapshot, number: ItemNumber) -> Result<Reply> {
    let gone = || Error::not_found("item.unknown", "the item was removed meanwhile");
    let item = snapshot.item(number)?.ok_or_else(gone)?;
    let shown = Convert::new(snapshot, call.app.cmdb()?).item(number, &item)?;
    Ok(Reply::json(&shown).etag(item.version).at(snapshot.position()))
}

/// Whether a class filter, where there is one, lets a dense id through.
pub(crate) fn class_filter(call: &Call, snapshot: &Snapshot) -> Result<Option<ClassSet>> {
    call.text("class").map(|name| ClassSet::named(snapshot, name)).transpose()
}
