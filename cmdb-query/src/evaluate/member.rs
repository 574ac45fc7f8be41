//! `IN` with a long list that is the same for every row: a table instead of a walk.

use super::logic;
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::key::Key;
use crate::value::{SmolStr, Value};
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// From how many elements on a table is asked instead of the list.
const TABLE_FROM: usize = 8;

/// The elements of a list without lists, maps or NaN in it: for these, equal and equivalent are the same.
#[derive(Debug)]
pub struct Members {
    known: FxHashSet<Key>,
    with_null: bool,
}

impl Members {
    /// None for what is no list, a short one, or one whose elements need to be compared one by one.
    pub fn of(list: &Value) -> Option<Members> {
        let Value::List(values) = list else { return None };
        if values.len() < TABLE_FROM || !values.iter().all(is_plain) {
            return None;
        }
        let known = values.iter().filter(|value| !value.is_null()).cloned().map(Key).collect();
        Some(Members { known, with_null: values.iter().any(Value::is_null) })
    }

    pub fn test(&self, value: Cow<'_, Value>) -> Option<bool> {
        if value.is_null() {
            return None;
        }
        let found = !is_nan(&value) && self.known.contains(&Key(value.into_owned()));
        if !found && self.with_null { None } else { Some(found) }
    }
}

fn is_plain(value: &Value) -> bool {
    let kind = matches!(
        value,
        Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Node(_)
    );
    kind && !is_nan(value)
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Float(float) if float.is_nan())
}

/// Where the list comes from.
#[derive(Debug)]
pub enum MemberSource {
    Constant(Members),
    /// A parameter; its table is made once a run, and kept with the run's number.
    Parameter {
        name: SmolStr,
        last: Mutex<Option<(u32, Option<Arc<Members>>)>>,
    },
}

impl MemberSource {
    pub fn parameter(name: SmolStr) -> MemberSource {
        MemberSource::Parameter { name, last: Mutex::new(None) }
    }

    pub fn test(&self, scene: &Scene<'_>, value: Cow<'_, Value>) -> Result<Option<bool>> {
        let (name, last) = match self {
            MemberSource::Constant(members) => return Ok(members.test(value)),
            MemberSource::Parameter { name, last } => (name, last),
        };
        let list = scene.parameters.get(name).ok_or_else(|| missing_parameter(name))?;
        let run = scene.budget.run();
        let members = {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            match &*last {
                Some((known, members)) if *known == run => members.clone(),
                _ => {
                    let members = Members::of(list).map(Arc::new);
                    *last = Some((run, members.clone()));
                    members
                }
            }
        };
        match members {
            Some(members) => Ok(members.test(value)),
            None => logic::is_in(&value, list),
        }
    }
}

#[cold]
pub fn missing_parameter(name: &str) -> Error {
    let message = format!("the parameter ${name} was not given");
    Error::runtime(Class::ParameterMissing, "MissingParameter", message)
}
