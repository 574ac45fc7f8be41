//! What the chair has to see before anything else: a handful of sentences at the top of the pack, the worst first.

use super::words::shown;
use crate::api::cab::CabPack;

/// Sentences of one kind; the sections below have the rest.
const EACH_MAX: usize = 3;

/// The sentences; none where nothing hurries.
pub fn attention(pack: &CabPack) -> Vec<String> {
    let mut out = Vec::new();
    let mut take = |sentences: Vec<String>, more: &str| {
        let rest = sentences.len().saturating_sub(EACH_MAX);
        out.extend(sentences.into_iter().take(EACH_MAX));
        if rest > 0 {
            out.push(format!("… and {rest} more {more}"));
        }
    };
    take(cuts(pack), "combinations that are dangerous together");
    take(running_late(pack), "changes that run past their time");
    take(lifted(pack), "freezes lifted");
    take(risky(pack), "changes to decide on at high risk");
    take(drifted(pack), "approvals that no longer fit");
    let edits: u64 = pack.unauthorised.iter().map(|finding| finding.count).sum();
    if edits > 0 {
        let were =
            if edits == 1 { "edit of a controlled item was" } else { "edits of controlled items were" };
        out.push(format!("{edits} {were} covered by no change"));
    }
    if !pack.emergencies.is_empty() {
        let count = pack.emergencies.len();
        let are = if count == 1 { "emergency change is" } else { "emergency changes are" };
        out.push(format!("{count} {are} to be ratified"));
    }
    out
}

fn cuts(pack: &CabPack) -> Vec<String> {
    let cuts = pack.collisions.iter().filter(|group| group.kind == "joint_cut");
    cuts.flat_map(|group| &group.conflicts).map(|c| format!("Not together: {}", shown(&c.reason))).collect()
}

fn running_late(pack: &CabPack) -> Vec<String> {
    let late = |c: &&String| c.starts_with("still running");
    let of = |item: &crate::api::cab::AgendaItem| {
        let concern = item.concerns.iter().find(late)?;
        Some(format!(
            "{} {} is {concern}; it touches {}",
            item.number,
            shown(&item.title),
            item.affects.join(", ")
        ))
    };
    pack.agenda.iter().filter_map(of).collect()
}

fn lifted(pack: &CabPack) -> Vec<String> {
    let opened = pack.calendar_edits.iter().filter(|edit| !edit.lets_through.is_empty());
    let sentence = |edit: &crate::api::cab::CalendarEdit| {
        let through = edit.lets_through.join(", ");
        let (number, title, by) = (&edit.period.number, shown(&edit.period.title), shown(&edit.by));
        format!("{number} {title} was lifted by {by}, which lets {through} through")
    };
    opened.map(sentence).collect()
}

fn risky(pack: &CabPack) -> Vec<String> {
    let risky = |item: &&crate::api::cab::AgendaItem| {
        item.to_decide && matches!(item.risk.as_deref(), Some("high" | "very_high"))
    };
    let sentence = |item: &crate::api::cab::AgendaItem| {
        let risk = item.risk.as_deref().unwrap_or("").replace('_', " ");
        format!("{} {} waits for a decision at {risk} risk", item.number, shown(&item.title))
    };
    pack.agenda.iter().filter(risky).map(sentence).collect()
}

fn drifted(pack: &CabPack) -> Vec<String> {
    let drifted = |item: &&crate::api::cab::AgendaItem| {
        item.concerns.iter().any(|c| c.starts_with("the impact is no longer"))
    };
    let sentence = |item: &crate::api::cab::AgendaItem| {
        format!("What {} {} does is no longer what was approved", item.number, shown(&item.title))
    };
    pack.agenda.iter().filter(drifted).map(sentence).collect()
}
