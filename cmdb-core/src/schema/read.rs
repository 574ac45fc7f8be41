//! Reading one value by its attribute's definition: type, unit, enum, bounds. Every refusal is a sentence.

use super::definition::{AttributeDefinition, AttributeType};
use super::unit;
use crate::error::did_you_mean;
use crate::model::json;
use crate::model::temporal::{Duration, Instant};
use crate::model::value::TEXT_BYTES_MAX;
use crate::model::{SmolStr, Value};

/// Reads text as the attribute's type; the error is a sentence without the attribute's name.
pub fn from_text(definition: &AttributeDefinition, text: &str) -> Result<Value, String> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(format!("is {} bytes long; at most {TEXT_BYTES_MAX} are kept", text.len()));
    }
    match definition.kind {
        AttributeType::Text | AttributeType::Any => Ok(Value::text(text)),
        AttributeType::Integer => integer(definition, text),
        AttributeType::Decimal => decimal(definition, text),
        AttributeType::Boolean => boolean(text),
        AttributeType::Enum => word(definition, text),
        AttributeType::Date => {
            text.parse().map(Value::Date).map_err(|_| format!("\"{text}\" is not a date like 2026-11-22"))
        }
        AttributeType::DateTime => instant(text),
        AttributeType::Duration => Duration::parse(text)
            .map(Value::Duration)
            .ok_or_else(|| format!("\"{text}\" is not a duration like PT4H")),
        AttributeType::List => Ok(list(text)),
        AttributeType::Map => match json::from_text(text) {
            Some(map @ Value::Map(_)) => Ok(map),
            _ => Err("is a map; state it as JSON, such as {\"key\": \"value\"}".to_owned()),
        },
    }
}

/// Checks a value that came typed (from JSON or a query) and converts it where nothing is lost.
pub fn from_value(definition: &AttributeDefinition, value: Value) -> Result<Value, String> {
    if !value.within_bounds() {
        return Err(format!("is too long or nested too deep (text up to {TEXT_BYTES_MAX} bytes, 16 levels)"));
    }
    let wrong = |value: &Value| Err(format!("is {}, not {}", value.kind_name(), definition.kind.name()));
    match (definition.kind, value) {
        (AttributeType::Any, value) => Ok(value),
        (AttributeType::Text, Value::Text(text)) => Ok(Value::Text(text)),
        (AttributeType::Text, value @ (Value::Integer(_) | Value::Decimal(_) | Value::Boolean(_))) => {
            Ok(Value::Text(value.to_string().into()))
        }
        (AttributeType::List, value @ Value::List(_)) => Ok(value),
        (AttributeType::Map, value @ Value::Map(_)) => Ok(value),
        (AttributeType::Boolean, value @ Value::Boolean(_)) => Ok(value),
        (AttributeType::Date, value @ Value::Date(_)) => Ok(value),
        (AttributeType::DateTime, value @ Value::DateTime(_)) => Ok(value),
        (AttributeType::Duration, value @ Value::Duration(_)) => Ok(value),
        (AttributeType::Integer, Value::Integer(n)) => {
            within(definition, n as f64).map(|()| Value::Integer(n))
        }
        (AttributeType::Integer, Value::Decimal(n)) if n.fract() == 0.0 && n.abs() < 9e15 => {
            within(definition, n).map(|()| Value::Integer(n as i64))
        }
        (AttributeType::Decimal, Value::Integer(n)) => {
            within(definition, n as f64).map(|()| Value::Decimal(n as f64))
        }
        (AttributeType::Decimal, Value::Decimal(n)) if n.is_finite() => {
            within(definition, n).map(|()| Value::Decimal(n))
        }
        (AttributeType::Map | AttributeType::List, value) => wrong(&value),
        (_, Value::Text(text)) => from_text(definition, &text),
        (_, value) => wrong(&value),
    }
}

fn number_and_factor<'a>(definition: &AttributeDefinition, text: &'a str) -> Result<(&'a str, f64), String> {
    let (number, stated) = unit::split(text);
    let Some(stated) = stated else { return Ok((number, 1.0)) };
    let Some(expected) = &definition.unit else {
        return Err(format!("\"{text}\" is not {}", article(definition.kind)));
    };
    match unit::factor(stated, expected) {
        Some(factor) => Ok((number, factor)),
        None => {
            let hint = did_you_mean(stated, unit::names()).unwrap_or_default();
            Err(format!("\"{stated}\" is not a unit that converts to {expected}; {hint}")
                .trim_end_matches("; ")
                .to_owned())
        }
    }
}

fn article(kind: AttributeType) -> String {
    let name = kind.name();
    format!("{} {name}", if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

fn integer(definition: &AttributeDefinition, text: &str) -> Result<Value, String> {
    let (number, factor) = number_and_factor(definition, text)?;
    if factor == 1.0
        && let Ok(n) = number.parse::<i64>()
    {
        within(definition, n as f64)?;
        return Ok(Value::Integer(n));
    }
    let n = number.parse::<f64>().map_err(|_| format!("\"{text}\" is not an integer"))? * factor;
    if n.fract() != 0.0 || n.abs() >= 9e15 {
        let unit = definition.unit.as_ref().map_or_else(String::new, |unit| format!(" of {unit}"));
        return Err(format!("\"{text}\" is not a whole number{unit}"));
    }
    within(definition, n)?;
    Ok(Value::Integer(n as i64))
}

fn decimal(definition: &AttributeDefinition, text: &str) -> Result<Value, String> {
    let (number, factor) = number_and_factor(definition, text)?;
    let parsed = number.parse::<f64>().ok().filter(|n| n.is_finite());
    let n = parsed.ok_or_else(|| format!("\"{text}\" is not a decimal number such as 0.25"))? * factor;
    within(definition, n)?;
    Ok(Value::Decimal(n))
}

fn within(definition: &AttributeDefinition, n: f64) -> Result<(), String> {
    match (definition.minimum, definition.maximum) {
        (Some(low), _) if n < low => Err(format!("{n} is below the minimum {low}")),
        (_, Some(high)) if n > high => Err(format!("{n} is above the maximum {high}")),
        _ => Ok(()),
    }
}

fn boolean(text: &str) -> Result<Value, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" => Ok(Value::Boolean(true)),
        "false" | "no" => Ok(Value::Boolean(false)),
        _ => Err(format!("\"{text}\" is not a boolean; write true or false")),
    }
}

fn word(definition: &AttributeDefinition, text: &str) -> Result<Value, String> {
    if definition.values.iter().any(|v| v == text) {
        return Ok(Value::text(text));
    }
    let known: Vec<&str> = definition.values.iter().map(SmolStr::as_str).collect();
    let near = did_you_mean(text, known.iter().copied()).map(|hint| format!("; {hint}")).unwrap_or_default();
    Err(format!("\"{text}\" is not one of {}{near}", known.join(", ")))
}

fn instant(text: &str) -> Result<Value, String> {
    Instant::parse(text)
        .map(Value::DateTime)
        .ok_or_else(|| format!("\"{text}\" is not a time with an offset like 2026-11-22T10:00:00Z"))
}

/// A list in JSON, as it is exported; or `[a, b]`, `a;b`, `a,b`, as people write it.
fn list(text: &str) -> Value {
    let inner = text.trim();
    if inner.starts_with('[')
        && let Some(list @ Value::List(_)) = json::from_text(inner)
    {
        return list;
    }
    let inner = inner.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(inner);
    let separator = if inner.contains(';') { ';' } else { ',' };
    let parts = inner.split(separator).map(str::trim).filter(|part| !part.is_empty());
    Value::List(parts.map(Value::text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: AttributeType, unit: Option<&str>, text: &str, expected: Result<Value, &str>) {
        let definition = AttributeDefinition {
            name: "x".into(),
            kind,
            unit: unit.map(Into::into),
            values: vec!["production".into(), "test".into()],
            required: false,
            unique: false,
            default: None,
            minimum: Some(-10.0),
            maximum: Some(100_000.0),
            description: "".into(),
        };
        assert_eq!(from_text(&definition, text), expected.map_err(str::to_owned), "{kind:?} {text}");
    }

    #[test]
    fn texts_read_by_type_unit_enum_and_bounds() {
        check(AttributeType::Integer, Some("MiB"), "16 GiB", Ok(Value::Integer(16384)));
        check(AttributeType::Integer, Some("MiB"), "1.5", Err("\"1.5\" is not a whole number of MiB"));
        check(AttributeType::Integer, None, "x", Err("\"x\" is not an integer"));
        check(AttributeType::Integer, None, "-11", Err("-11 is below the minimum -10"));
        check(AttributeType::Decimal, None, "NaN", Err("\"NaN\" is not a decimal number such as 0.25"));
        check(AttributeType::Boolean, None, "Yes", Ok(Value::Boolean(true)));
        let list = |parts: &[&str]| Ok(Value::List(parts.iter().copied().map(Value::text).collect()));
        check(AttributeType::List, None, "a; b", list(&["a", "b"]));
        check(AttributeType::List, None, "[a, b]", list(&["a", "b"]));
        check(AttributeType::List, None, "[\"a; b\",\"[c]\"]", list(&["a; b", "[c]"]));
        let map = Value::Map(vec![("k".into(), Value::Integer(1))]);
        check(AttributeType::Map, None, "{\"k\": 1}", Ok(map));
        check(
            AttributeType::Map,
            None,
            "k=1",
            Err("is a map; state it as JSON, such as {\"key\": \"value\"}"),
        );
        check(
            AttributeType::Enum,
            None,
            "prodution",
            Err("\"prodution\" is not one of production, test; did you mean \"production\"?"),
        );
        check(
            AttributeType::DateTime,
            None,
            "2026-11-22",
            Err("\"2026-11-22\" is not a time with an offset like 2026-11-22T10:00:00Z"),
        );
    }
}
