//! The catalogue that ships with the product, and the reader for TOML definitions in general.

use super::definition::SchemaEdit;
use crate::error::{Error, Result};

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

/// Reads definitions from TOML; an error names line and column.
pub fn parse(text: &str) -> Result<SchemaEdit> {
    toml::from_str(text).map_err(|e| {
        Error::invalid("schema.toml", format!("the schema file does not read: {}", e.to_string().trim_end()))
            .hint("a schema file holds [[class]], [[relationship_type]] and [[lifecycle]] tables; see docs/schema.md")
    })
}
