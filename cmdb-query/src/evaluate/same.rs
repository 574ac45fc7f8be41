//! Whether two expressions say the same, wherever in the text they stand, and what lies inside one.

use crate::check;
use crate::syntax::tree::{Expression, ExpressionKind as E, MapProjectionItem, SmolStr};

/// Equal apart from spans. Parts with queries inside are the same only at the same place.
pub fn same(left: &Expression, right: &Expression) -> bool {
    check::same(left, right) || (left.span == right.span && left == right)
}

/// Whether a variable of this name occurs, bound inside or not; a part with a pattern or query inside counts as
/// mentioning every name.
pub fn mentions(expression: &Expression, name: &SmolStr) -> bool {
    match &expression.kind {
        E::Variable(variable) => variable == name,
        E::MapProjection { variable, .. } if variable.name == *name => true,
        E::MapProjection { items, .. } if items.iter().any(|item| is_variable(item, name)) => true,
        E::PatternComprehension { .. }
        | E::PatternPredicate(_)
        | E::ShortestPath { .. }
        | E::Subquery { .. } => true,
        _ => parts(expression).into_iter().any(|part| mentions(part, name)),
    }
}

fn is_variable(item: &MapProjectionItem, name: &SmolStr) -> bool {
    matches!(item, MapProjectionItem::Variable(variable) if variable.name == *name)
}

/// The expressions directly inside one, those of patterns and queries left out.
pub fn parts(expression: &Expression) -> Vec<&Expression> {
    match &expression.kind {
        E::Null
        | E::Boolean(_)
        | E::Integer(_)
        | E::Float(_)
        | E::Text(_)
        | E::Parameter(_)
        | E::Variable(_)
        | E::CountStar
        | E::PatternPredicate(_)
        | E::ShortestPath { .. }
        | E::Subquery { .. } => Vec::new(),
        E::List(items) | E::Call { arguments: items, .. } => items.iter().collect(),
        E::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
        E::MapProjection { items, .. } => items
            .iter()
            .filter_map(|item| match item {
                MapProjectionItem::Entry(_, value) => Some(value),
                _ => None,
            })
            .collect(),
        E::Property { subject, .. } | E::HasLabels { subject, .. } => vec![subject],
        E::Index { subject, index } => vec![subject, index],
        E::Slice { subject, from, to } => {
            std::iter::once(subject).chain(from).chain(to).map(|part| &**part).collect()
        }
        E::Not(value) | E::Negate(value) | E::Plus(value) | E::IsNull(value) | E::IsNotNull(value) => {
            vec![value]
        }
        E::Binary { left, right, .. } => vec![left, right],
        E::Comparison { first, rest } => {
            std::iter::once(&**first).chain(rest.iter().map(|(_, part)| part)).collect()
        }
        E::Case { operand, branches, otherwise } => {
            let branches = branches.iter().flat_map(|(when, then)| [when, then]);
            operand.as_deref().into_iter().chain(branches).chain(otherwise.as_deref()).collect()
        }
        E::ListComprehension { list, condition, projection, .. } => {
            std::iter::once(&**list).chain(condition.as_deref()).chain(projection.as_deref()).collect()
        }
        E::ListPredicate { list, condition, .. } => {
            std::iter::once(&**list).chain(condition.as_deref()).collect()
        }
        E::Reduce { start, list, step, .. } => vec![start, list, step],
        E::PatternComprehension { condition, projection, .. } => {
            condition.as_deref().into_iter().chain(std::iter::once(&**projection)).collect()
        }
    }
}
