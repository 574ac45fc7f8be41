//! Sum, mean and deviation, over numbers and, where that means something, durations.

use super::no_number;
use crate::error::Result;
use crate::evaluate::arithmetic::{self, overflow};
use crate::syntax::tree::Operator;
use crate::value::Value;
use crate::value::temporal::Temporal;

/// A sum that does not overflow on the way: integers are added apart from floats and in 128 bits.
#[derive(Debug, Default)]
pub struct Total {
    integers: i128,
    floats: Option<f64>,
    durations: Option<Value>,
}

impl Total {
    pub fn add(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Integer(integer) => self.integers += i128::from(*integer),
            Value::Float(float) => *self.floats.get_or_insert(0.0) += float,
            Value::Temporal(temporal) if matches!(**temporal, Temporal::Duration(_)) => {
                self.durations = Some(match self.durations.take() {
                    Some(sum) => arithmetic::apply(Operator::Add, &sum, value, None)?,
                    None => value.clone(),
                });
            }
            other => return Err(no_number("sum()", other)),
        }
        Ok(())
    }

    pub fn finish(self) -> Result<Value> {
        match (self.durations, self.floats) {
            (Some(durations), None) if self.integers == 0 => Ok(durations),
            (Some(durations), _) => Err(no_number("sum() of numbers", &durations)),
            (None, Some(floats)) => Ok(Value::Float(floats + self.integers as f64)),
            (None, None) => i64::try_from(self.integers).map(Value::Integer).map_err(|_| overflow()),
        }
    }
}

/// The arithmetic mean: a float, or a duration of durations.
#[derive(Debug, Default)]
pub struct Mean {
    total: Total,
    count: i64,
}

impl Mean {
    pub fn add(&mut self, value: &Value) -> Result<()> {
        self.count += 1;
        self.total.add(value)
    }

    pub fn finish(self) -> Result<Value> {
        if self.count == 0 {
            return Ok(Value::Null);
        }
        if self.total.durations.is_none() {
            let sum = self.total.integers as f64 + self.total.floats.unwrap_or_default();
            return Ok(Value::Float(sum / self.count as f64));
        }
        arithmetic::apply(Operator::Divide, &self.total.finish()?, &Value::Integer(self.count), None)
    }
}

/// The standard deviation in one pass, after Welford (1962).
#[derive(Debug)]
pub struct Spread {
    /// 1 for a sample, 0 for the whole population.
    freedom: u64,
    count: u64,
    mean: f64,
    squares: f64,
}

impl Spread {
    pub fn of_sample() -> Spread {
        Spread { freedom: 1, count: 0, mean: 0.0, squares: 0.0 }
    }
    pub fn of_population() -> Spread {
        Spread { freedom: 0, ..Spread::of_sample() }
    }

    pub fn add(&mut self, value: &Value) -> Result<()> {
        let number = match value {
            Value::Integer(integer) => *integer as f64,
            Value::Float(float) => *float,
            other => return Err(no_number("stDev()", other)),
        };
        self.count += 1;
        let before = number - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (number - self.mean);
        Ok(())
    }

    /// 0 where there are too few values to differ.
    pub fn finish(self) -> Value {
        let divisor = self.count.saturating_sub(self.freedom);
        Value::Float(if divisor == 0 { 0.0 } else { (self.squares / divisor as f64).sqrt() })
    }
}
