//! The XML form, brought into the shape of the JSON: lists instead of wrappers, and attributes among the fields.

use super::Bom;
use crate::Source;
use crate::intake::Intake;
use crate::xml::{self, Element, Met};
use cmdb_core::{Error, Result};
use serde_json::{Map, Value as Json};

/// What the namespace of every version begins with.
pub(super) const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/1.";

/// Elements that only hold a list, with what the list's elements are called; the JSON has the list alone. An element
/// that holds something else is an object.
const WRAPPERS: [(&str, &[&str]); 27] = [
    ("components", &["component"]),
    ("services", &["service"]),
    ("dependencies", &["dependency"]),
    ("vulnerabilities", &["vulnerability"]),
    ("hashes", &["hash"]),
    ("licenses", &["license", "expression"]),
    ("externalReferences", &["reference"]),
    ("references", &["reference"]),
    ("properties", &["property"]),
    ("affects", &["target"]),
    ("versions", &["version"]),
    ("ratings", &["rating"]),
    ("cwes", &["cwe"]),
    ("advisories", &["advisory"]),
    ("endpoints", &["endpoint"]),
    ("authors", &["author"]),
    ("tools", &["tool"]),
    ("tags", &["tag"]),
    ("lifecycles", &["lifecycle"]),
    ("omniborId", &[]),
    ("occurrences", &["occurrence"]),
    ("frames", &["frame"]),
    ("commits", &["commit"]),
    ("patches", &["patch"]),
    ("ancestors", &["component"]),
    ("identities", &["identity"]),
    ("responses", &["response"]),
];
/// What the JSON calls the text of an element that has attributes as well.
const CONTENTS: [(&str, &str); 5] = [
    ("hash", "content"),
    ("property", "value"),
    ("text", "content"),
    ("attachment", "content"),
    ("classification", "classification"),
];

/// Reads a BOM.
pub(super) fn read(intake: &mut Intake<'_>, source: Source<'_>, file: &str) -> Result<()> {
    let mut bom = Bom::new(intake);
    let mut kept = Map::new();
    let is_record = |path: &str| match path.split('/').collect::<Vec<_>>().as_slice() {
        [_, "components" | "services" | "dependencies" | "vulnerabilities"] => false,
        [_] => false,
        [_, ..] => true,
        [] => false,
    };
    xml::each(source, file, &is_record, &mut |_, met| match met {
        Met::Opened(root) if root.name == "bom" => head(&root, file, &mut kept),
        Met::Opened(_) => Ok(()),
        Met::Record(element) => match element.name.as_str() {
            "component" => bom.record("components", &json(&element)),
            "service" => bom.record("services", &json(&element)),
            "dependency" => bom.record("dependencies", &dependency(&element)),
            "vulnerability" => bom.record("vulnerabilities", &json(&element)),
            name => {
                kept.insert(name.to_owned(), json(&element));
                Ok(())
            }
        },
    })?;
    bom.finish(file, &Json::Object(kept))
}

/// Version, number and serial number of the BOM.
fn head(root: &Element, file: &str, kept: &mut Map<String, Json>) -> Result<()> {
    // Prefixed declarations carry the prefix as their name.
    if !root.attributes.iter().any(|(_, value)| value.starts_with(NAMESPACE)) {
        let message = format!("\"{file}\" declares no namespace of CycloneDX, {NAMESPACE}…");
        return Err(Error::invalid("cyclonedx.format", message));
    }
    kept.insert("bomFormat".to_owned(), Json::from("CycloneDX"));
    for name in ["serialNumber", "version"] {
        if let Some((_, value)) = root.attributes.iter().find(|(known, _)| known == name) {
            kept.insert(name.to_owned(), Json::from(value.as_str()));
        }
    }
    Ok(())
}

/// `<dependency ref="a"><dependency ref="b"/></dependency>` as in JSON.
fn dependency(element: &Element) -> Json {
    let of = |name: &'static str| -> Json {
        element.children(name).filter_map(|inner| inner.attribute("ref")).map(Json::from).collect()
    };
    serde_json::json!({ "ref": element.attribute("ref"), "dependsOn": of("dependency"), "provides": of("provides") })
}

fn json(element: &Element) -> Json {
    let name = element.name.as_str();
    let wrapped = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name);
    if let Some((_, inner)) = wrapped
        && element.attributes.is_empty()
        && element.children.iter().all(|child| inner.contains(&child.name.as_str()))
    {
        return Json::Array(element.children.iter().map(listed).collect());
    }
    let text = element.text.trim();
    if element.attributes.is_empty() && element.children.is_empty() {
        return Json::from(text);
    }
    let mut object = Map::new();
    for (name, value) in &element.attributes {
        object.insert(name.to_string(), Json::from(value.as_str()));
    }
    for child in &element.children {
        let value = json(child);
        match object.get_mut(child.name.as_str()) {
            None => drop(object.insert(child.name.to_string(), value)),
            Some(Json::Array(list)) if !WRAPPERS.iter().any(|(wrapper, _)| *wrapper == child.name) => {
                list.push(value)
            }
            Some(known) => *known = Json::Array(vec![known.take(), value]),
        }
    }
    if !text.is_empty() {
        let key = CONTENTS.iter().find(|(known, _)| *known == name).map_or("text", |(_, key)| key);
        object.insert(key.to_owned(), Json::from(text));
    }
    Json::Object(object)
}

/// An element of a list; the JSON tells licences from expressions by a key.
fn listed(element: &Element) -> Json {
    match element.name.as_str() {
        name @ ("license" | "expression") => Json::Object(Map::from_iter([(name.to_owned(), json(element))])),
        "cwe" => element.text.trim().parse::<i64>().map_or_else(|_| json(element), Json::from),
        _ => json(element),
    }
}
