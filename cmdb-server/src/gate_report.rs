//! The gate's report as Markdown, fit for a comment on a merge request.

use crate::api::gate::CheckAnswer;
use std::fmt::Write;

/// Rows of one table that are written out.
const ROWS_SHOWN: usize = 20;

/// Writes the report down.
pub fn write(answer: &CheckAnswer, title: Option<&str>, condition: Option<&str>) -> String {
    let mut out = String::new();
    let verdict = if answer.passed { "✅ passes" } else { "❌ must not pass" };
    let _ = writeln!(out, "## {}: {verdict}\n", cell(title.unwrap_or("Planned change")));
    for failure in &answer.failures {
        let _ = writeln!(out, "- {}", cell(failure));
    }
    if !answer.failures.is_empty() {
        out.push('\n');
    }
    summary(&mut out, answer);
    matched(&mut out, answer, condition);
    touched(&mut out, answer);
    invariants(&mut out, answer);
    conflicts(&mut out, answer);
    let _ = writeln!(out, "\n<sub>computed on the inventory at position {}</sub>", answer.position);
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}

fn state(word: &str) -> String {
    word.replace('_', " ")
}

fn summary(out: &mut String, answer: &CheckAnswer) {
    let count = |word: &str| answer.by_state.get(word).copied().unwrap_or(0);
    let _ = writeln!(
        out,
        "{} items down, {} degraded, {} without reserve (what is touched included).\n",
        count("down"),
        count("degraded"),
        count("at_risk")
    );
    if answer.services.is_empty() {
        out.push_str("No business service is affected.\n");
        return;
    }
    out.push_str("| Service | State | Criticality |\n| --- | --- | --- |\n");
    for service in answer.services.iter().take(ROWS_SHOWN) {
        let criticality = service.criticality.as_ref().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(out, "| {} | {} | {criticality} |", cell(&service.item.name), state(service.state));
    }
    more(out, answer.services.len());
}

fn more(out: &mut String, count: usize) {
    if count > ROWS_SHOWN {
        let _ = writeln!(out, "\n… and {} more", count - ROWS_SHOWN);
    }
}

fn matched(out: &mut String, answer: &CheckAnswer, condition: Option<&str>) {
    let Some(condition) = condition.filter(|_| answer.matched_count > 0) else { return };
    let _ = writeln!(out, "\n### Matches `{}`\n", condition.replace('`', "'"));
    out.push_str("| Item | State | Because |\n| --- | --- | --- |\n");
    for item in answer.matched.iter().take(ROWS_SHOWN) {
        let name = format!("{} {}", item.item.class, item.item.name);
        let _ = writeln!(out, "| {} | {} | {} |", cell(&name), state(item.state), cell(&item.because));
    }
    more(out, answer.matched_count as usize);
}

fn touched(out: &mut String, answer: &CheckAnswer) {
    out.push_str("\n<details><summary>What is touched</summary>\n\n");
    for root in &answer.roots {
        let action = root.action.map(|a| format!("{a}: ")).unwrap_or_default();
        let name = format!("{} {}", root.item.class, root.item.name);
        let _ = writeln!(out, "- {action}{} ({})", cell(&name), state(root.state));
    }
    for unknown in &answer.unknown {
        let _ = writeln!(out, "- not in the inventory: `{}`", unknown.replace('`', "'"));
    }
    out.push_str("\n</details>\n");
}

fn invariants(out: &mut String, answer: &CheckAnswer) {
    if answer.invariants.is_empty() {
        return;
    }
    out.push_str("\n### Invariants on the proposed state\n\n");
    for invariant in &answer.invariants {
        let mark = if invariant.holds { "✅" } else { "❌" };
        let _ = write!(out, "- {mark} **{}**", cell(&invariant.name));
        if !invariant.description.is_empty() {
            let _ = write!(out, " {}", cell(&invariant.description));
        }
        if !invariant.holds {
            let first = invariant.first.first().map(ToString::to_string).unwrap_or_default();
            let _ = write!(out, ": {} rows, such as {}", invariant.rows, cell(&first));
        }
        out.push('\n');
    }
}

fn conflicts(out: &mut String, answer: &CheckAnswer) {
    if answer.conflicts.is_empty() {
        return;
    }
    out.push_str("\n### Collides with\n\n");
    for conflict in answer.conflicts.iter().take(ROWS_SHOWN) {
        let _ = writeln!(out, "- **{}** {}", cell(&conflict.number), cell(&conflict.reason));
    }
    more(out, answer.conflicts.len());
}
