//! Forms that walk a list with a variable of their own: comprehensions, quantifiers, reduce. The variable lies in the slot
//! behind the scope around it, in a copy of the row made once for the whole list.

use super::step::Step;
use crate::error::{Error, Result};
use crate::scene::Scene;
use crate::syntax::tree::ListPredicate;
use crate::value::Value;
use crate::value::size::{self, Gathering, Held};

/// `[x IN list WHERE condition | projection]`.
#[derive(Debug)]
pub struct Comprehension {
    pub slot: usize,
    pub list: Step,
    pub condition: Option<Step>,
    pub projection: Option<Step>,
}

impl Comprehension {
    pub fn eval(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Value> {
        let list = self.list.look(scene, row)?;
        let Some(values) = elements(&list)? else { return Ok(Value::Null) };
        let mut row = widened(row, self.slot, 1);
        let mut kept = Gathering::new(scene.budget);
        for value in values {
            scene.budget.step(1)?;
            put(&mut row, self.slot, value.clone());
            if let Some(condition) = &self.condition
                && condition.truth(scene, &row)? != Some(true)
            {
                continue;
            }
            kept.push(match &self.projection {
                Some(projection) => projection.eval(scene, &row)?,
                None => value.clone(),
            })?;
        }
        kept.finish()
    }
}

/// `all|any|none|single(x IN list WHERE condition)`.
#[derive(Debug)]
pub struct Quantified {
    pub kind: ListPredicate,
    pub slot: usize,
    pub list: Step,
    /// None: the element itself is the condition.
    pub condition: Option<Step>,
}

impl Quantified {
    pub fn eval(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Option<bool>> {
        let list = self.list.look(scene, row)?;
        let Some(values) = elements(&list)? else { return Ok(None) };
        let mut row = widened(row, self.slot, 1);
        let own = Step::Slot(self.slot);
        let condition = self.condition.as_ref().unwrap_or(&own);
        let (mut hits, mut unknown) = (0_u32, false);
        for value in values {
            scene.budget.step(1)?;
            put(&mut row, self.slot, value.clone());
            match (self.kind, condition.truth(scene, &row)?) {
                (_, None) => unknown = true,
                (ListPredicate::All, Some(false)) | (ListPredicate::None, Some(true)) => {
                    return Ok(Some(false));
                }
                (ListPredicate::Any, Some(true)) => return Ok(Some(true)),
                (ListPredicate::Single, Some(true)) if hits == 1 => return Ok(Some(false)),
                (_, Some(hit)) => hits += u32::from(hit),
            }
        }
        let without_unknown = match self.kind {
            ListPredicate::All | ListPredicate::None => true,
            ListPredicate::Any => false,
            ListPredicate::Single => hits == 1,
        };
        Ok(Some(without_unknown).filter(|_| !unknown))
    }
}

/// `reduce(accumulator = start, x IN list | step)`; the accumulator's slot, then the variable's.
#[derive(Debug)]
pub struct Reduction {
    pub slot: usize,
    pub start: Step,
    pub list: Step,
    pub step: Step,
}

impl Reduction {
    pub fn eval(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Value> {
        let list = self.list.look(scene, row)?;
        let start = self.start.eval(scene, row)?;
        let Some(values) = elements(&list)? else { return Ok(Value::Null) };
        let mut row = widened(row, self.slot, 2);
        put(&mut row, self.slot, start);
        let mut held = Held::new(scene.budget);
        for value in values {
            scene.budget.step(1)?;
            put(&mut row, self.slot + 1, value.clone());
            let next = self.step.eval(scene, &row)?;
            held.set(size::bytes(&next))?;
            put(&mut row, self.slot, next);
        }
        Ok(row.swap_remove(self.slot))
    }
}

/// The elements of a list; None for null.
fn elements(list: &Value) -> Result<Option<&[Value]>> {
    match list {
        Value::Null => Ok(None),
        Value::List(values) => Ok(Some(values)),
        other => {
            let message = format!("a list was expected behind IN, not {}", other.kind_name());
            Err(Error::kind("InvalidArgumentType", message))
        }
    }
}

/// A copy of the row's first `width` values with room for `more`.
pub fn widened(row: &[Value], width: usize, more: usize) -> Vec<Value> {
    let mut wide = Vec::with_capacity(width + more);
    wide.extend_from_slice(&row[..width.min(row.len())]);
    wide.resize(width + more, Value::Null);
    wide
}

fn put(row: &mut [Value], slot: usize, value: Value) {
    if let Some(place) = row.get_mut(slot) {
        *place = value;
    }
}
