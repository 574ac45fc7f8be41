//! Searches in text: STARTS WITH, ENDS WITH, CONTAINS, and `=~` in linear time.

use super::step::Step;
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::{SmolStr, Value};
use regex::{Regex, RegexBuilder};
use std::sync::{Mutex, PoisonError};

/// How much memory one compiled regular expression may take, in bytes.
const REGEX_BYTES_MAX: usize = 4 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    Prefix,
    Suffix,
    Part,
}

impl Search {
    /// Null where either operand is no text.
    pub fn test(self, text: &Value, part: &Value) -> Option<bool> {
        let (Value::Text(text), Value::Text(part)) = (text, part) else { return None };
        Some(match self {
            Search::Prefix => text.starts_with(part.as_str()),
            Search::Suffix => text.ends_with(part.as_str()),
            Search::Part => text.contains(part.as_str()),
        })
    }
}

/// The right side of `=~`.
#[derive(Debug)]
pub enum Pattern {
    Constant(Regex),
    /// Compiled when seen first; the last one is kept.
    Varying {
        pattern: Box<Step>,
        last: Mutex<Option<(SmolStr, Regex)>>,
    },
}

impl Pattern {
    /// A constant pattern is compiled now; one that is wrong fails only if it is reached.
    pub fn new(pattern: Step) -> Pattern {
        if let Step::Constant(Value::Text(text)) = &pattern
            && let Ok(regex) = compile(text)
        {
            return Pattern::Constant(regex);
        }
        Pattern::Varying { pattern: Box::new(pattern), last: Mutex::new(None) }
    }

    /// Whether the whole text matches; null where either side is no text.
    pub fn test(&self, scene: &Scene<'_>, row: &[Value], text: &Value) -> Result<Option<bool>> {
        let (pattern, last) = match self {
            Pattern::Constant(regex) => return Ok(matched(regex, text)),
            Pattern::Varying { pattern, last } => (pattern.look(scene, row)?, last),
        };
        let Value::Text(pattern) = &*pattern else { return Ok(None) };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, regex)) if known == pattern => Ok(matched(regex, text)),
            _ => {
                let regex = compile(pattern)?;
                let result = matched(&regex, text);
                *last = Some((pattern.clone(), regex));
                Ok(result)
            }
        }
    }
}

fn matched(regex: &Regex, text: &Value) -> Option<bool> {
    match text {
        Value::Text(text) => Some(regex.is_match(text)),
        _ => None,
    }
}

/// Anchored at both ends: `=~` is about the whole text.
fn compile(pattern: &str) -> Result<Regex> {
    RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).size_limit(REGEX_BYTES_MAX).build().map_err(|error| {
        let message = format!("`{pattern}` is no regular expression: {error}");
        Error::runtime(Class::ArgumentError, "InvalidRegularExpression", message)
            .hint("look-around and back-references are not supported, for they cannot be run in linear time")
    })
}
