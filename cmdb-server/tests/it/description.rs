//! The API's description against the committed one and against itself.

use cmdb_server::{openapi, routes};
use serde_json::Value;

fn file() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json")
}

#[test]
fn the_committed_description_is_the_generated_one() {
    let generated = openapi::document();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(file(), &generated).unwrap();
    }
    let committed = std::fs::read(file()).unwrap_or_default();
    assert!(committed == generated, "openapi.json is out of date: run the tests once with UPDATE_OPENAPI=1");
}

#[test]
fn every_reference_leads_somewhere_and_every_route_is_there() {
    fn references<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
        match value {
            Value::Object(fields) => {
                out.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|v| references(v, out));
            }
            Value::Array(values) => values.iter().for_each(|v| references(v, out)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_slice(&openapi::document()).unwrap();
    let mut all = Vec::new();
    references(&document, &mut all);
    assert!(all.len() > 50);
    for reference in all {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
    for route in routes::table() {
        let method = route.method.as_str().to_ascii_lowercase();
        assert_eq!(document["paths"][route.path][&method]["operationId"], route.id);
    }
}
