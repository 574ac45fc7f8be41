//! The catalogue of vulnerabilities known to be exploited, as CISA publishes it.

use super::{Format, Input, vulnerability};
use crate::intake::{Intake, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;

pub(super) struct Kev;

impl Format for Kev {
    fn name(&self) -> &'static str {
        "kev"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        Keys::of(head).is_some_and(|keys| keys.has_all(&["catalogVersion", "vulnerabilities"]))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("kev", input, sink, |intake, source, file| {
            records::each(intake, source, file, &["vulnerabilities"], &mut entry).map(drop)
        })
    }
}

fn entry(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let Some(id) = tree::text(&json, "/cveID") else {
        intake.complain(row, Some("cveID"), "kev.no-id", "the entry has no cveID");
        return Ok(());
    };
    let mut item = vulnerability::item(id);
    item.text("title", tree::text(&json, "/vulnerabilityName"));
    item.text("description", tree::text(&json, "/shortDescription"));
    item.set("known_exploited", Some(Value::Boolean(true)));
    item.text("mend_by", tree::text(&json, "/dueDate"));
    let product = [tree::text(&json, "/vendorProject"), tree::text(&json, "/product")];
    let product = product.into_iter().flatten().collect::<Vec<_>>().join(" ");
    vulnerability::affected(&mut item, "affected_products", std::iter::once(product.as_str()));
    let used = ["cveID", "vulnerabilityName", "shortDescription", "dueDate"];
    item.rest("", &json, &used);
    intake.item(row, item)
}
