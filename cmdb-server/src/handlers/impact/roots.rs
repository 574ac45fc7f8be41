//! Roots and their states as they are written.

use crate::api;
use crate::call::now_ms;
use crate::convert::types;
use cmdb_core::analysis::impact::{Question, Root, State};
use cmdb_core::command::resolve;
use cmdb_core::graph::Snapshot;
use cmdb_core::model::Symbol;
use cmdb_core::process::outage::{Held, MAINTENANCE, held};
use cmdb_core::{Error, Result, error};
use std::sync::atomic::AtomicBool;

/// Roots of one question at most.
const ROOTS_MAX: usize = 10_000;

/// An impact question resolved against a snapshot.
pub struct Asked {
    pub roots: Vec<Root>,
    /// Dense ids of roots under maintenance, ascending.
    pub planned: Vec<u32>,
    /// Dense ids of all roots, ascending.
    pub items: Vec<u32>,
    /// What open outages add to the roots, where that was asked for.
    pub held: Vec<Held>,
    pub depth_max: Option<u32>,
    pub types: Option<Vec<Symbol>>,
    pub protected: bool,
}

impl Asked {
    pub fn read(snapshot: &Snapshot, question: &api::ImpactQuestion) -> Result<Asked> {
        if question.roots.is_empty() || question.roots.len() > ROOTS_MAX {
            let message = format!("an impact question has 1 to {ROOTS_MAX} roots");
            return Err(Error::invalid("impact.roots", message.clone()).detail("/roots", message));
        }
        let default = question.state.as_deref().unwrap_or("down");
        parse_state(default).map_err(|e| e.detail("/state", "unknown state"))?;
        let (mut roots, mut planned) = (Vec::new(), Vec::new());
        for (at, root) in question.roots.iter().enumerate() {
            let (item, word) = read_root(snapshot, root, default).map_err(|e| {
                let message = e.message().to_owned();
                e.detail(format!("/roots/{at}"), message)
            })?;
            roots.push(Root { item, state: parse_state(&word)? });
            if word == MAINTENANCE {
                planned.push(item);
            }
        }
        let held = match question.with_current {
            true => held(snapshot, if question.at.is_some() { snapshot.time_ms() } else { now_ms() })?,
            false => Vec::new(),
        };
        if roots.len() + held.len() > ROOTS_MAX {
            let message = format!("with what open outages hold the question has more than {ROOTS_MAX} roots");
            return Err(Error::limit("impact.roots", message));
        }
        roots.extend(held.iter().map(|h| h.root));
        planned.extend(held.iter().filter(|h| h.planned).map(|h| h.root.item));
        let mut items: Vec<u32> = roots.iter().map(|r| r.item).collect();
        for list in [&mut items, &mut planned] {
            list.sort_unstable();
            list.dedup();
        }
        if let Some(other) = question.include.iter().find(|i| *i != "protected") {
            return Err(Error::invalid(
                "impact.include",
                format!("\"{other}\" cannot be included; protected can"),
            ));
        }
        Ok(Asked {
            roots,
            planned,
            items,
            held,
            depth_max: question.depth,
            types: question
                .types
                .as_ref()
                .map(|t| types(snapshot, t.iter().map(String::as_str)))
                .transpose()?,
            protected: !question.include.is_empty(),
        })
    }
    pub fn question<'a>(&'a self, cancelled: &'a AtomicBool) -> Question<'a> {
        Question {
            roots: &self.roots,
            depth_max: self.depth_max,
            types: self.types.as_deref(),
            sure_links_only: false,
            doubtful: None,
            cancelled: Some(cancelled),
        }
    }
    pub fn is_root(&self, item: u32) -> bool {
        self.items.binary_search(&item).is_ok()
    }
}

fn read_root(snapshot: &Snapshot, root: &serde_json::Value, default: &str) -> Result<(u32, String)> {
    use serde_json::Value;
    match root {
        Value::String(text) => read_text(snapshot, text, default),
        Value::Object(fields) => {
            if let Some(other) = fields.keys().find(|k| !matches!(k.as_str(), "ref" | "state")) {
                return Err(Error::invalid(
                    "impact.roots",
                    format!("a root has ref and state, not \"{other}\""),
                ));
            }
            let reference = fields.get("ref").and_then(Value::as_str);
            let reference =
                reference.ok_or_else(|| Error::invalid("impact.roots", "a root needs a ref, as text"))?;
            let state = match fields.get("state") {
                None | Some(Value::Null) => default,
                Some(Value::String(state)) => state,
                Some(_) => return Err(Error::invalid("impact.state", "a state is a text")),
            };
            Ok((snapshot.dense(resolve(snapshot, reference)?), state.to_owned()))
        }
        _ => Err(Error::invalid("impact.roots", "a root is a REF or an object with ref and state")),
    }
}

/// A REF that may carry its own state. A name that really ends so wins.
fn read_text(snapshot: &Snapshot, text: &str, default: &str) -> Result<(u32, String)> {
    match resolve(snapshot, text) {
        Ok(number) => Ok((snapshot.dense(number), default.to_owned())),
        Err(error) => {
            let Some((reference, state)) = text.rsplit_once('=') else { return Err(error) };
            match (resolve(snapshot, reference), parse_state(state)) {
                (Ok(number), Ok(_)) => Ok((snapshot.dense(number), state.to_owned())),
                // The item is there; what is wrong is the state.
                (Ok(_), Err(unknown_state)) => Err(unknown_state),
                (Err(unknown_item), Ok(_)) => Err(unknown_item),
                (Err(_), Err(_)) => Err(error),
            }
        }
    }
}

/// The state that a word forces.
fn parse_state(word: &str) -> Result<State> {
    if word == MAINTENANCE {
        return Ok(State::Down);
    }
    State::parse(word).filter(|s| *s != State::Up).ok_or_else(|| {
        let words = ["down", "degraded", "at_risk", MAINTENANCE];
        let message = format!("\"{word}\" is no state of a root; states are {}", words.join(", "));
        let error = Error::invalid("impact.state", message);
        match error::did_you_mean(word, words) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}
