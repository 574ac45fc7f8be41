//! Answers of the NVD's API 2.0 and its feeds: CVE records with the NVD's own scores and CPE names.

use super::cve::english;
use super::{Format, Input, vulnerability};
use crate::intake::{Intake, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use serde_json::Value as Json;

pub(super) struct Nvd;

/// Scores, the newest version first.
const CVSS: [&str; 4] =
    ["/metrics/cvssMetricV40", "/metrics/cvssMetricV31", "/metrics/cvssMetricV30", "/metrics/cvssMetricV2"];

impl Format for Nvd {
    fn name(&self) -> &'static str {
        "nvd"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        Keys::of(head).is_some_and(|keys| keys.text("format") == Some("NVD_CVE"))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("nvd", input, sink, |intake, source, file| {
            let beside = records::each(intake, source, file, &["vulnerabilities"], &mut record)?;
            let number = |key: &str| beside.get(key).and_then(Json::as_u64).unwrap_or(0);
            if number("startIndex") + number("resultsPerPage") < number("totalResults") {
                let message = format!("the answer is one page of {} records", number("totalResults"));
                intake.note(0, "note.cut-off", message);
            }
            Ok(())
        })
    }
}

fn record(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let record = json.get("cve").unwrap_or(&json);
    let Some(id) = tree::text(record, "/id") else {
        intake.complain(row, Some("cve.id"), "nvd.no-id", "the record has no id");
        return Ok(());
    };
    let mut item = vulnerability::item(id);
    item.text("description", english(tree::list(record, "/descriptions")));
    item.text("title", tree::text(record, "/cisaVulnerabilityName"));
    item.text("published_at", vulnerability::time(tree::text(record, "/published")));
    item.text("mend_by", tree::text(record, "/cisaActionDue"));
    let exploited = record.get("cisaExploitAdd").is_some();
    item.set("known_exploited", exploited.then_some(cmdb_core::model::Value::Boolean(true)));
    item.text("status", (tree::text(record, "/vulnStatus") == Some("Rejected")).then_some("closed"));
    let metrics = CVSS.iter().map(|version| tree::list(record, version)).find(|list| !list.is_empty());
    let metrics = metrics.unwrap_or_default();
    let primary = metrics.iter().find(|metric| tree::text(metric, "/type") == Some("Primary"));
    if let Some(cvss) = primary.or(metrics.first()).and_then(|metric| metric.get("cvssData")) {
        vulnerability::score(&mut item, cvss);
    }
    let matches = || {
        let nodes = tree::list(record, "/configurations").iter().flat_map(|c| tree::list(c, "/nodes"));
        nodes.flat_map(|node| tree::list(node, "/cpeMatch"))
    };
    let affected = matches().filter(|one| one.get("vulnerable") == Some(&Json::Bool(true)));
    let names = affected.filter_map(|one| tree::text(one, "/criteria"));
    vulnerability::affected(&mut item, "affected_cpes", names);
    item.rest("", record, &["id", "published"]);
    intake.item(row, item)
}
