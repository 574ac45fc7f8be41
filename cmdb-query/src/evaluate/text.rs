//! Searches in text: STARTS WITH, ENDS WITH, CONTAINS, and `=~` in linear time.

use super::step::Step;
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::{SmolStr, Value};
use regex::{Regex, RegexBuilder};
use std::sync::{Mutex, PoisonError};

/// Sizes a compiled regular expression may have, in bytes; the last one is the bound.
const REGEX_BYTES: [usize; 6] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];
/// Bytes of text times bytes of expression in one match. Linear time is the product of both: half a second at worst.
const MATCH_WORK_MAX: u64 = 1_000_000_000;
/// Work of a match for one step charged.
const WORK_PER_STEP: u64 = 65_536;
/// Steps charged for compiling an expression.
const COMPILE_STEPS: u64 = 4_096;

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
    Constant(Expression),
    /// Compiled when seen first; the last one is kept.
    Varying {
        pattern: Box<Step>,
        last: Mutex<Option<(SmolStr, Expression)>>,
    },
}

/// A compiled regular expression and what it weighs.
#[derive(Debug)]
pub struct Expression {
    regex: Regex,
    bytes: u64,
}

impl Pattern {
    /// A constant pattern is compiled now; one that is wrong fails only if it is reached.
    pub fn new(pattern: Step) -> Pattern {
        if let Step::Constant(Value::Text(text)) = &pattern
            && let Ok(expression) = Expression::compile(text)
        {
            return Pattern::Constant(expression);
        }
        Pattern::Varying { pattern: Box::new(pattern), last: Mutex::new(None) }
    }

    /// Whether the whole text matches; null where either side is no text.
    pub fn test(&self, scene: &Scene<'_>, row: &[Value], text: &Value) -> Result<Option<bool>> {
        let (pattern, last) = match self {
            Pattern::Constant(expression) => return expression.test(scene, text),
            Pattern::Varying { pattern, last } => (pattern.look(scene, row)?, last),
        };
        let Value::Text(pattern) = &*pattern else { return Ok(None) };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, expression)) if known == pattern => expression.test(scene, text),
            _ => {
                scene.budget.step(COMPILE_STEPS)?;
                let expression = Expression::compile(pattern)?;
                let result = expression.test(scene, text);
                *last = Some((pattern.clone(), expression));
                result
            }
        }
    }
}

impl Expression {
    /// Anchored at both ends: `=~` is about the whole text.
    fn compile(pattern: &str) -> Result<Expression> {
        let anchored = format!(r"\A(?:{pattern})\z");
        let mut failure = None;
        for bytes in REGEX_BYTES {
            match RegexBuilder::new(&anchored).size_limit(bytes).build() {
                Ok(regex) => return Ok(Expression { regex, bytes: bytes as u64 }),
                Err(error) => {
                    let too_big = matches!(error, regex::Error::CompiledTooBig(_));
                    failure = Some(error);
                    if !too_big {
                        break;
                    }
                }
            }
        }
        // The last line says what is wrong; those before repeat the expression with what was put around it.
        let why = failure.map(|error| error.to_string()).unwrap_or_default();
        let why = why.lines().last().unwrap_or("").trim_start_matches("error: ");
        let message = format!("`{pattern}` is no regular expression: {why}");
        Err(Error::runtime(Class::ArgumentError, "InvalidRegularExpression", message)
            .hint("look-around and back-references are not supported, for they cannot be run in linear time"))
    }

    fn test(&self, scene: &Scene<'_>, text: &Value) -> Result<Option<bool>> {
        let Value::Text(text) = text else { return Ok(None) };
        let work = (text.len() as u64).saturating_mul(self.bytes);
        if work > MATCH_WORK_MAX {
            let message = format!("a text of {} bytes is too long for so large an expression", text.len());
            return Err(Error::limit("RegexWork", message).hint("match a part of it, or use CONTAINS"));
        }
        scene.budget.step(work / WORK_PER_STEP)?;
        Ok(Some(self.regex.is_match(text)))
    }
}
