//! One row in the API's shape.

use super::{ITEM_COLUMNS, RELATIONSHIP_COLUMNS};
use crate::json;
use cmdb_core::model::Value;
use cmdb_core::model::intake::TableKind;
use serde_json::{Map, Value as Json};

/// One row in the API's shape: attributes apart, what is not stated left out.
pub fn object(kind: TableKind, columns: &[&str], row: &[Option<Value>]) -> Json {
    let own: &[&str] = match kind {
        TableKind::Items => &ITEM_COLUMNS,
        TableKind::Relationships => &RELATIONSHIP_COLUMNS,
    };
    let (mut object, mut attributes) = (Map::new(), Map::new());
    for (column, value) in columns.iter().zip(row) {
        let Some(value) = value else { continue };
        let into = if own.contains(column) { &mut object } else { &mut attributes };
        into.insert((*column).to_owned(), json::from_value(value));
    }
    object.insert("attributes".to_owned(), Json::Object(attributes));
    Json::Object(object)
}
