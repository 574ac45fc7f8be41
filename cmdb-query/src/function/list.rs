//! Functions of lists.

use super::argument::{any_null, at, integer, list, out_of_range, wrong_kind};
use super::{Function, Kind, plain};
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::key::Key;
use crate::value::{Value, compare, size};
use rustc_hash::FxHashSet;

const LIST: &[&[Kind]] = &[&[Kind::List]];

pub const FUNCTIONS: &[Function] = &[
    plain(
        "head",
        "head(list :: LIST<ANY>) :: ANY",
        "The first element; null of an empty list.",
        (1, 1),
        LIST,
        Kind::Any,
        |_, arguments| of_list("head", arguments, |values| values.first().cloned().unwrap_or_default()),
    ),
    plain(
        "last",
        "last(list :: LIST<ANY>) :: ANY",
        "The last element; null of an empty list.",
        (1, 1),
        LIST,
        Kind::Any,
        |_, arguments| of_list("last", arguments, |values| values.last().cloned().unwrap_or_default()),
    ),
    plain(
        "tail",
        "tail(list :: LIST<ANY>) :: LIST<ANY>",
        "All elements but the first.",
        (1, 1),
        LIST,
        Kind::List,
        |_, arguments| {
            of_list("tail", arguments, |values| Value::list(values.get(1..).unwrap_or_default().to_vec()))
        },
    ),
    plain(
        "range",
        "range(start :: INTEGER, end :: INTEGER, step = 1 :: INTEGER) :: LIST<INTEGER>",
        "The integers from start to end, both inclusive.",
        (2, 3),
        &[],
        Kind::List,
        range,
    ),
    plain(
        "reverse",
        "reverse(value :: STRING | LIST<ANY>) :: STRING | LIST<ANY>",
        "A list or string backwards.",
        (1, 1),
        &[&[Kind::Text, Kind::List]],
        Kind::Any,
        reverse,
    ),
    plain(
        "coll.sort",
        "coll.sort(list :: LIST<ANY>) :: LIST<ANY>",
        "The elements in the order of ORDER BY.",
        (1, 1),
        LIST,
        Kind::List,
        |scene, arguments| {
            charge(scene, arguments)?;
            of_list("coll.sort", arguments, |values| {
                let mut sorted = values.to_vec();
                sorted.sort_by(compare::order);
                Value::list(sorted)
            })
        },
    ),
    plain(
        "coll.distinct",
        "coll.distinct(list :: LIST<ANY>) :: LIST<ANY>",
        "The elements, each once, in the order first seen.",
        (1, 1),
        LIST,
        Kind::List,
        |scene, arguments| {
            charge(scene, arguments)?;
            of_list("coll.distinct", arguments, |values| {
                let mut seen = FxHashSet::default();
                Value::list(
                    values.iter().filter(|value| seen.insert(Key((*value).clone()))).cloned().collect(),
                )
            })
        },
    ),
    plain(
        "coll.flatten",
        "coll.flatten(list :: LIST<ANY>) :: LIST<ANY>",
        "The elements of the lists in a list, one level down.",
        (1, 1),
        LIST,
        Kind::List,
        flatten,
    ),
    plain(
        "coll.indexOf",
        "coll.indexOf(list :: LIST<ANY>, value :: ANY) :: INTEGER",
        "Where a value first stands in a list, from 0 on; -1 where it does not.",
        (2, 2),
        &[&[Kind::List], &[Kind::Any]],
        Kind::Integer,
        |_, arguments| {
            of_list("coll.indexOf", arguments, |values| {
                let wanted = at(arguments, 1);
                let place = values.iter().position(|value| compare::equals(value, wanted) == Some(true));
                Value::Integer(place.map_or(-1, |place| place as i64))
            })
        },
    ),
    plain(
        "coll.max",
        "coll.max(list :: LIST<ANY>) :: ANY",
        "The greatest element, nulls left out.",
        (1, 1),
        LIST,
        Kind::Any,
        |_, arguments| {
            of_list("coll.max", arguments, |values| {
                let known = values.iter().filter(|value| !value.is_null());
                known.max_by(|a, b| compare::order(a, b)).cloned().unwrap_or_default()
            })
        },
    ),
    plain(
        "coll.min",
        "coll.min(list :: LIST<ANY>) :: ANY",
        "The least element, nulls left out.",
        (1, 1),
        LIST,
        Kind::Any,
        |_, arguments| {
            of_list("coll.min", arguments, |values| {
                let known = values.iter().filter(|value| !value.is_null());
                known.min_by(|a, b| compare::order(a, b)).cloned().unwrap_or_default()
            })
        },
    ),
];

/// Applies to the list in the first argument; null for null.
fn of_list(function: &str, arguments: &[Value], apply: impl FnOnce(&[Value]) -> Value) -> Result<Value> {
    match at(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::List(values) => Ok(apply(values)),
        other => Err(wrong_kind(function, "a list", other)),
    }
}

/// Steps for work that walks the whole list more than once.
fn charge(scene: &Scene<'_>, arguments: &[Value]) -> Result<()> {
    match at(arguments, 0) {
        Value::List(values) => {
            scene.budget.step(values.len() as u64)?;
            size::room_for_list(scene.budget, values.len())
        }
        _ => Ok(()),
    }
}

fn range(scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    if let Some(other) = arguments.iter().find(|value| !matches!(value, Value::Integer(_))) {
        let message = format!("range() wants integers, not {}", other.kind_name());
        return Err(Error::runtime(Class::ArgumentError, "InvalidArgumentType", message));
    }
    let (start, end) = (integer("range", arguments, 0)?, integer("range", arguments, 1)?);
    let step = if arguments.len() > 2 { integer("range", arguments, 2)? } else { 1 };
    if step == 0 {
        return Err(out_of_range("the step of range() is 0, so it would never end"));
    }
    let length = if (step > 0) == (end >= start) || start == end {
        (end.abs_diff(start) / step.unsigned_abs()).saturating_add(1)
    } else {
        0
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    size::room_for_list(scene.budget, length)?;
    let at = |index: usize| Value::Integer(start.wrapping_add((index as i64).wrapping_mul(step)));
    Ok(Value::list((0..length).map(at).collect()))
}

fn reverse(scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    match at(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Text(text) => Ok(Value::Text(text.chars().rev().collect())),
        Value::List(values) => {
            size::room_for_list(scene.budget, values.len())?;
            Ok(Value::list(values.iter().rev().cloned().collect()))
        }
        other => Err(wrong_kind("reverse", "a string or a list", other)),
    }
}

fn flatten(scene: &Scene<'_>, arguments: &[Value]) -> Result<Value> {
    if any_null(arguments) {
        return Ok(Value::Null);
    }
    let mut flat = Vec::new();
    for value in list("coll.flatten", arguments, 0)? {
        match value {
            Value::List(inner) => {
                size::room_for_list(scene.budget, flat.len() + inner.len())?;
                flat.extend_from_slice(inner);
            }
            other => flat.push(other.clone()),
        }
    }
    Ok(Value::list(flat))
}
