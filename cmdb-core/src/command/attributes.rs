//! Attributes as they are stated in a command, checked against a class or a relationship type.

use super::decider::Decider;
use crate::error::{Detail, Error, Result, did_you_mean};
use crate::graph::Records;
use crate::model::{SmolStr, Symbol, Value};
use crate::schema::{AttributeDefinition, read};
use std::collections::BTreeMap;

/// A value as it came in.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Text whose type the schema decides (`k=v` on a command line, a CSV cell).
    Text(SmolStr),
    Typed(Value),
    Clear,
}

/// Attributes by name, in the order stated.
pub type Inputs = Vec<(SmolStr, Input)>;

/// Reads one stated value by its definition.
pub fn read_input(
    definition: &AttributeDefinition,
    input: Input,
) -> std::result::Result<Option<Value>, String> {
    match input {
        Input::Text(text) => read::from_text(definition, &text).map(Some),
        Input::Typed(value) => read::from_value(definition, value).map(Some),
        Input::Clear => Ok(None),
    }
}

/// Reads all stated attributes; every mistake is reported, not only the first.
///
/// `owner` names the class or type in messages. In an open schema unknown attributes are taken as they are.
pub fn read_all(
    decider: &mut Decider<'_>,
    owner: &str,
    known: &BTreeMap<Symbol, AttributeDefinition>,
    inputs: Inputs,
) -> Result<Vec<(Symbol, Option<Value>)>> {
    let open = decider.draft().schema().open;
    let mut out: Vec<(Symbol, Option<Value>)> = Vec::with_capacity(inputs.len());
    let mut wrong: Vec<Detail> = Vec::new();
    for (name, input) in inputs {
        let pointer = format!("/attributes/{name}");
        let symbol = decider.draft().names().get(&name);
        match symbol.and_then(|s| known.get(&s).map(|d| (s, d))) {
            Some((symbol, definition)) => match read_input(definition, input) {
                Ok(value) => out.push((symbol, value)),
                Err(message) => wrong.push(Detail { pointer, message: format!("{name} {message}") }),
            },
            None if open => out.push((decider.symbol(&name)?, untyped(input))),
            None => {
                let names = known.values().map(|d| d.name.as_str());
                let hint = did_you_mean(&name, names).map(|h| format!("; {h}")).unwrap_or_default();
                wrong.push(Detail { pointer, message: format!("{owner} has no attribute \"{name}\"{hint}") });
            }
        }
    }
    if wrong.is_empty() { Ok(out) } else { Err(refuse(wrong)) }
}

fn untyped(input: Input) -> Option<Value> {
    match input {
        Input::Text(text) => Some(Value::Text(text)),
        Input::Typed(value) => Some(value),
        Input::Clear => None,
    }
}

/// One error for all that is wrong with the attributes of a command.
pub fn refuse(wrong: Vec<Detail>) -> Error {
    let message = wrong.iter().map(|d| d.message.as_str()).collect::<Vec<_>>().join("; ");
    let mut error = Error::invalid("attribute.invalid", message);
    for detail in wrong {
        error = error.detail(detail.pointer, detail.message);
    }
    error.hint("`cmdb schema show CLASS` lists the attributes with their types and units")
}
