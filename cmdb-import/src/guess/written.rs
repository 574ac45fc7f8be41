//! A guess written down as a profile.

use super::classes::ClassGuess;
use super::columns::{Meaning, To};
use super::{Guess, GuessedColumn, Sample};
use std::fmt::Write;

pub(super) fn profile(
    format: &'static str,
    sample: &Sample,
    class: &ClassGuess,
    meanings: &[Meaning],
) -> Guess {
    let all = || sample.columns.iter().zip(meanings);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# Guessed from {} rows: read it, change what is wrong, and import with --map.",
        sample.rows
    );
    let _ = writeln!(out, "format = {}", quoted(format));
    let dropped: Vec<String> =
        all().filter(|(_, m)| matches!(m.to, To::Nothing)).map(|(c, _)| quoted(&c.name)).collect();
    if !dropped.is_empty() {
        let _ = writeln!(out, "# Empty in every row looked at.\ndrop = [{}]", dropped.join(", "));
    }
    let _ = writeln!(out, "\n[columns]");
    for (column, meaning) in all() {
        let To::Column(to) = &meaning.to else { continue };
        if let Some(doubt) = &meaning.doubt {
            let _ = writeln!(out, "# LOOK: {}", line(doubt));
        }
        let fields = meaning.transforms.iter().map(|(name, value)| match *name {
            "trim" => "trim = true".to_owned(),
            name => format!("{name} = {}", quoted(value)),
        });
        let fields: Vec<String> = fields.collect();
        let value = match fields.as_slice() {
            [] => quoted(to),
            fields => format!("{{ to = {}, {} }}", quoted(to), fields.join(", ")),
        };
        let samples = column.samples().iter().map(|text| line(text)).collect::<Vec<_>>().join(" | ");
        let _ = writeln!(
            out,
            "{} = {value}  # {}; such as {samples}",
            quoted(&column.name),
            line(&meaning.reason)
        );
    }
    match class {
        ClassGuess::One { class, reason } => {
            let _ = writeln!(out, "\n[set]\nclass = {}  # {}", quoted(class), line(reason));
        }
        ClassGuess::Unknown => {
            let _ = writeln!(
                out,
                "\n# LOOK: nothing says what class the rows are of.\n# [set]\n# class = \"Server\""
            );
        }
        ClassGuess::Said(_) | ClassGuess::Column { .. } => {}
    }
    for (_, meaning) in all().filter(|(_, m)| !m.translations.is_empty()) {
        let To::Column(to) = &meaning.to else { continue };
        let _ = writeln!(out, "\n[values.{}]", quoted(to));
        for (from, word) in &meaning.translations {
            let _ = writeln!(out, "{} = {}", quoted(from), quoted(word));
        }
    }
    for (column, meaning) in all() {
        let To::Link { kind, class, split } = meaning.to else { continue };
        let _ = writeln!(out, "\n[[relationship]]  # {}", line(&meaning.reason));
        let _ = writeln!(out, "column = {}\ntype = {}", quoted(&column.name), quoted(kind));
        if !class.is_empty() {
            let _ = writeln!(out, "class = {}  # of the other end", quoted(class));
        }
        if let Some(sign) = split {
            let _ = writeln!(out, "split = {}", quoted(sign));
        }
    }
    let columns = all().map(|(column, meaning)| GuessedColumn {
        column: column.name.clone(),
        to: match &meaning.to {
            To::Column(to) => to.clone(),
            To::Link { kind, class, .. } => format!("{kind} {class}").trim_end().to_owned(),
            To::Nothing => String::new(),
        },
        confidence: (meaning.confidence * 100.0).round() / 100.0,
        reason: meaning.reason.clone(),
        samples: column.samples(),
    });
    Guess { format, class: class.class().cloned(), columns: columns.collect(), profile: out }
}

/// A text as TOML writes it on one line, as a key or a value.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}

/// A text that stays in the line of a comment.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect()
}
