//! CVE records in JSON 5, as their publishers write them and others (CISA among them) add to them.

use super::{Format, Input, vulnerability};
use crate::intake::{Intake, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;

pub(super) struct Cve;

/// Scores, the newest version first.
const CVSS: [&str; 4] = ["/cvssV4_0", "/cvssV3_1", "/cvssV3_0", "/cvssV2_0"];

impl Format for Cve {
    fn name(&self) -> &'static str {
        "cve"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let keys = Keys::of(head).or_else(|| Keys::of_first(head));
        keys.is_some_and(|keys| {
            keys.text("dataType") == Some("CVE_RECORD") || keys.has_all(&["cveMetadata", "containers"])
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("cve", input, sink, |intake, source, file| {
            records::each(intake, source, file, &[], &mut record).map(drop)
        })
    }
}

fn record(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let Some(id) = tree::text(&json, "/cveMetadata/cveId") else {
        intake.complain(row, Some("cveMetadata.cveId"), "cve.no-id", "the record has no cveId");
        return Ok(());
    };
    let containers: Vec<&Json> =
        json.pointer("/containers/cna").into_iter().chain(tree::list(&json, "/containers/adp")).collect();
    let mut item = vulnerability::item(id);
    item.text("title", containers.iter().find_map(|c| tree::text(c, "/title")));
    item.text("description", containers.iter().find_map(|c| english(tree::list(c, "/descriptions"))));
    item.text("published_at", vulnerability::time(tree::text(&json, "/cveMetadata/datePublished")));
    item.text("status", (tree::text(&json, "/cveMetadata/state") == Some("REJECTED")).then_some("closed"));
    let metrics = || containers.iter().flat_map(|c| tree::list(c, "/metrics"));
    if let Some(cvss) = CVSS.iter().find_map(|version| metrics().find_map(|m| m.pointer(version))) {
        vulnerability::score(&mut item, cvss);
    }
    let exploited = metrics().any(|metric| tree::text(metric, "/other/type") == Some("kev"));
    item.set("known_exploited", exploited.then_some(Value::Boolean(true)));
    let affected = || containers.iter().flat_map(|c| tree::list(c, "/affected"));
    let products: Vec<String> = affected().filter_map(product).collect();
    vulnerability::affected(&mut item, "affected_products", products.iter().map(String::as_str));
    let cpes = affected().flat_map(|one| tree::list(one, "/cpes")).filter_map(Json::as_str);
    vulnerability::affected(&mut item, "affected_cpes", cpes);
    let purls = affected().filter_map(|one| tree::text(one, "/packageURL"));
    vulnerability::affected(&mut item, "affected_purls", purls);
    item.rest("", &json, &["dataType"]);
    intake.item(row, item)
}

/// Vendor and product, or the package, of one entry.
fn product(json: &Json) -> Option<String> {
    let parts: Vec<&str> = [tree::text(json, "/vendor"), tree::text(json, "/product")]
        .into_iter()
        .flatten()
        .filter(|part| *part != "n/a")
        .collect();
    match parts.as_slice() {
        [] => tree::text(json, "/packageName").map(str::to_owned),
        parts => Some(parts.join(" ")),
    }
}

/// The English one of several descriptions, else the first.
pub(super) fn english(descriptions: &[Json]) -> Option<&str> {
    let english = |one: &&Json| tree::text(one, "/lang").is_some_and(|lang| lang.starts_with("en"));
    let found = descriptions.iter().find(english).or_else(|| descriptions.first());
    found.and_then(|one| tree::text(one, "/value"))
}
