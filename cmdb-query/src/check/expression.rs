//! Expressions: every name known, every operand of a kind that could do, aggregates and patterns in their places.

use super::Checker;
use super::place::{Aggregation, Place};
use super::same::same;
use super::scope::Scope;
use super::shape::Shape;
use crate::error::{Class, Error, Phase, Result};
use crate::syntax::tree::{
    Expression, ExpressionKind, Identifier, LabelExpression, MapProjectionItem, SubqueryKind,
};

type Boxed = Option<Box<Expression>>;

/// An operand of a kind that can never do.
pub(super) fn wrong_kind(expression: &Expression, shape: &Shape, wanted: &str) -> Error {
    let message = format!("expected {wanted}, but this is {shape}");
    Error::syntax("InvalidArgumentType", message, expression.span)
}

impl<'a> Checker<'a> {
    /// Checks an expression and says what is known of its value.
    pub(super) fn infer(&mut self, it: &'a Expression, scope: &mut Scope<'a>, place: Place) -> Result<Shape> {
        self.charge(1 + scope.columns().len())?;
        if let Some(column) = scope.columns().iter().find(|column| same(column.expression, it)) {
            self.aggregates += u64::from(column.aggregates);
            return Ok(column.shape.clone());
        }
        self.infer_kind(it, scope, place)
    }

    fn infer_kind(&mut self, it: &'a Expression, scope: &mut Scope<'a>, place: Place) -> Result<Shape> {
        use ExpressionKind as E;
        match &it.kind {
            E::Null => Ok(Shape::Null),
            E::Boolean(_) => Ok(Shape::Boolean),
            E::Integer(_) => Ok(Shape::Integer),
            E::Float(_) => Ok(Shape::Float),
            E::Text(_) => Ok(Shape::Text),
            E::Parameter(name) => self.parameter(name, it.span).map(|()| Shape::Any),
            E::Variable(name) => scope.shape(name).cloned().ok_or_else(|| scope.undefined(name, it.span)),
            E::List(elements) => self.list(elements, scope, place.value()),
            E::Map(entries) => {
                for (_, value) in entries {
                    self.infer(value, scope, place.value())?;
                }
                Ok(Shape::Map)
            }
            E::MapProjection { variable, items } => self.map_projection(variable, items, scope, place),
            E::Property { subject, .. } => {
                let shape = self.infer(subject, scope, place.value())?;
                has_properties(subject, &shape).map(|()| Shape::Any)
            }
            E::Index { subject, index } => self.index(subject, index, scope, place.value()),
            E::Slice { subject, from, to } => self.slice(subject, from, to, scope, place.value()),
            E::Not(operand) => self.boolean(operand, scope, place),
            E::Negate(operand) | E::Plus(operand) => self.signed(operand, scope, place.value()),
            E::Binary { operator, left, right } => self.binary(*operator, left, right, scope, place),
            E::Comparison { first, rest } => {
                self.infer(first, scope, place.value())?;
                for (_, other) in rest {
                    self.infer(other, scope, place.value())?;
                }
                Ok(Shape::Boolean)
            }
            E::IsNull(operand) | E::IsNotNull(operand) => {
                self.infer(operand, scope, place.value()).map(|_| Shape::Boolean)
            }
            E::HasLabels { subject, labels } => self.has_labels(subject, labels, scope, place.value()),
            E::Call { name, name_span, distinct, arguments } => {
                self.function(it, (name, *name_span), *distinct, arguments, scope, place.value())
            }
            E::CountStar => self.aggregate(it, &[], scope, place).map(|_| Shape::Integer),
            E::Case { operand, branches, otherwise } => {
                self.case(operand, branches, otherwise, scope, place.value())
            }
            E::ListComprehension { variable, list, condition, projection } => {
                let element = self.elements(list, scope, place.value())?;
                self.comprehension(variable, element, condition, projection.as_deref(), scope, place)
            }
            E::ListPredicate { variable, list, condition, .. } => {
                let element = self.elements(list, scope, place.value())?;
                self.comprehension(variable, element, condition, None, scope, place).map(|_| Shape::Boolean)
            }
            E::Reduce { accumulator, start, variable, list, step } => {
                let element = self.elements(list, scope, place.value())?;
                self.infer(start, scope, place.value())?;
                let length = scope.len();
                scope.push(&accumulator.name, Shape::Any);
                scope.push(&variable.name, element);
                let result = self.infer(step, scope, place.value().per_element());
                scope.truncate(length);
                result.map(|_| Shape::Any)
            }
            E::PatternPredicate(path) if place.truth => {
                self.pattern_predicate(path, scope).map(|()| Shape::Boolean)
            }
            E::PatternPredicate(_) => Err(misplaced_pattern(it)),
            E::PatternComprehension { variable, path, condition, projection } => {
                let length = scope.len();
                self.path_of_expression(variable.as_ref(), path, scope)?;
                let place = place.per_element();
                let element = self.body(Shape::Any, condition, Some(projection), scope, place)?;
                scope.truncate(length);
                Ok(Shape::list(element))
            }
            E::ShortestPath { all, path } => {
                self.shortest_path_of_expression(path, scope)?;
                Ok(if *all { Shape::list(Shape::Path) } else { Shape::Path })
            }
            E::Subquery { kind, query } => self.subquery_expression(*kind, query, it.span, scope),
        }
    }

    fn list(&mut self, elements: &'a [Expression], scope: &mut Scope<'a>, place: Place) -> Result<Shape> {
        let mut shape = Shape::Null;
        for element in elements {
            shape = shape.or(self.infer(element, scope, place)?);
        }
        Ok(Shape::list(if elements.is_empty() { Shape::Any } else { shape }))
    }

    /// An operand of which only the truth is asked.
    pub(super) fn boolean(
        &mut self,
        it: &'a Expression,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        let shape = self.infer(it, scope, place.truth())?;
        if shape.may_be_boolean() { Ok(Shape::Boolean) } else { Err(wrong_kind(it, &shape, "a boolean")) }
    }

    /// WHERE, whoever's it is.
    pub(super) fn condition(
        &mut self,
        it: &'a Expression,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<()> {
        self.boolean(it, scope, place).map(|_| ())
    }

    fn signed(&mut self, operand: &'a Expression, scope: &mut Scope<'a>, place: Place) -> Result<Shape> {
        let shape = self.infer(operand, scope, place)?;
        if shape.is_number() || shape.is_open() || shape == Shape::Temporal {
            return Ok(shape);
        }
        Err(wrong_kind(operand, &shape, "a number"))
    }

    /// What one element of a list is; an expression that cannot be a list is refused.
    fn elements(&mut self, list: &'a Expression, scope: &mut Scope<'a>, place: Place) -> Result<Shape> {
        let shape = self.infer(list, scope, place)?;
        if shape.may_be_list() { Ok(shape.element()) } else { Err(wrong_kind(list, &shape, "a list")) }
    }

    fn comprehension(
        &mut self,
        variable: &Identifier,
        element: Shape,
        condition: &'a Boxed,
        projection: Option<&'a Expression>,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        let length = scope.len();
        scope.push(&variable.name, element.clone());
        let result = self.body(element, condition, projection, scope, place.per_element());
        scope.truncate(length);
        result.map(Shape::list)
    }

    fn body(
        &mut self,
        element: Shape,
        condition: &'a Boxed,
        projection: Option<&'a Expression>,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        if let Some(condition) = condition {
            self.condition(condition, scope, place)?;
        }
        match projection {
            Some(projection) => self.infer(projection, scope, place.value()),
            None => Ok(element),
        }
    }

    fn map_projection(
        &mut self,
        variable: &Identifier,
        items: &'a [MapProjectionItem],
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        let found = scope.named(variable)?;
        if !found.may_be_entity() && *found != Shape::Map {
            let message = format!("expected a node, relationship or map, but `{}` is {found}", variable.name);
            return Err(Error::syntax("InvalidArgumentType", message, variable.span));
        }
        for item in items {
            match item {
                MapProjectionItem::Property(_) | MapProjectionItem::All(_) => {}
                MapProjectionItem::Entry(_, value) => {
                    self.infer(value, scope, place.value())?;
                }
                MapProjectionItem::Variable(name) => {
                    scope.named(name)?;
                }
            }
        }
        Ok(Shape::Map)
    }

    fn index(
        &mut self,
        subject: &'a Expression,
        index: &'a Expression,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        let shape = self.infer(subject, scope, place)?;
        let key = self.infer(index, scope, place)?;
        // What comes out of a variable is judged when it is run, for so the language has it.
        if is_literal(index) {
            let fits = match &shape {
                Shape::List(_) => key.may_be_integer(),
                Shape::Map | Shape::Node | Shape::Relationship => key.is_open() || key == Shape::Text,
                _ => true,
            };
            if !fits {
                return Err(of_type(index, format!("{shape} cannot be indexed by {key}")));
            }
        }
        Ok(shape.element())
    }

    fn slice(
        &mut self,
        subject: &'a Expression,
        from: &'a Boxed,
        to: &'a Boxed,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        let shape = self.infer(subject, scope, place)?;
        if !shape.may_be_list() {
            return Err(wrong_kind(subject, &shape, "a list"));
        }
        for bound in [from, to].into_iter().flatten() {
            let bound_shape = self.infer(bound, scope, place)?;
            if !bound_shape.may_be_integer() {
                return Err(wrong_kind(bound, &bound_shape, "an integer"));
            }
        }
        Ok(shape)
    }

    fn has_labels(
        &mut self,
        subject: &'a Expression,
        _labels: &LabelExpression,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        let shape = self.infer(subject, scope, place)?;
        if shape.may_be_entity() {
            return Ok(Shape::Boolean);
        }
        Err(wrong_kind(subject, &shape, "a node or relationship"))
    }

    fn case(
        &mut self,
        operand: &'a Boxed,
        branches: &'a [(Expression, Expression)],
        otherwise: &'a Boxed,
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Shape> {
        if let Some(operand) = operand {
            self.infer(operand, scope, place)?;
        }
        let mut shape = match otherwise {
            Some(otherwise) => self.infer(otherwise, scope, place)?,
            None => Shape::Null,
        };
        for (when, then) in branches {
            if operand.is_some() {
                self.infer(when, scope, place)?;
            } else {
                self.condition(when, scope, place)?;
            }
            shape = shape.or(self.infer(then, scope, place)?);
        }
        Ok(shape)
    }

    fn subquery_expression(
        &mut self,
        kind: SubqueryKind,
        query: &'a crate::syntax::tree::Query,
        span: crate::syntax::tree::Span,
        scope: &mut Scope<'a>,
    ) -> Result<Shape> {
        let columns = self.nested_query(kind, query, span, scope)?;
        Ok(match kind {
            SubqueryKind::Exists => Shape::Boolean,
            SubqueryKind::Count => Shape::Integer,
            SubqueryKind::Collect => Shape::list(columns.into_iter().next().map_or(Shape::Any, |c| c.shape)),
        })
    }

    /// An aggregate of any name: whether it may stand here, and its arguments.
    pub(super) fn aggregate(
        &mut self,
        it: &'a Expression,
        arguments: &'a [Expression],
        scope: &mut Scope<'a>,
        place: Place,
    ) -> Result<Vec<Shape>> {
        match place.aggregation {
            Aggregation::Settled => return Ok(vec![Shape::Any; arguments.len()]),
            Aggregation::Inside => {
                let message = "an aggregate cannot stand within another";
                return Err(Error::syntax("NestedAggregation", message, it.span)
                    .hint("compute the inner one in a WITH before"));
            }
            Aggregation::Allowed | Aggregation::Refused => {}
        }
        let inside = Place { aggregation: Aggregation::Inside, truth: false };
        let mut shapes = Vec::with_capacity(arguments.len());
        for argument in arguments {
            shapes.push(self.infer(argument, scope, inside)?);
        }
        if place.aggregation == Aggregation::Refused {
            let message = "an aggregate can only stand in the items of WITH or RETURN";
            return Err(Error::syntax("InvalidAggregation", message, it.span)
                .hint("compute it in a WITH before and use its name here"));
        }
        self.aggregates += 1;
        Ok(shapes)
    }
}

/// Whether something of this shape has properties; paths are refused in other words than the rest.
fn has_properties(subject: &Expression, shape: &Shape) -> Result<()> {
    match shape {
        Shape::Path => Err(wrong_kind(subject, shape, "a node, relationship or map")),
        Shape::Boolean | Shape::Integer | Shape::Float | Shape::Number | Shape::Text | Shape::List(_) => {
            Err(of_type(subject, format!("expected a node, relationship or map, but this is {shape}")))
        }
        _ => Ok(()),
    }
}

fn of_type(it: &Expression, message: String) -> Error {
    Error::new(Phase::Compile, Class::TypeError, "InvalidArgumentType", message).at(it.span)
}

fn is_literal(it: &Expression) -> bool {
    use ExpressionKind as E;
    matches!(it.kind, E::Boolean(_) | E::Integer(_) | E::Float(_) | E::Text(_) | E::List(_) | E::Map(_))
}

fn misplaced_pattern(it: &Expression) -> Error {
    let message = "a pattern can only stand where a condition is wanted";
    Error::syntax("UnexpectedSyntax", message, it.span)
        .hint("use `EXISTS { … }`, `COUNT { … }` or a pattern comprehension `[(a)-->(b) | b]`")
}
