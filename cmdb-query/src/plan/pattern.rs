//! From a pattern as written to its pieces.

use super::condition::{self, Condition};
use super::parts::{Form, Link, NamedPath, Pieces};
use super::planner::Planner;
use crate::graph::Word;
use crate::syntax::tree::{
    Comparator, Element, Expression, ExpressionKind, GroupPattern, LabelExpression, NodePattern, PathPattern,
    PatternPart, Quantifier, RelationshipPattern, Selector, SmolStr,
};

impl Planner<'_> {
    /// Takes patterns apart. Nodes that stand side by side are the same node.
    pub(super) fn pieces(&self, parts: &[PatternPart], condition: Option<&Expression>) -> Pieces {
        let mut pieces = Pieces::default();
        for part in parts {
            if part.selector != Selector::All && !is_one_link(&part.path) {
                pieces.selects.push(part.clone());
                continue;
            }
            let name = part.variable.as_ref().map(|variable| &variable.name);
            self.path(name, part.selector, &part.path, &mut pieces);
        }
        if let Some(condition) = condition {
            condition::split(condition, &mut pieces.conditions);
        }
        pieces
    }

    fn path(&self, name: Option<&SmolStr>, selector: Selector, path: &PathPattern, pieces: &mut Pieces) {
        let elements = flat(path, pieces);
        let first_link = pieces.links.len();
        let mut elements = elements.into_iter().peekable();
        let mut left = match elements.peek() {
            Some(Element::Node(node)) => {
                let name = self.node(node, pieces);
                elements.next();
                name
            }
            _ => self.new_node(pieces),
        };
        let start = left.clone();
        while let Some(element) = elements.next() {
            if let Element::Node(node) = element {
                let right = self.node(node, pieces);
                self.same_node(&left, &right, pieces);
                left = right;
                continue;
            }
            let right = match elements.peek() {
                Some(Element::Node(node)) => {
                    let name = self.node(node, pieces);
                    elements.next();
                    name
                }
                _ => self.new_node(pieces),
            };
            match element {
                Element::Relationship(it) => self.relationship(it, selector, left, &right, pieces),
                Element::Group(it) => self.group(it, selector, left, &right, pieces),
                Element::Node(_) => {}
            }
            left = right;
        }
        if let Some(name) = name {
            let links = &mut pieces.links[first_link..];
            links.iter_mut().for_each(|link| link.in_path = true);
            let edges = links.iter().map(|link| link.edge.clone()).collect();
            pieces.paths.push(NamedPath { name: name.clone(), start, edges });
        }
    }

    fn new_node(&self, pieces: &mut Pieces) -> SmolStr {
        let name = self.hidden();
        pieces.nodes.push(name.clone());
        name
    }

    fn node(&self, node: &NodePattern, pieces: &mut Pieces) -> SmolStr {
        let name = node.variable.as_ref().map_or_else(|| self.hidden(), |variable| variable.name.clone());
        if !pieces.nodes.contains(&name) {
            pieces.nodes.push(name.clone());
        }
        let conditions = &mut pieces.conditions;
        if let Some(labels) = &node.labels {
            self.notice_undefined(Word::Label, labels);
            condition::labelled(&name, labels, node.span, conditions);
        }
        if let Some(properties) = &node.properties {
            condition::properties(&name, properties, conditions);
        }
        if let Some(condition) = &node.condition {
            condition::split(condition, conditions);
        }
        name
    }

    /// Two names for one node: they must be equal.
    fn same_node(&self, left: &SmolStr, right: &SmolStr, pieces: &mut Pieces) {
        if left == right {
            return;
        }
        let span = Default::default();
        let first = Box::new(condition::variable(left, span));
        let rest = vec![(Comparator::Equal, condition::variable(right, span))];
        let kind = ExpressionKind::Comparison { first, rest };
        pieces.conditions.push(Condition::new(Expression { kind, span }));
    }

    fn relationship(
        &self,
        it: &RelationshipPattern,
        selector: Selector,
        from: SmolStr,
        to: &SmolStr,
        pieces: &mut Pieces,
    ) {
        let edge = it.variable.as_ref().map_or_else(|| self.hidden(), |variable| variable.name.clone());
        let lengths = it.length.map(bounds).or(it.quantifier.map(bounds));
        let form = match (selector, lengths) {
            (Selector::All, None) => Form::One,
            (Selector::All, Some((min, max))) => Form::Trail { min, max },
            (selector, lengths) => {
                let (min, max) = lengths.unwrap_or((1, Some(1)));
                Form::Shortest { selector, min, max }
            }
        };
        // Conditions inside a pattern of variable length see one relationship under the name of the list.
        let (one, hop) = (matches!(form, Form::One), edge.clone());
        let mut conditions = Vec::new();
        it.types.iter().for_each(|types| self.notice_undefined(Word::Kind, types));
        let kinds = it.types.as_ref().and_then(|types| match kinds(types) {
            Some(kinds) => kinds,
            None => {
                condition::labelled(&hop, types, it.span, &mut conditions);
                None
            }
        });
        if let Some(properties) = &it.properties {
            condition::properties(&hop, properties, &mut conditions);
        }
        if let Some(condition) = &it.condition {
            condition::split(condition, &mut conditions);
        }
        if one {
            pieces.conditions.append(&mut conditions);
        }
        let to = to.clone();
        let (direction, in_path) = (it.direction, false);
        pieces.links.push(Link { from, to, edge, direction, kinds, form, hop, conditions, in_path });
    }

    fn group(&self, it: &GroupPattern, selector: Selector, from: SmolStr, to: &SmolStr, pieces: &mut Pieces) {
        let (min, max) = bounds(it.quantifier.unwrap_or(Quantifier { min: Some(1), max: Some(1) }));
        if let Some(hop) = plain_hop(it) {
            // Variables inside are lists; without any, the group is a relationship of variable length.
            let hop = RelationshipPattern { quantifier: it.quantifier, ..hop.clone() };
            return self.relationship(&hop, selector, from, to, pieces);
        }
        let form = Form::Group { group: Box::new(it.clone()), min, max };
        let edge = self.hidden();
        let hop = edge.clone();
        pieces.links.push(Link {
            from,
            to: to.clone(),
            edge,
            direction: crate::syntax::tree::Direction::Right,
            kinds: None,
            form,
            hop,
            conditions: Vec::new(),
            in_path: false,
        });
    }
}

/// The only relationship of a group whose nodes are bare and which has no condition of its own.
fn plain_hop(group: &GroupPattern) -> Option<&RelationshipPattern> {
    let [Element::Node(left), Element::Relationship(hop), Element::Node(right)] =
        group.path.elements.as_slice()
    else {
        return None;
    };
    let bare = |node: &NodePattern| {
        node.variable.is_none()
            && node.labels.is_none()
            && node.properties.is_none()
            && node.condition.is_none()
    };
    let plain = bare(left) && bare(right) && group.condition.is_none() && hop.length.is_none();
    (plain && hop.quantifier.is_none()).then_some(hop)
}

/// Whether a path is two nodes and one kind of hop between them.
fn is_one_link(path: &PathPattern) -> bool {
    match path.elements.as_slice() {
        [Element::Node(_), Element::Relationship(_), Element::Node(_)] => true,
        [Element::Node(_), Element::Group(group), Element::Node(_)] => {
            group.quantifier.is_some() && plain_hop(group).is_some()
        }
        [Element::Group(group)] if group.quantifier.is_none() && group.condition.is_none() => {
            is_one_link(&group.path)
        }
        _ => false,
    }
}

/// The elements with parenthesised paths that are not quantified put in their place.
fn flat<'p>(path: &'p PathPattern, pieces: &mut Pieces) -> Vec<&'p Element> {
    let mut out = Vec::new();
    for element in &path.elements {
        match element {
            Element::Group(group) if group.quantifier.is_none() => {
                out.extend(flat(&group.path, pieces));
                if let Some(condition) = &group.condition {
                    condition::split(condition, &mut pieces.conditions);
                }
            }
            element => out.push(element),
        }
    }
    out
}

pub(super) fn bounds(quantifier: Quantifier) -> (u64, Option<u64>) {
    (quantifier.min.unwrap_or(1), quantifier.max)
}

/// `A|B|C` as names; `Some(None)` for any type; None for what must be asked of each relationship.
fn kinds(types: &LabelExpression) -> Option<Option<Vec<SmolStr>>> {
    match types {
        LabelExpression::Name(name) => Some(Some(vec![name.name.clone()])),
        LabelExpression::Any(_) => Some(None),
        LabelExpression::Or(all) => {
            let names = all.iter().map(|one| match one {
                LabelExpression::Name(name) => Some(name.name.clone()),
                _ => None,
            });
            names.collect::<Option<Vec<SmolStr>>>().map(Some)
        }
        LabelExpression::And(_) | LabelExpression::Not(_) => None,
    }
}
