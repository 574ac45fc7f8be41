//! Backstage's software catalogue: entities as YAML documents or as the JSON of `/api/catalog/entities`.
//!
//! An entity's id is its reference, `kind:namespace/name`. A Location's targets stay an attribute: they are files, to
//! be imported themselves.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::{Keys, yaml_has};
use crate::{Sink, records, tree};
use cmdb_core::Result;
use serde_json::Value as Json;

pub(super) struct Backstage;

impl Format for Backstage {
    fn name(&self) -> &'static str {
        "backstage"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let keys = Keys::of_first(head).or_else(|| Keys::of(head));
        match keys {
            Some(keys) => {
                keys.has("kind") && keys.text("apiVersion").is_some_and(|v| v.starts_with("backstage.io/"))
            }
            None => {
                memchr::memmem::find(head, b"apiVersion: backstage.io/").is_some()
                    && yaml_has(head, &["apiVersion", "kind"])
            }
        }
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("backstage", input, sink, |intake, source, file| {
            records::each(intake, source, file, &["items"], &mut entity).map(drop)
        })
    }
}

fn entity(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let (Some(kind), Some(name)) = (tree::text(&json, "/kind"), tree::word(&json, "/metadata/name")) else {
        intake.complain(
            row,
            None,
            "backstage.not-an-entity",
            "the document states no kind or no metadata.name",
        );
        return Ok(());
    };
    let namespace = tree::text(&json, "/metadata/namespace").unwrap_or("default");
    let id = reference(kind, namespace, &name);
    let title =
        tree::word(&json, "/metadata/title").or_else(|| tree::word(&json, "/spec/profile/displayName"));
    let mut item = Item::new(class(kind, &json), id.as_str()).name(Some(title.unwrap_or(name)));
    item.text("description", tree::text(&json, "/metadata/description"));
    if matches!(kind, "Group" | "User") {
        item.text("email", tree::text(&json, "/spec/profile/email"));
    }
    if let Some(environment) = tree::text(&json, "/spec/lifecycle").filter(|l| *l == "production") {
        item.text("environment", Some(environment).filter(|_| !matches!(kind, "Group" | "User")));
    }
    item.rest("", &json, &["relations"]);
    intake.item(row, item)?;
    let listed = tree::list(&json, "/relations");
    if listed.is_empty() {
        return stated_in_spec(intake, row, &id, namespace, &json);
    }
    for relation in listed {
        let target = tree::text(relation, "/targetRef");
        if let (Some(verb), Some(target)) = (tree::text(relation, "/type"), target) {
            derived(intake, row, &id, verb, target)?;
        }
    }
    Ok(())
}

fn class(kind: &str, json: &Json) -> &'static str {
    let kind_of_resource = tree::text(json, "/spec/type").unwrap_or("");
    match kind {
        "Component" => "Application",
        "API" => "ApplicationInterface",
        "System" => "TechnicalService",
        "Domain" => "BusinessCapability",
        "Group" => "Team",
        "User" => "Person",
        "Location" => "CatalogLocation",
        "Template" => "CatalogTemplate",
        "Resource" => match kind_of_resource {
            "database" => "Database",
            "kubernetes-cluster" => "KubernetesCluster",
            "s3-bucket" => "ObjectStore",
            "queue" | "topic" => "MessageQueue",
            _ => "CatalogResource",
        },
        _ => "CatalogEntity",
    }
}

fn reference(kind: &str, namespace: &str, name: &str) -> String {
    format!("{}:{}/{}", kind.to_lowercase(), namespace.to_lowercase(), name.to_lowercase())
}

/// Completes `[kind:][namespace/]name`.
fn complete(text: &str, kind: &str, namespace: &str) -> String {
    let (kind, rest) = text.split_once(':').unwrap_or((kind, text));
    let (namespace, name) = rest.split_once('/').unwrap_or((namespace, rest));
    reference(kind, namespace, name)
}

/// A field of `spec` that names other entities.
struct Field {
    name: &'static str,
    /// The kind of the entities named, where they do not say it.
    kind: &'static str,
    relationship: &'static str,
    /// The entity named is the source.
    reversed: bool,
}

const fn field(name: &'static str, kind: &'static str, relationship: &'static str, reversed: bool) -> Field {
    Field { name, kind, relationship, reversed }
}

const FIELDS: [Field; 12] = [
    field("owner", "group", "owned_by", false),
    field("system", "system", "part_of", false),
    field("domain", "domain", "part_of", false),
    field("subdomainOf", "domain", "part_of", false),
    field("subcomponentOf", "component", "part_of", false),
    field("dependsOn", "component", "depends_on", false),
    field("dependencyOf", "component", "depends_on", true),
    field("providesApis", "api", "provides", false),
    field("consumesApis", "api", "calls", false),
    field("memberOf", "group", "belongs_to", false),
    field("members", "user", "belongs_to", true),
    field("parent", "group", "belongs_to", false),
];
const CHILDREN: Field = field("children", "group", "belongs_to", true);

fn stated_in_spec(intake: &mut Intake<'_>, row: u64, id: &str, namespace: &str, json: &Json) -> Result<()> {
    for field in FIELDS.iter().chain([&CHILDREN]) {
        let Some(value) = json.pointer("/spec").and_then(|spec| spec.get(field.name)) else { continue };
        let named = match value {
            Json::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for target in named.iter().filter_map(Json::as_str).filter(|target| !target.is_empty()) {
            let target = complete(target, field.kind, namespace);
            let (source, target) = if field.reversed { (target.as_str(), id) } else { (id, target.as_str()) };
            intake.relate(row, source, field.relationship, target)?;
        }
    }
    Ok(())
}

/// A relation as the server derived it; the passive half of each pair is left to the other entity.
fn derived(intake: &mut Intake<'_>, row: u64, id: &str, verb: &str, target: &str) -> Result<()> {
    let target = complete(target, "component", "default");
    let relationship = match verb {
        "ownedBy" => "owned_by",
        "partOf" => "part_of",
        "dependsOn" => "depends_on",
        "providesApi" => "provides",
        "consumesApi" => "calls",
        "memberOf" | "childOf" => "belongs_to",
        "ownerOf" | "hasPart" | "dependencyOf" | "apiProvidedBy" | "apiConsumedBy" | "hasMember"
        | "parentOf" => {
            return Ok(());
        }
        other => other,
    };
    intake.relate(row, id, relationship, &target)
}
