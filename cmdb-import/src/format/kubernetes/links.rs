//! Who needs whom among Kubernetes objects: what an object says itself at once, selectors and addresses at the end,
//! when all labels and services are known.

use super::addresses::{self, Address};
use super::{CLUSTER_WIDE, WORKLOADS};
use crate::intake::Intake;
use crate::tree;
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Objects, labels and addresses remembered; the links of what lies beyond are not found, and that is said.
const REMEMBERED_MAX: usize = 2_000_000;
/// How sure an address in a variable named after one is, and one in any other variable.
const CONFIDENCE_NAMED: f64 = 0.8;
const CONFIDENCE_UNNAMED: f64 = 0.6;

#[derive(Default)]
pub(super) struct Links {
    remembered: usize,
    known: HashSet<String>,
    /// (namespace, label, value) → workloads, by their place.
    labelled: HashMap<(String, String, String), Vec<usize>>,
    workloads: Vec<(String, BTreeMap<String, String>)>,
    selectors: Vec<Selector>,
    calls: Vec<Call>,
    /// ConfigMap id → the addresses in it.
    configured: HashMap<String, Vec<(String, Address)>>,
    /// Workloads that take a ConfigMap's entries for variables: (row, workload, namespace, ConfigMap).
    taken: Vec<(u64, String, String, String)>,
    spaces: Vec<(u64, String, String)>,
}

struct Selector {
    row: u64,
    id: String,
    namespace: String,
    wanted: BTreeMap<String, String>,
    relationship: &'static str,
    /// The workload is the source.
    reversed: bool,
}

struct Call {
    row: u64,
    workload: String,
    namespace: String,
    variable: String,
    address: Address,
}

/// The pod's specification inside an object.
pub(super) fn pod<'j>(kind: &str, json: &'j Json) -> &'j Json {
    let pointer = match kind {
        "Pod" => "/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        _ => "/spec/template/spec",
    };
    json.pointer(pointer).unwrap_or(&Json::Null)
}

impl Links {
    /// Notes one object and emits what it says itself.
    pub fn see(
        &mut self,
        row: u64,
        kind: &str,
        namespace: &str,
        id: &str,
        json: &Json,
        intake: &mut Intake<'_>,
    ) -> Result<()> {
        if self.remembered >= REMEMBERED_MAX {
            intake.note(
                row,
                "note.links",
                "links by selector and address beyond the first two million objects",
            );
            return Ok(());
        }
        self.remembered += 1;
        self.known.insert(id.to_owned());
        if !namespace.is_empty() {
            self.spaces.push((row, id.to_owned(), format!("Namespace/{namespace}")));
        }
        let owned = self.owners(row, namespace, id, json, intake)?;
        if WORKLOADS.contains(&kind) || kind == "CronJob" {
            self.workload(row, kind, namespace, id, json, owned, intake)?;
        }
        match kind {
            "Service" => self.select(row, id, namespace, json.pointer("/spec/selector"), "depends_on", false),
            "NetworkPolicy" => {
                let labels = json.pointer("/spec/podSelector/matchLabels");
                self.select(row, id, namespace, labels, "protected_by", true);
            }
            "PodDisruptionBudget" => {
                let labels = json.pointer("/spec/selector/matchLabels");
                self.select(row, id, namespace, labels, "protected_by", true);
            }
            "ConfigMap" => self.configure(id, json),
            "Ingress" => ingress(row, id, namespace, json, intake)?,
            "HorizontalPodAutoscaler" => {
                if let (Some(kind), Some(name)) = (
                    tree::text(json, "/spec/scaleTargetRef/kind"),
                    tree::text(json, "/spec/scaleTargetRef/name"),
                ) {
                    intake.relate(row, id, "manages", &format!("{kind}/{namespace}/{name}"))?;
                }
            }
            "PersistentVolumeClaim" => {
                if let Some(volume) = tree::text(json, "/spec/volumeName") {
                    intake.relate(row, id, "stored_on", &format!("PersistentVolume/{volume}"))?;
                }
                if let Some(class) = storage_class(json) {
                    intake.relate(row, id, "uses", &format!("StorageClass/{class}"))?;
                }
            }
            "PersistentVolume" => {
                if let Some(class) = storage_class(json) {
                    intake.relate(row, id, "uses", &format!("StorageClass/{class}"))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The controller an object belongs to needs enough of its like; one scaled to nothing carries no impact.
    fn owners(
        &mut self,
        row: u64,
        namespace: &str,
        id: &str,
        json: &Json,
        intake: &mut Intake<'_>,
    ) -> Result<bool> {
        let owners = tree::list(json, "/metadata/ownerReferences");
        let idle = json.pointer("/spec/replicas").and_then(Json::as_i64) == Some(0);
        for owner in owners {
            let (Some(kind), Some(name)) = (tree::text(owner, "/kind"), tree::text(owner, "/name")) else {
                continue;
            };
            let space = if CLUSTER_WIDE.contains(&kind) { "" } else { namespace };
            let owner = super::id(tree::text(owner, "/apiVersion").unwrap_or(""), kind, space, name);
            if WORKLOADS.contains(&kind) && !idle && !matches!(kind, "Job") {
                let group = [("group", Value::text("replicas")), ("needs", Value::text("1"))];
                intake.relate_with(row, &owner, "composed_of", id, group.into())?;
            } else {
                intake.relate(row, id, "part_of", &owner)?;
            }
        }
        Ok(!owners.is_empty())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one object, taken apart by the caller")]
    fn workload(
        &mut self,
        row: u64,
        kind: &str,
        namespace: &str,
        id: &str,
        json: &Json,
        owned: bool,
        intake: &mut Intake<'_>,
    ) -> Result<()> {
        let pod = pod(kind, json);
        if let Some(node) = tree::text(pod, "/nodeName") {
            intake.relate(row, id, "runs_on", &format!("Node/{node}"))?;
        }
        if owned {
            return Ok(());
        }
        let labels = if kind == "Pod" { "/metadata/labels" } else { "/spec/template/metadata/labels" };
        let labels = texts(json.pointer(labels));
        for (label, value) in &labels {
            let key = (namespace.to_owned(), label.clone(), value.clone());
            self.labelled.entry(key).or_default().push(self.workloads.len());
            self.remembered += 1;
        }
        self.workloads.push((id.to_owned(), labels));
        let mut used = BTreeSet::new();
        for (kind, name, relationship) in references(pod) {
            if used.insert((kind, name.to_owned())) {
                intake.relate(row, id, relationship, &format!("{kind}/{namespace}/{name}"))?;
            }
        }
        for claim in tree::list(json, "/spec/volumeClaimTemplates") {
            if let Some(class) = storage_class(claim) {
                intake.relate(row, id, "uses", &format!("StorageClass/{class}"))?;
            }
        }
        self.variables(row, namespace, id, pod);
        Ok(())
    }

    fn variables(&mut self, row: u64, namespace: &str, id: &str, pod: &Json) {
        let containers =
            ["/containers", "/initContainers"].into_iter().flat_map(|list| tree::list(pod, list));
        for container in containers {
            for variable in tree::list(container, "/env") {
                let (Some(name), Some(value)) =
                    (tree::text(variable, "/name"), tree::text(variable, "/value"))
                else {
                    continue;
                };
                let Some(address) = addresses::read(value) else { continue };
                self.remembered += 1;
                self.calls.push(Call {
                    row,
                    workload: id.to_owned(),
                    namespace: namespace.to_owned(),
                    variable: name.to_owned(),
                    address,
                });
            }
            for from in tree::list(container, "/envFrom") {
                if let Some(name) = tree::text(from, "/configMapRef/name") {
                    let map = format!("ConfigMap/{namespace}/{name}");
                    self.taken.push((row, id.to_owned(), namespace.to_owned(), map));
                }
            }
        }
    }

    fn configure(&mut self, id: &str, json: &Json) {
        let entries = tree::entries(json, "/data");
        let read =
            entries.filter_map(|(name, value)| Some((name.to_owned(), addresses::read(value.as_str()?)?)));
        let found: Vec<(String, Address)> = read.collect();
        self.remembered += found.len();
        if !found.is_empty() {
            self.configured.insert(id.to_owned(), found);
        }
    }

    fn select(
        &mut self,
        row: u64,
        id: &str,
        namespace: &str,
        labels: Option<&Json>,
        relationship: &'static str,
        reversed: bool,
    ) {
        let wanted = texts(labels);
        if !wanted.is_empty() {
            let (id, namespace) = (id.to_owned(), namespace.to_owned());
            self.selectors.push(Selector { row, id, namespace, wanted, relationship, reversed });
        }
    }

    /// Emits what could not be known before every object was seen.
    pub fn finish(mut self, intake: &mut Intake<'_>) -> Result<()> {
        for (row, id, space) in &self.spaces {
            if self.known.contains(space) {
                intake.relate(*row, id, "part_of", space)?;
            }
        }
        for selector in &self.selectors {
            for workload in self.selected(selector) {
                let (source, target) = if selector.reversed {
                    (workload, selector.id.as_str())
                } else {
                    (&*selector.id, workload)
                };
                intake.relate(selector.row, source, selector.relationship, target)?;
            }
        }
        for (row, workload, namespace, map) in std::mem::take(&mut self.taken) {
            for (variable, address) in self.configured.get(&map).cloned().unwrap_or_default() {
                let (workload, namespace) = (workload.clone(), namespace.clone());
                self.calls.push(Call { row, workload, namespace, variable, address });
            }
        }
        self.emit_calls(intake)
    }

    fn selected<'s>(&'s self, selector: &'s Selector) -> impl Iterator<Item = &'s str> {
        let of = |(label, value): (&String, &String)| {
            let key = (selector.namespace.clone(), label.clone(), value.clone());
            self.labelled.get(&key).map_or(&[][..], Vec::as_slice)
        };
        let rarest = selector.wanted.iter().map(of).min_by_key(|found| found.len()).unwrap_or(&[]);
        rarest.iter().filter_map(|&at| self.workloads.get(at)).filter_map(|(id, labels)| {
            selector
                .wanted
                .iter()
                .all(|(label, value)| labels.get(label) == Some(value))
                .then_some(id.as_str())
        })
    }

    fn emit_calls(&self, intake: &mut Intake<'_>) -> Result<()> {
        let mut told = HashSet::new();
        for call in &self.calls {
            let namespace = call.address.namespace.as_deref().unwrap_or(&call.namespace);
            let service = format!("Service/{namespace}/{}", call.address.service);
            let named = addresses::names_address(&call.variable);
            let known = self.known.contains(&service);
            if !(known || named && call.address.namespace.is_none())
                || !told.insert((&call.workload, service.clone()))
            {
                continue;
            }
            let confidence = if named { CONFIDENCE_NAMED } else { CONFIDENCE_UNNAMED };
            let mut attributes = vec![("confidence", Value::Decimal(confidence))];
            attributes.extend(call.address.port.map(|port| ("port", Value::Integer(port.into()))));
            intake.relate_with(call.row, &call.workload, "calls", &service, attributes)?;
        }
        Ok(())
    }
}

/// The storage class of a volume or claim, which stood in an annotation before it had a field.
fn storage_class(json: &Json) -> Option<&str> {
    let annotation = "/metadata/annotations/volume.beta.kubernetes.io~1storage-class";
    tree::text(json, "/spec/storageClassName").or_else(|| tree::text(json, annotation))
}

/// ConfigMaps, Secrets, claims and the account that a pod refers to.
fn references(pod: &Json) -> Vec<(&'static str, &str, &'static str)> {
    let mut found = Vec::new();
    if let Some(account) = tree::text(pod, "/serviceAccountName").filter(|name| *name != "default") {
        found.push(("ServiceAccount", account, "uses"));
    }
    for volume in tree::list(pod, "/volumes") {
        let refer = |pointer| tree::text(volume, pointer);
        found.extend(
            refer("/persistentVolumeClaim/claimName").map(|n| ("PersistentVolumeClaim", n, "stored_on")),
        );
        found.extend(refer("/configMap/name").map(|n| ("ConfigMap", n, "uses")));
        found.extend(refer("/secret/secretName").map(|n| ("Secret", n, "uses")));
        for source in tree::list(volume, "/projected/sources") {
            found.extend(tree::text(source, "/configMap/name").map(|n| ("ConfigMap", n, "uses")));
            found.extend(tree::text(source, "/secret/name").map(|n| ("Secret", n, "uses")));
        }
    }
    for container in ["/containers", "/initContainers"].into_iter().flat_map(|list| tree::list(pod, list)) {
        for from in tree::list(container, "/envFrom") {
            found.extend(tree::text(from, "/configMapRef/name").map(|n| ("ConfigMap", n, "uses")));
            found.extend(tree::text(from, "/secretRef/name").map(|n| ("Secret", n, "uses")));
        }
        for variable in tree::list(container, "/env") {
            found.extend(
                tree::text(variable, "/valueFrom/configMapKeyRef/name").map(|n| ("ConfigMap", n, "uses")),
            );
            found.extend(tree::text(variable, "/valueFrom/secretKeyRef/name").map(|n| ("Secret", n, "uses")));
        }
    }
    for secret in tree::list(pod, "/imagePullSecrets") {
        found.extend(tree::text(secret, "/name").map(|n| ("Secret", n, "uses")));
    }
    found
}

fn ingress(row: u64, id: &str, namespace: &str, json: &Json, intake: &mut Intake<'_>) -> Result<()> {
    let paths = tree::list(json, "/spec/rules").iter().flat_map(|rule| tree::list(rule, "/http/paths"));
    let backends = paths.filter_map(|path| path.get("backend"));
    let first = ["/spec/defaultBackend", "/spec/backend"].into_iter().filter_map(|at| json.pointer(at));
    let mut told = BTreeSet::new();
    for backend in first.chain(backends) {
        let service = tree::text(backend, "/service/name").or_else(|| tree::text(backend, "/serviceName"));
        if let Some(service) = service.filter(|s| told.insert(*s)) {
            intake.relate(row, id, "depends_on", &format!("Service/{namespace}/{service}"))?;
        }
    }
    let mut secrets = BTreeSet::new();
    for tls in tree::list(json, "/spec/tls") {
        if let Some(secret) = tree::text(tls, "/secretName").filter(|s| secrets.insert(*s)) {
            intake.relate(row, id, "uses", &format!("Secret/{namespace}/{secret}"))?;
        }
    }
    Ok(())
}

/// The entries of an object whose values are texts.
fn texts(json: Option<&Json>) -> BTreeMap<String, String> {
    let entries = json.and_then(Json::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
