//! A compiled expression: slots instead of names, and what each form yields for a row.

use super::access::{self, LabelTest};
use super::iterate::{Comprehension, Quantified, Reduction};
use super::member::{MemberSource, missing_parameter};
use super::nested::Inner;
use super::symbol::Name;
use super::text::{Pattern, Search};
use super::{arithmetic, logic};
use crate::error::{Class, Error, Result};
use crate::function::Compute;
use crate::scene::Scene;
use crate::syntax::tree::{Comparator, Operator, Span};
use crate::value::{SmolStr, Value, size};
use smallvec::SmallVec;
use std::borrow::Cow;

/// A value that may still lie where it was found.
pub type Held<'a> = Cow<'a, Value>;

#[derive(Debug)]
pub enum Step {
    Constant(Value),
    Slot(usize),
    Parameter(SmolStr),
    List(Vec<Step>),
    Map(Vec<(SmolStr, Step)>),
    Projection {
        subject: Box<Step>,
        fields: Vec<Field>,
    },
    Property {
        subject: Box<Step>,
        key: Name,
    },
    Element {
        subject: Box<Step>,
        index: Box<Step>,
    },
    Slice {
        subject: Box<Step>,
        from: Option<Box<Step>>,
        to: Option<Box<Step>>,
    },
    Not(Box<Step>),
    Negate(Box<Step>),
    Plus(Box<Step>),
    /// True where all are.
    And(Vec<Step>),
    Or(Vec<Step>),
    Xor(Box<Step>, Box<Step>),
    Arithmetic {
        operator: Operator,
        left: Box<Step>,
        right: Box<Step>,
    },
    Compare {
        comparator: Comparator,
        left: Box<Step>,
        right: Box<Step>,
    },
    /// `a < b <= c`: each part is evaluated once.
    Chain {
        first: Box<Step>,
        rest: Vec<(Comparator, Step)>,
    },
    In {
        value: Box<Step>,
        list: Box<Step>,
    },
    /// `x IN` a list that is the same for every row.
    Among {
        value: Box<Step>,
        members: MemberSource,
    },
    Search {
        search: Search,
        text: Box<Step>,
        part: Box<Step>,
    },
    Matches {
        text: Box<Step>,
        pattern: Pattern,
    },
    IsNull {
        value: Box<Step>,
        negated: bool,
    },
    HasLabels {
        subject: Box<Step>,
        labels: LabelTest,
    },
    Call {
        compute: Compute,
        arguments: Vec<Step>,
    },
    /// The first argument that is not null; those behind it are not evaluated.
    Coalesce(Vec<Step>),
    Case {
        operand: Option<Box<Step>>,
        branches: Vec<(Step, Step)>,
        otherwise: Option<Box<Step>>,
    },
    Comprehension(Box<Comprehension>),
    Quantified(Box<Quantified>),
    Reduce(Box<Reduction>),
    Nested(Inner),
    /// Where an error of the part inside is to point at.
    At(Span, Box<Step>),
}

/// One item of a map projection.
#[derive(Debug)]
pub enum Field {
    /// Every property.
    All,
    Property(Name),
    Entry(SmolStr, Step),
}

impl Step {
    /// Without the place around it.
    pub fn bare(&self) -> &Step {
        match self {
            Step::At(_, inner) => inner.bare(),
            step => step,
        }
    }

    pub fn eval(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Value> {
        if self.is_judgement() {
            return self.judge(scene, row).map(logic::value);
        }
        self.look(scene, row).map(Cow::into_owned)
    }

    /// The value of a variable or constant, without ado.
    #[inline]
    fn peek<'a>(&'a self, row: &'a [Value]) -> Option<&'a Value> {
        match self {
            Step::Slot(slot) => row.get(*slot),
            Step::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// As [`Step::eval`], without a copy of what a row, a constant or a parameter holds.
    pub fn look<'a>(&'a self, scene: &Scene<'a>, row: &'a [Value]) -> Result<Held<'a>> {
        match self {
            Step::Constant(value) => Ok(Cow::Borrowed(value)),
            Step::Slot(slot) => row.get(*slot).map(Cow::Borrowed).ok_or_else(|| outside(*slot, row.len())),
            Step::Parameter(name) => {
                scene.parameters.get(name).map(Cow::Borrowed).ok_or_else(|| missing_parameter(name))
            }
            Step::Property { subject, key } => {
                if let Some(subject) = subject.peek(row) {
                    return access::property(scene, subject, key).map(Cow::Owned);
                }
                access::property(scene, &*subject.look(scene, row)?, key).map(Cow::Owned)
            }
            Step::Coalesce(parts) => {
                for part in parts {
                    let value = part.look(scene, row)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Ok(Cow::Owned(Value::Null))
            }
            Step::Case { operand, branches, otherwise } => {
                match branch(scene, row, operand.as_deref(), branches)?.or(otherwise.as_deref()) {
                    Some(chosen) => chosen.look(scene, row),
                    None => Ok(Cow::Owned(Value::Null)),
                }
            }
            Step::At(span, inner) => inner.look(scene, row).map_err(|error| place(error, *span)),
            other => other.compute(scene, row).map(Cow::Owned),
        }
    }

    /// The forms whose value is always a new one.
    fn compute(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Value> {
        match self {
            Step::List(items) => {
                let values = items.iter().map(|item| item.eval(scene, row)).collect::<Result<Vec<_>>>()?;
                size::checked_list(scene.budget, values)
            }
            Step::Map(entries) => {
                let mut map = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    map.push((key.clone(), value.eval(scene, row)?));
                }
                checked_map(scene, map)
            }
            Step::Projection { subject, fields } => projection(scene, row, subject, fields),
            Step::Element { subject, index } => {
                both(scene, row, subject, index, |subject, index| access::element(scene, subject, index))
            }
            Step::Slice { subject, from, to } => {
                let subject = subject.look(scene, row)?;
                let from = from.as_ref().map(|from| from.look(scene, row)).transpose()?;
                let to = to.as_ref().map(|to| to.look(scene, row)).transpose()?;
                access::slice(&subject, from.as_deref(), to.as_deref())
            }
            Step::Negate(value) => arithmetic::negate(&*value.look(scene, row)?),
            Step::Plus(value) => arithmetic::plus(value.eval(scene, row)?),
            Step::Arithmetic { operator, left, right } => both(scene, row, left, right, |left, right| {
                arithmetic::apply(*operator, left, right, Some(scene.budget))
            }),
            Step::Call { compute, arguments } => {
                let mut values: SmallVec<[Value; 4]> = SmallVec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(argument.eval(scene, row)?);
                }
                compute(scene, &values)
            }
            Step::Comprehension(comprehension) => comprehension.eval(scene, row),
            Step::Reduce(reduction) => reduction.eval(scene, row),
            Step::Nested(inner) => inner.eval(scene, row),
            Step::Constant(_)
            | Step::Slot(_)
            | Step::Parameter(_)
            | Step::Property { .. }
            | Step::Coalesce(_)
            | Step::Case { .. }
            | Step::At(..) => self.eval(scene, row),
            _ => self.judge(scene, row).map(logic::value),
        }
    }

    /// The value as truth: what WHERE asks.
    ///
    /// # Errors
    /// Also when the value is neither boolean nor null.
    pub fn truth(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Option<bool>> {
        match self {
            Step::At(span, inner) => inner.truth(scene, row).map_err(|error| place(error, *span)),
            step if step.is_judgement() => step.judge(scene, row),
            step => logic::truth(&*step.look(scene, row)?),
        }
    }

    fn is_judgement(&self) -> bool {
        matches!(
            self,
            Step::Not(_)
                | Step::And(_)
                | Step::Or(_)
                | Step::Xor(..)
                | Step::Compare { .. }
                | Step::Chain { .. }
                | Step::In { .. }
                | Step::Among { .. }
                | Step::Search { .. }
                | Step::Matches { .. }
                | Step::IsNull { .. }
                | Step::HasLabels { .. }
                | Step::Quantified(_)
        )
    }

    /// The forms that yield truth.
    fn judge(&self, scene: &Scene<'_>, row: &[Value]) -> Result<Option<bool>> {
        match self {
            Step::Not(value) => Ok(value.truth(scene, row)?.map(|truth| !truth)),
            Step::And(parts) => decided(scene, row, parts, false),
            Step::Or(parts) => decided(scene, row, parts, true),
            Step::Xor(left, right) => {
                let (left, right) = (left.truth(scene, row)?, right.truth(scene, row)?);
                Ok(left.zip(right).map(|(left, right)| left != right))
            }
            Step::Compare { comparator, left, right } => {
                both(scene, row, left, right, |left, right| Ok(logic::holds(*comparator, left, right)))
            }
            Step::Chain { first, rest } => chain(scene, row, first, rest),
            Step::In { value, list } => both(scene, row, value, list, logic::is_in),
            Step::Among { value, members } => members.test(scene, value.look(scene, row)?),
            Step::Search { search, text, part } => {
                both(scene, row, text, part, |text, part| Ok(search.test(text, part)))
            }
            Step::Matches { text, pattern } => pattern.test(scene, row, &*text.look(scene, row)?),
            Step::IsNull { value, negated } => Ok(Some(value.look(scene, row)?.is_null() != *negated)),
            Step::HasLabels { subject, labels } => labels.test(scene, &*subject.look(scene, row)?),
            Step::Quantified(quantified) => quantified.eval(scene, row),
            other => logic::truth(&*other.look(scene, row)?),
        }
    }
}

/// Applies to the values of two steps, in place where they lie in the row.
#[inline]
fn both<T>(
    scene: &Scene<'_>,
    row: &[Value],
    left: &Step,
    right: &Step,
    apply: impl FnOnce(&Value, &Value) -> Result<T>,
) -> Result<T> {
    let (near, far);
    let left = match left.peek(row) {
        Some(value) => value,
        None => {
            near = left.look(scene, row)?;
            &*near
        }
    };
    let right = match right.peek(row) {
        Some(value) => value,
        None => {
            far = right.look(scene, row)?;
            &*far
        }
    };
    apply(left, right)
}

/// AND and OR: one part of the deciding truth decides, without a look at the parts behind it.
fn decided(scene: &Scene<'_>, row: &[Value], parts: &[Step], deciding: bool) -> Result<Option<bool>> {
    let mut result = Some(!deciding);
    for part in parts {
        match part.truth(scene, row)? {
            Some(truth) if truth == deciding => return Ok(Some(deciding)),
            Some(_) => {}
            None => result = None,
        }
    }
    Ok(result)
}

fn chain(
    scene: &Scene<'_>,
    row: &[Value],
    first: &Step,
    rest: &[(Comparator, Step)],
) -> Result<Option<bool>> {
    let mut left = first.look(scene, row)?;
    let mut result = Some(true);
    for (comparator, right) in rest {
        let right = right.look(scene, row)?;
        match logic::holds(*comparator, &left, &right) {
            Some(true) => {}
            Some(false) => return Ok(Some(false)),
            None => result = None,
        }
        left = right;
    }
    Ok(result)
}

/// The branch of a CASE that is taken.
fn branch<'a>(
    scene: &Scene<'_>,
    row: &[Value],
    operand: Option<&Step>,
    branches: &'a [(Step, Step)],
) -> Result<Option<&'a Step>> {
    let operand = operand.map(|operand| operand.look(scene, row)).transpose()?;
    for (when, then) in branches {
        let taken = match &operand {
            Some(operand) => crate::value::compare::equals(operand, &*when.look(scene, row)?) == Some(true),
            None => when.truth(scene, row)? == Some(true),
        };
        if taken {
            return Ok(Some(then));
        }
    }
    Ok(None)
}

fn projection(scene: &Scene<'_>, row: &[Value], subject: &Step, fields: &[Field]) -> Result<Value> {
    let subject = subject.look(scene, row)?;
    if subject.is_null() {
        return Ok(Value::Null);
    }
    let mut entries = Vec::with_capacity(fields.len());
    for field in fields {
        match field {
            Field::All => {
                if let Value::Map(map) = crate::function::properties_of(scene, &subject)? {
                    entries.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
            }
            Field::Property(key) => {
                entries.push((key.text.clone(), access::property(scene, &subject, key)?));
            }
            Field::Entry(key, value) => entries.push((key.clone(), value.eval(scene, row)?)),
        }
    }
    checked_map(scene, entries)
}

fn checked_map(scene: &Scene<'_>, entries: Vec<(SmolStr, Value)>) -> Result<Value> {
    size::check_nesting(scene.budget, entries.iter().map(|(_, value)| value))?;
    Ok(Value::map(entries))
}

#[cold]
fn place(error: Error, span: Span) -> Error {
    if error.span().is_some() { error } else { error.at(span) }
}

#[cold]
fn outside(slot: usize, width: usize) -> Error {
    let message = format!("slot {slot} of a row of {width}");
    Error::runtime(Class::Internal, "Slot", message)
}
