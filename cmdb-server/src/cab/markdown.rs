//! The pack as Markdown: for a wiki, a mail, a merge request.

use super::words::{Clock, percent, shown, state_word};
use crate::api::cab::{AgendaItem, CabPack, CalendarEdit};
use std::fmt::Write;

/// Writes the pack down; times by the clock of a zone.
pub fn write(pack: &CabPack, clock: &Clock) -> String {
    let mut out = String::new();
    let s = &pack.summary;
    let _ = writeln!(out, "# Changes from {} to {}\n", clock.day(&pack.from), clock.day(&pack.to));
    let _ = writeln!(
        out,
        "{} changes, {} to decide on. **{} combinations are harmless alone and dangerous together**; {} other \
         collisions. If all goes as planned {} services go down, {} are degraded, {} run without reserve; {} outages \
         are open. Times are {}; position {}.\n",
        s.changes,
        s.to_decide,
        s.joint_cuts,
        s.other_collisions,
        s.services_down,
        s.services_degraded,
        s.services_at_risk,
        s.open_outages,
        clock.zone(),
        pack.position
    );
    if !pack.attention.is_empty() {
        out.push_str("## Before all else\n\n");
        pack.attention.iter().for_each(|sentence| {
            let _ = writeln!(out, "- {}", cell(sentence));
        });
        out.push('\n');
    }
    collisions(&mut out, pack, clock);
    agenda(&mut out, pack, clock);
    joint_picture(&mut out, pack, clock);
    calendar(&mut out, pack, clock);
    rest(&mut out, pack, clock);
    out
}

/// A table cell: no line breaks, no column ends, no markup, nothing that is not seen or turns the line around.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown(text).chars() {
        match c {
            '|' => out.push_str("\\|"),
            '<' => out.push_str("&lt;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn collisions(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str("## Collisions\n\n");
    if pack.collisions.is_empty() {
        out.push_str("None.\n\n");
    }
    for group in &pack.collisions {
        let _ = writeln!(out, "### {} ({})\n", group.title, group.count);
        for conflict in &group.conflicts {
            let when = clock.stretch(conflict.start.as_deref(), conflict.end.as_deref());
            let _ = writeln!(out, "- {} — {}", when, cell(&conflict.reason));
        }
        if group.count > group.conflicts.len() as u64 {
            let _ = writeln!(out, "- … and {} more", group.count - group.conflicts.len() as u64);
        }
        out.push('\n');
    }
    if !pack.complete {
        out.push_str("Some larger combinations were not looked at: too many changes run at once.\n\n");
    }
    for unread in &pack.unread {
        let _ = writeln!(out, "- Left out: {}", cell(unread));
    }
}

fn agenda(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str("## Agenda, most dangerous first\n\n");
    out.push_str("| Change | When | Risk | Status | Touches | By itself | Collisions | Concerns |\n");
    out.push_str("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for item in &pack.agenda {
        let _ = writeln!(out, "{}", agenda_row(item, clock));
    }
    out.push('\n');
}

fn agenda_row(item: &AgendaItem, clock: &Clock) -> String {
    let kind = if item.kind == "normal" { String::new() } else { format!(" ({})", item.kind) };
    let risk = item.risk.as_deref().unwrap_or("not assessed").replace('_', " ");
    let probability = item.failure_probability.map(|p| format!(", fails {}", percent(p))).unwrap_or_default();
    let collisions: Vec<String> =
        item.collisions.iter().map(|(kind, count)| format!("{count} {}", kind.replace('_', " "))).collect();
    format!(
        "| **{}** {}{kind} | {} | {risk}{probability} | {} | {} | {} | {} | {} |",
        cell(&item.number),
        cell(&item.title),
        clock.stretch(item.start.as_deref(), item.end.as_deref()),
        item.status.replace('_', " "),
        cell(&item.affects.join(", ")),
        cell(&services(item)),
        collisions.join(", "),
        cell(&item.concerns.join("; "))
    )
}

/// "Web shop down, Checkout at risk".
pub(super) fn services(item: &AgendaItem) -> String {
    let one = |s: &crate::api::calendar::ServiceAtStake| format!("{} {}", s.item.name, state_word(s.state));
    match item.services.is_empty() {
        true => "no service affected".to_owned(),
        false => item.services.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}

fn joint_picture(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str("## What the whole period does\n\n");
    if pack.joint_picture.is_empty() {
        out.push_str("No service gets worse.\n\n");
        return;
    }
    out.push_str("| Service | Worst | From | Through | Minutes down / degraded / at risk |\n| --- | --- | --- | --- | --- |\n");
    for row in &pack.joint_picture {
        let minutes = |state: &str| row.minutes.get(state).copied().unwrap_or(0);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} / {} / {} |",
            cell(&row.service.item.name),
            state_word(row.service.state),
            clock.stretch(Some(&row.start), Some(&row.end)),
            cell(&row.by.join(", ")),
            minutes("down"),
            minutes("degraded"),
            minutes("at_risk")
        );
    }
    out.push('\n');
}

fn calendar(out: &mut String, pack: &CabPack, clock: &Clock) {
    if pack.calendar.is_empty() && pack.calendar_edits.is_empty() {
        return;
    }
    out.push_str("## Freezes and maintenance windows\n\n");
    for edit in &pack.calendar_edits {
        let (number, title) = (cell(&edit.period.number), cell(&edit.period.title));
        let _ = writeln!(
            out,
            "- **{number}** {title} — {} by {}, {}{}",
            cell(&edit.what),
            cell(&edit.by),
            clock.moment(&edit.at),
            through(edit)
        );
    }
    for row in &pack.calendar {
        let times: Vec<String> =
            row.occurrences.iter().take(4).map(|o| clock.stretch(Some(&o.start), Some(&o.end))).collect();
        let _ = writeln!(
            out,
            "- {} **{}** {} — {} ({} items)",
            row.period.class,
            cell(&row.period.number),
            cell(&row.period.title),
            times.join("; "),
            row.covers
        );
    }
    out.push('\n');
}

/// "; lets CHG-000001 through".
pub(super) fn through(edit: &CalendarEdit) -> String {
    match edit.lets_through.as_slice() {
        [] => String::new(),
        numbers => format!("; lets {} through", numbers.join(", ")),
    }
}

fn rest(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str("## Emergency changes to ratify\n\n");
    for item in &pack.emergencies {
        let _ = writeln!(
            out,
            "- **{}** {} — {}, {}; {}",
            cell(&item.number),
            cell(&item.title),
            clock.stretch(item.start.as_deref(), item.end.as_deref()),
            item.status.replace('_', " "),
            cell(&services(item))
        );
    }
    out.push_str(if pack.emergencies.is_empty() { "None.\n\n" } else { "\n" });
    out.push_str("## Unauthorised changes\n\n");
    for finding in &pack.unauthorised {
        let (count, by) = (finding.count, cell(&finding.by));
        let _ = writeln!(
            out,
            "- {} — {by}, {count} edits: {}",
            clock.moment(&finding.at),
            cell(&finding.edits.join("; "))
        );
    }
    out.push_str(if pack.unauthorised.is_empty() { "None found.\n\n" } else { "\n" });
    let last = &pack.last_period;
    let _ = writeln!(out, "## The period before ({} to {})\n", clock.day(&last.from), clock.day(&last.to));
    let outcomes: Vec<String> = last
        .by_outcome
        .iter()
        .map(|(outcome, count)| format!("{count} {}", outcome.replace('_', " ")))
        .collect();
    let _ = writeln!(out, "- {} changes ended: {}", last.changes, outcomes.join(", "));
    for change in &last.not_successful {
        let _ = writeln!(out, "- Not successful: **{}** {}", cell(&change.number), cell(&change.title));
    }
    let _ = writeln!(out, "- {} outages began", last.outages);
    match (last.precision, last.recall) {
        (Some(precision), Some(recall)) => {
            let brier =
                last.brier.map(|b| format!("; Brier score of the risk model {b:.3}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "- Forecasts of {} reviewed changes: {} of the services predicted were hit, {} of those hit were \
                 predicted{brier}",
                last.reviewed,
                percent(precision),
                percent(recall)
            );
        }
        _ => out.push_str("- No reviewed change to judge forecasts by\n"),
    }
}
