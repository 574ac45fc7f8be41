//! The catalogue that ships with the product, and the reader for TOML definitions in general.

use super::definition::{ClassDefinition, SchemaEdit};
use crate::error::{Error, Result};
use crate::model::SmolStr;

/// One line per file; order does not matter, names decide.
const FILES: &[(&str, &str)] = &[
    ("lifecycles.toml", include_str!("../../catalogue/lifecycles.toml")),
    ("calendar.toml", include_str!("../../catalogue/calendar.toml")),
    ("parties.toml", include_str!("../../catalogue/parties.toml")),
    ("records.toml", include_str!("../../catalogue/records.toml")),
    ("changes.toml", include_str!("../../catalogue/changes.toml")),
    ("services.toml", include_str!("../../catalogue/services.toml")),
    ("applications.toml", include_str!("../../catalogue/applications.toml")),
    ("compute.toml", include_str!("../../catalogue/compute.toml")),
    ("network.toml", include_str!("../../catalogue/network.toml")),
    ("storage.toml", include_str!("../../catalogue/storage.toml")),
    ("facilities.toml", include_str!("../../catalogue/facilities.toml")),
    ("relationships.toml", include_str!("../../catalogue/relationships.toml")),
];

/// Everything a new graph starts with.
pub fn built_in() -> Result<SchemaEdit> {
    let mut all = SchemaEdit::default();
    for (file, text) in FILES {
        let edit = parse(text).map_err(|e| {
            Error::new(
                crate::Kind::Internal,
                "schema.catalogue",
                format!("catalogue/{file}: {}", e.message()),
            )
        })?;
        all.classes.extend(edit.classes);
        all.relationship_types.extend(edit.relationship_types);
        all.lifecycles.extend(edit.lifecycles);
    }
    Ok(all)
}

/// What the catalogue of this version has and `known` does not: whole definitions, and attributes of classes that are
/// known. Nothing that is defined is altered, whoever defined it; an attribute of a name that the class, one that it
/// inherits from or one that inherits from it has already is left out.
///
/// # Errors
/// Only a catalogue that does not read.
pub fn missing(known: &SchemaEdit) -> Result<SchemaEdit> {
    let newest = built_in()?;
    let mut out = SchemaEdit::default();
    for class in newest.classes {
        let Some(old) = known.classes.iter().find(|c| c.name == class.name) else {
            out.classes.push(class);
            continue;
        };
        let has = |name: &str| {
            let own = |c: &&ClassDefinition| c.attributes.iter().any(|a| a.name == name);
            known.classes.iter().filter(own).any(|c| is_kin(known, c, old))
        };
        let new: Vec<_> = class.attributes.into_iter().filter(|a| !has(&a.name)).collect();
        if !new.is_empty() {
            let attributes = old.attributes.iter().cloned().chain(new).collect();
            out.classes.push(ClassDefinition { attributes, ..old.clone() });
        }
    }
    let types = newest.relationship_types.into_iter();
    out.relationship_types
        .extend(types.filter(|new| known.relationship_types.iter().all(|old| old.name != new.name)));
    let lifecycles = newest.lifecycles.into_iter();
    out.lifecycles.extend(lifecycles.filter(|new| known.lifecycles.iter().all(|old| old.name != new.name)));
    Ok(out)
}

/// Whether one of two classes is the other or inherits from it.
fn is_kin(known: &SchemaEdit, a: &ClassDefinition, b: &ClassDefinition) -> bool {
    let descends = |from: &ClassDefinition, to: &ClassDefinition| {
        let parent = |name: &SmolStr| known.classes.iter().find(|c| c.name == *name);
        let line = std::iter::successors(Some(from), |c| c.parent.as_ref().and_then(parent));
        line.take(known.classes.len()).any(|c| c.name == to.name)
    };
    descends(a, b) || descends(b, a)
}

/// Reads definitions from TOML; an error names line and column.
pub fn parse(text: &str) -> Result<SchemaEdit> {
    toml::from_str(text).map_err(|e| {
        Error::invalid("schema.toml", format!("the schema file does not read: {}", e.to_string().trim_end()))
            .hint("a schema file holds [[class]], [[relationship_type]] and [[lifecycle]] tables; see docs/schema.md")
    })
}
