//! Queries and patterns inside expressions: what is made of the rows they yield.

use super::step::Step;
use super::{Flow, Nested};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;
use crate::value::size::Gathering;
use std::fmt;

/// A nested part and what is asked of it.
pub struct Inner {
    pub rows: Box<dyn Nested>,
    pub asks: Asks,
}

#[derive(Debug)]
pub enum Asks {
    /// Whether there is a row.
    Exists,
    /// How many rows there are.
    Count,
    /// What the step yields on each.
    Each(Box<Step>),
    /// The first column of each.
    Column,
    /// The last slot of the first row, or null.
    First,
    /// The last slot of each row.
    Last,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("asks", &self.asks).finish_non_exhaustive()
    }
}

impl Inner {
    pub fn eval(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Value> {
        match &self.asks {
            Asks::Exists => {
                let mut found = false;
                self.rows.rows(scene, row, &mut |_| {
                    found = true;
                    Ok(Flow::Enough)
                })?;
                Ok(Value::Boolean(found))
            }
            Asks::Count => {
                let mut count = 0;
                self.rows.rows(scene, row, &mut |_| {
                    count += 1;
                    Ok(Flow::More)
                })?;
                Ok(Value::Integer(count))
            }
            Asks::Each(step) => self.list(scene, row, &mut |row| step.eval(scene, row)),
            Asks::Column => self.list(scene, row, &mut |row| Ok(row.first().cloned().unwrap_or_default())),
            Asks::Last => self.list(scene, row, &mut |row| Ok(row.last().cloned().unwrap_or_default())),
            Asks::First => {
                let mut first = Value::Null;
                self.rows.rows(scene, row, &mut |row| {
                    first = row.last().cloned().unwrap_or_default();
                    Ok(Flow::Enough)
                })?;
                Ok(first)
            }
        }
    }

    /// One value of each row. What is gathered is held until the list is whole.
    fn list(
        &self,
        scene: &Scene<'_>,
        row: &[Value],
        of: &mut dyn FnMut(&[Value]) -> Result<Value>,
    ) -> Result<Value> {
        let mut values = Gathering::new(scene.budget);
        self.rows.rows(scene, row, &mut |row| {
            values.push(of(row)?)?;
            Ok(Flow::More)
        })?;
        values.finish()
    }
}
