//! Workbooks to be filled in, made for the classes of this inventory.

use crate::call::Call;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::Result;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::schema::{AttributeDefinition, Class};
use cmdb_import::template::{self, Template, TemplateSheet};

/// The media type of a workbook.
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let template = of(&snapshot, &call.texts("class"))?;
        let position = snapshot.position();
        Ok(Reply::written(MEDIA, move |out| template::write(&template, out)).at(position))
    }
    Route::read("/api/v1/template", "read_template", handler)
        .summary("An Excel workbook to fill in and import: a sheet for each class, and one of relationships")
        .param(
            "class",
            crate::route::ParamKind::Texts,
            "a class; stated once for each, all but records if not stated",
        )
        .media(MEDIA)
        .lane(Lane::Stream)
}

fn of(snapshot: &Snapshot, names: &[&str]) -> Result<Template> {
    let schema = snapshot.schema();
    let mut classes: Vec<&Class> = Vec::new();
    for name in names {
        classes.push(schema.class_named(snapshot.names(), name)?);
    }
    if names.is_empty() {
        // Records are written by their processes.
        let is_record =
            |class: &Class| class.lineage.last().is_some_and(|root| snapshot.names().text(*root) == "Record");
        classes.extend(schema.classes().map(|class| &**class).filter(|class| !is_record(class)));
        classes.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
    }
    let sheets = classes.into_iter().filter(|class| !class.definition.is_abstract).map(sheet).collect();
    let types = schema.relationship_types().map(|kind| kind.definition.name.clone()).collect();
    Ok(Template { sheets, relationship_types: types })
}

fn sheet(class: &Class) -> TemplateSheet {
    let mut attributes: Vec<AttributeDefinition> = class.attributes.values().cloned().collect();
    attributes.sort_by(|a, b| b.required.cmp(&a.required).then_with(|| a.name.cmp(&b.name)));
    let states = class.lifecycle.iter().flat_map(|lifecycle| &lifecycle.states);
    TemplateSheet {
        class: class.definition.name.clone(),
        description: class.definition.description.clone(),
        statuses: states.map(|state| state.name.clone()).collect(),
        attributes,
    }
}
