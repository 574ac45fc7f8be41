//! Aggregates: finding them in an expression, and gathering their values over the rows of a group.

mod number;
mod percentile;

use super::{Compiled, Nester, Scope, compile, same};
use crate::error::{Class, Error, Result};
use crate::function::{self, Aggregate, Call};
use crate::scene::{Budget, Scene};
use crate::syntax::tree::{Expression, ExpressionKind, Span};
use crate::value::key::Key;
use crate::value::{Value, compare, size};
use number::{Mean, Spread, Total};
use percentile::Percentile;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

/// The aggregate calls in an expression, each once, outermost ones only, in the order written.
pub fn find(expression: &Expression) -> Vec<&Expression> {
    let mut found = Vec::new();
    collect(expression, &mut found);
    found
}

fn collect<'e>(expression: &'e Expression, found: &mut Vec<&'e Expression>) {
    if is_aggregate(expression) {
        if !found.iter().any(|known| same::same(known, expression)) {
            found.push(expression);
        }
    } else {
        same::parts(expression).into_iter().for_each(|part| collect(part, found));
    }
}

/// Whether this very expression is the call of an aggregate.
pub fn is_aggregate(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::CountStar => true,
        ExpressionKind::Call { name, .. } => kind_of(name).is_some(),
        _ => false,
    }
}

/// Whether there is an aggregate call in it, without a look into patterns and queries.
pub fn has_aggregate(expression: &Expression) -> bool {
    is_aggregate(expression) || same::parts(expression).into_iter().any(has_aggregate)
}

fn kind_of(name: &str) -> Option<Aggregate> {
    match function::find(name)?.call {
        Call::Aggregate(aggregate) => Some(aggregate),
        Call::Plain(_) => None,
    }
}

/// One aggregate call, ready to gather.
#[derive(Debug)]
pub struct Gatherer {
    kind: Aggregate,
    distinct: bool,
    /// None for `count(*)`.
    value: Option<Compiled>,
    /// Of the percentiles: which.
    parameter: Option<Compiled>,
    span: Span,
}

impl Gatherer {
    /// Compiles a call that [`find`] found.
    ///
    /// # Errors
    /// As for every expression, and for a wrong number of arguments.
    pub fn new(call: &Expression, scope: &Scope, nester: &dyn Nester) -> Result<Gatherer> {
        let of = |expression| compile(expression, scope, nester);
        let ExpressionKind::Call { name, distinct, arguments, .. } = &call.kind else {
            let kind = Aggregate::Count;
            return Ok(Gatherer { kind, distinct: false, value: None, parameter: None, span: call.span });
        };
        let kind = kind_of(name).ok_or_else(|| {
            Error::syntax("InvalidAggregation", format!("`{name}` does not aggregate"), call.span)
        })?;
        let wanted = if is_percentile(kind) { 2 } else { 1 };
        if arguments.len() != wanted {
            let message = format!("`{name}` takes {wanted} arguments, not {}", arguments.len());
            return Err(Error::syntax("InvalidNumberOfArguments", message, call.span));
        }
        let value = arguments.first().map(of).transpose()?;
        let parameter = arguments.get(1).map(of).transpose()?;
        Ok(Gatherer { kind, distinct: *distinct, value, parameter, span: call.span })
    }

    /// The state of a group without rows.
    pub fn start(&self) -> Gathered {
        let state = match self.kind {
            Aggregate::Count => State::Count(0),
            Aggregate::Sum => State::Sum(Total::default()),
            Aggregate::Average => State::Average(Mean::default()),
            Aggregate::Minimum => State::Extreme(Ordering::Less, None),
            Aggregate::Maximum => State::Extreme(Ordering::Greater, None),
            Aggregate::Collect => State::Collect(Vec::new()),
            Aggregate::Deviation => State::Spread(Spread::of_sample()),
            Aggregate::DeviationOfPopulation => State::Spread(Spread::of_population()),
            Aggregate::PercentileContinuous => State::Percentile(Percentile::continuous()),
            Aggregate::PercentileDiscrete => State::Percentile(Percentile::discrete()),
        };
        Gathered { state, seen: self.distinct.then(FxHashSet::default), held: 0 }
    }

    /// Takes one row in.
    ///
    /// # Errors
    /// A value the aggregate cannot take, a percentile out of range, a limit.
    pub fn add(&self, gathered: &mut Gathered, scene: &Scene<'_>, row: &[Value]) -> Result<()> {
        let Some(value) = &self.value else {
            gathered.count(1);
            return Ok(());
        };
        if let (Some(parameter), State::Percentile(percentile)) = (&self.parameter, &mut gathered.state)
            && percentile.wants_share()
        {
            percentile.set_share(&parameter.eval(scene, row)?).map_err(|error| error.at(self.span))?;
        }
        let value = value.eval(scene, row)?;
        if value.is_null() {
            return Ok(());
        }
        gathered.add(value, scene.budget).map_err(|error| match error.span() {
            Some(_) => error,
            None => error.at(self.span),
        })
    }

    /// Whether it only counts rows, whatever they hold: `count(*)`.
    pub fn counts_rows(&self) -> bool {
        self.value.is_none()
    }
}

fn is_percentile(kind: Aggregate) -> bool {
    matches!(kind, Aggregate::PercentileContinuous | Aggregate::PercentileDiscrete)
}

/// What one aggregate has gathered of one group.
#[derive(Debug)]
pub struct Gathered {
    state: State,
    /// With DISTINCT: what was taken in already.
    seen: Option<FxHashSet<Key>>,
    /// Bytes charged to the budget.
    held: u64,
}

#[derive(Debug)]
enum State {
    Count(i64),
    Sum(Total),
    Average(Mean),
    /// The value that compares so to all others.
    Extreme(Ordering, Option<Value>),
    Collect(Vec<Value>),
    Spread(Spread),
    Percentile(Percentile),
}

impl Gathered {
    /// Counts rows without a look at them.
    pub fn count(&mut self, rows: i64) {
        if let State::Count(count) = &mut self.state {
            *count = count.saturating_add(rows);
        }
    }

    /// Takes in a value that is not null.
    fn add(&mut self, value: Value, budget: &Budget<'_>) -> Result<()> {
        if let Some(seen) = &mut self.seen {
            if !seen.insert(Key(value.clone())) {
                return Ok(());
            }
            let bytes = size::bytes(&value);
            self.held += bytes;
            budget.hold(bytes)?;
        }
        match &mut self.state {
            State::Count(count) => *count += 1,
            State::Sum(total) => total.add(&value)?,
            State::Average(mean) => mean.add(&value)?,
            State::Spread(spread) => spread.add(&value)?,
            State::Extreme(wanted, best) => {
                if best.as_ref().is_none_or(|best| compare::order(&value, best) == *wanted) {
                    *best = Some(value);
                }
            }
            State::Collect(values) => {
                let bytes = size::bytes(&value);
                self.held += bytes;
                budget.hold(bytes)?;
                values.push(value);
            }
            State::Percentile(percentile) => {
                let bytes = size::bytes(&value);
                self.held += bytes;
                budget.hold(bytes)?;
                percentile.add(value)?;
            }
        }
        Ok(())
    }

    /// The aggregate's value; gives back the memory that was charged.
    ///
    /// # Errors
    /// A sum that is no integer any more, a list too long or too deep.
    pub fn finish(self, scene: &Scene<'_>) -> Result<Value> {
        scene.budget.release(self.held);
        match self.state {
            State::Count(count) => Ok(Value::Integer(count)),
            State::Sum(total) => total.finish(),
            State::Average(mean) => mean.finish(),
            State::Spread(spread) => Ok(spread.finish()),
            State::Extreme(_, best) => Ok(best.unwrap_or_default()),
            State::Collect(values) => size::checked_list(scene.budget, values),
            State::Percentile(percentile) => Ok(percentile.finish()),
        }
    }
}

/// A value an aggregate of numbers cannot take.
fn no_number(name: &str, value: &Value) -> Error {
    let message = format!("{name} takes numbers, not {}", value.kind_name());
    Error::runtime(Class::TypeError, "InvalidArgumentValue", message)
}
