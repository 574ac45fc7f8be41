//! Clauses that write.

use super::planner::{Part, Planner};
use super::wish::Wish;
use super::{Change, Create, Delete, Item, Merge, NewEdge, NewNode, PathSlots, Project, Step};
use crate::error::Result;
use crate::evaluate::{Compiled, Scope};
use crate::syntax::tree::{
    Direction, Element, Expression, LabelExpression, NodePattern, PatternPart, RelationshipPattern,
    RemoveItem, SetItem, SmolStr,
};
use std::sync::Arc;

/// A pattern to be created: what is new in it, and its named paths.
struct Sketch {
    create: Create,
    /// New variables in the order of the row.
    names: Vec<SmolStr>,
    paths: Vec<(SmolStr, PathSlots)>,
}

/// The elements of a part with a name for each.
fn named(planner: &Planner<'_>, part: &PatternPart) -> PatternPart {
    let mut part = part.clone();
    for element in &mut part.path.elements {
        let (variable, span) = match element {
            Element::Node(node) => (&mut node.variable, node.span),
            Element::Relationship(edge) => (&mut edge.variable, edge.span),
            Element::Group(group) => (&mut group.variable, group.span),
        };
        variable.get_or_insert_with(|| crate::syntax::tree::Identifier { name: planner.hidden(), span });
    }
    part
}

fn name_of(variable: &Option<crate::syntax::tree::Identifier>) -> SmolStr {
    variable.as_ref().map(|variable| variable.name.clone()).unwrap_or_default()
}

fn label_names(labels: &LabelExpression, names: &mut Vec<SmolStr>) {
    match labels {
        LabelExpression::Name(name) => {
            if !names.contains(&name.name) {
                names.push(name.name.clone());
            }
        }
        LabelExpression::And(all) | LabelExpression::Or(all) => {
            all.iter().for_each(|one| label_names(one, names));
        }
        LabelExpression::Not(_) | LabelExpression::Any(_) => {}
    }
}

impl Planner<'_> {
    /// `parts` have a name for every element.
    fn sketch(&self, parts: &[PatternPart], scope: &mut Scope) -> Result<Sketch> {
        let before = scope.len();
        let mut create = Create { nodes: Vec::new(), edges: Vec::new() };
        for part in parts {
            for element in &part.path.elements {
                if let Element::Node(node) = element {
                    self.sketch_node(node, scope, &mut create)?;
                }
            }
        }
        let mut paths = Vec::new();
        for part in parts {
            let mut slots = PathSlots { start: 0, edges: Vec::new() };
            let elements = &part.path.elements;
            for (at, element) in elements.iter().enumerate() {
                let end = |at: usize| match elements.get(at) {
                    Some(Element::Node(node)) => scope.slot(&name_of(&node.variable)).unwrap_or_default(),
                    _ => 0,
                };
                match element {
                    Element::Node(_) if at == 0 => slots.start = end(0),
                    Element::Relationship(edge) => {
                        let ends = (end(at.saturating_sub(1)), end(at + 1));
                        slots.edges.push(self.sketch_edge(edge, ends, scope, &mut create)?);
                    }
                    _ => {}
                }
            }
            if let Some(variable) = &part.variable {
                paths.push((variable.name.clone(), slots));
            }
        }
        let names = scope.names()[before..].to_vec();
        Ok(Sketch { create, names, paths })
    }

    fn sketch_node(&self, node: &NodePattern, scope: &mut Scope, create: &mut Create) -> Result<()> {
        let name = name_of(&node.variable);
        if scope.slot(&name).is_some() {
            return Ok(());
        }
        let mut labels = Vec::new();
        node.labels.iter().for_each(|it| label_names(it, &mut labels));
        let properties = node.properties.as_ref().map(|it| self.compile(it, scope)).transpose()?;
        create.nodes.push(NewNode { labels, properties });
        scope.push(name);
        Ok(())
    }

    fn sketch_edge(
        &self,
        edge: &RelationshipPattern,
        (left, right): (usize, usize),
        scope: &mut Scope,
        create: &mut Create,
    ) -> Result<usize> {
        let mut kinds = Vec::new();
        edge.types.iter().for_each(|it| label_names(it, &mut kinds));
        let kind = kinds.into_iter().next().unwrap_or_default();
        let properties = edge.properties.as_ref().map(|it| self.compile(it, scope)).transpose()?;
        let (source, target) = if edge.direction == Direction::Left { (right, left) } else { (left, right) };
        create.edges.push(NewEdge { kind, source, target, properties });
        Ok(scope.push(name_of(&edge.variable)))
    }

    fn paths(&self, mut part: Part, paths: Vec<(SmolStr, PathSlots)>) -> Part {
        if paths.is_empty() {
            return part;
        }
        let (names, slots): (Vec<SmolStr>, Vec<PathSlots>) = paths.into_iter().unzip();
        names.iter().for_each(|name| {
            part.scope.push(name.clone());
        });
        let width = part.scope.len();
        part.map(|plan| self.step_to(plan, width, |input| Step::Paths(input, slots.into())))
    }

    pub(super) fn create(&self, part: Part, parts: &[PatternPart]) -> Result<Part> {
        let mut part = part.writing(self);
        let parts: Vec<PatternPart> = parts.iter().map(|part| named(self, part)).collect();
        let sketch = self.sketch(&parts, &mut part.scope)?;
        let width = part.scope.len();
        let create = Arc::new(sketch.create);
        let part = part.map(|plan| self.step_to(plan, width, |input| Step::Create(input, create)));
        Ok(self.paths(part, sketch.paths))
    }

    pub(super) fn merge(
        &self,
        part: Part,
        pattern: &PatternPart,
        on_create: &[SetItem],
        on_match: &[SetItem],
    ) -> Result<Part> {
        let mut part = if part.reads || part.writes { part.barrier(self) } else { part };
        let pattern = named(self, pattern);
        let outer = part.scope.clone();
        let plain = PatternPart { variable: None, ..pattern.clone() };
        let pieces = self.pieces(std::slice::from_ref(&plain), None);
        let argument = self.argument(outer.len());
        let mut pieces = pieces;
        pieces.links.iter_mut().for_each(|link| link.in_path = true);
        self.merging.set(true);
        let inner = self.matched(argument, outer.clone(), pieces, Wish::everything());
        self.merging.set(false);
        let (inner, inner_scope) = inner?;
        let required = self.required(&pattern, &outer)?;
        let sketch = self.sketch(std::slice::from_ref(&pattern), &mut part.scope)?;
        let slot = |name: &SmolStr| Item::Slot(inner_scope.slot(name).unwrap_or_default());
        let items = sketch.names.iter().map(slot).collect();
        let width = part.scope.len();
        let project = Project { keep: outer.len(), items };
        let inner = self.step_to(inner, width, |input| Step::Project(input, project.into()));
        let merge = Merge {
            create: Arc::new(sketch.create),
            required,
            on_create: Arc::new(self.changes(on_create, &part.scope)?),
            on_match: Arc::new(self.changes(on_match, &part.scope)?),
        };
        (part.reads, part.writes, part.wrote) = (true, true, true);
        let (rows, details) = (part.plan.rows, || self.written(pattern.span).to_owned());
        let part = part.map(|plan| {
            self.step(Step::Merge(Box::new(plan), Box::new(inner), merge.into()), rows, width, details)
        });
        Ok(self.paths(part, sketch.paths))
    }

    /// The property maps of a pattern.
    fn required(&self, pattern: &PatternPart, scope: &Scope) -> Result<Vec<Compiled>> {
        let maps = pattern.path.elements.iter().filter_map(|element| match element {
            Element::Node(node) => node.properties.as_ref(),
            Element::Relationship(edge) => edge.properties.as_ref(),
            Element::Group(_) => None,
        });
        maps.map(|map| self.compile(map, scope)).collect()
    }

    fn changes(&self, items: &[SetItem], scope: &Scope) -> Result<Vec<Change>> {
        let slot = |name: &SmolStr| scope.slot(name).unwrap_or_default();
        let change = |item: &SetItem| {
            Ok(match item {
                SetItem::Property { target, key, value } => Change::Property {
                    target: self.compile(target, scope)?,
                    key: key.name.clone(),
                    value: self.compile(value, scope)?,
                },
                SetItem::Replace { variable, value } => {
                    Change::Replace { slot: slot(&variable.name), value: self.compile(value, scope)? }
                }
                SetItem::Extend { variable, value } => {
                    Change::Extend { slot: slot(&variable.name), value: self.compile(value, scope)? }
                }
                SetItem::Labels { variable, labels } => Change::AddLabels {
                    slot: slot(&variable.name),
                    labels: labels.iter().map(|label| label.name.clone()).collect(),
                },
            })
        };
        items.iter().map(change).collect()
    }

    pub(super) fn set(&self, part: Part, items: &[SetItem]) -> Result<Part> {
        let changes = self.changes(items, &part.scope)?;
        Ok(self.changed(part, changes))
    }

    fn changed(&self, part: Part, changes: Vec<Change>) -> Part {
        let mut part = part.writing(self);
        part.reads = true;
        part.map(|plan| self.over(plan, 1.0, |input| Step::Set(input, changes.into()), String::new))
    }

    pub(super) fn remove(&self, part: Part, items: &[RemoveItem]) -> Result<Part> {
        let scope = &part.scope;
        let change = |item: &RemoveItem| {
            Ok(match item {
                RemoveItem::Property { target, key } => {
                    Change::RemoveProperty { target: self.compile(target, scope)?, key: key.name.clone() }
                }
                RemoveItem::Labels { variable, labels } => Change::RemoveLabels {
                    slot: scope.slot(&variable.name).unwrap_or_default(),
                    labels: labels.iter().map(|label| label.name.clone()).collect(),
                },
            })
        };
        let changes = items.iter().map(change).collect::<Result<Vec<_>>>()?;
        Ok(self.changed(part, changes))
    }

    /// Takes in all rows before it deletes anything: a barrier by itself.
    pub(super) fn delete(&self, part: Part, detach: bool, targets: &[Expression]) -> Result<Part> {
        let compiled = targets.iter().map(|it| self.compile(it, &part.scope)).collect::<Result<_>>()?;
        let delete = Arc::new(Delete { detach, targets: compiled });
        let texts = || targets.iter().map(|it| self.written(it.span)).collect::<Vec<_>>().join(", ");
        let mut part = part.map(|plan| self.over(plan, 1.0, |input| Step::Delete(input, delete), texts));
        (part.reads, part.writes, part.wrote) = (false, false, true);
        Ok(part)
    }
}
