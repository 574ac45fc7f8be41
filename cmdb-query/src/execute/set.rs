//! SET and REMOVE.

use super::batch::{Batch, Source};
use super::create::{entries, storable};
use super::{Operator, Run};
use crate::error::{Error, Result};
use crate::plan::Change;
use crate::value::{Entity, Node, SmolStr, Value};
use std::sync::Arc;

pub struct Set {
    pub source: Source,
    pub changes: Arc<Vec<Change>>,
}

impl Operator for Set {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        while !out.is_full() {
            if !self.source.advance(run)? {
                return Ok(false);
            }
            apply(run, &self.changes, self.source.row())?;
            out.push_moved(self.source.row_mut());
        }
        Ok(true)
    }
}

/// Makes the changes for one row, in the order written.
pub fn apply(run: &mut Run<'_>, changes: &[Change], row: &[Value]) -> Result<()> {
    for change in changes {
        run.budget.step(1)?;
        match change {
            Change::Property { target, key, value } => {
                if let Some(entity) = entity(&target.eval(&run.scene(), row)?)? {
                    let value = value.eval(&run.scene(), row)?;
                    put(run, entity, key, value)?;
                }
            }
            Change::RemoveProperty { target, key } => {
                if let Some(entity) = entity(&target.eval(&run.scene(), row)?)? {
                    put(run, entity, key, Value::Null)?;
                }
            }
            Change::Replace { slot, value } | Change::Extend { slot, value } => {
                if let Some(entity) = entity(&row[*slot])? {
                    let value = value.eval(&run.scene(), row)?;
                    merge(run, entity, value, matches!(change, Change::Replace { .. }))?;
                }
            }
            Change::AddLabels { slot, labels } => {
                let Some(node) = node(&row[*slot])? else { continue };
                for label in labels {
                    run.stats.labels_added += u64::from(run.sink()?.add_label(node, label)?);
                }
            }
            Change::RemoveLabels { slot, labels } => {
                let Some(node) = node(&row[*slot])? else { continue };
                for label in labels {
                    run.stats.labels_removed += u64::from(run.sink()?.remove_label(node, label)?);
                }
            }
        }
    }
    Ok(())
}

fn put(run: &mut Run<'_>, entity: Entity, key: &str, value: Value) -> Result<()> {
    storable(key, &value)?;
    let changed = run.sink()?.set_property(entity, key, value)?;
    run.stats.properties_set += u64::from(changed);
    Ok(())
}

/// Sets all entries of a map; with `replace` what it does not name is removed.
fn merge(run: &mut Run<'_>, entity: Entity, value: Value, replace: bool) -> Result<()> {
    if replace && value.is_null() {
        return Err(Error::kind("InvalidArgumentType", "`=` takes a map, node or relationship, not null")
            .hint("`= {}` removes all properties"));
    }
    let nulls: Vec<SmolStr> = match &value {
        Value::Map(map) => {
            map.iter().filter(|(_, value)| value.is_null()).map(|(key, _)| key.clone()).collect()
        }
        _ => Vec::new(),
    };
    let new = entries(run, value)?;
    if replace {
        for (key, _) in run.graph().properties(entity) {
            if !new.iter().any(|(name, _)| *name == key) {
                put(run, entity, &key, Value::Null)?;
            }
        }
    } else {
        for key in nulls {
            put(run, entity, &key, Value::Null)?;
        }
    }
    for (key, value) in new {
        put(run, entity, &key, value)?;
    }
    Ok(())
}

/// What is to be changed; none for null.
fn entity(value: &Value) -> Result<Option<Entity>> {
    match value {
        Value::Node(node) => Ok(Some(Entity::Node(*node))),
        Value::Edge(edge) => Ok(Some(Entity::Edge(*edge))),
        Value::Null => Ok(None),
        other => Err(Error::kind(
            "InvalidArgumentType",
            format!(
                "only nodes and relationships have properties that can be set, not {}",
                other.kind_name()
            ),
        )),
    }
}

fn node(value: &Value) -> Result<Option<Node>> {
    match entity(value)? {
        Some(Entity::Node(node)) => Ok(Some(node)),
        Some(Entity::Edge(_)) => Err(Error::kind(
            "InvalidArgumentType",
            "only nodes have labels; a relationship has one type for good",
        )),
        None => Ok(None),
    }
}
