//! Raw state files, which people have at hand instead of `show -json`: version 4, and version 3 with its flat maps.

use super::Resource;
use crate::sniff::Keys;
use crate::tree;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The version of a raw state file; none for the output of `show -json`.
pub(super) fn first_version(head: &[u8]) -> Option<u64> {
    let keys = Keys::of(head)?;
    if keys.has("format_version") {
        return None;
    }
    std::str::from_utf8(keys.value("version")?).ok()?.trim().parse().ok()
}

/// The instances of a resource of version 4.
pub(super) fn resource_of_v4(mut json: Json) -> Vec<Resource> {
    let (Some(kind), Some(name)) = (tree::word(&json, "/type"), tree::word(&json, "/name")) else {
        return Vec::new();
    };
    let module = tree::text(&json, "/module").map(|module| format!("{module}.")).unwrap_or_default();
    let data = if tree::text(&json, "/mode") == Some("data") { "data." } else { "" };
    let instances = json.get_mut("instances").map(Json::take).unwrap_or_default();
    let Json::Array(instances) = instances else { return Vec::new() };
    if let Json::Object(map) = &mut json {
        map.remove("instances");
        map.remove("type");
    }
    let resource = |mut instance: Json| {
        let key = match instance.get("index_key") {
            Some(Json::Number(n)) => format!("[{n}]"),
            Some(Json::String(text)) => format!("[{}]", Json::from(text.as_str())),
            _ => String::new(),
        };
        let needs = ["/dependencies", "/depends_on"].into_iter().flat_map(|list| tree::list(&instance, list));
        let needs: Vec<String> = needs.filter_map(Json::as_str).map(str::to_owned).collect();
        let mut values = match instance.get_mut("attributes").map(Json::take) {
            Some(values) => values,
            None => flat(tree::entries(&instance, "/attributes_flat")),
        };
        let mut masked = Vec::new();
        for path in tree::list(&instance, "/sensitive_attributes") {
            forget(&mut values, path, &mut masked);
        }
        Resource {
            address: format!("{module}{data}{kind}.{name}{key}"),
            kind: kind.to_string(),
            values,
            needs,
            beside: json.clone(),
            masked,
        }
    };
    instances.into_iter().map(resource).collect()
}

/// Takes out the value at a path such as `[{"type":"get_attr","value":"password"}]`.
fn forget(values: &mut Json, path: &Json, masked: &mut Vec<String>) {
    let steps: Vec<Json> = match path {
        Json::Array(steps) => steps.clone(),
        one => vec![one.clone()],
    };
    let (mut place, mut name) = (values, String::new());
    for step in &steps {
        let step = step.get("value").unwrap_or(step);
        let step = step.get("value").unwrap_or(step);
        let inner = match step {
            Json::String(key) => place.get_mut(key.as_str()),
            Json::Number(n) => n.as_u64().and_then(|n| place.get_mut(n as usize)),
            _ => None,
        };
        let Some(inner) = inner else { return };
        name = step.as_str().map(str::to_owned).unwrap_or(name);
        place = inner;
    }
    if !steps.is_empty() && !place.is_null() {
        *place = Json::Null;
        masked.push(name);
    }
}

/// The resources of a module of version 3.
pub(super) fn resources_of_v3(module: &Json) -> Vec<Resource> {
    let path = tree::list(module, "/path").iter().filter_map(Json::as_str).filter(|part| *part != "root");
    let prefix: String = path.map(|part| format!("module.{part}.")).collect();
    let resource = |(key, json): (&str, &Json)| {
        let (bare, index) = split_index(key);
        let needs = tree::list(json, "/depends_on").iter().filter_map(Json::as_str);
        let inside = |needed: &str| {
            (!needed.starts_with("module.")).then(|| format!("{prefix}{}", split_index(needed).0))
        };
        let mut beside = json.clone();
        if let Json::Object(map) = &mut beside {
            ["type", "depends_on", "primary", "deposed"].iter().for_each(|key| drop(map.remove(*key)));
        }
        Resource {
            address: format!("{prefix}{bare}{}", index.map(|n| format!("[{n}]")).unwrap_or_default()),
            kind: tree::text(json, "/type")
                .unwrap_or_else(|| bare.split('.').next().unwrap_or(bare))
                .to_owned(),
            values: flat(tree::entries(json, "/primary/attributes")),
            needs: needs
                .map(|needed| inside(needed).unwrap_or_else(|| format!("{prefix}{needed}")))
                .collect(),
            beside,
            masked: Vec::new(),
        }
    };
    tree::entries(module, "/resources").map(resource).collect()
}

/// `aws_x.y.0` is the first of several `aws_x.y`.
fn split_index(key: &str) -> (&str, Option<u64>) {
    match key.rsplit_once('.').map(|(bare, last)| (bare, last.parse())) {
        Some((bare, Ok(index))) if bare.contains('.') => (bare, Some(index)),
        _ => (key, None),
    }
}

/// Undoes the flat map of old versions: `a.#` counts a list, `a.%` a map; members follow as `a.<key>`.
fn flat<'j>(entries: impl Iterator<Item = (&'j str, &'j Json)>) -> Json {
    let all: BTreeMap<&str, &Json> = entries.collect();
    let counted = |name: &str| {
        all.contains_key(format!("{name}.#").as_str()) || all.contains_key(format!("{name}.%").as_str())
    };
    let mut out = serde_json::Map::new();
    let mut grouped: BTreeMap<&str, BTreeMap<&str, &Json>> = BTreeMap::new();
    for (key, value) in &all {
        match key.split_once('.') {
            Some((base, rest)) if counted(base) => {
                if !matches!(rest, "#" | "%") {
                    grouped.entry(base).or_default().insert(rest, value);
                }
            }
            _ => drop(out.insert((*key).to_owned(), (*value).clone())),
        }
    }
    for (base, members) in grouped {
        let is_map = all.contains_key(format!("{base}.%").as_str());
        let plain = members.keys().all(|key| !key.contains('.'));
        let value = match (is_map, plain) {
            (false, true) => Json::Array(members.values().map(|value| (*value).clone()).collect()),
            (true, _) => Json::Object(members.iter().map(|(k, v)| ((*k).to_owned(), (*v).clone())).collect()),
            (false, false) => {
                let mut blocks: BTreeMap<&str, serde_json::Map<String, Json>> = BTreeMap::new();
                for (key, value) in members {
                    let (block, field) = key.split_once('.').unwrap_or((key, "value"));
                    blocks.entry(block).or_default().insert(field.to_owned(), value.clone());
                }
                Json::Array(blocks.into_values().map(Json::Object).collect())
            }
        };
        out.insert(base.to_owned(), value);
    }
    Json::Object(out)
}
