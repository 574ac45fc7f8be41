//! Functions of text. Positions and lengths count characters (Unicode scalar values), from 0 on.

use super::argument::{any_null, at, count, text, wrong_kind};
use super::{Compute, Function, Kind, plain};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::{SmolStr, Value, size};
use smol_str::SmolStrBuilder;

const TEXT: &[Kind] = &[Kind::Text];
const NUMBER: &[Kind] = &[Kind::Number];

const fn of_one(
    name: &'static str,
    signature: &'static str,
    description: &'static str,
    compute: Compute,
) -> Function {
    plain(name, signature, description, (1, 1), &[TEXT], Kind::Text, compute)
}

/// `trim` and its kin: the text, and the characters to take off instead of white space.
const fn trimming(
    name: &'static str,
    signature: &'static str,
    description: &'static str,
    compute: Compute,
) -> Function {
    plain(name, signature, description, (1, 2), &[TEXT, TEXT], Kind::Text, compute)
}

pub const FUNCTIONS: &[Function] = &[
    of_one("toUpper", "toUpper(text :: STRING) :: STRING", "In capitals.", |_, a| {
        mapped("toUpper", a, str::to_uppercase)
    }),
    of_one("upper", "upper(text :: STRING) :: STRING", "As toUpper().", |_, a| {
        mapped("upper", a, str::to_uppercase)
    }),
    of_one("toLower", "toLower(text :: STRING) :: STRING", "In small letters.", |_, a| {
        mapped("toLower", a, str::to_lowercase)
    }),
    of_one("lower", "lower(text :: STRING) :: STRING", "As toLower().", |_, a| {
        mapped("lower", a, str::to_lowercase)
    }),
    trimming(
        "trim",
        "trim(text :: STRING, characters = ' ' :: STRING) :: STRING",
        "Without white space, or these characters, at both ends.",
        |_, a| trimmed("trim", a, true, true),
    ),
    trimming("btrim", "btrim(text :: STRING, characters = ' ' :: STRING) :: STRING", "As trim().", |_, a| {
        trimmed("btrim", a, true, true)
    }),
    trimming(
        "ltrim",
        "ltrim(text :: STRING, characters = ' ' :: STRING) :: STRING",
        "Without white space, or these characters, at the start.",
        |_, a| trimmed("ltrim", a, true, false),
    ),
    trimming(
        "rtrim",
        "rtrim(text :: STRING, characters = ' ' :: STRING) :: STRING",
        "Without white space, or these characters, at the end.",
        |_, a| trimmed("rtrim", a, false, true),
    ),
    plain(
        "replace",
        "replace(text :: STRING, search :: STRING, replacement :: STRING, limit :: INTEGER) :: STRING",
        "Every occurrence of one text, or the first so many, by another.",
        (3, 4),
        &[TEXT, TEXT, TEXT, NUMBER],
        Kind::Text,
        replace,
    ),
    plain(
        "split",
        "split(text :: STRING, delimiters :: STRING | LIST<STRING>) :: LIST<STRING>",
        "The parts between the delimiters.",
        (2, 2),
        &[TEXT, &[Kind::Text, Kind::List]],
        Kind::List,
        split,
    ),
    plain(
        "substring",
        "substring(text :: STRING, start :: INTEGER, length :: INTEGER) :: STRING",
        "The part from a position on, to the end or of a length.",
        (2, 3),
        &[TEXT, NUMBER, NUMBER],
        Kind::Text,
        substring,
    ),
    plain(
        "left",
        "left(text :: STRING, length :: INTEGER) :: STRING",
        "The first characters.",
        (2, 2),
        &[TEXT, NUMBER],
        Kind::Text,
        left,
    ),
    plain(
        "right",
        "right(text :: STRING, length :: INTEGER) :: STRING",
        "The last characters.",
        (2, 2),
        &[TEXT, NUMBER],
        Kind::Text,
        right,
    ),
    plain(
        "lpad",
        "lpad(text :: STRING, length :: INTEGER, pad = ' ' :: STRING) :: STRING",
        "Filled up at the start, or cut, to a length.",
        (2, 3),
        &[TEXT, NUMBER, TEXT],
        Kind::Text,
        |scene, a| padded(scene, "lpad", a, |text, fill| [fill, text]),
    ),
    plain(
        "rpad",
        "rpad(text :: STRING, length :: INTEGER, pad = ' ' :: STRING) :: STRING",
        "Filled up at the end, or cut, to a length.",
        (2, 3),
        &[TEXT, NUMBER, TEXT],
        Kind::Text,
        |scene, a| padded(scene, "rpad", a, |text, fill| [text, fill]),
    ),
    plain(
        "char_length",
        "char_length(text :: STRING) :: INTEGER",
        "How many characters a text has.",
        (1, 1),
        &[TEXT],
        Kind::Integer,
        |_, a| length("char_length", a),
    ),
    plain(
        "character_length",
        "character_length(text :: STRING) :: INTEGER",
        "As char_length().",
        (1, 1),
        &[TEXT],
        Kind::Integer,
        |_, a| length("character_length", a),
    ),
];

fn mapped(function: &str, arguments: &[Value], map: fn(&str) -> String) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    Ok(Value::text(&map(text(function, arguments, 0)?)))
}

fn trimmed(function: &str, arguments: &[Value], start: bool, end: bool) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let mut rest = text(function, arguments, 0)?.as_str();
    let characters = if arguments.len() > 1 { Some(text(function, arguments, 1)?.as_str()) } else { None };
    let goes = |character: char| {
        characters.map_or_else(|| character.is_whitespace(), |characters| characters.contains(character))
    };
    if start {
        rest = rest.trim_start_matches(goes);
    }
    if end {
        rest = rest.trim_end_matches(goes);
    }
    Ok(Value::text(rest))
}

fn replace(scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let whole = text("replace", arguments, 0)?;
    let search = text("replace", arguments, 1)?.as_str();
    let replacement = text("replace", arguments, 2)?;
    let limit = if arguments.len() > 3 { count("replace", arguments, 3)? } else { usize::MAX };
    let found = whole.matches(search).take(limit).count();
    size::room_for_text(scene.budget, whole.len().saturating_add(found.saturating_mul(replacement.len())))?;
    Ok(Value::text(&whole.replacen(search, replacement, limit)))
}

fn split(scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let whole = text("split", arguments, 0)?;
    let delimiters = match at(arguments, 1) {
        Value::Text(delimiter) => vec![delimiter],
        Value::List(values) => {
            let texts = values.iter().map(|value| match value {
                Value::Text(delimiter) => Ok(delimiter),
                other => Err(wrong_kind("split", "delimiters that are strings", other)),
            });
            texts.collect::<Result<Vec<&SmolStr>>>()?
        }
        other => return Err(wrong_kind("split", "a string or a list of strings", other)),
    };
    let parts = parts(whole, &delimiters);
    size::room_for_list(scene.budget, parts.len())?;
    Ok(Value::list(parts.into_iter().map(Value::text).collect()))
}

/// Cut wherever a delimiter stands, the longest where several do; an empty delimiter cuts between all characters.
fn parts<'a>(whole: &'a str, delimiters: &[&SmolStr]) -> Vec<&'a str> {
    if delimiters.iter().any(|delimiter| delimiter.is_empty()) {
        let starts: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
        let ends = starts.iter().skip(1).copied().chain([whole.len()]);
        return starts.iter().zip(ends).map(|(start, end)| &whole[*start..end]).collect();
    }
    if let [delimiter] = delimiters {
        return whole.split(delimiter.as_str()).collect();
    }
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < whole.len() {
        let here = delimiters.iter().filter(|delimiter| whole[at..].starts_with(delimiter.as_str()));
        match here.map(|delimiter| delimiter.len()).max() {
            Some(length) => {
                parts.push(&whole[start..at]);
                at += length;
                start = at;
            }
            None => at += whole[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push(&whole[start..]);
    parts
}

fn substring(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let whole = text("substring", arguments, 0)?;
    let start = count("substring", arguments, 1)?;
    let length = if arguments.len() > 2 { count("substring", arguments, 2)? } else { usize::MAX };
    let rest = &whole[offset(whole, start)..];
    Ok(Value::text(&rest[..offset(rest, length)]))
}

fn left(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let whole = text("left", arguments, 0)?;
    Ok(Value::text(&whole[..offset(whole, count("left", arguments, 1)?)]))
}

fn right(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let whole = text("right", arguments, 0)?;
    let before = whole.chars().count().saturating_sub(count("right", arguments, 1)?);
    Ok(Value::text(&whole[offset(whole, before)..]))
}

/// The byte where the character of a number begins, or the end.
fn offset(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
}

fn padded(
    scene: &Scene<'_>,
    function: &str,
    arguments: &[Value],
    arrange: for<'a> fn(&'a str, &'a str) -> [&'a str; 2],
) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let whole = text(function, arguments, 0)?;
    let length = count(function, arguments, 1)?;
    let pad = if arguments.len() > 2 { text(function, arguments, 2)?.as_str() } else { " " };
    let missing = length.saturating_sub(whole.chars().count());
    if missing == 0 || pad.is_empty() {
        return Ok(Value::text(&whole[..offset(whole, length)]));
    }
    size::room_for_text(
        scene.budget,
        whole.len().saturating_add(missing.saturating_mul(char::MAX.len_utf8())),
    )?;
    let fill: String = pad.chars().cycle().take(missing).collect();
    let mut out = SmolStrBuilder::new();
    arrange(whole, &fill).into_iter().for_each(|part| out.push_str(part));
    Ok(Value::Text(out.finish()))
}

fn length(function: &str, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    Ok(Value::Integer(text(function, arguments, 0)?.chars().count() as i64))
}
