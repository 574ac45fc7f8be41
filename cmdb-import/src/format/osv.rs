//! Vulnerabilities in the Open Source Vulnerability format: one record, or a list of them.

use super::{Format, Input, vulnerability};
use crate::intake::{Intake, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use serde_json::Value as Json;

pub(super) struct Osv;

impl Format for Osv {
    fn name(&self) -> &'static str {
        "osv"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let listed = Keys::of(head).and_then(|keys| keys.value("vulns")).and_then(Keys::of_first);
        let keys = listed.or_else(|| Keys::of(head)).or_else(|| Keys::of_first(head));
        keys.is_some_and(|keys| {
            keys.has_all(&["id", "modified"]) && (keys.has("affected") || keys.has("schema_version"))
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("osv", input, sink, |intake, source, file| {
            records::each(intake, source, file, &["vulns"], &mut record).map(drop)
        })
    }
}

fn record(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let Some(id) = tree::text(&json, "/id") else {
        intake.complain(row, Some("id"), "osv.no-id", "the record has no id");
        return Ok(());
    };
    let mut item = vulnerability::item(id);
    item.text("title", tree::text(&json, "/summary"));
    item.text("description", tree::text(&json, "/details"));
    item.text("published_at", vulnerability::time(tree::text(&json, "/published")));
    item.text("status", tree::text(&json, "/withdrawn").map(|_| "closed"));
    let affected = tree::list(&json, "/affected");
    let vectors = tree::list(&json, "/severity").iter().filter_map(|one| tree::text(one, "/score"));
    item.text("cvss_vector", vectors.filter(|vector| vector.starts_with("CVSS:")).max());
    let texts = |pointer: &'static str| affected.iter().filter_map(move |one| tree::text(one, pointer));
    vulnerability::affected(&mut item, "affected_purls", texts("/package/purl"));
    vulnerability::affected(&mut item, "affected_products", texts("/package/name"));
    item.rest("", &json, &["id", "summary", "details", "published"]);
    intake.item(row, item)
}
