//! The small expression language of `where` and `--fail-on`.
//!
//! `attr = value`, `!=`, `<`, `<=`, `>`, `>=`, `contains`, `in (a, b)`, `is CLASS`, `and`, `or`, `not`, parentheses.
//! A missing attribute makes every comparison false; states compare by their order.

use cmdb_core::analysis::impact::State;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, Value};
use cmdb_core::{Error, Result};

mod parse;
mod vocabulary;

pub use vocabulary::Vocabulary;

/// Nesting at most.
pub const DEPTH_MAX: usize = 64;
/// Length at most, in bytes.
pub const BYTES_MAX: usize = 4_096;

/// A word of an expression and the byte it begins at.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub text: String,
    pub at: usize,
}

/// A condition on one item.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Compare {
        field: Word,
        comparison: Comparison,
        value: Word,
    },
    Contains {
        field: Word,
        text: Word,
    },
    OneOf {
        field: Word,
        values: Vec<Word>,
    },
    /// Of a class or one that inherits from it.
    Is(Word),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value that an expression compares.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Text(String),
    Number(f64),
    Boolean(bool),
    State(State),
    List(Vec<Operand>),
}

/// What an expression can ask about.
pub trait Fields {
    /// The value of a field; none where the item has none.
    fn field(&self, name: &str) -> Option<Operand>;
    /// Whether the item is of the class; none where there is no such class.
    fn is_a(&self, class: &str) -> Option<bool>;
}

impl Expression {
    /// Reads an expression about these items; an error points at the place and says what was expected there.
    pub fn read(text: &str, vocabulary: &Vocabulary<'_>) -> Result<Expression> {
        vocabulary.check(text, parse::parse(text)?)
    }
    /// Whether it holds.
    pub fn holds(&self, fields: &dyn Fields) -> bool {
        match self {
            Expression::Compare { field, comparison, value } => {
                fields.field(&field.text).is_some_and(|left| compares(&left, *comparison, &value.text))
            }
            Expression::Contains { field, text } => {
                fields.field(&field.text).is_some_and(|left| contains(&left, &text.text))
            }
            Expression::OneOf { field, values } => fields
                .field(&field.text)
                .is_some_and(|left| values.iter().any(|v| compares(&left, Comparison::Equal, &v.text))),
            Expression::Is(class) => fields.is_a(&class.text).unwrap_or(false),
            Expression::Not(inner) => !inner.holds(fields),
            Expression::And(all) => all.iter().all(|e| e.holds(fields)),
            Expression::Or(any) => any.iter().any(|e| e.holds(fields)),
        }
    }
}

fn compares(left: &Operand, comparison: Comparison, right: &str) -> bool {
    use std::cmp::Ordering;
    let ordering = match left {
        Operand::Number(n) => right.parse::<f64>().ok().and_then(|r| n.partial_cmp(&r)),
        Operand::State(state) => State::parse(right).map(|r| state.cmp(&r)),
        Operand::Boolean(b) => right.parse::<bool>().ok().map(|r| b.cmp(&r)),
        // Numbers in text compare as numbers: what was imported without a schema is text.
        Operand::Text(text) => match (text.parse::<f64>(), right.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.partial_cmp(&b),
            _ => Some(text.as_str().cmp(right)),
        },
        Operand::List(values) => {
            return match comparison {
                Comparison::NotEqual => !values.iter().any(|v| compares(v, Comparison::Equal, right)),
                other => values.iter().any(|v| compares(v, other, right)),
            };
        }
    };
    match (comparison, ordering) {
        // What cannot be compared is not equal.
        (Comparison::NotEqual, None) => true,
        (_, None) => false,
        (Comparison::Equal, Some(o)) => o == Ordering::Equal,
        (Comparison::NotEqual, Some(o)) => o != Ordering::Equal,
        (Comparison::Less, Some(o)) => o == Ordering::Less,
        (Comparison::LessOrEqual, Some(o)) => o != Ordering::Greater,
        (Comparison::Greater, Some(o)) => o == Ordering::Greater,
        (Comparison::GreaterOrEqual, Some(o)) => o != Ordering::Less,
    }
}

/// Case is not looked at.
fn contains(left: &Operand, text: &str) -> bool {
    match left {
        Operand::Text(value) => value.to_lowercase().contains(&text.to_lowercase()),
        Operand::List(values) => values.iter().any(|v| contains(v, text)),
        Operand::State(state) => state.word().contains(text),
        Operand::Number(n) => n.to_string().contains(text),
        Operand::Boolean(_) => false,
    }
}

/// The fields of an item: name, class, status, id, and its attributes.
pub struct ItemFields<'a> {
    pub snapshot: &'a Snapshot,
    pub item: &'a Item,
}

impl Fields for ItemFields<'_> {
    fn field(&self, name: &str) -> Option<Operand> {
        let names = self.snapshot.names();
        match name {
            "name" => self.item.name.as_ref().map(|n| Operand::Text(n.to_string())),
            "class" => self.item.class().map(|c| Operand::Text(names.text(c).to_owned())),
            "status" => self.item.status.map(|s| Operand::Text(names.text(s).to_owned())),
            "version" => Some(Operand::Number(f64::from(self.item.version))),
            attribute => self.item.attribute(names.get(attribute)?).map(operand),
        }
    }
    fn is_a(&self, class: &str) -> Option<bool> {
        let ancestor = self.snapshot.names().get(class)?;
        Some(self.snapshot.schema().is_a(self.item.class()?, ancestor))
    }
}

fn operand(value: &Value) -> Operand {
    match value {
        Value::Boolean(b) => Operand::Boolean(*b),
        Value::Integer(n) => Operand::Number(*n as f64),
        Value::Decimal(n) => Operand::Number(*n),
        Value::List(values) => Operand::List(values.iter().map(operand).collect()),
        other => Operand::Text(other.to_string()),
    }
}

/// The error for an expression that does not read.
pub(crate) fn unreadable(text: &str, at: usize, expected: &str) -> Error {
    let message = format!("at character {}: expected {expected}", place(text, at));
    Error::invalid("expression.syntax", message)
        .hint("such as: class is Server and (criticality <= 2 or status in (operational, \"in repair\"))")
}

/// A byte of the text as people count characters.
fn place(text: &str, at: usize) -> usize {
    text.get(..at).map_or(0, |before| before.chars().count()) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    impl Fields for Thing {
        fn field(&self, name: &str) -> Option<Operand> {
            Some(match name {
                "name" => Operand::Text("Web Front".into()),
                "cores" => Operand::Number(8.0),
                "state" => Operand::State(State::Degraded),
                "tags" => Operand::List(vec![Operand::Text("a".into()), Operand::Text("b".into())]),
                "live" => Operand::Boolean(true),
                _ => return None,
            })
        }
        fn is_a(&self, class: &str) -> Option<bool> {
            Some(class == "Server")
        }
    }

    #[test]
    fn expressions_hold_or_not() {
        for (text, expected) in [
            ("cores = 8", true),
            ("cores >= 16 or cores<9", true),
            ("name = 'Web Front'", true),
            ("name contains front and not cores = 9", true),
            ("missing = 1", false),
            ("missing != 1", false),
            ("not missing = 1", true),
            ("state >= degraded", true),
            ("state = down", false),
            ("state > at_risk and state < down", true),
            ("tags = b", true),
            ("tags in (c, a)", true),
            ("tags != a", false),
            ("live = true", true),
            ("is Server and (cores = 1 or cores = 8)", true),
            ("class is Server", true),
            ("cores = eight", false),
        ] {
            assert_eq!(parse::parse(text).unwrap().holds(&Thing), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_read_says_where() {
        for bad in
            ["", "cores", "cores =", "cores = 1 and", "(cores = 1", "cores = 1)", "a in (", "= 1", "\"x"]
        {
            assert_eq!(parse::parse(bad).unwrap_err().code(), "expression.syntax", "{bad}");
        }
        let deep = format!("{}a = 1{}", "(".repeat(100), ")".repeat(100));
        assert_eq!(parse::parse(&deep).unwrap_err().code(), "expression.too-deep");
    }
}
