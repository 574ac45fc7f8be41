//! Aggregates over all rows of a group at once.

use super::{Literally, beyond};
use cmdb_query::error::Result;
use cmdb_query::evaluate::{Compiled, Scope, aggregate, compile};
use cmdb_query::scene::Scene;
use cmdb_query::syntax::tree::{Expression, ExpressionKind};
use cmdb_query::value::compare::order;
use cmdb_query::value::key::equivalent;
use cmdb_query::value::{SmolStr, Value};

/// The aggregate calls in an expression.
pub fn find(expression: &Expression) -> Vec<&Expression> {
    aggregate::find(expression)
}

pub struct Call {
    /// In small letters; None for `count(*)`.
    name: Option<SmolStr>,
    distinct: bool,
    argument: Option<Compiled>,
}

impl Call {
    pub fn new(call: &Expression, scope: &Scope) -> Result<Call> {
        let ExpressionKind::Call { name, distinct, arguments, .. } = &call.kind else {
            return Ok(Call { name: None, distinct: false, argument: None });
        };
        let argument = arguments.first().map(|it| compile(it, scope, &Literally)).transpose()?;
        Ok(Call { name: Some(name.to_lowercase().into()), distinct: *distinct, argument })
    }

    pub fn over(&self, scene: &Scene<'_>, rows: &[&Vec<Value>]) -> Result<Value> {
        let (Some(name), Some(argument)) = (&self.name, &self.argument) else {
            return Ok(Value::Integer(rows.len() as i64));
        };
        let mut values: Vec<Value> = Vec::new();
        for row in rows {
            let value = argument.eval(scene, row)?;
            let known = self.distinct && values.iter().any(|known| equivalent(known, &value));
            if !value.is_null() && !known {
                values.push(value);
            }
        }
        Ok(match name.as_str() {
            "count" => Value::Integer(values.len() as i64),
            "collect" => Value::list(values),
            "min" => values.into_iter().min_by(order).unwrap_or_default(),
            "max" => values.into_iter().max_by(order).unwrap_or_default(),
            "sum" => Value::Integer(values.iter().try_fold(0, |sum: i64, value| match value {
                Value::Integer(number) => Ok(sum + number),
                _ => Err(beyond("a sum of other things than integers")),
            })?),
            _ => return Err(beyond("this aggregate")),
        })
    }
}
