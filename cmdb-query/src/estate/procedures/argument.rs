//! Arguments of procedures: starts, and maps of options whose unknown keys are refused.

use super::State;
use crate::error::{Class, Error, Result};
use crate::value::{SmolStr, Value};
use cmdb_core::command::resolve;
use cmdb_core::error::did_you_mean;
use cmdb_core::graph::Records;
use cmdb_core::model::Symbol;

/// Starts at most in one call.
const STARTS_MAX: usize = 100_000;

fn invalid(message: String) -> Error {
    Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message)
}

/// The nodes meant: a node, a REF, or a list of either.
pub fn starts(state: &State, value: &Value) -> Result<Vec<u32>> {
    match value {
        Value::List(values) if values.len() > STARTS_MAX => {
            Err(invalid(format!("at most {STARTS_MAX} starts")))
        }
        Value::List(values) => values.iter().map(|v| start(state, v)).collect(),
        Value::Null => Ok(Vec::new()),
        one => Ok(vec![start(state, one)?]),
    }
}

/// The node meant: a node or a REF.
pub fn start(state: &State, value: &Value) -> Result<u32> {
    match value {
        Value::Node(node) if node.0 < state.snapshot.nodes() => Ok(node.0),
        Value::Node(_) => {
            Err(invalid("the node was created by this query and is not recorded yet".to_owned()))
        }
        Value::Text(reference) => match resolve(&*state.snapshot, reference) {
            Ok(number) => Ok(state.snapshot.dense(number)),
            Err(e) => {
                let error = Error::runtime(Class::EntityNotFound, "NodeNotFound", e.message());
                Err(match e.hint_text() {
                    Some(hint) => error.hint(hint),
                    None => error,
                })
            }
        },
        other => Err(Error::kind(
            "InvalidArgumentType",
            format!("expected a node or a REF, got {}", other.kind_name()),
        )),
    }
}

/// Options of one call; every key must be asked for in `known`.
pub struct Options<'a> {
    map: Vec<(&'a SmolStr, &'a Value)>,
}

impl<'a> Options<'a> {
    pub fn read(value: &'a Value, known: &[&str]) -> Result<Options<'a>> {
        let map: Vec<_> = match value {
            Value::Map(entries) => entries.iter().filter(|(_, value)| !value.is_null()).collect(),
            Value::Null => Vec::new(),
            other => {
                return Err(Error::kind(
                    "InvalidArgumentType",
                    format!("options are a map, not {}", other.kind_name()),
                ));
            }
        };
        for (key, _) in &map {
            if !known.contains(&key.as_str()) {
                let hint = did_you_mean(key, known.iter().copied());
                return Err(invalid(format!("there is no option \"{key}\""))
                    .hint(hint.unwrap_or_else(|| format!("known: {}", known.join(", ")))));
            }
        }
        Ok(Options { map })
    }
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }
    pub fn whole(&self, key: &str) -> Result<Option<u64>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Integer(n)) if *n >= 0 => Ok(Some(*n as u64)),
            Some(_) => Err(invalid(format!("{key} is a whole number that is not negative"))),
        }
    }
    pub fn text(&self, key: &str) -> Result<Option<&'a str>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("{key} is a text"))),
        }
    }
    /// A text, or a list of texts.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<&'a str>>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(vec![text])),
            Some(Value::List(values)) => {
                let text = |v: &'a Value| match v {
                    Value::Text(text) => Ok(text.as_str()),
                    _ => Err(invalid(format!("{key} is a list of texts"))),
                };
                values.iter().map(text).collect::<Result<_>>().map(Some)
            }
            Some(_) => Err(invalid(format!("{key} is a list of texts"))),
        }
    }
    pub fn value(&self, key: &str) -> Option<&'a Value> {
        self.get(key)
    }
    /// Relationship types by name, in the catalogue's writing or upper snake case.
    pub fn types(&self, state: &State) -> Result<Option<Vec<Symbol>>> {
        let Some(texts) = self.texts("types")? else { return Ok(None) };
        texts.into_iter().map(|name| relationship_type(state, name)).collect::<Result<_>>().map(Some)
    }
}

fn relationship_type(state: &State, name: &str) -> Result<Symbol> {
    match super::super::names::kind(&*state.snapshot, name) {
        Some(symbol) => Ok(super::super::names::inner(symbol)),
        None => {
            let known = state.snapshot.schema().relationship_types();
            let hint = did_you_mean(name, known.map(|t| t.definition.name.as_str()));
            Err(invalid(format!("there is no relationship type \"{name}\"")).hint(hint.unwrap_or_default()))
        }
    }
}

/// A label by name.
pub fn class(state: &State, name: &str) -> Result<Symbol> {
    match super::super::names::label(&*state.snapshot, name) {
        Some(symbol) => Ok(super::super::names::inner(symbol)),
        None => {
            let known = state.snapshot.schema().classes();
            let hint = did_you_mean(name, known.map(|c| c.definition.name.as_str()));
            Err(invalid(format!("there is no class \"{name}\"")).hint(hint.unwrap_or_default()))
        }
    }
}
