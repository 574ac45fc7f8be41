//! Functions of single values that belong to no other family.

use super::argument::{any_null, at, wrong_kind};
use super::{Function, Kind, plain};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::compare::equals;
use crate::value::{SmolStr, Value};
use smol_str::format_smolstr;

const ANY: &[Kind] = &[Kind::Any];

pub const FUNCTIONS: &[Function] = &[
    plain(
        "coalesce",
        "coalesce(value :: ANY, …) :: ANY",
        "The first argument that is not null.",
        (1, usize::MAX),
        &[],
        Kind::Any,
        coalesce,
    ),
    plain(
        "nullIf",
        "nullIf(value :: ANY, other :: ANY) :: ANY",
        "Null if both are equal, else the first.",
        (2, 2),
        &[ANY, ANY],
        Kind::Any,
        null_if,
    ),
    plain(
        "size",
        "size(value :: STRING | LIST<ANY> | MAP) :: INTEGER",
        "How many elements a list has, or characters a string.",
        (1, 1),
        &[&[Kind::Text, Kind::List, Kind::Map]],
        Kind::Integer,
        size,
    ),
    plain(
        "rand",
        "rand() :: FLOAT",
        "A random number from 0 inclusive to 1 exclusive.",
        (0, 0),
        &[],
        Kind::Float,
        |scene, _| Ok(Value::Float(share(draw(scene)))),
    ),
    plain(
        "randomUUID",
        "randomUUID() :: STRING",
        "A random identifier: a UUID of version 4.",
        (0, 0),
        &[],
        Kind::Text,
        |scene, _| Ok(Value::Text(identifier(draw(scene), draw(scene)))),
    ),
    plain(
        "timestamp",
        "timestamp() :: INTEGER",
        "Milliseconds since 1970-01-01 in UTC; the same all through one query.",
        (0, 0),
        &[],
        Kind::Integer,
        timestamp,
    ),
    plain(
        "valueType",
        "valueType(value :: ANY) :: STRING",
        "The most precise type of a value, such as `LIST<INTEGER NOT NULL> NOT NULL`.",
        (1, 1),
        &[ANY],
        Kind::Text,
        |_, arguments| Ok(Value::text(&type_of(at(arguments, 0)))),
    ),
];

fn coalesce(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(arguments.iter().find(|value| !value.is_null()).cloned().unwrap_or_default())
}

fn null_if(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    let (value, other) = (at(arguments, 0), at(arguments, 1));
    Ok(if equals(value, other) == Some(true) { Value::Null } else { value.clone() })
}

fn size(_: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let count = match at(arguments, 0) {
        Value::List(values) => values.len(),
        Value::Text(text) => text.chars().count(),
        Value::Map(entries) => entries.len(),
        other => return Err(wrong_kind("size", "a list or a string", other)),
    };
    Ok(Value::Integer(count as i64))
}

/// The next number of the run's generator, SplitMix64 (Steele, Lea and Flood, 2014).
fn draw(scene: &Scene<'_>) -> u64 {
    let state = scene.chance.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
    scene.chance.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// 53 random bits as a float in 0..1.
fn share(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

fn identifier(high: u64, low: u64) -> SmolStr {
    let version = (high & !0xF000) | 0x4000;
    let variant = (low & !(0b11 << 62)) | (0b10 << 62);
    format_smolstr!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        version >> 32,
        (version >> 16) & 0xFFFF,
        version & 0xFFFF,
        variant >> 48,
        variant & 0xFFFF_FFFF_FFFF,
    )
}

fn timestamp(scene: &Scene<'_>, _: &[Value]) -> Result<Value> {
    let milliseconds = i64::from(scene.clock.nanoseconds / 1_000_000);
    Ok(Value::Integer(scene.clock.seconds.saturating_mul(1_000).saturating_add(milliseconds)))
}

/// The order in which the types of a mixed list are named.
const TYPE_ORDER: &[&str] = &[
    "NULL",
    "NOTHING",
    "BOOLEAN",
    "STRING",
    "INTEGER",
    "FLOAT",
    "DATE",
    "LOCAL TIME",
    "ZONED TIME",
    "LOCAL DATETIME",
    "ZONED DATETIME",
    "DURATION",
    "NODE",
    "RELATIONSHIP",
    "MAP",
    "LIST",
    "PATH",
];

fn type_of(value: &Value) -> String {
    let name = match value {
        Value::Null => return "NULL".to_owned(),
        Value::Boolean(_) => "BOOLEAN",
        Value::Integer(_) => "INTEGER",
        Value::Float(_) => "FLOAT",
        Value::Text(_) => "STRING",
        Value::Map(_) => "MAP",
        Value::Node(_) => "NODE",
        Value::Edge(_) => "RELATIONSHIP",
        Value::Path(_) => "PATH",
        Value::List(values) => return format!("LIST<{}> NOT NULL", type_of_elements(values)),
        Value::Temporal(temporal) => match temporal.kind_name() {
            "Date" => "DATE",
            "LocalTime" => "LOCAL TIME",
            "Time" => "ZONED TIME",
            "LocalDateTime" => "LOCAL DATETIME",
            "DateTime" => "ZONED DATETIME",
            _ => "DURATION",
        },
    };
    format!("{name} NOT NULL")
}

/// `INTEGER | STRING`: the types of the elements, each once; nullable where one is null.
fn type_of_elements(values: &[Value]) -> String {
    if values.is_empty() {
        return "NOTHING".to_owned();
    }
    let nullable = values.iter().any(Value::is_null);
    let mut names: Vec<String> = Vec::new();
    for value in values.iter().filter(|value| !value.is_null()) {
        let name = type_of(value);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| TYPE_ORDER.iter().position(|known| name.starts_with(known)));
    if nullable {
        names.iter_mut().for_each(|name| name.truncate(name.len() - " NOT NULL".len()));
    }
    if names.is_empty() { "NULL".to_owned() } else { names.join(" | ") }
}
