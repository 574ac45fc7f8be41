//! Whether two expressions say the same, wherever they stand in the text.

use crate::syntax::tree::{
    Element, Expression, ExpressionKind, Identifier, LabelExpression, MapProjectionItem, PathPattern,
};

/// Equal but for their places. Subqueries and quantified groups are never taken to be the same.
pub fn same(left: &Expression, right: &Expression) -> bool {
    use ExpressionKind as E;
    match (&left.kind, &right.kind) {
        (E::Null, E::Null) | (E::CountStar, E::CountStar) => true,
        (E::Boolean(a), E::Boolean(b)) => a == b,
        (E::Integer(a), E::Integer(b)) => a == b,
        (E::Float(a), E::Float(b)) => a.to_bits() == b.to_bits(),
        (E::Text(a), E::Text(b)) => a == b,
        (E::Parameter(a), E::Parameter(b)) | (E::Variable(a), E::Variable(b)) => a == b,
        (E::List(a), E::List(b)) => all_same(a, b),
        (E::Map(a), E::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0.name == y.0.name && same(&x.1, &y.1))
        }
        (E::Property { subject: a, key: k }, E::Property { subject: b, key: l }) => {
            k.name == l.name && same(a, b)
        }
        (E::Index { subject: a, index: i }, E::Index { subject: b, index: j }) => same(a, b) && same(i, j),
        (E::Not(a), E::Not(b))
        | (E::Negate(a), E::Negate(b))
        | (E::Plus(a), E::Plus(b))
        | (E::IsNull(a), E::IsNull(b))
        | (E::IsNotNull(a), E::IsNotNull(b)) => same(a, b),
        (E::HasLabels { subject: a, labels: l }, E::HasLabels { subject: b, labels: m }) => {
            same(a, b) && same_labels(l, m)
        }
        (E::Binary { operator: o, left: a, right: b }, E::Binary { operator: p, left: c, right: d }) => {
            o == p && same(a, c) && same(b, d)
        }
        (E::Comparison { first: a, rest: r }, E::Comparison { first: b, rest: s }) => {
            same(a, b) && r.len() == s.len() && r.iter().zip(s).all(|(x, y)| x.0 == y.0 && same(&x.1, &y.1))
        }
        (
            E::Call { name: n, distinct: d, arguments: a, .. },
            E::Call { name: m, distinct: e, arguments: b, .. },
        ) => n.eq_ignore_ascii_case(m) && d == e && all_same(a, b),
        _ => same_composite(left, right),
    }
}

fn same_composite(left: &Expression, right: &Expression) -> bool {
    use ExpressionKind as E;
    match (&left.kind, &right.kind) {
        (E::Slice { subject: a, from: f, to: t }, E::Slice { subject: b, from: g, to: u }) => {
            same(a, b) && same_option(f, g) && same_option(t, u)
        }
        (
            E::Case { operand: o, branches: b, otherwise: e },
            E::Case { operand: p, branches: c, otherwise: f },
        ) => {
            same_option(o, p)
                && same_option(e, f)
                && b.len() == c.len()
                && b.iter().zip(c).all(|(x, y)| same(&x.0, &y.0) && same(&x.1, &y.1))
        }
        (
            E::ListComprehension { variable: v, list: l, condition: c, projection: p },
            E::ListComprehension { variable: w, list: m, condition: d, projection: q },
        ) => v.name == w.name && same(l, m) && same_option(c, d) && same_option(p, q),
        (
            E::ListPredicate { kind: k, variable: v, list: l, condition: c },
            E::ListPredicate { kind: j, variable: w, list: m, condition: d },
        ) => k == j && v.name == w.name && same(l, m) && same_option(c, d),
        (
            E::Reduce { accumulator: a, start: s, variable: v, list: l, step: t },
            E::Reduce { accumulator: b, start: r, variable: w, list: m, step: u },
        ) => a.name == b.name && v.name == w.name && same(s, r) && same(l, m) && same(t, u),
        (E::MapProjection { variable: v, items: a }, E::MapProjection { variable: w, items: b }) => {
            v.name == w.name && a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same_entry(x, y))
        }
        (
            E::PatternComprehension { variable: v, path: a, condition: c, projection: p },
            E::PatternComprehension { variable: w, path: b, condition: d, projection: q },
        ) => same_name(v, w) && same_path(a, b) && same_option(c, d) && same(p, q),
        (E::PatternPredicate(a), E::PatternPredicate(b)) => same_path(a, b),
        (E::ShortestPath { all: x, path: a }, E::ShortestPath { all: y, path: b }) => {
            x == y && same_path(a, b)
        }
        _ => false,
    }
}

fn all_same(left: &[Expression], right: &[Expression]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same(a, b))
}

fn same_option(left: &Option<Box<Expression>>, right: &Option<Box<Expression>>) -> bool {
    match (left, right) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same_plain(left: &Option<Expression>, right: &Option<Expression>) -> bool {
    match (left, right) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same_name(left: &Option<Identifier>, right: &Option<Identifier>) -> bool {
    left.as_ref().map(|name| &name.name) == right.as_ref().map(|name| &name.name)
}

fn same_entry(left: &MapProjectionItem, right: &MapProjectionItem) -> bool {
    use MapProjectionItem as M;
    match (left, right) {
        (M::Property(a), M::Property(b)) | (M::Variable(a), M::Variable(b)) => a.name == b.name,
        (M::All(_), M::All(_)) => true,
        (M::Entry(a, x), M::Entry(b, y)) => a.name == b.name && same(x, y),
        _ => false,
    }
}

fn same_labels(left: &LabelExpression, right: &LabelExpression) -> bool {
    use LabelExpression as L;
    match (left, right) {
        (L::Name(a), L::Name(b)) => a.name == b.name,
        (L::And(a), L::And(b)) | (L::Or(a), L::Or(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same_labels(x, y))
        }
        (L::Not(a), L::Not(b)) => same_labels(a, b),
        (L::Any(_), L::Any(_)) => true,
        _ => false,
    }
}

fn same_label_option(left: &Option<LabelExpression>, right: &Option<LabelExpression>) -> bool {
    match (left, right) {
        (Some(a), Some(b)) => same_labels(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same_path(left: &PathPattern, right: &PathPattern) -> bool {
    left.elements.len() == right.elements.len()
        && left.elements.iter().zip(&right.elements).all(|(a, b)| same_element(a, b))
}

fn same_element(left: &Element, right: &Element) -> bool {
    match (left, right) {
        (Element::Node(a), Element::Node(b)) => {
            same_name(&a.variable, &b.variable)
                && same_label_option(&a.labels, &b.labels)
                && same_plain(&a.properties, &b.properties)
                && same_plain(&a.condition, &b.condition)
        }
        (Element::Relationship(a), Element::Relationship(b)) => {
            same_name(&a.variable, &b.variable)
                && a.direction == b.direction
                && a.length == b.length
                && a.quantifier == b.quantifier
                && same_label_option(&a.types, &b.types)
                && same_plain(&a.properties, &b.properties)
                && same_plain(&a.condition, &b.condition)
        }
        _ => false,
    }
}
