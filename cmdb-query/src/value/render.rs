//! Values as text: what `toString` yields, and how a message or a log shows a value.

use super::{SmolStr, Value};
use smol_str::{SmolStrBuilder, ToSmolStr, format_smolstr};
use std::fmt::{self, Write};

/// The longest text of one value in a message, in bytes; what is beyond is cut.
const MESSAGE_BYTES_MAX: usize = 200;

/// What `toString` yields; None for kinds that have no such form (null, lists, maps and elements).
pub fn to_text(value: &Value) -> Option<SmolStr> {
    match value {
        Value::Boolean(boolean) => Some(boolean.to_smolstr()),
        Value::Integer(integer) => Some(integer.to_smolstr()),
        Value::Float(float) => Some(float_text(*float)),
        Value::Text(text) => Some(text.clone()),
        Value::Temporal(temporal) => Some(temporal.to_smolstr()),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Node(_) | Value::Edge(_) | Value::Path(_) => {
            None
        }
    }
}

/// The shortest digits that read back as the same float: `1.5`, `100.0`, `1.0E10`, `NaN`, `Infinity`.
pub fn float_text(float: f64) -> SmolStr {
    /// Sizes written without an exponent.
    const PLAIN: std::ops::Range<f64> = 1e-3..1e7;
    if float.is_nan() {
        return SmolStr::new_static("NaN");
    }
    if float.is_infinite() {
        return SmolStr::new_static(if float > 0.0 { "Infinity" } else { "-Infinity" });
    }
    if float == 0.0 || PLAIN.contains(&float.abs()) {
        return format_smolstr!("{float:?}");
    }
    let text = format_smolstr!("{float:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format_smolstr!("{digits}.0E{exponent}"),
        _ => text,
    }
}

/// A value for a message: as a literal, cut where it is long.
pub fn shown(value: &Value) -> String {
    struct Cut(String);
    impl Write for Cut {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = MESSAGE_BYTES_MAX.saturating_sub(self.0.len());
            let cut = (0..=room.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            self.0.push_str(&text[..cut]);
            if cut < text.len() { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut out = Cut(String::new());
    if write!(out, "{value}").is_err() {
        out.0.push('…');
    }
    out.0
}

/// As a literal of the language; nodes and relationships by number, for only a graph knows more.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Boolean(boolean) => write!(f, "{boolean}"),
            Value::Integer(integer) => write!(f, "{integer}"),
            Value::Float(float) => f.write_str(&float_text(*float)),
            Value::Text(text) => f.write_str(&quoted(text)),
            Value::List(values) => {
                f.write_char('[')?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_char(']')
            }
            Value::Map(entries) => {
                f.write_char('{')?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_char('}')
            }
            Value::Node(node) => write!(f, "(#{})", node.0),
            Value::Edge(edge) => write!(f, "[#{}]", edge.0),
            Value::Path(path) => {
                write!(f, "<path of {} relationships>", path.edges.len())
            }
            Value::Temporal(temporal) => write!(f, "{temporal}"),
        }
    }
}

/// In single quotes, with what must be escaped escaped.
fn quoted(text: &str) -> SmolStr {
    let mut out = SmolStrBuilder::new();
    out.push('\'');
    for character in text.chars() {
        match character {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out.push('\'');
    out.finish()
}
