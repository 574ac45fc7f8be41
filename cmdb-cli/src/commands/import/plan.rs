//! A plan as text: what would change, value by value, and what the removals would do.

use crate::output::cell;
use crate::render::label;
use serde_json::Value;
use std::fmt::Write;

/// Changes printed; `--json` has them all.
const CHANGES_PRINTED_MAX: usize = 50;
/// Values of one change printed.
const FIELDS_PRINTED_MAX: usize = 12;
/// Services printed.
const SERVICES_PRINTED_MAX: usize = 20;

pub(super) fn text(out: &mut String, plan: &Value) {
    let changes = plan["changes"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if !changes.is_empty() {
        let _ = writeln!(out, "\nchanges");
    }
    for change in changes.iter().take(CHANGES_PRINTED_MAX) {
        let place = match change["row"].as_u64() {
            Some(row) if row > 0 => format!("  ({} row {row})", cell(&change["file"])),
            _ => String::new(),
        };
        let _ = writeln!(out, "  {} {}{place}", cell(&change["action"]), subject(change));
        let fields = change["attributes"].as_array().map(Vec::as_slice).unwrap_or(&[]);
        // What a new thing has is in the file; what changes is not.
        if change["action"] == "create" {
            continue;
        }
        for field in fields.iter().take(FIELDS_PRINTED_MAX) {
            let (old, new) = (value(&field["old"]), value(&field["new"]));
            let _ = writeln!(out, "      {}: {old} → {new}", cell(&field["name"]));
        }
    }
    let total = plan["changes_count"].as_u64().unwrap_or(0);
    let printed = changes.len().min(CHANGES_PRINTED_MAX) as u64;
    if total > printed {
        let _ = writeln!(out, "  … and {} more; --json lists them", total - printed);
    }
    removals(out, &plan["removals"]);
}

fn subject(change: &Value) -> String {
    match change["what"] == "relationship" {
        true => {
            format!("{} {} {}", label(&change["source"]), cell(&change["type"]), label(&change["target"]))
        }
        false => label(change),
    }
}

fn value(value: &Value) -> String {
    if value.is_null() { "nothing".to_owned() } else { cell(value) }
}

fn removals(out: &mut String, removals: &Value) {
    let count = removals["count"].as_u64().unwrap_or(0);
    if count == 0 {
        return;
    }
    let _ = writeln!(out, "\n{} would not be live any more", crate::output::count(count, "item"));
    let services = removals["services"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let states: Vec<String> = removals["by_state"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    if states.is_empty() {
        let _ = writeln!(out, "  nothing else would be affected");
        return;
    }
    let _ = writeln!(out, "  affected: {}", states.join(", "));
    for service in services.iter().take(SERVICES_PRINTED_MAX) {
        let _ = writeln!(out, "  - {} {}", label(service), cell(&service["state"]));
    }
    if services.len() > SERVICES_PRINTED_MAX {
        let _ = writeln!(out, "  … and {} more services", services.len() - SERVICES_PRINTED_MAX);
    }
}

/// The last line of a dry run.
pub(super) fn closing(plan: &Value) -> String {
    match (plan["id"].as_str(), plan["reason"].as_str()) {
        (_, Some(reason)) => format!("dry run: nothing was changed; the plan cannot be applied: {reason}"),
        (Some(id), None) => {
            format!("dry run: nothing was changed; `cmdb import apply {id}` does exactly this")
        }
        (None, None) => "dry run: nothing was changed".to_owned(),
    }
}
