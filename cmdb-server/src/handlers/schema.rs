//! Classes, relationship types, and changes of both.

use crate::api;
use crate::call::{Call, not_an_object};
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::schema::{ApplySchema, UpgradeSchema};
use cmdb_core::command::{Command, Right};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{SmolStr, Symbol};
use cmdb_core::schema::{
    AttributeDefinition, Class, LifecycleDefinition, RelationshipType, SchemaEdit, Suffers, catalogue,
};
use cmdb_core::{Error, Result};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn classes() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let mut classes: Vec<_> = snapshot.schema().classes().map(|c| class_view(&snapshot, c)).collect();
        classes.sort_by(|a, b| a.name.cmp(&b.name));
        if call.flag("counts")? {
            let counts = items_by_class(&snapshot);
            classes
                .iter_mut()
                .for_each(|c| c.items = Some(counts.get(c.name.as_str()).copied().unwrap_or(0)));
        }
        Ok(Reply::json(&api::Classes { position: snapshot.position().0, classes }).at(snapshot.position()))
    }
    Route::read("/api/v1/classes", "list_classes", handler)
        .summary("Classes, by name")
        .flag("counts", "also how many items each has, subclasses left out")
        .gives::<api::Classes>()
}

/// Items of each class itself, by its name. One pass over a column of the graph.
fn items_by_class(snapshot: &Snapshot) -> BTreeMap<&str, u64> {
    let mut counts: FxHashMap<Symbol, u64> = FxHashMap::default();
    for class in snapshot.live_nodes().filter_map(|dense| snapshot.class_of(dense)) {
        *counts.entry(class).or_default() += 1;
    }
    counts.into_iter().map(|(class, count)| (snapshot.names().text(class), count)).collect()
}

pub fn class() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let class = snapshot.schema().class_named(snapshot.names(), call.path("name"))?;
        Ok(Reply::json(&class_view(&snapshot, class)).at(snapshot.position()))
    }
    Route::read("/api/v1/classes/{name}", "read_class", handler)
        .summary("A class with everything it inherits")
        .gives::<api::ClassView>()
}

pub fn relationship_types() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let relationship_types = snapshot.schema().relationship_types().map(|t| type_view(t)).collect();
        let answer = api::RelationshipTypes { position: snapshot.position().0, relationship_types };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/relationship-types", "list_relationship_types", handler)
        .summary("Relationship types, in the order they were defined")
        .gives::<api::RelationshipTypes>()
}

pub fn apply() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let edit = read_edit(&call)?;
        let names = |names: Vec<&SmolStr>| names.into_iter().map(ToString::to_string).collect();
        let mut applied = api::SchemaApplied {
            position: 0,
            changed: false,
            classes: names(edit.classes.iter().map(|c| &c.name).collect()),
            relationship_types: names(edit.relationship_types.iter().map(|t| &t.name).collect()),
            lifecycles: names(edit.lifecycles.iter().map(|l| &l.name).collect()),
        };
        if call.flag("dry_run")? {
            let (_, snapshot) =
                call.app.cmdb()?.dry_run(&call.context()?, Command::ApplySchema(ApplySchema { edit }))?;
            applied.position = snapshot.position().0;
            return Ok(Reply::json(&applied));
        }
        let receipt = call.submit(Command::ApplySchema(ApplySchema { edit }))?;
        (applied.position, applied.changed) = (receipt.position.0, receipt.changed || receipt.duplicate);
        Ok(Reply::json(&applied).at(receipt.position))
    }
    Route::post("/api/v1/schema", "apply_schema", Right::Administer, handler)
        .summary("Adds or replaces definitions, in TOML or JSON; refused with a list where recorded data would offend")
        .flag("dry_run", "only say whether it would be taken")
        .takes_text()
        .gives::<api::SchemaApplied>()
}

pub fn upgrade() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let missing = catalogue::missing(call.app.cmdb()?.snapshot().schema().definitions())?;
        let names = |names: Vec<&SmolStr>| names.into_iter().map(ToString::to_string).collect();
        let receipt = call.submit(Command::Run(Arc::new(UpgradeSchema)))?;
        let applied = api::SchemaApplied {
            position: receipt.position.0,
            changed: receipt.changed || receipt.duplicate,
            classes: names(missing.classes.iter().map(|c| &c.name).collect()),
            relationship_types: names(missing.relationship_types.iter().map(|t| &t.name).collect()),
            lifecycles: names(missing.lifecycles.iter().map(|l| &l.name).collect()),
        };
        Ok(Reply::json(&applied).at(receipt.position))
    }
    Route::post("/api/v1/schema/upgrade", "upgrade_schema", Right::Administer, handler)
        .summary("Adds what the catalogue of this version has and the inventory does not; alters nothing that is defined")
        .gives::<api::SchemaApplied>()
}

fn read_edit(call: &Call) -> Result<SchemaEdit> {
    let text =
        std::str::from_utf8(&call.body).map_err(|_| Error::invalid("body.utf-8", "the body is not UTF-8"))?;
    if text.trim_start().starts_with('{') {
        let edit = call.json()?;
        definitions_are_objects(&call.json()?)?;
        return Ok(edit);
    }
    catalogue::parse(text)
}

/// Definitions and what is in them have named fields; arrays of values in the right order are no definitions.
fn definitions_are_objects(body: &Json) -> Result<()> {
    let of = |at: String, key: &str, value: &Json| -> Result<Vec<(String, Json)>> {
        let list = value.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let one = |(i, value): (usize, &Json)| {
            let at = format!("{at}/{key}/{i}");
            if value.is_object() { Ok((at, value.clone())) } else { Err(not_an_object(at)) }
        };
        list.iter().enumerate().map(one).collect()
    };
    for key in ["class", "relationship_type", "lifecycle"] {
        for (at, definition) in of(String::new(), key, body)? {
            of(at.clone(), "attribute", &definition)?;
            of(at, "states", &definition)?;
        }
    }
    Ok(())
}

fn owned(text: &Option<SmolStr>) -> Option<String> {
    text.as_ref().map(ToString::to_string)
}

fn texts(texts: &[SmolStr]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn class_view(snapshot: &Snapshot, class: &Class) -> api::ClassView {
    let definition = &class.definition;
    let ancestors = class.lineage.iter().skip(1);
    api::ClassView {
        name: definition.name.to_string(),
        parent: owned(&definition.parent),
        ancestors: ancestors.map(|a| snapshot.names().text(*a).to_owned()).collect(),
        is_abstract: definition.is_abstract,
        label: owned(&definition.label),
        description: definition.description.to_string(),
        identification: class.identification.iter().map(|key| texts(key)).collect(),
        lifecycle: class.lifecycle.as_deref().map(lifecycle_view),
        expects_dependencies: class.expects_dependencies,
        attributes: class.attributes.values().map(attribute_view).collect(),
        items: None,
    }
}

fn lifecycle_view(lifecycle: &LifecycleDefinition) -> api::LifecycleView {
    let states = lifecycle.states.iter();
    api::LifecycleView {
        name: lifecycle.name.to_string(),
        initial: lifecycle.initial.to_string(),
        states: states.map(|s| api::LifecycleStateView { name: s.name.to_string(), live: s.live }).collect(),
        moves: lifecycle.moves.iter().map(|(from, to)| vec![from.to_string(), to.to_string()]).collect(),
    }
}

fn attribute_view(attribute: &AttributeDefinition) -> api::AttributeView {
    api::AttributeView {
        name: attribute.name.to_string(),
        kind: attribute.kind.name(),
        unit: owned(&attribute.unit),
        values: texts(&attribute.values),
        required: attribute.required,
        unique: attribute.unique,
        default: owned(&attribute.default),
        minimum: attribute.minimum,
        maximum: attribute.maximum,
        description: attribute.description.to_string(),
    }
}

fn type_view(kind: &RelationshipType) -> api::RelationshipTypeView {
    let definition = &kind.definition;
    api::RelationshipTypeView {
        name: definition.name.to_string(),
        inverse: owned(&definition.inverse),
        source: texts(&definition.source),
        target: texts(&definition.target),
        suffers: match definition.suffers {
            Suffers::Source => "source",
            Suffers::Target => "target",
            Suffers::None => "none",
        },
        description: definition.description.to_string(),
        attributes: kind.attributes.values().map(attribute_view).collect(),
    }
}
