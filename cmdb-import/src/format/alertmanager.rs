//! Alerts as Alertmanager sends them to webhooks and lists them in its API: events, the raw material of incidents.
//!
//! An alert's id is its fingerprint and the time it began, so that a repeated notification is the same event. Where
//! the payload states no fingerprint it is computed from the labels as Alertmanager does.

use super::{Format, Input, vulnerability};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashSet};

pub(super) struct Alertmanager;

/// Alerts of one file that are told apart.
const ALERTS_MAX: usize = 1_000_000;
/// Labels that name what the alert is about, the most telling first.
const SUBJECTS: [&str; 8] = ["instance", "node", "host", "hostname", "service", "deployment", "pod", "job"];

impl Format for Alertmanager {
    fn name(&self) -> &'static str {
        "alertmanager"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let webhook = Keys::of(head).is_some_and(|k| {
            k.is_list("alerts") && (k.has("groupKey") || k.has_all(&["receiver", "status"]))
        });
        webhook || Keys::of_first(head).is_some_and(|k| k.has_all(&["labels", "startsAt", "annotations"]))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("alertmanager", input, sink, |intake, source, file| {
            let mut seen = HashSet::new();
            let mut take = |intake: &mut Intake<'_>, row, json| alert(intake, &mut seen, row, &json);
            let beside = records::each(intake, source, file, &["alerts"], &mut take)?;
            let cut_off = beside.get("truncatedAlerts").and_then(Json::as_u64).unwrap_or(0);
            if cut_off > 0 {
                intake.note(0, "note.cut-off", format!("{cut_off} alerts were cut off (truncatedAlerts)"));
            }
            Ok(())
        })
    }
}

fn alert(intake: &mut Intake<'_>, seen: &mut HashSet<String>, row: u64, json: &Json) -> Result<()> {
    let labels: BTreeMap<&str, &str> =
        tree::entries(json, "/labels").filter_map(|(name, value)| Some((name, value.as_str()?))).collect();
    let Some(started) = tree::text(json, "/startsAt").filter(|_| !labels.is_empty()) else {
        intake.complain(
            row,
            Some("startsAt"),
            "alertmanager.not-an-alert",
            "the alert has no labels or no startsAt",
        );
        return Ok(());
    };
    let fingerprint = tree::text(json, "/fingerprint").map_or_else(|| fingerprint(&labels), str::to_owned);
    let id = format!("{fingerprint}@{started}");
    if seen.len() < ALERTS_MAX && !seen.insert(id.clone()) {
        intake.note(row, "note.field", format!("{id}, which stands more than once,"));
        return Ok(());
    }
    let name = labels.get("alertname").copied().unwrap_or("alert");
    let mut item = Item::new("Event", id.as_str()).name(Some(name));
    item.text("number", Some(&id));
    let annotation =
        |name: &str| json.get("annotations").and_then(|all| all.get(name)).and_then(Json::as_str);
    item.text("title", annotation("summary").or(annotation("title")).or(Some(name)));
    item.text("description", annotation("description").or(annotation("message")));
    item.text("event_severity", labels.get("severity"));
    item.text("started_at", vulnerability::time(Some(started)));
    // Year 1 is what Go writes for "not ended".
    let ended = tree::text(json, "/endsAt").filter(|end| !end.starts_with("0001-"));
    let state = tree::text(json, "/status").or_else(|| tree::text(json, "/status/state"));
    let over = state == Some("resolved");
    item.text("ended_at", vulnerability::time(ended.filter(|_| over)));
    item.text("status", Some(if over { "closed" } else { "open" }));
    item.rest("", json, &["startsAt"]);
    intake.item(row, item)?;
    match SUBJECTS.iter().find_map(|label| labels.get(label)) {
        Some(subject) => intake.relate(row, &id, "affects", without_port(subject)),
        None => {
            intake.note(row, "note.host", format!("{name} names no instance, node, service or job"));
            Ok(())
        }
    }
}

/// `host:9100` and `[::1]:9100` without the port.
fn without_port(subject: &str) -> &str {
    match subject.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
            if host.is_empty() { subject } else { host }
        }
        _ => subject,
    }
}

/// FNV-1a over names and values in order of the names, each followed by a byte that no UTF-8 text has: the
/// fingerprint of `prometheus/common`'s label sets.
fn fingerprint(labels: &BTreeMap<&str, &str>) -> String {
    const OFFSET: u64 = 14_695_981_039_346_656_037;
    const PRIME: u64 = 1_099_511_628_211;
    let mut hash = OFFSET;
    for (name, value) in labels {
        for part in [name.as_bytes(), &[255], value.as_bytes(), &[255]] {
            hash = part.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME));
        }
    }
    format!("{hash:016x}")
}
