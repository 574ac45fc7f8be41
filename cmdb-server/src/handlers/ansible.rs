//! The inventory as Ansible reads it from an inventory script.

use crate::ansible::{Inventory, Keys};
use crate::call::Call;
use crate::convert::ClassSet;
use crate::filter::Filter;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::graph::Snapshot;
use cmdb_core::model::ItemNumber;
use cmdb_core::{Error, Result};

/// Classes of hosts where none is asked for.
const HOST_CLASSES: [&str; 2] = ["Server", "VirtualMachine"];
/// Hosts of one inventory at most; Ansible takes minutes for fewer.
const HOSTS_MAX: usize = 100_000;

pub fn inventory() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let numbers = hosts(&call, &snapshot)?;
        let keys = Keys::read(&snapshot, &call.words("group_by"));
        let inventory = Inventory::of(&snapshot, &numbers, &keys)?;
        let answer = match call.text("host") {
            None => inventory.list(),
            Some(name) => inventory.host(name).ok_or_else(|| {
                Error::not_found("ansible.host", format!("no host is called \"{name}\""))
                    .hint("`cmdb ansible-inventory --list` lists them")
            })?,
        };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/ansible/inventory", "ansible_inventory", handler)
        .summary("Live servers and virtual machines, grouped by class, environment, site and owner, as Ansible reads it from an inventory script")
        .text("class", "hosts are items of this class, subclasses included; `Server` and `VirtualMachine` if not stated")
        .text("status", "only items in this status")
        .text("where", "only items for which this expression holds")
        .text("group_by", "attributes to group by besides, separated by commas")
        .text("host", "the variables of this host alone")
}

/// Items that are hosts: live, and of the classes asked for.
fn hosts(call: &Call, snapshot: &Snapshot) -> Result<Vec<ItemNumber>> {
    let filter = Filter::read(call, snapshot)?;
    let classes: Vec<ClassSet> = match call.text("class") {
        Some(_) => Vec::new(),
        None => HOST_CLASSES.iter().filter_map(|name| ClassSet::named(snapshot, name).ok()).collect(),
    };
    let mut numbers = filter.numbers(snapshot)?;
    numbers.retain(|number| {
        let dense = snapshot.dense(ItemNumber(*number));
        let class = snapshot.class_of(dense);
        !snapshot.is_hidden(dense)
            && (call.text("class").is_some() || classes.iter().any(|set| set.holds(class)))
    });
    if numbers.len() > HOSTS_MAX {
        let message = format!("an inventory has at most {HOSTS_MAX} hosts; these are {}", numbers.len());
        return Err(Error::limit("ansible.too-many", message).hint("narrow it with class or where"));
    }
    Ok(numbers.into_iter().map(ItemNumber).collect())
}
