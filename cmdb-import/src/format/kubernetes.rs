//! Kubernetes: `kubectl get -o json` or `-o yaml`, and manifests of several documents.
//!
//! An object's id is `[group/]Kind/[namespace/]name`, so that a manifest and a listing of the cluster speak of the
//! same item; the uid is an attribute. Data of Secrets is never kept. Who needs whom is found in [`links`].

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out, own_class};
use crate::sniff::{Keys, yaml_has};
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use links::Links;
use serde_json::Value as Json;
use smol_str::SmolStr;

pub(super) mod addresses;
mod links;

pub(super) struct Kubernetes;

/// Kinds whose pods an orchestrator keeps running.
const WORKLOADS: [&str; 7] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Job"];
/// Kinds that exist once in a cluster.
const CLUSTER_WIDE: [&str; 8] = [
    "Namespace",
    "Node",
    "PersistentVolume",
    "StorageClass",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "PriorityClass",
];
/// A copy of the whole object, secrets included, which says nothing that the object does not.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Format for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        match Keys::of(head).or_else(|| Keys::of_first(head)) {
            Some(keys) => keys.has("apiVersion") && (keys.has("kind") || keys.is_list("items")),
            None => yaml_has(head, &["apiVersion", "kind"]),
        }
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("kubernetes", input, sink, |intake, source, file| {
            let mut links = Links::default();
            let mut take = |intake: &mut Intake<'_>, row, json| object(intake, &mut links, row, json);
            let beside = records::each(intake, source, file, &["items"], &mut take)?;
            if beside.get("metadata").is_some_and(|m| tree::text(m, "/continue").is_some()) {
                intake.note(0, "note.cut-off", "the list goes on: the server cut it off (metadata.continue)");
            }
            links.finish(intake)
        })
    }
}

fn object(intake: &mut Intake<'_>, links: &mut Links, row: u64, mut json: Json) -> Result<()> {
    let (Some(kind), Some(name)) = (tree::text(&json, "/kind"), tree::word(&json, "/metadata/name")) else {
        let generated = tree::text(&json, "/metadata/generateName").is_some();
        let message = match generated {
            true => {
                "the object has no metadata.name, only a generateName: it becomes items when it is created"
            }
            false => "the document states no kind or no metadata.name",
        };
        intake.complain(row, None, "kubernetes.not-an-object", message);
        return Ok(());
    };
    if kind.ends_with("List") && json.get("items").is_some_and(Json::is_array) {
        let items = std::mem::take(&mut json["items"]);
        let Json::Array(items) = items else { return Ok(()) };
        return items.into_iter().try_for_each(|item| object(intake, links, row, item));
    }
    let kind = kind.to_owned();
    let namespace = namespace(&kind, &json);
    let id = id(tree::text(&json, "/apiVersion").unwrap_or(""), &kind, &namespace, &name);
    let mut item = Item::new(class(&kind), id.as_str()).name(Some(name.as_str()));
    forget_secrets(&mut item, &kind, &mut json);
    describe(&mut item, &kind, &namespace, &json);
    links.see(row, &kind, &namespace, &id, &json, intake)?;
    item.rest("", &json, &[]);
    intake.item(row, item)
}

fn namespace(kind: &str, json: &Json) -> String {
    if CLUSTER_WIDE.contains(&kind) {
        return String::new();
    }
    tree::text(json, "/metadata/namespace").unwrap_or("default").to_owned()
}

/// The id of an object: groups of the core and of the built-in workloads are left out, since they change by version.
fn id(api_version: &str, kind: &str, namespace: &str, name: &str) -> String {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let built_in = group.is_empty()
        || group.ends_with(".k8s.io")
        || ["apps", "batch", "extensions", "autoscaling", "policy"].contains(&group);
    let group = if built_in { String::new() } else { format!("{group}/") };
    match namespace {
        "" => format!("{group}{kind}/{name}"),
        namespace => format!("{group}{kind}/{namespace}/{name}"),
    }
}

fn class(kind: &str) -> SmolStr {
    SmolStr::new_static(match kind {
        kind if WORKLOADS.contains(&kind) => "ContainerWorkload",
        "CronJob" => "BatchJob",
        "Service" => "ApplicationInterface",
        "Node" => "Server",
        "PersistentVolume" => "StorageVolume",
        "Namespace" => "KubernetesNamespace",
        "Certificate" => "Certificate",
        other => return own_class("Kubernetes", other),
    })
}

fn forget_secrets(item: &mut Item, kind: &str, json: &mut Json) {
    if kind == "Secret" {
        for field in ["data", "stringData"] {
            let Some(Json::Object(data)) = json.get_mut(field).map(Json::take) else { continue };
            let keys: Vec<Value> = data.keys().map(|key| Value::text(key)).collect();
            if !keys.is_empty() {
                item.set(&format!("{field}.keys"), Some(Value::List(keys)));
                item.note("note.secret", field);
            }
        }
    }
    if let Some(annotations) = json.pointer_mut("/metadata/annotations").and_then(Json::as_object_mut) {
        annotations.remove(LAST_APPLIED);
    }
    if let Some(metadata) = json.get_mut("metadata").and_then(Json::as_object_mut) {
        metadata.remove("managedFields");
    }
}

fn describe(item: &mut Item, kind: &str, namespace: &str, json: &Json) {
    if !namespace.is_empty() {
        item.text("namespace", Some(namespace));
    }
    let whole = |pointer| json.pointer(pointer).and_then(Json::as_i64).map(Value::Integer);
    item.set("replicas", whole("/spec/replicas").filter(|_| class(kind) == "ContainerWorkload"));
    match kind {
        kind if WORKLOADS.contains(&kind) => {
            let containers = tree::list(links::pod(kind, json), "/containers");
            item.text("image", containers.first().and_then(|c| tree::text(c, "/image")));
        }
        "CronJob" => item.text("schedule", tree::text(json, "/spec/schedule")),
        "Service" => {
            item.set("port", whole("/spec/ports/0/port"));
            item.text("protocol", tree::text(json, "/spec/ports/0/protocol"));
            item.text("ip_address", tree::text(json, "/spec/clusterIP").filter(|ip| *ip != "None"));
        }
        "Node" => {
            let addresses = tree::list(json, "/status/addresses");
            let internal = addresses.iter().find(|a| tree::text(a, "/type") == Some("InternalIP"));
            item.text("ip_address", internal.and_then(|a| tree::text(a, "/address")));
            item.text("operating_system", tree::text(json, "/status/nodeInfo/osImage"));
            let cpus = tree::word(json, "/status/capacity/cpu").and_then(|n| n.parse().ok());
            item.set("cpu_count", cpus.map(Value::Integer));
        }
        "PersistentVolume" => {
            item.set("capacity", tree::text(json, "/spec/capacity/storage").and_then(gibibytes));
        }
        _ => {}
    }
}

/// A quantity such as `8Gi` in GiB.
fn gibibytes(quantity: &str) -> Option<Value> {
    let digits = quantity.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let bytes_per_unit: f64 = match &quantity[digits.len()..] {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        _ => return None,
    };
    let number: f64 = digits.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    Some(Value::Decimal(number * bytes_per_unit / 1_073_741_824.0))
}
