//! The pack's changes, freezes and maintenance windows as an iCalendar file (RFC 5545) that any calendar shows.

use super::markdown::services;
use crate::api::cab::CabPack;
use std::fmt::Write;

/// Octets of one line at most; what is longer is folded.
const LINE_BYTES_MAX: usize = 75;

/// Writes the pack down; times are UTC.
pub fn write(pack: &CabPack) -> String {
    let mut out = String::new();
    line(&mut out, "BEGIN:VCALENDAR");
    line(&mut out, "VERSION:2.0");
    line(&mut out, "PRODID:-//cmdb//change calendar//EN");
    for item in &pack.agenda {
        let (Some(start), Some(end)) = (&item.start, &item.end) else { continue };
        let dangerous = if item.collisions.contains_key("joint_cut") { "⚠ " } else { "" };
        let summary = format!("{dangerous}{} {}", item.number, item.title);
        let text = format!("{}; {}; {}", item.status, item.affects.join(", "), services(item));
        event(&mut out, &item.id, &summary, &text, (start, end), &pack.from);
    }
    for row in &pack.calendar {
        for (at, occurrence) in row.occurrences.iter().enumerate() {
            let uid = format!("{}-{at}", row.period.id);
            let summary = format!("{} {} {}", row.period.class, row.period.number, row.period.title);
            let text = format!("{} items", row.covers);
            event(&mut out, &uid, &summary, &text, (&occurrence.start, &occurrence.end), &pack.from);
        }
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn event(out: &mut String, uid: &str, summary: &str, text: &str, (start, end): (&str, &str), stamp: &str) {
    line(out, "BEGIN:VEVENT");
    line(out, &format!("UID:{}", escape(uid)));
    for (name, time) in [("DTSTAMP", stamp), ("DTSTART", start), ("DTEND", end)] {
        if let Some(time) = utc(time) {
            line(out, &format!("{name}:{time}"));
        }
    }
    line(out, &format!("SUMMARY:{}", escape(summary)));
    line(out, &format!("DESCRIPTION:{}", escape(text)));
    line(out, "END:VEVENT");
}

/// `20261128T220000Z`.
fn utc(time: &str) -> Option<String> {
    time.parse::<jiff::Timestamp>().ok().map(|t| t.strftime("%Y%m%dT%H%M%SZ").to_string())
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

/// One content line, folded between characters.
fn line(out: &mut String, text: &str) {
    let mut bytes = 0;
    for c in text.chars() {
        if bytes + c.len_utf8() > LINE_BYTES_MAX {
            out.push_str("\r\n ");
            bytes = 1;
        }
        let _ = out.write_char(c);
        bytes += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::{escape, line};

    #[test]
    fn lines_are_folded_between_characters_and_texts_cannot_end_them() {
        let mut out = String::new();
        line(&mut out, &format!("SUMMARY:{}", "ä".repeat(100)));
        assert!(out.split("\r\n").all(|l| l.len() <= 75), "{out}");
        assert_eq!(out.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "ä".repeat(100)));
        assert_eq!(escape("a;b,c\\\r\nEND:VEVENT"), "a\\;b\\,c\\\\\\nEND:VEVENT");
    }
}
