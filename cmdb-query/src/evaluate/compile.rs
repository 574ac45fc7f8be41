//! From an expression of the tree to steps: names become slots, constants are folded.

use super::access::LabelTest;
use super::iterate::{Comprehension, Quantified, Reduction};
use super::member::{MemberSource, Members};
use super::nested::{Asks, Inner};
use super::step::{Field, Step};
use super::symbol::Name;
use super::text::{Pattern, Search};
use super::{Nester, Scope, arithmetic, logic, same};
use crate::error::{Class, Error, Phase, Result};
use crate::function::{self, Call};
use crate::syntax::tree::{
    Comparator, Expression, ExpressionKind, LabelExpression, MapProjectionItem, Operator, Span, SubqueryKind,
};
use crate::value::{SmolStr, Value};

pub struct Compiler<'a> {
    pub scope: Scope,
    pub nester: &'a dyn Nester,
    /// Expressions that are already computed, and where.
    pub given: Vec<(&'a Expression, usize)>,
}

impl<'a> Compiler<'a> {
    pub fn step(&mut self, expression: &Expression) -> Result<Step> {
        if let Some((_, slot)) = self.given.iter().find(|(given, _)| same::same(given, expression)) {
            return Ok(Step::Slot(*slot));
        }
        let step = self.form(expression)?;
        Ok(folded(placed(step, expression.span)))
    }

    fn boxed(&mut self, expression: &Expression) -> Result<Box<Step>> {
        self.step(expression).map(Box::new)
    }

    fn optional(&mut self, expression: Option<&Expression>) -> Result<Option<Box<Step>>> {
        expression.map(|expression| self.boxed(expression)).transpose()
    }

    fn steps(&mut self, expressions: &[Expression]) -> Result<Vec<Step>> {
        expressions.iter().map(|expression| self.step(expression)).collect()
    }

    fn form(&mut self, expression: &Expression) -> Result<Step> {
        use ExpressionKind as E;
        Ok(match &expression.kind {
            E::Null => Step::Constant(Value::Null),
            E::Boolean(boolean) => Step::Constant(Value::Boolean(*boolean)),
            E::Integer(integer) => Step::Constant(Value::Integer(*integer)),
            E::Float(float) => Step::Constant(Value::Float(*float)),
            E::Text(text) => Step::Constant(Value::Text(text.clone())),
            E::Parameter(name) => Step::Parameter(name.clone()),
            E::Variable(name) => self.variable(name, expression.span)?,
            E::List(items) => Step::List(self.steps(items)?),
            E::Map(entries) => Step::Map(
                entries
                    .iter()
                    .map(|(key, value)| Ok((key.name.clone(), self.step(value)?)))
                    .collect::<Result<_>>()?,
            ),
            E::MapProjection { variable, items } => self.projection(&variable.name, variable.span, items)?,
            E::Property { subject, key } => {
                Step::Property { subject: self.boxed(subject)?, key: Name::new(key.name.clone()) }
            }
            E::Index { subject, index } => {
                Step::Element { subject: self.boxed(subject)?, index: self.boxed(index)? }
            }
            E::Slice { subject, from, to } => Step::Slice {
                subject: self.boxed(subject)?,
                from: self.optional(from.as_deref())?,
                to: self.optional(to.as_deref())?,
            },
            E::Not(value) => Step::Not(self.boxed(value)?),
            E::Negate(value) => Step::Negate(self.boxed(value)?),
            E::Plus(value) => Step::Plus(self.boxed(value)?),
            E::Binary { operator, left, right } => self.binary(*operator, left, right)?,
            E::Comparison { first, rest } => self.comparison(first, rest)?,
            E::IsNull(value) => Step::IsNull { value: self.boxed(value)?, negated: false },
            E::IsNotNull(value) => Step::IsNull { value: self.boxed(value)?, negated: true },
            E::HasLabels { subject, labels } => {
                Step::HasLabels { subject: self.boxed(subject)?, labels: label_test(labels) }
            }
            E::Call { name, name_span, arguments, .. } => self.call(name, *name_span, arguments)?,
            E::CountStar => return Err(misplaced_aggregate("count(*)", expression.span)),
            E::Case { operand, branches, otherwise } => Step::Case {
                operand: self.optional(operand.as_deref())?,
                branches: branches
                    .iter()
                    .map(|(when, then)| Ok((self.step(when)?, self.step(then)?)))
                    .collect::<Result<_>>()?,
                otherwise: self.optional(otherwise.as_deref())?,
            },
            _ => self.form_with_scope(expression)?,
        })
    }

    /// The forms that bring variables of their own.
    fn form_with_scope(&mut self, expression: &Expression) -> Result<Step> {
        use ExpressionKind as E;
        Ok(match &expression.kind {
            E::ListComprehension { variable, list, condition, projection } => {
                let list = self.step(list)?;
                let (slot, (condition, projection)) = self.with(&[&variable.name], |inner| {
                    let condition =
                        condition.as_deref().map(|condition| inner.step(condition)).transpose()?;
                    Ok((condition, projection.as_deref().map(|value| inner.step(value)).transpose()?))
                })?;
                Step::Comprehension(Box::new(Comprehension { slot, list, condition, projection }))
            }
            E::ListPredicate { kind, variable, list, condition } => {
                let list = self.step(list)?;
                let (slot, condition) = self.with(&[&variable.name], |inner| {
                    condition.as_deref().map(|condition| inner.step(condition)).transpose()
                })?;
                Step::Quantified(Box::new(Quantified { kind: *kind, slot, list, condition }))
            }
            E::Reduce { accumulator, start, variable, list, step } => {
                let (start, list) = (self.step(start)?, self.step(list)?);
                let names = [&accumulator.name, &variable.name];
                let (slot, step) = self.with(&names, |inner| inner.step(step))?;
                Step::Reduce(Box::new(Reduction { slot, start, list, step }))
            }
            E::PatternComprehension { variable, path, condition, projection } => {
                let name = variable.as_ref().map(|variable| &variable.name);
                let (rows, scope) = self.nester.pattern(name, path, condition.as_deref(), &self.scope)?;
                let mut inner = Compiler { scope, nester: self.nester, given: Vec::new() };
                Step::Nested(Inner { rows, asks: Asks::Each(inner.boxed(projection)?) })
            }
            E::PatternPredicate(path) => {
                let (rows, _) = self.nester.pattern(None, path, None, &self.scope)?;
                Step::Nested(Inner { rows, asks: Asks::Exists })
            }
            E::ShortestPath { all, path } => {
                let rows = self.nester.shortest(*all, path, &self.scope)?;
                Step::Nested(Inner { rows, asks: if *all { Asks::Last } else { Asks::First } })
            }
            E::Subquery { kind, query } => {
                let rows = self.nester.query(query, &self.scope)?;
                let asks = match kind {
                    SubqueryKind::Exists => Asks::Exists,
                    SubqueryKind::Count => Asks::Count,
                    SubqueryKind::Collect => Asks::Column,
                };
                Step::Nested(Inner { rows, asks })
            }
            _ => return Err(internal("a form of expression that has no step", expression.span)),
        })
    }

    /// Compiles with more variables; yields the slot of the first. What is given stays so only where it does not speak
    /// of a name that now means something else.
    fn with<T>(
        &mut self,
        names: &[&SmolStr],
        compile: impl FnOnce(&mut Compiler<'a>) -> Result<T>,
    ) -> Result<(usize, T)> {
        let slot = self.scope.len();
        names.iter().for_each(|name| {
            self.scope.push((*name).clone());
        });
        let unshadowed =
            self.given.iter().filter(|(given, _)| !names.iter().any(|name| same::mentions(given, name)));
        let unshadowed = unshadowed.copied().collect();
        let given = std::mem::replace(&mut self.given, unshadowed);
        let result = compile(self);
        self.given = given;
        names.iter().for_each(|_| self.scope.pop());
        Ok((slot, result?))
    }

    fn variable(&self, name: &str, span: Span) -> Result<Step> {
        self.scope.slot(name).map(Step::Slot).ok_or_else(|| {
            Error::syntax("UndefinedVariable", format!("variable `{name}` is not defined"), span)
        })
    }

    fn projection(&mut self, variable: &str, span: Span, items: &[MapProjectionItem]) -> Result<Step> {
        let subject = Box::new(self.variable(variable, span)?);
        let mut fields = Vec::with_capacity(items.len());
        for item in items {
            fields.push(match item {
                MapProjectionItem::All(_) => Field::All,
                MapProjectionItem::Property(key) => Field::Property(Name::new(key.name.clone())),
                MapProjectionItem::Entry(key, value) => Field::Entry(key.name.clone(), self.step(value)?),
                MapProjectionItem::Variable(variable) => {
                    Field::Entry(variable.name.clone(), self.variable(&variable.name, variable.span)?)
                }
            });
        }
        Ok(Step::Projection { subject, fields })
    }

    fn binary(&mut self, operator: Operator, left: &Expression, right: &Expression) -> Result<Step> {
        let search = |search, text, part| Step::Search { search, text, part };
        let (left, right) = (self.boxed(left)?, self.boxed(right)?);
        Ok(match operator {
            Operator::And => Step::And([*left, *right].into_iter().flat_map(conjuncts).collect()),
            Operator::Or => Step::Or([*left, *right].into_iter().flat_map(alternatives).collect()),
            Operator::Xor => Step::Xor(left, right),
            Operator::In => among(left, right),
            Operator::StartsWith => search(Search::Prefix, left, right),
            Operator::EndsWith => search(Search::Suffix, left, right),
            Operator::Contains => search(Search::Part, left, right),
            Operator::Matches => Step::Matches { text: left, pattern: Pattern::new(*right) },
            _ => Step::Arithmetic { operator, left, right },
        })
    }

    fn comparison(&mut self, first: &Expression, rest: &[(Comparator, Expression)]) -> Result<Step> {
        let first = self.boxed(first)?;
        let mut parts = Vec::with_capacity(rest.len());
        for (comparator, right) in rest {
            parts.push((*comparator, self.step(right)?));
        }
        Ok(match parts.pop() {
            Some((comparator, right)) if parts.is_empty() => {
                Step::Compare { comparator, left: first, right: Box::new(right) }
            }
            Some(last) => {
                parts.push(last);
                Step::Chain { first, rest: parts }
            }
            None => *first,
        })
    }

    fn call(&mut self, name: &str, span: Span, arguments: &[Expression]) -> Result<Step> {
        let Some(function) = function::find(name) else {
            let message = format!("there is no function `{name}`");
            return Err(Error::syntax("UnknownFunction", message, span));
        };
        if arguments.len() < function.arguments_min || arguments.len() > function.arguments_max {
            let message = format!("`{}` was given {} arguments", function.signature, arguments.len());
            return Err(Error::syntax("InvalidNumberOfArguments", message, span));
        }
        match function.call {
            Call::Aggregate(_) => Err(misplaced_aggregate(function.name, span)),
            // Of a pattern `exists` asks whether there is such a path, not whether the answer is null.
            Call::Plain(_) if function.name == "exists" && is_pattern(arguments) => {
                self.form_with_scope(&arguments[0])
            }
            Call::Plain(_) if function.name == "coalesce" => Ok(Step::Coalesce(self.steps(arguments)?)),
            Call::Plain(compute) => Ok(Step::Call { compute, arguments: self.steps(arguments)? }),
        }
    }
}

/// `a AND b AND c` as one list.
fn conjuncts(step: Step) -> Vec<Step> {
    match step {
        Step::And(parts) => parts,
        Step::At(_, inner) if matches!(*inner, Step::And(_)) => conjuncts(*inner),
        other => vec![other],
    }
}

/// `a OR b OR c` as one list.
fn alternatives(step: Step) -> Vec<Step> {
    match step {
        Step::Or(parts) => parts,
        Step::At(_, inner) if matches!(*inner, Step::Or(_)) => alternatives(*inner),
        other => vec![other],
    }
}

fn is_pattern(arguments: &[Expression]) -> bool {
    arguments.first().is_some_and(|first| matches!(first.kind, ExpressionKind::PatternPredicate(_)))
}

fn misplaced_aggregate(name: &str, span: Span) -> Error {
    Error::syntax("InvalidAggregation", format!("`{name}` aggregates, which has no place here"), span)
}

fn internal(message: &str, span: Span) -> Error {
    Error::new(Phase::Compile, Class::Internal, "Expression", message).at(span)
}

pub fn label_test(labels: &LabelExpression) -> LabelTest {
    match labels {
        LabelExpression::Name(name) => {
            let named = || Name::new(name.name.clone());
            LabelTest::Name { label: named(), kind: named() }
        }
        LabelExpression::And(parts) => LabelTest::All(parts.iter().map(label_test).collect()),
        LabelExpression::Or(parts) => LabelTest::Either(parts.iter().map(label_test).collect()),
        LabelExpression::Not(part) => LabelTest::Not(Box::new(label_test(part))),
        LabelExpression::Any(_) => LabelTest::Any,
    }
}

/// Steps that can fail on a row get their place.
fn placed(step: Step, span: Span) -> Step {
    match step {
        Step::Constant(_)
        | Step::Slot(_)
        | Step::IsNull { .. }
        | Step::Coalesce(_)
        | Step::Compare { .. } => step,
        other => Step::At(span, Box::new(other)),
    }
}

/// `IN`, with a table where the list is long and the same for every row.
fn among(value: Box<Step>, list: Box<Step>) -> Step {
    let members = match list.bare() {
        Step::Constant(constant) => Members::of(constant).map(MemberSource::Constant),
        Step::Parameter(name) => Some(MemberSource::parameter(name.clone())),
        _ => None,
    };
    match members {
        Some(members) => Step::Among { value, members },
        None => Step::In { value, list },
    }
}

/// Computes what is constant now; what fails is left to fail when it is reached.
fn folded(step: Step) -> Step {
    constant(&step).map_or(step, Step::Constant)
}

fn constant(step: &Step) -> Option<Value> {
    match step {
        Step::At(_, inner) => constant(inner),
        Step::List(items) => items.iter().map(known).collect::<Option<Vec<_>>>().map(Value::list),
        Step::Map(entries) => {
            let known = entries.iter().map(|(key, value)| Some((key.clone(), known(value)?)));
            known.collect::<Option<Vec<_>>>().map(Value::map)
        }
        Step::Arithmetic { operator, left, right } => {
            arithmetic::apply(*operator, &known(left)?, &known(right)?, None).ok()
        }
        Step::Negate(value) => arithmetic::negate(&known(value)?).ok(),
        Step::Compare { comparator, left, right } => {
            Some(logic::value(logic::holds(*comparator, &known(left)?, &known(right)?)))
        }
        Step::Not(value) => logic::truth(&known(value)?).ok().map(|truth| logic::value(truth.map(|t| !t))),
        _ => None,
    }
}

fn known(step: &Step) -> Option<Value> {
    match step {
        Step::Constant(value) => Some(value.clone()),
        _ => None,
    }
}
