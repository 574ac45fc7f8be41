//! The agenda on paper: for each change a line to find it by and a line to decide from, never torn between pages.

use super::super::words::{Clock, percent, shown};
use super::{escaped, state};
use crate::api::cab::{AgendaItem, CabPack};
use std::fmt::Write;

/// Services in one state that are named in one row.
const NAMED_MAX: usize = 4;

/// Writes the section down.
pub(super) fn write(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str(
        "<h2>Agenda, most dangerous first</h2><table class=\"agenda\"><thead><tr><th>Change</th><th>When</th>\
         <th>Risk</th><th>Look at</th></tr></thead>",
    );
    pack.agenda.iter().for_each(|item| row(out, item, clock));
    out.push_str("</table><p class=\"soft\">Shaded: waits for a decision.</p>");
}

fn row(out: &mut String, item: &AgendaItem, clock: &Clock) {
    let class = if item.to_decide { " class=\"decide\"" } else { "" };
    let kind = match item.kind {
        "normal" => String::new(),
        kind => format!(" <span class=\"tag\">{}</span>", escaped(kind)),
    };
    let _ = write!(
        out,
        "<tbody{class}><tr><td><b>{}</b>{kind} {}<br><span class=\"soft\">{} · {}</span></td><td>{}</td>\
         <td>{}</td><td>{}</td></tr><tr class=\"more\"><td colspan=\"4\"><span class=\"soft\">touches</span> {} \
         <span class=\"soft\">· by itself</span> {}</td></tr></tbody>",
        escaped(&item.number),
        escaped(&item.title),
        escaped(&item.status.replace('_', " ")),
        escaped(item.implementer.as_deref().unwrap_or("nobody named")),
        escaped(&clock.stretch(item.start.as_deref(), item.end.as_deref())),
        risk(item),
        look(item),
        escaped(&item.affects.join(", ")),
        by_itself(item)
    );
}

fn risk(item: &AgendaItem) -> String {
    let level = item.risk.as_deref().unwrap_or("not assessed").replace('_', " ");
    let bold = matches!(item.risk.as_deref(), Some("high" | "very_high"));
    let level = if bold { format!("<b class=\"down\">{level}</b>") } else { level };
    let probability =
        item.failure_probability.map(|p| format!("<br>fails {}", percent(p))).unwrap_or_default();
    format!("{level}{probability}")
}

fn look(item: &AgendaItem) -> String {
    let collision = |(kind, count): (&&'static str, &u64)| {
        let class = if *kind == "joint_cut" { "down" } else { "degraded" };
        format!("<span class=\"state {class}\">{count} {}</span>", kind.replace('_', " "))
    };
    let concerns = item.concerns.iter().map(|c| escaped(c));
    item.collisions.iter().map(collision).chain(concerns).collect::<Vec<_>>().join("<br>")
}

/// "Contract Archive down; Order Management, Purchasing and 7 more at risk".
fn by_itself(item: &AgendaItem) -> String {
    if item.services.is_empty() {
        return "<span class=\"soft\">no service affected</span>".to_owned();
    }
    let mut out: Vec<String> = Vec::new();
    for of_state in item.services.chunk_by(|a, b| a.state == b.state) {
        let names: Vec<String> =
            of_state.iter().take(NAMED_MAX).map(|s| escaped(&shown(&s.item.name))).collect();
        let more = match of_state.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        out.push(format!("{}{more} {}", names.join(", "), state(of_state[0].state)));
    }
    out.join("; ")
}
