//! iCalendar (RFC 5545): events become freezes and maintenance windows, with recurrence, zone and exceptions.
//!
//! An event whose categories or summary speak of a freeze, blackout, moratorium or embargo is a freeze, any other a
//! maintenance window; `X-CMDB-SCOPE` carries the query it is about. Zones must be IANA names: a definition of a zone
//! inside the file (VTIMEZONE) is not interpreted, and an event in any other zone is rejected by name.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::{Sink, Source};
use cmdb_core::model::Value;
use cmdb_core::model::temporal::Instant;
use cmdb_core::{Error, Result};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

pub(super) struct ICalendar;

/// What an event says, or what is wrong with it.
type Told<T> = std::result::Result<T, String>;

/// A calendar file at most.
const FILE_BYTES_MAX: usize = 16 << 20;
/// Exceptions of one event at most.
const LEFT_OUT_MAX: usize = 1_000;
/// Words by which a freeze is recognised.
const FREEZE_WORDS: [&str; 4] = ["freeze", "blackout", "moratorium", "embargo"];

impl Format for ICalendar {
    fn name(&self) -> &'static str {
        "icalendar"
    }
    fn recognises(&self, head: &[u8], _: &str) -> bool {
        head.trim_ascii_start().get(..15).is_some_and(|h| h.eq_ignore_ascii_case(b"BEGIN:VCALENDAR"))
    }
    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("icalendar", input, sink, |intake, source, _| events(intake, &text_of(source)?))
    }
}

fn text_of(mut source: Source<'_>) -> Result<String> {
    while source.more()? {
        if source.bytes().len() > FILE_BYTES_MAX {
            let message = format!("a calendar file has at most {FILE_BYTES_MAX} bytes");
            return Err(Error::limit("import.file-bytes", message));
        }
    }
    Ok(String::from_utf8_lossy(source.bytes()).into_owned())
}

/// A content line, unfolded: name, parameters, value, and the line it begins on.
struct Line<'t> {
    row: u64,
    name: &'t str,
    parameters: &'t str,
    value: &'t str,
}

impl Line<'_> {
    /// A parameter such as TZID.
    fn parameter(&self, name: &str) -> Option<&str> {
        let parts = self.parameters.split(';').filter_map(|p| p.split_once('='));
        parts.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim_matches('"')).next()
    }
}

/// Name and parameters end at the first colon outside of quotes.
fn split(row: u64, text: &str) -> Option<Line<'_>> {
    let mut quoted = false;
    let end = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    })?;
    let (head, value) = (&text[..end.0], &text[end.0 + 1..]);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some(Line { row, name, parameters, value })
}

/// Lines that begin with a space or a tab go on with the line before.
fn unfolded(text: &str) -> Vec<(u64, String)> {
    let mut lines: Vec<(u64, String)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, whole))) => whole.push_str(rest),
            _ => lines.push((at as u64 + 1, line.to_owned())),
        }
    }
    lines
}

fn events(intake: &mut Intake<'_>, text: &str) -> Result<()> {
    let lines = unfolded(text);
    let mut event: Option<(u64, Event)> = None;
    // Alarms and the like inside an event have properties of their own.
    let mut nested = 0;
    for (row, text) in &lines {
        let Some(line) = split(*row, text) else { continue };
        match (line.name.to_ascii_uppercase().as_str(), line.value.trim().to_ascii_uppercase().as_str()) {
            ("BEGIN", "VEVENT") => (event, nested) = (Some((*row, Event::default())), 0),
            ("BEGIN", _) if event.is_some() => nested += 1,
            ("END", "VEVENT") => {
                if let Some((row, event)) = event.take() {
                    match event.item() {
                        Ok(item) => intake.item(row, item)?,
                        Err(message) => intake.complain(row, None, "icalendar.event", message),
                    }
                }
            }
            ("END", _) if event.is_some() => nested -= 1,
            (name, _) => {
                if let Some((_, event)) = event.as_mut().filter(|_| nested == 0) {
                    event.take(name, &line);
                }
            }
        }
    }
    Ok(())
}

/// What is kept of an event.
#[derive(Default)]
struct Event {
    uid: String,
    summary: String,
    description: String,
    categories: String,
    scope: Option<String>,
    start: Option<Told<Zoned>>,
    end: Option<Told<Zoned>>,
    length: Option<String>,
    rule: Option<String>,
    left_out: Vec<String>,
}

impl Event {
    fn take(&mut self, name: &str, line: &Line<'_>) {
        match name {
            "UID" => self.uid = unescaped(line.value),
            "SUMMARY" => self.summary = unescaped(line.value),
            "DESCRIPTION" => self.description = unescaped(line.value),
            "CATEGORIES" => self.categories = unescaped(line.value),
            "X-CMDB-SCOPE" => self.scope = Some(unescaped(line.value)),
            "DTSTART" => self.start = Some(time(line)),
            "DTEND" => self.end = Some(time(line)),
            "DURATION" => self.length = Some(line.value.trim().to_owned()),
            "RRULE" => self.rule = Some(line.value.trim().to_owned()),
            "EXDATE" => {
                let room = LEFT_OUT_MAX.saturating_sub(self.left_out.len());
                self.left_out.extend(line.value.split(',').take(room).filter_map(local_text));
            }
            _ => {}
        }
    }
    fn item(self) -> Told<Item> {
        let start = self.start.unwrap_or_else(|| Err("it has no DTSTART".to_owned()))?;
        let end = match (self.end, &self.length) {
            (Some(end), _) => end?,
            (None, Some(length)) => {
                let length: Span =
                    length.parse().map_err(|_| format!("DURATION \"{length}\" does not read"))?;
                start.checked_add(length).map_err(|_| "it lasts too long".to_owned())?
            }
            // A date alone holds the whole day, a time alone no time at all.
            (None, None) => {
                start.checked_add(Span::new().days(1)).map_err(|_| "it is out of range".to_owned())?
            }
        };
        let words = format!("{} {}", self.categories, self.summary).to_lowercase();
        let class = match FREEZE_WORDS.iter().any(|word| words.contains(word)) {
            true => "Freeze",
            false => "MaintenanceWindow",
        };
        let name = if self.summary.trim().is_empty() { &self.uid } else { self.summary.trim() };
        let id = if self.uid.is_empty() { name } else { &self.uid };
        let mut item = Item::new(class, id).name(Some(name));
        item.text("title", Some(name));
        item.text("description", Some(&self.description));
        item.text("scope", self.scope.as_deref());
        item.text("time_zone", Some(start.time_zone().iana_name().unwrap_or("UTC")));
        item.set("starts_at", instant(&start));
        item.set("ends_at", instant(&end));
        item.text("recurrence", self.rule.as_deref());
        let left_out = self.left_out.iter().map(|t| Value::text(t)).collect::<Vec<_>>();
        item.set("left_out", (!left_out.is_empty()).then_some(Value::List(left_out)));
        Ok(item)
    }
}

fn instant(zoned: &Zoned) -> Option<Value> {
    Instant::parse(&zoned.to_string()).map(Value::DateTime)
}

/// `20261218T180000Z`, the same local to TZID, or a date.
fn time(line: &Line<'_>) -> Told<Zoned> {
    let text = line.value.trim();
    let unread = || format!("{} \"{text}\" on line {} is no time", line.name, line.row);
    let (local, zone) = match text.strip_suffix(['Z', 'z']) {
        Some(utc) => (utc, TimeZone::UTC),
        None => (text, zone(line)?),
    };
    let local = civil(local).ok_or_else(unread)?;
    zone.to_ambiguous_zoned(local).compatible().map_err(|_| unread())
}

fn zone(line: &Line<'_>) -> Told<TimeZone> {
    match line.parameter("TZID") {
        None => Ok(TimeZone::UTC),
        Some(name) => TimeZone::get(name).map_err(|_| {
            format!("\"{name}\" on line {} is no IANA time zone, such as Europe/Berlin", line.row)
        }),
    }
}

fn civil(text: &str) -> Option<DateTime> {
    let time = DateTime::strptime("%Y%m%dT%H%M%S", text).ok();
    time.or_else(|| Some(Date::strptime("%Y%m%d", text).ok()?.at(0, 0, 0, 0)))
}

/// The local start of an occurrence that does not take place.
fn local_text(text: &str) -> Option<String> {
    civil(text.trim().trim_end_matches(['Z', 'z'])).map(|t| t.to_string())
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, if c == '\\' { characters.next() } else { None }) {
            ('\\', Some('n' | 'N')) => out.push('\n'),
            ('\\', Some(other)) => out.push(other),
            (c, _) => out.push(c),
        }
    }
    out
}
