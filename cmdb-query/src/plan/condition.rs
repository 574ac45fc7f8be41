//! Conditions of a MATCH, taken apart: each waits for some variables and is asked as soon as they are bound.

use super::visible;
use crate::syntax::tree::{
    Comparator, Expression, ExpressionKind, Identifier, LabelExpression, Operator, SmolStr, Span,
};
use rustc_hash::FxHashSet;

#[derive(Clone, Debug)]
pub struct Condition {
    pub expression: Expression,
    /// Variables of the pattern it waits for.
    pub needs: FxHashSet<SmolStr>,
    /// That a node has one label: which, and which label.
    pub label: Option<(SmolStr, SmolStr)>,
}

impl Condition {
    pub fn new(expression: Expression) -> Condition {
        let needs = visible::in_expression(&expression).names;
        let label = match &expression.kind {
            ExpressionKind::HasLabels { subject, labels: LabelExpression::Name(label) } => {
                match &subject.kind {
                    ExpressionKind::Variable(name) => Some((name.clone(), label.name.clone())),
                    _ => None,
                }
            }
            _ => None,
        };
        Condition { expression, needs, label }
    }
    /// Cheap ones are asked first.
    pub fn cost(&self) -> u8 {
        if self.label.is_some() { 0 } else { cost(&self.expression) }
    }
    /// How many of the rows it lets through, roughly.
    pub fn share(&self) -> f64 {
        match &self.expression.kind {
            ExpressionKind::Comparison { rest, .. }
                if matches!(rest.as_slice(), [(Comparator::Equal, _)]) =>
            {
                0.1
            }
            ExpressionKind::Binary { operator: Operator::In, .. } => 0.2,
            ExpressionKind::HasLabels { .. } => 0.5,
            _ => 0.3,
        }
    }
}

fn cost(expression: &Expression) -> u8 {
    match &expression.kind {
        ExpressionKind::PatternPredicate(_)
        | ExpressionKind::PatternComprehension { .. }
        | ExpressionKind::ShortestPath { .. }
        | ExpressionKind::Subquery { .. } => 3,
        ExpressionKind::Binary { operator: Operator::Matches, .. } | ExpressionKind::ListPredicate { .. } => {
            2
        }
        _ => crate::evaluate::same::parts(expression).into_iter().map(cost).max().unwrap_or(0).max(1),
    }
}

/// The parts of a condition that must all be true.
pub fn split(expression: &Expression, out: &mut Vec<Condition>) {
    match &expression.kind {
        ExpressionKind::Binary { operator: Operator::And, left, right } => {
            split(left, out);
            split(right, out);
        }
        ExpressionKind::HasLabels { subject, labels }
            if matches!(subject.kind, ExpressionKind::Variable(_)) =>
        {
            split_labels(subject, labels, expression.span, out);
        }
        _ => out.push(Condition::new(expression.clone())),
    }
}

fn split_labels(subject: &Expression, labels: &LabelExpression, span: Span, out: &mut Vec<Condition>) {
    if let LabelExpression::And(all) = labels {
        return all.iter().for_each(|label| split_labels(subject, label, span, out));
    }
    let kind = ExpressionKind::HasLabels { subject: Box::new(subject.clone()), labels: labels.clone() };
    out.push(Condition::new(Expression { kind, span }));
}

pub fn variable(name: &SmolStr, span: Span) -> Expression {
    Expression { kind: ExpressionKind::Variable(name.clone()), span }
}

/// Labels or types of a variable.
pub fn labelled(name: &SmolStr, labels: &LabelExpression, span: Span, out: &mut Vec<Condition>) {
    split_labels(&variable(name, span), labels, span, out);
}

/// What a map in a pattern asks of a variable.
pub fn properties(name: &SmolStr, map: &Expression, out: &mut Vec<Condition>) {
    let equal = |key: &Identifier, value: Expression| {
        let kind = ExpressionKind::Property { subject: Box::new(variable(name, key.span)), key: key.clone() };
        let first = Box::new(Expression { kind, span: key.span });
        let kind = ExpressionKind::Comparison { first, rest: vec![(Comparator::Equal, value)] };
        Condition::new(Expression { kind, span: map.span })
    };
    if let ExpressionKind::Map(entries) = &map.kind {
        out.extend(entries.iter().map(|(key, value)| equal(key, value.clone())));
        return;
    }
    // A parameter: all its entries must be equal to the properties, asked as one condition.
    let call = |name: &str, arguments: Vec<Expression>| Expression {
        kind: ExpressionKind::Call { name: name.into(), name_span: map.span, distinct: false, arguments },
        span: map.span,
    };
    let key = Identifier { name: SmolStr::new(" key"), span: map.span };
    let at = |subject: Expression| Expression {
        kind: ExpressionKind::Index {
            subject: Box::new(subject),
            index: Box::new(variable(&key.name, map.span)),
        },
        span: map.span,
    };
    let kind = ExpressionKind::Comparison {
        first: Box::new(at(variable(name, map.span))),
        rest: vec![(Comparator::Equal, at(map.clone()))],
    };
    let condition = Some(Box::new(Expression { kind, span: map.span }));
    let list = Box::new(call("keys", vec![map.clone()]));
    let kind = crate::syntax::tree::ListPredicate::All;
    let kind = ExpressionKind::ListPredicate { kind, variable: key, list, condition };
    out.push(Condition::new(Expression { kind, span: map.span }));
}

/// What a condition says a variable's property, or its id, must be equal to.
pub enum Equal<'e> {
    Property { key: &'e SmolStr, value: &'e Expression, many: bool },
    Id { value: &'e Expression, many: bool },
}

/// Whether a condition could be answered by a seek for `name`.
pub fn equal_for<'e>(expression: &'e Expression, name: &str) -> Option<Equal<'e>> {
    match &expression.kind {
        ExpressionKind::Comparison { first, rest } => {
            let [(Comparator::Equal, other)] = rest.as_slice() else { return None };
            sought(first, name, other, false).or_else(|| sought(other, name, first, false))
        }
        ExpressionKind::Binary { operator: Operator::In, left, right } => sought(left, name, right, true),
        _ => None,
    }
}

fn sought<'e>(side: &'e Expression, name: &str, value: &'e Expression, many: bool) -> Option<Equal<'e>> {
    let is_it = |it: &Expression| matches!(&it.kind, ExpressionKind::Variable(variable) if variable == name);
    match &side.kind {
        ExpressionKind::Property { subject, key } if is_it(subject) => {
            Some(Equal::Property { key: &key.name, value, many })
        }
        ExpressionKind::Call { name: function, arguments, .. }
            if function.eq_ignore_ascii_case("elementId") || function.eq_ignore_ascii_case("id") =>
        {
            arguments.first().filter(|it| is_it(it)).map(|_| Equal::Id { value, many })
        }
        _ => None,
    }
}
