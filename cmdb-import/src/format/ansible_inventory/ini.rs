//! The INI form of an inventory: sections of hosts, `:children` and `:vars`, and host names with ranges.

use super::{Inventory, Source};
use crate::format::has_extension;
use crate::intake::Intake;
use cmdb_core::Result;
use serde_json::Value as Json;

/// The longest line, in bytes.
const LINE_BYTES_MAX: usize = 1024 * 1024;
/// Hosts that one line with ranges may stand for.
const EXPANDED_MAX: usize = 65_536;

/// A section in brackets, and lines that are no `key = value` settings before it.
pub(super) fn recognises(head: &[u8], file_name: &str) -> bool {
    let lines = head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let mut lines =
        lines.filter(|line| !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b";"));
    let Some(first) = lines.next() else { return false };
    let is_section = |line: &[u8]| {
        line.starts_with(b"[") && line.ends_with(b"]") && !line.contains(&b',') && !line.contains(&b'"')
    };
    let named = has_extension(file_name, &["ini"])
        || file_name.rsplit('/').next().is_some_and(|n| n == "hosts" || n == "inventory");
    // A host stands alone or is followed by `name=value` words, while settings read `name = value`.
    let is_host = |line: &[u8]| {
        line.split(|&b| b == b' ').next().is_some_and(|word| !word.contains(&b'=') && !word.is_empty())
            && memchr::memmem::find(line, b" = ").is_none()
    };
    is_section(first) && lines.next().is_some_and(is_host) || named && is_host(first)
}

enum Section {
    Hosts,
    Children,
    Variables,
}

pub(super) fn read(inventory: &mut Inventory, intake: &mut Intake<'_>, mut source: Source<'_>) -> Result<()> {
    let (mut group, mut section, mut row) = ("ungrouped".to_owned(), Section::Hosts, 0);
    loop {
        let end = loop {
            if let Some(at) = memchr::memchr(b'\n', source.bytes()) {
                break at + 1;
            }
            if source.bytes().len() > LINE_BYTES_MAX || !source.more()? {
                break source.bytes().len();
            }
        };
        if end == 0 {
            return Ok(());
        }
        row += 1;
        let line = source.bytes()[..end].to_vec();
        source.consume(end);
        let Ok(text) = std::str::from_utf8(&line) else {
            intake.complain(row, None, "ansible.not-utf8", "the line is not UTF-8");
            continue;
        };
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') || text.starts_with(';') {
            continue;
        }
        if line.len() > LINE_BYTES_MAX {
            intake.complain(
                row,
                None,
                "ansible.line-too-long",
                format!("the line is longer than {LINE_BYTES_MAX} bytes"),
            );
            continue;
        }
        if inventory.is_full(intake, row) {
            return Ok(());
        }
        if let Some(name) = text.strip_prefix('[').and_then(|t| t.split(']').next()) {
            let (name, kind) = name.split_once(':').unwrap_or((name, ""));
            section = match kind.trim() {
                "" => Section::Hosts,
                "children" => Section::Children,
                "vars" => Section::Variables,
                other => {
                    intake.complain(
                        row,
                        None,
                        "ansible.section",
                        format!("a section \":{other}\" is not known"),
                    );
                    Section::Hosts
                }
            };
            group = name.trim().to_owned();
            inventory.group(row, &group);
            continue;
        }
        match section {
            Section::Children => drop(inventory.group(row, text).groups.insert(group.clone())),
            Section::Variables => {
                let (name, value) = text.split_once('=').unwrap_or((text, ""));
                let variables = &mut inventory.group(row, &group).variables;
                variables.insert(name.trim().to_owned(), Json::from(value.trim()));
            }
            Section::Hosts => hosts(inventory, intake, row, &group, text),
        }
    }
}

fn hosts(inventory: &mut Inventory, intake: &mut Intake<'_>, row: u64, group: &str, text: &str) {
    let words = words(text);
    let Some((pattern, rest)) = words.split_first() else { return };
    let Some(names) = expand(pattern) else {
        let message = format!(
            "\"{pattern}\" is not a range that is understood, or stands for more than {EXPANDED_MAX} hosts"
        );
        return intake.complain(row, None, "ansible.range", message);
    };
    for name in names {
        let host = inventory.host(row, &name);
        host.groups.insert(group.to_owned());
        for word in rest {
            match word.split_once('=') {
                Some((name, value)) => drop(host.variables.insert(name.to_owned(), Json::from(value))),
                None => intake.note(row, "note.field", word.as_str()),
            }
        }
    }
}

/// Words parted by blanks, with quotes around blanks; a `#` begins a comment.
fn words(text: &str) -> Vec<String> {
    let (mut out, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match (quote, c) {
            (None, '#') if word.is_empty() => break,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
            }
            (_, c) => word.push(c),
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// `db[01:03].local` → db01.local, db02.local, db03.local; none if it cannot be.
fn expand(pattern: &str) -> Option<Vec<String>> {
    let mut done = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('[') {
        let (range, behind) = after.split_once(']')?;
        let members = members(range)?;
        if done.len() * members.len() > EXPANDED_MAX {
            return None;
        }
        done =
            done.iter().flat_map(|head| members.iter().map(move |m| format!("{head}{before}{m}"))).collect();
        rest = behind;
    }
    done.iter_mut().for_each(|name| name.push_str(rest));
    Some(done)
}

fn members(range: &str) -> Option<Vec<String>> {
    let mut parts = range.split(':');
    let (first, last) = (parts.next()?, parts.next()?);
    let step: usize = parts.next().map_or(Some(1), |step| step.parse().ok()).filter(|step| *step > 0)?;
    if let (Ok(from), Ok(to)) = (first.parse::<u64>(), last.parse::<u64>()) {
        let width = if first.starts_with('0') && first.len() > 1 { first.len() } else { 0 };
        if width > 20 || to.saturating_sub(from) / step as u64 > EXPANDED_MAX as u64 {
            return None;
        }
        return Some((from..=to).step_by(step).map(|n| format!("{n:0width$}")).collect());
    }
    match (first.as_bytes(), last.as_bytes()) {
        ([from], [to]) if from.is_ascii_alphabetic() && to.is_ascii_alphabetic() => {
            Some((*from..=*to).step_by(step).map(|letter| (letter as char).to_string()).collect())
        }
        _ => None,
    }
}
