//! percentileDisc: the value at a share of the sorted values. percentileCont: between the two beside it, in proportion.

use super::no_number;
use crate::error::{Class, Error, Result};
use crate::value::{Value, compare};

#[derive(Debug)]
pub struct Percentile {
    continuous: bool,
    /// Between 0 and 1; read from the first row.
    share: Option<f64>,
    values: Vec<Value>,
}

impl Percentile {
    pub fn continuous() -> Percentile {
        Percentile { continuous: true, share: None, values: Vec::new() }
    }
    pub fn discrete() -> Percentile {
        Percentile { continuous: false, ..Percentile::continuous() }
    }
    pub fn wants_share(&self) -> bool {
        self.share.is_none()
    }

    pub fn set_share(&mut self, share: &Value) -> Result<()> {
        let share = match share {
            Value::Integer(integer) => *integer as f64,
            Value::Float(float) => *float,
            other => return Err(no_number("a percentile", other)),
        };
        if !(0.0..=1.0).contains(&share) {
            let message = format!("a percentile lies between 0.0 and 1.0; {share} does not");
            return Err(Error::runtime(Class::ArgumentError, "NumberOutOfRange", message));
        }
        self.share = Some(share);
        Ok(())
    }

    pub fn add(&mut self, value: Value) -> Result<()> {
        match value {
            Value::Integer(_) | Value::Float(_) => self.values.push(value),
            other => return Err(no_number("a percentile", &other)),
        }
        Ok(())
    }

    pub fn finish(mut self) -> Value {
        let Some(last) = self.values.len().checked_sub(1) else { return Value::Null };
        let share = self.share.unwrap_or_default();
        self.values.sort_by(compare::order);
        if self.continuous {
            let place = share * last as f64;
            let (below, above) = (self.number(place.floor()), self.number(place.ceil()));
            return Value::Float(below + (above - below) * place.fract());
        }
        let place = (share * self.values.len() as f64).ceil() - 1.0;
        self.values.swap_remove((place.max(0.0) as usize).min(last))
    }

    fn number(&self, place: f64) -> f64 {
        match self.values.get(place as usize) {
            Some(Value::Integer(integer)) => *integer as f64,
            Some(Value::Float(float)) => *float,
            _ => f64::NAN,
        }
    }
}
