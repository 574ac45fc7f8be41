//! What was found and decided about a change, as a person reads it.

use crate::output::{cell, counted, table};
use serde_json::Value;
use std::fmt::Write;

/// Scenarios in the order a person thinks of them.
const SCENARIOS: [(&str, &str); 3] =
    [("during", "while it runs"), ("if_it_fails", "if it fails"), ("after", "once it is done")];
/// Services printed for each scenario.
const SERVICES_SHOWN: usize = 20;

/// Risk and scenarios of a change.
pub fn assessment(change: &Value) -> String {
    let found = &change["attributes"]["assessment"];
    let risk = &found["risk"];
    let mut out = format!(
        "risk {}: impact {}, fails with a probability of {:.1} % ({} of {} comparable changes failed)\n",
        cell(&risk["level"]).replace('_', " "),
        cell(&risk["impact"]),
        risk["probability"].as_f64().unwrap_or(0.0) * 100.0,
        risk["comparable"]["failures"],
        risk["comparable"]["changes"],
    );
    if let Some(left_out) = risk["comparable"]["imported_left_out"].as_u64().filter(|n| *n > 0) {
        let _ = writeln!(out, "  {left_out} that came over and done with from another tool were left out");
    }
    for factor in rows(&risk["factors"]) {
        let _ = writeln!(out, "  x{} {}", cell(&factor["odds"]), cell(&factor["description"]));
    }
    if risk["cheapest_to_remove"].is_object() {
        let best = &risk["cheapest_to_remove"];
        let p = best["probability"].as_f64().unwrap_or(0.0) * 100.0;
        let level = cell(&best["level"]).replace('_', " ");
        let _ = writeln!(out, "  cheapest to remove: {}: {p:.1} %, risk {level}", cell(&best["remedy"]));
    }
    for (key, words) in SCENARIOS {
        for (graph, on) in [("today", ""), ("proposed", ", with the planned edits")] {
            let scenario = &found[key][graph];
            if scenario.is_object() {
                scenario_text(&mut out, scenario, &format!("{words}{on}"));
            }
        }
    }
    for budget in rows(&found["budgets"]) {
        let _ = writeln!(out, "{}", budget_text(budget));
    }
    proposal(&mut out, &found["proposal"]);
    let _ = writeln!(out, "assessed at position {} by rules {}", found["position"], found["rules"]);
    out
}

/// What the change takes of the downtime that a service may have.
fn budget_text(budget: &Value) -> String {
    let text = |key: &str| cell(&budget[key]);
    let verdict = match budget["broken"] == true {
        true => "BROKEN",
        false => "kept",
    };
    format!(
        "target of {}, {} % in {}: {} minutes allowed, {} used, this takes {}, {} left: {verdict}",
        cell(&budget["service"]["name"]),
        text("target"),
        text("month"),
        text("allowed_minutes"),
        text("used_minutes"),
        text("this_change_minutes"),
        text("left_minutes")
    )
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or(&[])
}

fn scenario_text(out: &mut String, scenario: &Value, words: &str) {
    let services = rows(&scenario["services"]);
    if services.is_empty() {
        let _ = writeln!(out, "{words}: no business service suffers");
        return;
    }
    let _ = writeln!(out, "{words}:");
    let cells = services.iter().take(SERVICES_SHOWN).map(|service| {
        let gates: Vec<String> = rows(&service["gates"])
            .iter()
            .map(|g| {
                let (group, needed, of) = (cell(&g["group"]), cell(&g["needed"]), cell(&g["of"]));
                format!("{group} needs {needed} of {of}, {} left", cell(&g["left"]))
            })
            .collect();
        let because =
            rows(&service["why"]).first().map(|w| format!("{} is {}", cell(&w["on"]), cell(&w["state"])));
        vec![
            format!("  {}", cell(&service["state"])),
            cell(&service["name"]),
            cell(&service["criticality"]),
            cell(&service["owner"]),
            cell(&service["cost"]),
            if gates.is_empty() { because.unwrap_or_default() } else { gates.join("; ") },
        ]
    });
    let header = ["  state", "service", "criticality", "owner", "cost", "why"];
    out.push_str(&table(&header, cells.collect()));
    let total = scenario["services_count"].as_u64().unwrap_or(0) as usize;
    if total > SERVICES_SHOWN {
        let _ = writeln!(out, "  and {} more", total - SERVICES_SHOWN);
    }
    if scenario["complete"] != true {
        let _ = writeln!(out, "  not complete: more sets of changes run in this window than were looked at");
    }
}

fn proposal(out: &mut String, proposal: &Value) {
    if !proposal.is_object() {
        return;
    }
    let (edits, touches) = (&proposal["edits"], counted(&proposal["touches_count"], "item"));
    let _ = writeln!(out, "planned edits: {edits}, touching {touches}");
    for refused in rows(&proposal["refused"]) {
        let _ = writeln!(out, "  edit {} would be refused: {}", refused["edit"], cell(&refused["message"]));
    }
    for group in rows(&proposal["redundancy"]) {
        let (item, name) = (cell(&group["item"]), cell(&group["group"]));
        let (needed, there) = (cell(&group["needed"]), cell(&group["there"]));
        let before = match group["there_before"].is_null() {
            true => "is new".to_owned(),
            false => format!("had {} for {}", cell(&group["there_before"]), cell(&group["needed_before"])),
        };
        let _ = writeln!(out, "  group {name} of {item} has {there} for {needed}; it {before}");
    }
}

/// The authorities a change still waits for.
pub fn waiting(change: &Value) -> String {
    if change["status"] != "awaiting_approval" {
        return String::new();
    }
    let mut out = String::new();
    for required in rows(&change["required"]).iter().filter(|r| r["met"] != true) {
        let of =
            if required["of"].is_null() { String::new() } else { format!(" of {}", cell(&required["of"])) };
        let members: Vec<String> = rows(&required["members"]).iter().map(cell).collect();
        let who = if members.is_empty() { "any approver".to_owned() } else { members.join(", ") };
        let because: Vec<String> = rows(&required["because"]).iter().map(cell).collect();
        let authority = cell(&required["authority"]).replace('_', " ");
        let _ = writeln!(out, "  waits for the {authority}{of} ({who}): {}", because.join("; "));
    }
    out
}

/// Votes, drift, what was done, what came of it, and the journal.
pub fn decisions(change: &Value) -> String {
    let attributes = &change["attributes"];
    let mut out = waiting(change);
    for vote in rows(&attributes["approvals"]) {
        let _ = writeln!(out, "{} by {} at {}", cell(&vote["verdict"]), cell(&vote["by"]), cell(&vote["at"]));
    }
    for service in rows(&change["drift"]["services"]) {
        let (name, was, is) = (cell(&service["name"]), cell(&service["was"]), cell(&service["is"]));
        let _ = writeln!(out, "drift: {name} is {is} instead of {was} ({})", cell(&service["scenario"]));
    }
    let delivery = &attributes["delivery"];
    if delivery["discrepancies_count"].is_number() {
        let edits = counted(&delivery["edits_count"], "edit");
        let discrepancies = counted(&delivery["discrepancies_count"], "discrepancy");
        let _ = writeln!(out, "carried out: {edits} linked, {discrepancies}");
    }
    for row in rows(&delivery["discrepancies"]) {
        let (kind, item, field) = (cell(&row["kind"]), cell(&row["item"]), cell(&row["field"]));
        let (planned, actual) = (cell(&row["planned"]), cell(&row["actual"]));
        let _ = writeln!(out, "  {kind}: {field} of {item} is \"{actual}\", planned was \"{planned}\"");
    }
    let journal = rows(&attributes["journal"]);
    if !journal.is_empty() {
        let cells =
            journal.iter().map(|j| ["at", "by", "verb", "to", "reason"].map(|k| cell(&j[k])).to_vec());
        let _ = write!(out, "\n{}", table(&["at", "by", "verb", "to", "reason"], cells.collect()));
    }
    out
}

/// How good predictions were.
pub fn accuracy(answer: &Value) -> String {
    let percent = |v: &Value| v.as_f64().map_or_else(|| "-".to_owned(), |p| format!("{:.0} %", p * 100.0));
    let mut out = format!("{} reviewed", counted(&answer["changes"], "change"));
    if let Some(brier) = answer["brier"].as_f64() {
        let _ = write!(out, ", Brier score {brier:.3}");
    }
    let _ = writeln!(
        out,
        "\nservices: precision {}, recall {}",
        percent(&answer["precision"]),
        percent(&answer["recall"])
    );
    let bins = rows(&answer["reliability"])
        .iter()
        .map(|bin| vec![percent(&bin["predicted"]), percent(&bin["failed"]), cell(&bin["changes"])]);
    out + &table(&["predicted", "failed", "changes"], bins.collect())
}
