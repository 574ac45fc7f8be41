//! The pack as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. Made to be printed.

mod agenda;

use super::markdown::{services, through};
use super::words::{Clock, percent, shown, state_word};
use crate::api::cab::{AgendaItem, CabPack};
use crate::api::calendar::Conflict;
use std::fmt::Write;

/// Days that are written on the timeline, so that none runs into the next.
const DAYS_MAX: f64 = 10.0;
/// Changes drawn on the timeline.
const BARS_MAX: usize = 60;

const STYLE: &str = "\
:root{--ink:#1c2430;--soft:#5b6675;--line:#d8dde4;--down:#b3261e;--degraded:#b3661e;--risk:#8a6d00;--ok:#2d6a4f;--wash:#f6f7f9}\
*{box-sizing:border-box}body{font:10.5pt/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:var(--ink);margin:2rem auto;max-width:62rem;padding:0 1.5rem}\
h1{font-size:1.45rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:1.8rem 0 .5rem;border-bottom:2px solid var(--ink);padding-bottom:.2rem}\
h3{font-size:1rem;margin:1rem 0 .3rem}p{margin:.3rem 0}.soft{color:var(--soft)}\
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:.5rem;margin:.8rem 0}.tile{border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem;background:var(--wash)}\
.tile b{display:block;font-size:1.5rem;line-height:1.1}.tile.bad{border-color:var(--down);background:#fdf3f2}.tile.bad b{color:var(--down)}\
.first{border:2px solid var(--down);border-radius:6px;padding:.5rem .8rem;margin:.8rem 0}.first li{margin:.15rem 0}\
table{border-collapse:collapse;width:100%;font-size:9.5pt}th{text-align:left;border-bottom:1px solid var(--ink);padding:.25rem .4rem;font-weight:600}\
td{vertical-align:top;border-bottom:1px solid var(--line);padding:.3rem .4rem}tr{break-inside:avoid}thead{display:table-header-group}\
.card{border:1px solid var(--line);border-left:5px solid var(--soft);border-radius:4px;padding:.45rem .7rem;margin:.4rem 0;break-inside:avoid}\
.card.joint_cut{border-left-color:var(--down)}.card.freeze,.card.radius,.card.same_item{border-left-color:var(--degraded)}\
.state{font-weight:600;white-space:nowrap}.down{color:var(--down)}.degraded{color:var(--degraded)}.at_risk{color:var(--risk)}.up{color:var(--ok)}\
.tag{display:inline-block;border:1px solid currentColor;border-radius:3px;padding:0 .3rem;font-size:8.5pt;white-space:nowrap}\
.agenda tbody{break-inside:avoid}.agenda td:nth-child(1){width:44%}.agenda td:nth-child(2){width:18%}.agenda td:nth-child(3){width:12%}\
.agenda tr:first-child td{border-bottom:0;padding-bottom:.1rem}.agenda .more td{padding-top:0}svg,.tiles,.first{break-inside:avoid}h3{break-after:avoid}\
.decide{background:#fff8e1}svg text{font:8.5px system-ui,sans-serif;fill:var(--ink)}ul{margin:.2rem 0;padding-left:1.1rem}nobr{white-space:nowrap}\
@page{size:A4;margin:14mm}@media print{body{margin:0;padding:0;max-width:none;font-size:9.5pt}h2{break-after:avoid}}";

/// A text as it may stand in the file.
fn escaped(text: &str) -> String {
    crate::markup::escaped(&shown(text))
}

/// Writes the pack down; times by the clock of a zone.
pub fn write(pack: &CabPack, clock: &Clock) -> String {
    let mut out = String::new();
    let title = format!("Changes from {} to {}", clock.day(&pack.from), clock.day(&pack.to));
    let _ = write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{0}</title><style>{STYLE}</style></head><body><h1>{0}</h1>\
         <p class=\"soft\">Times are {1}. Computed on the inventory at position {2}.</p>",
        escaped(&title),
        escaped(clock.zone()),
        pack.position
    );
    attention(&mut out, pack);
    tiles(&mut out, pack);
    collisions(&mut out, pack, clock);
    timeline(&mut out, pack, clock);
    agenda::write(&mut out, pack, clock);
    joint_picture(&mut out, pack, clock);
    calendar(&mut out, pack, clock);
    ratify(&mut out, pack, clock);
    last_period(&mut out, pack, clock);
    out.push_str("</body></html>\n");
    out
}

fn attention(out: &mut String, pack: &CabPack) {
    if pack.attention.is_empty() {
        return;
    }
    out.push_str("<div class=\"first\"><b>Before all else</b><ul>");
    for sentence in &pack.attention {
        let _ = write!(out, "<li>{}</li>", crate::markup::escaped(sentence));
    }
    out.push_str("</ul></div>");
}

fn tiles(out: &mut String, pack: &CabPack) {
    let s = &pack.summary;
    let tiles = [
        (s.changes, "changes", false),
        (s.to_decide, "to decide on", false),
        (s.joint_cuts, "harmless alone, dangerous together", s.joint_cuts > 0),
        (s.other_collisions, "other collisions", false),
        (s.services_down, "services go down", s.services_down > 0),
        (s.services_degraded, "degraded", false),
        (s.services_at_risk, "without reserve", false),
        (s.open_outages, "open outages", s.open_outages > 0),
    ];
    out.push_str("<div class=\"tiles\">");
    for (count, label, bad) in tiles {
        let class = if bad { "tile bad" } else { "tile" };
        let _ = write!(out, "<div class=\"{class}\"><b>{count}</b>{label}</div>");
    }
    out.push_str("</div>");
}

fn state(word: &str) -> String {
    format!("<span class=\"state {}\">{}</span>", escaped(word), escaped(&state_word(word)))
}

fn collisions(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str("<h2>Collisions</h2>");
    if pack.collisions.is_empty() {
        out.push_str("<p>None.</p>");
    }
    for group in &pack.collisions {
        let _ = write!(out, "<h3>{} ({})</h3>", group.title, group.count);
        group.conflicts.iter().for_each(|c| card(out, c, clock));
        if group.count > group.conflicts.len() as u64 {
            let _ = write!(
                out,
                "<p class=\"soft\">… and {} more</p>",
                group.count - group.conflicts.len() as u64
            );
        }
    }
    if !pack.complete {
        out.push_str(
            "<p><b>Some larger combinations were not looked at: too many changes run at once.</b></p>",
        );
    }
    for unread in &pack.unread {
        let _ = write!(out, "<p>Left out: {}</p>", escaped(unread));
    }
}

fn card(out: &mut String, conflict: &Conflict, clock: &Clock) {
    let when = clock.stretch(conflict.start.as_deref(), conflict.end.as_deref());
    let with: Vec<String> = conflict
        .with
        .iter()
        .map(|p| format!("<b>{}</b> {}", escaped(&p.number), escaped(&p.title)))
        .collect();
    let services: Vec<String> = conflict
        .services
        .iter()
        .take(6)
        .map(|s| format!("{} {}", escaped(&s.item.name), state(s.state)))
        .collect();
    let _ = write!(
        out,
        "<div class=\"card {}\"><p>{}</p><p class=\"soft\">{} · {}</p>",
        conflict.kind,
        escaped(&conflict.reason),
        escaped(&when),
        with.join(" · ")
    );
    if !services.is_empty() {
        let _ = write!(out, "<p>At stake: {}</p>", services.join(", "));
    }
    out.push_str("</div>");
}

/// Changes as bars over the period, coloured by what each does by itself; those with dangerous company are marked.
fn timeline(out: &mut String, pack: &CabPack, clock: &Clock) {
    let ms = |time: &str| clock.at(time).map(|t| t.timestamp().as_millisecond());
    let (Some(from), Some(to)) = (ms(&pack.from), ms(&pack.to)) else { return };
    let mut rows: Vec<(&AgendaItem, i64, i64)> = pack
        .agenda
        .iter()
        .filter_map(|item| Some((item, ms(item.start.as_deref()?)?, ms(item.end.as_deref()?)?)))
        .collect();
    rows.sort_by_key(|(item, start, _)| (*start, item.number.clone()));
    if rows.is_empty() || to <= from {
        return;
    }
    let left_out = rows.len().saturating_sub(BARS_MAX);
    rows.truncate(BARS_MAX);
    let (label, width, row_height) = (62.0, 638.0, 12.0);
    let x = |at: i64| label + width * (at.clamp(from, to) - from) as f64 / (to - from) as f64;
    let height = rows.len() as f64 * row_height + 22.0;
    let _ = write!(
        out,
        "<h2>The period at a glance</h2><svg viewBox=\"0 0 705 {height}\" width=\"100%\" role=\"img\" \
         aria-label=\"changes over time\">"
    );
    let days = ((to - from) as f64 / 86_400_000.0).ceil().max(1.0);
    let step = (days / DAYS_MAX).ceil() as i64 * 86_400_000;
    for at in (from..to).step_by(step.max(1) as usize) {
        let text =
            jiff::Timestamp::from_millisecond(at).map(|t| clock.moment(&t.to_string())).unwrap_or_default();
        let text: String = text.rsplit_once(' ').map_or("", |(day, _)| day).to_owned();
        let _ = write!(
            out,
            "<line x1=\"{0:.1}\" y1=\"14\" x2=\"{0:.1}\" y2=\"{height}\" stroke=\"#d8dde4\" stroke-width=\".6\"/>\
             <text x=\"{0:.1}\" y=\"9\">{1}</text>",
            x(at),
            escaped(&text)
        );
    }
    for (at, (item, start, end)) in rows.iter().enumerate() {
        let y = 16.0 + at as f64 * row_height;
        let colour = match item.services.first().map(|s| s.state) {
            Some("down") => "#b3261e",
            Some("degraded") => "#d08a3c",
            Some("at_risk") => "#d9b93b",
            _ => "#7d9bb5",
        };
        let marked = item.collisions.contains_key("joint_cut");
        let stroke = if marked { " stroke=\"#b3261e\" stroke-width=\"1.6\"" } else { "" };
        let flag = if marked { " ⚠" } else { "" };
        let bar = (x(*end) - x(*start)).max(2.5);
        let _ = write!(
            out,
            "<text x=\"0\" y=\"{:.1}\">{}{flag}</text><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{bar:.1}\" height=\"8\" \
             rx=\"1.5\" fill=\"{colour}\"{stroke}/>",
            y + 7.5,
            escaped(&item.number),
            x(*start),
            y
        );
    }
    out.push_str("</svg><p class=\"soft\">Red: takes a service down by itself. Orange: degrades one. Yellow: leaves one \
                  without reserve. Blue: no service affected. ⚠: dangerous together with another one.");
    if left_out > 0 {
        let _ = write!(out, " {left_out} more are not drawn.");
    }
    out.push_str("</p>");
}

fn joint_picture(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str("<h2>What the whole period does</h2>");
    if pack.joint_picture.is_empty() {
        out.push_str("<p>No service gets worse.</p>");
        return;
    }
    out.push_str(
        "<table><thead><tr><th>Service</th><th>Criticality</th><th>Worst</th><th>First then</th><th>Through</th>\
         <th>Minutes down</th><th>degraded</th><th>at risk</th></tr></thead><tbody>",
    );
    for row in &pack.joint_picture {
        let minutes = |state: &str| row.minutes.get(state).copied().unwrap_or(0);
        let by: Vec<String> =
            row.by.iter().map(|number| format!("<nobr>{}</nobr>", escaped(number))).collect();
        let criticality = row.service.criticality.as_ref().map(ToString::to_string).unwrap_or_default();
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&row.service.item.name),
            escaped(&criticality),
            state(row.service.state),
            escaped(&clock.stretch(Some(&row.start), Some(&row.end))),
            by.join(", "),
            minutes("down"),
            minutes("degraded"),
            minutes("at_risk")
        );
    }
    out.push_str("</tbody></table>");
}

fn calendar(out: &mut String, pack: &CabPack, clock: &Clock) {
    if pack.calendar.is_empty() && pack.calendar_edits.is_empty() {
        return;
    }
    out.push_str("<h2>Freezes and maintenance windows</h2><ul>");
    for edit in &pack.calendar_edits {
        let _ = write!(
            out,
            "<li><span class=\"state down\">{}</span> <b>{}</b> {} — by {}, {}{}</li>",
            escaped(&edit.what),
            escaped(&edit.period.number),
            escaped(&edit.period.title),
            escaped(&edit.by),
            escaped(&clock.moment(&edit.at)),
            escaped(&through(edit))
        );
    }
    for row in &pack.calendar {
        let times: Vec<String> =
            row.occurrences.iter().take(4).map(|o| clock.stretch(Some(&o.start), Some(&o.end))).collect();
        let _ = write!(
            out,
            "<li><span class=\"tag\">{}</span> <b>{}</b> {} — {} ({} items)</li>",
            if row.period.class == "Freeze" { "freeze" } else { "window" },
            escaped(&row.period.number),
            escaped(&row.period.title),
            escaped(&times.join("; ")),
            row.covers
        );
    }
    out.push_str("</ul>");
}

fn ratify(out: &mut String, pack: &CabPack, clock: &Clock) {
    out.push_str("<h2>Emergency changes to ratify</h2>");
    if pack.emergencies.is_empty() {
        out.push_str("<p>None.</p>");
    }
    for item in &pack.emergencies {
        let _ = write!(
            out,
            "<div class=\"card freeze\"><p><b>{}</b> {}</p><p class=\"soft\">{} · {} · {}</p></div>",
            escaped(&item.number),
            escaped(&item.title),
            escaped(&clock.stretch(item.start.as_deref(), item.end.as_deref())),
            escaped(&item.status.replace('_', " ")),
            escaped(&services(item))
        );
    }
    out.push_str("<h2>Unauthorised changes</h2>");
    if pack.unauthorised.is_empty() {
        out.push_str("<p>None found.</p>");
    }
    out.push_str("<ul>");
    for finding in &pack.unauthorised {
        let _ = write!(
            out,
            "<li>{} · <b>{}</b>, {} edits: {}</li>",
            escaped(&clock.moment(&finding.at)),
            escaped(&finding.by),
            finding.count,
            escaped(&finding.edits.join("; "))
        );
    }
    out.push_str("</ul>");
}

fn last_period(out: &mut String, pack: &CabPack, clock: &Clock) {
    let last = &pack.last_period;
    let outcomes: Vec<String> = last
        .by_outcome
        .iter()
        .map(|(outcome, count)| format!("{count} {}", outcome.replace('_', " ")))
        .collect();
    let _ = write!(
        out,
        "<h2>The period before</h2><p class=\"soft\">{} to {}</p><ul><li>{} changes ended{}{}</li><li>{} outages \
         began</li>",
        escaped(&clock.day(&last.from)),
        escaped(&clock.day(&last.to)),
        last.changes,
        if outcomes.is_empty() { "" } else { ": " },
        escaped(&outcomes.join(", ")),
        last.outages
    );
    for change in &last.not_successful {
        let _ = write!(
            out,
            "<li>Not successful: <b>{}</b> {}</li>",
            escaped(&change.number),
            escaped(&change.title)
        );
    }
    match (last.precision, last.recall) {
        (Some(precision), Some(recall)) => {
            let brier = last.brier.map(|b| format!("; Brier score {b:.3}")).unwrap_or_default();
            let _ = write!(
                out,
                "<li>Forecasts of {} reviewed changes: {} of the services predicted were hit, {} of those hit were \
                 predicted{brier}</li>",
                last.reviewed,
                percent(precision),
                percent(recall)
            );
        }
        _ => out.push_str("<li>No reviewed change to judge forecasts by</li>"),
    }
    out.push_str("</ul>");
}
