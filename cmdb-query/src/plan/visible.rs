//! The names that expressions, patterns and clauses mention: which variables a condition waits for.

use crate::evaluate::same;
use crate::syntax::tree::{
    Clause, ClauseKind, Element, Expression, ExpressionKind, Imports, MapProjectionItem, PathPattern,
    Pattern, Projection, Query, RemoveItem, SetItem, SmolStr, SortItem,
};
use rustc_hash::FxHashSet;

/// Names mentioned anywhere inside, bound ones too: rather too many than too few.
#[derive(Debug, Default)]
pub struct Mentioned {
    pub names: FxHashSet<SmolStr>,
    /// A `*` mentions everything.
    pub everything: bool,
}

pub fn in_expression(expression: &Expression) -> Mentioned {
    let mut mentioned = Mentioned::default();
    mentioned.expression(expression);
    mentioned
}

impl Mentioned {
    pub fn has(&self, name: &str) -> bool {
        self.everything || self.names.contains(name)
    }
    fn name(&mut self, name: &SmolStr) {
        self.names.insert(name.clone());
    }
    pub fn expressions<'e>(&mut self, all: impl IntoIterator<Item = &'e Expression>) {
        all.into_iter().for_each(|expression| self.expression(expression));
    }
    pub fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Variable(name) => self.name(name),
            ExpressionKind::MapProjection { variable, items } => {
                self.name(&variable.name);
                for item in items {
                    if let MapProjectionItem::Variable(name) = item {
                        self.name(&name.name);
                    }
                }
            }
            ExpressionKind::PatternPredicate(path) | ExpressionKind::ShortestPath { path, .. } => {
                self.path(path)
            }
            ExpressionKind::PatternComprehension { path, .. } => self.path(path),
            ExpressionKind::Subquery { query, .. } => self.query(query),
            _ => {}
        }
        self.expressions(same::parts(expression));
    }
    pub fn pattern(&mut self, pattern: &Pattern) {
        for part in &pattern.parts {
            part.variable.iter().for_each(|variable| self.name(&variable.name));
            self.path(&part.path);
        }
    }
    pub fn path(&mut self, path: &PathPattern) {
        for element in &path.elements {
            match element {
                Element::Node(node) => {
                    node.variable.iter().for_each(|variable| self.name(&variable.name));
                    self.expressions(node.properties.iter().chain(&node.condition));
                }
                Element::Relationship(relationship) => {
                    relationship.variable.iter().for_each(|variable| self.name(&variable.name));
                    self.expressions(relationship.properties.iter().chain(&relationship.condition));
                }
                Element::Group(group) => {
                    group.variable.iter().for_each(|variable| self.name(&variable.name));
                    self.expressions(&group.condition);
                    self.path(&group.path);
                }
            }
        }
    }
    pub fn query(&mut self, query: &Query) {
        self.clauses(&query.first.clauses);
        query.unions.iter().for_each(|union| self.clauses(&union.query.clauses));
    }
    pub fn clauses(&mut self, clauses: &[Clause]) {
        clauses.iter().for_each(|clause| self.clause(&clause.kind));
    }
    fn order(&mut self, order: &[SortItem]) {
        self.expressions(order.iter().map(|item| &item.expression));
    }
    pub fn projection(&mut self, it: &Projection) {
        self.everything |= it.star;
        self.expressions(it.items.iter().map(|item| &item.expression));
        self.order(&it.order);
        self.expressions(it.skip.iter().chain(&it.limit).chain(&it.condition));
    }
    fn set(&mut self, items: &[SetItem]) {
        for item in items {
            match item {
                SetItem::Property { target, value, .. } => self.expressions([target, value]),
                SetItem::Replace { variable, value } | SetItem::Extend { variable, value } => {
                    self.name(&variable.name);
                    self.expression(value);
                }
                SetItem::Labels { variable, .. } => self.name(&variable.name),
            }
        }
    }
    fn clause(&mut self, clause: &ClauseKind) {
        match clause {
            ClauseKind::Match { pattern, condition, .. } => {
                self.pattern(pattern);
                self.expressions(condition);
            }
            ClauseKind::Unwind { list, .. } => self.expression(list),
            ClauseKind::With(projection) | ClauseKind::Return(projection) => self.projection(projection),
            ClauseKind::Finish => {}
            ClauseKind::Create { pattern } => self.pattern(pattern),
            ClauseKind::Merge { part, on_create, on_match } => {
                part.variable.iter().for_each(|variable| self.name(&variable.name));
                self.path(&part.path);
                self.set(on_create);
                self.set(on_match);
            }
            ClauseKind::Set(items) => self.set(items),
            ClauseKind::Remove(items) => {
                for item in items {
                    match item {
                        RemoveItem::Property { target, .. } => self.expression(target),
                        RemoveItem::Labels { variable, .. } => self.name(&variable.name),
                    }
                }
            }
            ClauseKind::Delete { targets, .. } => self.expressions(targets),
            ClauseKind::Foreach { list, clauses, .. } => {
                self.expression(list);
                self.clauses(clauses);
            }
            ClauseKind::Call(call) => {
                self.expressions(call.arguments.iter().flatten());
                self.expressions(&call.condition);
            }
            ClauseKind::Subquery(subquery) => {
                match &subquery.imports {
                    Imports::Leading => {}
                    Imports::All => self.everything = true,
                    Imports::Listed(names) => names.iter().for_each(|name| self.name(&name.name)),
                }
                self.query(&subquery.query);
            }
        }
    }
}
