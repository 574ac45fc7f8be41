//! Terraform and OpenTofu: `show -json` of a state or a plan, and raw state files of versions 3 and 4.
//!
//! An item's id is its resource's address. Of a plan, the state before it (`prior_state`) is imported; its changes are
//! handed on as [`crate::PlannedChange`]s. What `sensitive_values` marks is never kept.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::json::scan::Scanner;
use crate::json::walk::{Element, Step, Walker, walk};
use crate::sniff::Keys;
use crate::{Action, PlannedChange, Sink, tree};
use classes::class;
use cmdb_core::model::Value;
use cmdb_core::{Error, Result};
use raw::{first_version, resource_of_v4, resources_of_v3};
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

mod classes;
mod raw;

pub(super) struct Terraform;

/// As the rows of its imports call it.
const TOOL: &str = "terraform";

/// References remembered until every address is known.
const REFERENCES_MAX: usize = 2_000_000;

impl Format for Terraform {
    fn name(&self) -> &'static str {
        TOOL
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let Some(keys) = Keys::of(head) else { return false };
        let shown = ["values", "planned_values", "prior_state", "resource_changes", "terraform_version"];
        keys.has("format_version") && (shown.iter().any(|key| keys.has(key)) || keys.names().count() == 1)
            || keys.has_all(&["version", "terraform_version"]) && (keys.has("serial") || keys.has("lineage"))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out(TOOL, input, sink, |intake, source, file| {
            let version = first_version(source.bytes());
            if let Some(version) = version.filter(|v| !matches!(v, 3 | 4)) {
                let message =
                    format!("\"{file}\" is a raw state file of version {version}, which is not read");
                let hint = "run `terraform show -json > state.json` and import that";
                return Err(Error::invalid("terraform.state-version", message).hint(hint));
            }
            let mut scanner = Scanner::new(source, file.clone());
            let mut resources = Resources {
                intake,
                row: 0,
                addresses: HashMap::new(),
                references: Vec::new(),
                planned: BTreeMap::new(),
                waiting: Vec::new(),
            };
            let kept = walk(&mut scanner, file, &mut resources)?;
            resources.finish(&kept)
        })
    }
}

struct Resources<'i, 'a> {
    intake: &'i mut Intake<'a>,
    row: u64,
    /// Address without instance keys → addresses of the instances.
    addresses: HashMap<String, Vec<String>>,
    /// (row, address, what it depends on).
    references: Vec<(u64, String, String)>,
    planned: BTreeMap<String, u64>,
    /// (row, place, resource) of resources whose module is not known yet.
    waiting: Vec<(u64, String, Json)>,
}

impl Walker for Resources<'_, '_> {
    fn step(&mut self, place: &str, is_list: bool) -> Step {
        let last = place.rsplit('/').next().unwrap_or(place);
        let in_state = place.starts_with("values") || place.starts_with("prior_state");
        match place {
            "" | "values" | "prior_state" | "prior_state/values" => Step::Enter,
            "resource_changes" | "modules" => Step::Stream,
            "resources" if is_list => Step::Stream,
            _ if in_state && last == "resources" => Step::Stream,
            _ if in_state && matches!(last, "root_module" | "child_modules") => Step::Enter,
            _ if in_state && last.bytes().all(|b| b.is_ascii_digit()) => Step::Enter,
            _ => Step::Skip,
        }
    }

    fn element(&mut self, element: Element<'_>) -> Result<()> {
        self.row += 1;
        let json = match element.json {
            Ok(json) => json,
            Err((code, message)) => {
                self.intake.complain(self.row, None, code, message);
                return Ok(());
            }
        };
        match element.place {
            "resource_changes" => self.change(&json),
            "modules" => resources_of_v3(&json).into_iter().try_for_each(|resource| self.resource(resource)),
            "resources" => resource_of_v4(json).into_iter().try_for_each(|resource| self.resource(resource)),
            place => self.shown(place, json),
        }
    }
}

/// One instance of a resource, wherever it was written.
pub(super) struct Resource {
    pub address: String,
    pub kind: String,
    pub values: Json,
    /// What it needs, as addresses with or without instance keys.
    pub needs: Vec<String>,
    /// The fields beside the values.
    pub beside: Json,
    /// Names of values that were taken out because they are marked as secrets.
    pub masked: Vec<String>,
}

impl Resources<'_, '_> {
    /// A resource as it is shown. Terraform 0.12 left the module and the instance key out of addresses; the module's
    /// own address may stand behind its resources, which then wait for it.
    fn shown(&mut self, place: &str, mut json: Json) -> Result<()> {
        let bare = tree::text(&json, "/address").is_some_and(|address| !address.starts_with("module."));
        if bare && place.contains("child_modules") && self.waiting.len() < REFERENCES_MAX {
            self.waiting.push((self.row, place.to_owned(), json));
            return Ok(());
        }
        let key = match json.get("index") {
            Some(Json::Number(n)) => format!("[{n}]"),
            Some(Json::String(text)) => format!("[{}]", Json::from(text.as_str())),
            _ => String::new(),
        };
        if let Some(Json::String(address)) = json.get_mut("address").filter(|_| !key.is_empty())
            && !address.ends_with(']')
        {
            address.push_str(&key);
        }
        let (Some(address), Some(kind)) = (tree::text(&json, "/address"), tree::text(&json, "/type")) else {
            self.intake.complain(
                self.row,
                None,
                "terraform.no-address",
                "the resource has no address or no type",
            );
            return Ok(());
        };
        let (address, kind) = (address.to_owned(), kind.to_owned());
        let needs =
            tree::list(&json, "/depends_on").iter().filter_map(Json::as_str).map(str::to_owned).collect();
        let mut values = json.get_mut("values").map(Json::take).unwrap_or_default();
        let marks = json.get_mut("sensitive_values").map(Json::take).unwrap_or_default();
        let mut masked = Vec::new();
        mask(&mut values, &marks, "", &mut masked);
        if let Json::Object(map) = &mut json {
            ["address", "type", "depends_on", "values", "sensitive_values"]
                .iter()
                .for_each(|key| drop(map.remove(*key)));
        }
        self.resource(Resource { address, kind, values, needs, beside: json, masked })
    }

    fn resource(&mut self, resource: Resource) -> Result<()> {
        let Resource { address, kind, values, needs, beside, masked } = resource;
        let mut item = as_item(&address, &kind, values, &beside);
        masked.into_iter().for_each(|name| item.note("note.secret", name));
        self.intake.item(self.row, item)?;
        for needed in needs {
            if self.references.len() < REFERENCES_MAX {
                self.references.push((self.row, address.clone(), needed));
            }
        }
        if self.addresses.len() < REFERENCES_MAX {
            self.addresses.entry(without_keys(&address)).or_default().push(address);
        }
        Ok(())
    }

    fn change(&mut self, json: &Json) -> Result<()> {
        let (Some(address), Some(kind)) = (tree::text(json, "/address"), tree::text(json, "/type")) else {
            self.intake.complain(
                self.row,
                None,
                "terraform.no-address",
                "the change has no address or no type",
            );
            return Ok(());
        };
        let words: Vec<&str> = tree::list(json, "/change/actions").iter().filter_map(Json::as_str).collect();
        let action = |word: &&str| match *word {
            "create" => Action::Create,
            "update" => Action::Update,
            "delete" => Action::Delete,
            _ => Action::Nothing,
        };
        let known = |word: &&str| ["create", "update", "delete", "read", "no-op", "forget"].contains(word);
        let counted = if words.iter().all(known) { words.join("+") } else { "other".to_owned() };
        *self.planned.entry(counted).or_insert(0) += 1;
        let side = |name: &str| {
            let mut values = json.pointer(&format!("/change/{name}")).filter(|v| v.is_object())?.clone();
            let marks = json.pointer(&format!("/change/{name}_sensitive")).unwrap_or(&Json::Null);
            mask(&mut values, marks, "", &mut Vec::new());
            Some(Value::map(as_item(address, kind, values, &Json::Null).into_stated(TOOL)))
        };
        let unknown = tree::entries(json, "/change/after_unknown").filter(|(_, mark)| holds_true(mark));
        self.intake.planned(PlannedChange {
            id: SmolStr::new(address),
            class: class(kind),
            actions: words.iter().map(action).collect(),
            before: side("before"),
            after: side("after"),
            unknown: unknown.map(|(name, _)| SmolStr::new(name)).collect(),
        })
    }

    fn finish(mut self, kept: &Json) -> Result<()> {
        for (row, place, mut json) in std::mem::take(&mut self.waiting) {
            self.row = row;
            let module = format!("/{}", place.trim_end_matches("resources")) + "address";
            let module = tree::text(kept, &module).unwrap_or("module");
            let address = format!("{module}.{}", tree::text(&json, "/address").unwrap_or_default());
            json["address"] = Json::from(address);
            self.shown("", json)?;
        }
        for (row, address, needed) in &self.references {
            let found = match self.addresses.get(&without_keys(needed)) {
                Some(all) if all.contains(needed) => std::slice::from_ref(needed),
                Some(all) => all.as_slice(),
                None => std::slice::from_ref(needed),
            };
            for target in found.iter().filter(|target| *target != address) {
                self.intake.relate(*row, address, "depends_on", target)?;
            }
        }
        if !self.planned.is_empty() {
            let counts: Vec<String> =
                self.planned.iter().map(|(words, count)| format!("{words} {count}")).collect();
            let message = format!(
                "the plan's changes ({}) do not exist yet and are left to a proposal",
                counts.join(", ")
            );
            self.intake.note(0, "note.planned", message);
        }
        for field in ["outputs", "variables", "configuration", "checks"] {
            let stated =
                kept.get(field).is_some() || kept.pointer("/values").is_some_and(|v| v.get(field).is_some());
            if stated {
                self.intake.note(0, "note.field", field);
            }
        }
        Ok(())
    }
}

/// A resource as an item, from its values and what stands beside them.
fn as_item(address: &str, kind: &str, mut values: Json, beside: &Json) -> Item {
    let name = tree::word(&values, "/tags/Name").or_else(|| tree::word(&values, "/name"));
    let name = name.unwrap_or_else(|| SmolStr::from(address));
    let mut item = Item::new(class(kind), address).name(Some(name));
    item.text("terraform.type", Some(kind));
    for (attribute, fields) in classes::ATTRIBUTES {
        if let Some(text) = fields.iter().find_map(|field| tree::text(&values, field)) {
            item.text(attribute, Some(text).filter(|_| classes::has(kind, attribute)));
        }
    }
    if matches!(kind, "random_password" | "tls_private_key") && values.get("result").is_some() {
        values["result"] = Json::Null;
        item.note("note.secret", "result");
    }
    item.rest(TOOL, beside, &[]);
    item.rest("", &values, &[]);
    item
}

/// Takes out every value that the parallel tree of marks says is secret.
fn mask(values: &mut Json, marks: &Json, path: &str, masked: &mut Vec<String>) {
    match (values, marks) {
        (values, Json::Bool(true)) if !values.is_null() => {
            *values = Json::Null;
            masked.push(if path.is_empty() { "values".to_owned() } else { path.to_owned() });
        }
        (Json::Object(values), Json::Object(marks)) => {
            for (key, mark) in marks {
                if let Some(value) = values.get_mut(key) {
                    let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    mask(value, mark, &inner, masked);
                }
            }
        }
        (Json::Array(values), Json::Array(marks)) => {
            values.iter_mut().zip(marks).for_each(|(value, mark)| mask(value, mark, path, masked));
        }
        _ => {}
    }
}

fn holds_true(mark: &Json) -> bool {
    match mark {
        Json::Bool(unknown) => *unknown,
        Json::Array(list) => list.iter().any(holds_true),
        Json::Object(map) => map.values().any(holds_true),
        _ => false,
    }
}

/// An address without the keys of instances: `module.a[0].aws_x.y["k"]` → `module.a.aws_x.y`.
fn without_keys(address: &str) -> String {
    let (mut out, mut in_key, mut in_text) = (String::with_capacity(address.len()), false, false);
    for c in address.chars() {
        match c {
            '"' if in_key => in_text = !in_text,
            '[' if !in_key => in_key = true,
            ']' if in_key && !in_text => in_key = false,
            c if !in_key => out.push(c),
            _ => {}
        }
    }
    out
}
