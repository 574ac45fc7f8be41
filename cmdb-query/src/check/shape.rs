//! What is known of a value before any data is looked at. Every shape may also be null at runtime.

use crate::function::Kind;
use std::fmt;

/// A static kind, with what is known of the elements of lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing is known: whatever it is used for is left to runtime.
    Any,
    /// The literal null, which fits everywhere.
    Null,
    Boolean,
    Integer,
    Float,
    Number,
    Text,
    List(Box<Shape>),
    Map,
    Node,
    Relationship,
    Path,
    Temporal,
}

impl Shape {
    pub fn list(element: Shape) -> Shape {
        Shape::List(Box::new(element))
    }

    /// Whether nothing can be said against any use of it.
    pub fn is_open(&self) -> bool {
        matches!(self, Shape::Any | Shape::Null)
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Shape::Integer | Shape::Float | Shape::Number)
    }

    pub fn may_be_boolean(&self) -> bool {
        self.is_open() || *self == Shape::Boolean
    }

    pub fn may_be_integer(&self) -> bool {
        self.is_open() || matches!(self, Shape::Integer | Shape::Number)
    }

    pub fn may_be_list(&self) -> bool {
        self.is_open() || matches!(self, Shape::List(_))
    }

    pub fn may_be_node(&self) -> bool {
        self.is_open() || *self == Shape::Node
    }

    pub fn may_be_relationship(&self) -> bool {
        self.is_open() || *self == Shape::Relationship
    }

    pub fn may_be_entity(&self) -> bool {
        self.may_be_node() || *self == Shape::Relationship
    }

    /// A list of relationships, as a path of variable length binds it.
    pub fn may_be_relationships(&self) -> bool {
        match self {
            Shape::List(element) => element.may_be_relationship(),
            other => other.is_open(),
        }
    }

    /// What one element of it is, if it is a list.
    pub fn element(&self) -> Shape {
        match self {
            Shape::List(element) => (**element).clone(),
            _ => Shape::Any,
        }
    }

    /// What is known of a value that is either of the two.
    pub fn or(self, other: Shape) -> Shape {
        match (self, other) {
            (Shape::Null, known) | (known, Shape::Null) => known,
            (Shape::List(left), Shape::List(right)) => Shape::list(left.or(*right)),
            (left, right) if left == right => left,
            (left, right) if left.is_number() && right.is_number() => Shape::Number,
            _ => Shape::Any,
        }
    }

    /// Whether an argument of this shape may be given where `kind` is accepted.
    pub fn fits(&self, kind: Kind) -> bool {
        if self.is_open() {
            return true;
        }
        match kind {
            Kind::Any => true,
            Kind::Boolean => *self == Shape::Boolean,
            Kind::Integer => self.may_be_integer(),
            // An integer does wherever a float is wanted.
            Kind::Float | Kind::Number => self.is_number(),
            Kind::Text => *self == Shape::Text,
            Kind::List => self.may_be_list(),
            Kind::Map => *self == Shape::Map,
            Kind::Node => *self == Shape::Node,
            Kind::Relationship => *self == Shape::Relationship,
            Kind::Path => *self == Shape::Path,
            Kind::Temporal => *self == Shape::Temporal,
        }
    }
}

impl From<Kind> for Shape {
    fn from(kind: Kind) -> Shape {
        match kind {
            Kind::Any => Shape::Any,
            Kind::Boolean => Shape::Boolean,
            Kind::Integer => Shape::Integer,
            Kind::Float => Shape::Float,
            Kind::Number => Shape::Number,
            Kind::Text => Shape::Text,
            Kind::List => Shape::list(Shape::Any),
            Kind::Map => Shape::Map,
            Kind::Node => Shape::Node,
            Kind::Relationship => Shape::Relationship,
            Kind::Path => Shape::Path,
            Kind::Temporal => Shape::Temporal,
        }
    }
}

/// With its article, for messages: "`n` is a node".
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Any => "a value",
            Shape::Null => "null",
            Shape::Boolean => "a boolean",
            Shape::Integer => "an integer",
            Shape::Float => "a float",
            Shape::Number => "a number",
            Shape::Text => "a string",
            Shape::List(_) => "a list",
            Shape::Map => "a map",
            Shape::Node => "a node",
            Shape::Relationship => "a relationship",
            Shape::Path => "a path",
            Shape::Temporal => "a date, time or duration",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn a_list_of_unlike_things_says_nothing_of_its_elements() {
        let mixed = Shape::list(Shape::Integer).or(Shape::list(Shape::Text));
        assert_eq!(mixed, Shape::list(Shape::Any));
        assert_eq!(Shape::Null.or(Shape::Integer).or(Shape::Float), Shape::Number);
    }
}
