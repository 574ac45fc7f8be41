//! Whether two expressions say the same, wherever in the text they stand.

use crate::syntax::tree::{Expression, ExpressionKind as E, LabelExpression, MapProjectionItem, SmolStr};

/// Equal apart from spans. Parts with patterns or queries inside are the same only at the same place.
pub fn same(left: &Expression, right: &Expression) -> bool {
    match (&left.kind, &right.kind) {
        (E::Variable(a), E::Variable(b)) | (E::Parameter(a), E::Parameter(b)) => a == b,
        (E::List(a), E::List(b)) => all_same(a, b),
        (E::Map(a), E::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((ka, a), (kb, b))| ka.name == kb.name && same(a, b))
        }
        (E::Property { subject: a, key: ka }, E::Property { subject: b, key: kb }) => {
            ka.name == kb.name && same(a, b)
        }
        (E::Index { subject: a, index: ia }, E::Index { subject: b, index: ib }) => {
            same(a, b) && same(ia, ib)
        }
        (E::Slice { subject: a, from: fa, to: ta }, E::Slice { subject: b, from: fb, to: tb }) => {
            same(a, b) && both(fa.as_deref(), fb.as_deref()) && both(ta.as_deref(), tb.as_deref())
        }
        (E::Not(a), E::Not(b))
        | (E::Negate(a), E::Negate(b))
        | (E::Plus(a), E::Plus(b))
        | (E::IsNull(a), E::IsNull(b))
        | (E::IsNotNull(a), E::IsNotNull(b)) => same(a, b),
        (
            E::Binary { operator: oa, left: la, right: ra },
            E::Binary { operator: ob, left: lb, right: rb },
        ) => oa == ob && same(la, lb) && same(ra, rb),
        (E::Comparison { first: fa, rest: ra }, E::Comparison { first: fb, rest: rb }) => {
            same(fa, fb)
                && ra.len() == rb.len()
                && ra.iter().zip(rb).all(|((ca, a), (cb, b))| ca == cb && same(a, b))
        }
        (E::HasLabels { subject: a, labels: la }, E::HasLabels { subject: b, labels: lb }) => {
            same(a, b) && same_labels(la, lb)
        }
        (
            E::Call { name: na, distinct: da, arguments: a, .. },
            E::Call { name: nb, distinct: db, arguments: b, .. },
        ) => na.eq_ignore_ascii_case(nb) && da == db && all_same(a, b),
        (E::CountStar, E::CountStar) => true,
        (
            E::Case { operand: oa, branches: a, otherwise: ea },
            E::Case { operand: ob, branches: b, otherwise: eb },
        ) => {
            both(oa.as_deref(), ob.as_deref())
                && both(ea.as_deref(), eb.as_deref())
                && a.len() == b.len()
                && a.iter().zip(b).all(|((wa, ta), (wb, tb))| same(wa, wb) && same(ta, tb))
        }
        (a, b) => same_with_variables(a, b) || (left.span == right.span && a == b),
    }
}

fn same_with_variables(left: &E, right: &E) -> bool {
    match (left, right) {
        (
            E::ListComprehension { variable: va, list: la, condition: ca, projection: pa },
            E::ListComprehension { variable: vb, list: lb, condition: cb, projection: pb },
        ) => {
            va.name == vb.name
                && same(la, lb)
                && both(ca.as_deref(), cb.as_deref())
                && both(pa.as_deref(), pb.as_deref())
        }
        (
            E::ListPredicate { kind: ka, variable: va, list: la, condition: ca },
            E::ListPredicate { kind: kb, variable: vb, list: lb, condition: cb },
        ) => ka == kb && va.name == vb.name && same(la, lb) && both(ca.as_deref(), cb.as_deref()),
        (
            E::Reduce { accumulator: aa, start: sa, variable: va, list: la, step: ta },
            E::Reduce { accumulator: ab, start: sb, variable: vb, list: lb, step: tb },
        ) => aa.name == ab.name && va.name == vb.name && same(sa, sb) && same(la, lb) && same(ta, tb),
        (E::MapProjection { variable: va, items: a }, E::MapProjection { variable: vb, items: b }) => {
            va.name == vb.name && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_item(a, b))
        }
        (
            E::Null | E::Boolean(_) | E::Integer(_) | E::Float(_) | E::Text(_),
            E::Null | E::Boolean(_) | E::Integer(_) | E::Float(_) | E::Text(_),
        ) => left == right,
        _ => false,
    }
}

fn same_item(left: &MapProjectionItem, right: &MapProjectionItem) -> bool {
    use MapProjectionItem as I;
    match (left, right) {
        (I::All(_), I::All(_)) => true,
        (I::Property(a), I::Property(b)) | (I::Variable(a), I::Variable(b)) => a.name == b.name,
        (I::Entry(ka, a), I::Entry(kb, b)) => ka.name == kb.name && same(a, b),
        _ => false,
    }
}

fn same_labels(left: &LabelExpression, right: &LabelExpression) -> bool {
    use LabelExpression as L;
    match (left, right) {
        (L::Name(a), L::Name(b)) => a.name == b.name,
        (L::And(a), L::And(b)) | (L::Or(a), L::Or(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_labels(a, b))
        }
        (L::Not(a), L::Not(b)) => same_labels(a, b),
        (L::Any(_), L::Any(_)) => true,
        _ => false,
    }
}

fn all_same(left: &[Expression], right: &[Expression]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same(a, b))
}

fn both(left: Option<&Expression>, right: Option<&Expression>) -> bool {
    match (left, right) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
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
