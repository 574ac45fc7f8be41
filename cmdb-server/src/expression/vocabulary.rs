//! What an expression can ask about at all: a word that nothing could ever match is a mistake, not an empty answer.
//!
//! A field must be one of every item or an attribute of a class in question, and a value one that the field could
//! hold. Amounts with a unit (`16 GiB`) and words for true and false are rewritten as the values they stand for.

use super::{Comparison, Expression, Word, place};
use crate::convert::ClassSet;
use cmdb_core::analysis::impact::State;
use cmdb_core::error::nearest;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::schema::definition::{AttributeDefinition, AttributeType};
use cmdb_core::schema::read::from_text;
use cmdb_core::schema::resolved::Class;
use cmdb_core::{Error, Result};
use std::collections::BTreeSet;

/// Known words that an error lists where none of them is near.
const LISTED_MAX: usize = 12;
/// Fields of every item.
const ITEM_FIELDS: [&str; 4] = ["name", "class", "status", "version"];
/// Fields that an affected item has besides.
const AFFECTED_FIELDS: [&str; 2] = ["state", "depth"];
/// Digits a time may be shortened to: comparing with the year alone makes sense.
const YEAR_DIGITS: usize = 4;

/// The items an expression is asked about.
pub struct Vocabulary<'a> {
    pub snapshot: &'a Snapshot,
    /// Of these classes alone; of any if none.
    pub classes: Option<&'a ClassSet>,
    /// They are affected ones, with state and depth.
    pub affected: bool,
}

/// What is known of a field.
enum Field<'a> {
    State,
    Number,
    Class,
    Status,
    Attribute(Vec<&'a AttributeDefinition>),
    /// Whatever is written may be there.
    Text,
}

/// How a value is used.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Compared,
    Contained,
}

impl Vocabulary<'_> {
    /// The expression with its values as its fields hold them.
    pub(super) fn check(&self, text: &str, expression: Expression) -> Result<Expression> {
        let check = |field: &Word, value: Word, usage: Use| self.value(text, field, value, usage);
        Ok(match expression {
            Expression::Compare { field, comparison, value } => {
                self.comparable(text, &field, comparison)?;
                let value = check(&field, value, Use::Compared)?;
                Expression::Compare { field, comparison, value }
            }
            Expression::Contains { field, text } => {
                let text = check(&field, text, Use::Contained)?;
                Expression::Contains { field, text }
            }
            Expression::OneOf { field, values } => {
                let values = values.into_iter().map(|v| check(&field, v, Use::Compared));
                let values = values.collect::<Result<_>>()?;
                Expression::OneOf { field, values }
            }
            Expression::Is(class) => Expression::Is(self.class(text, class)?),
            // As deep as the parser lets expressions nest.
            Expression::Not(inner) => Expression::Not(Box::new(self.check(text, *inner)?)),
            Expression::And(all) => Expression::And(self.each(text, all)?),
            Expression::Or(any) => Expression::Or(self.each(text, any)?),
        })
    }
    fn each(&self, text: &str, all: Vec<Expression>) -> Result<Vec<Expression>> {
        all.into_iter().map(|one| self.check(text, one)).collect()
    }
    fn in_question(&self) -> impl Iterator<Item = &Class> {
        let asked = |class: &Class| self.classes.is_none_or(|set| set.holds(Some(class.symbol)));
        self.snapshot.schema().classes().map(|c| &**c).filter(move |c| asked(c))
    }
    fn field(&self, text: &str, field: &Word) -> Result<Field<'_>> {
        match field.text.as_str() {
            "state" if self.affected => return Ok(Field::State),
            "depth" if self.affected => return Ok(Field::Number),
            "version" => return Ok(Field::Number),
            "name" => return Ok(Field::Text),
            "class" => return Ok(Field::Class),
            "status" => return Ok(Field::Status),
            _ => {}
        }
        let symbol = self.snapshot.names().get(&field.text);
        let definitions: Vec<&AttributeDefinition> = symbol
            .map(|s| self.in_question().filter_map(|c| c.attributes.get(&s)).collect())
            .unwrap_or_default();
        match definitions.is_empty() {
            false => Ok(Field::Attribute(definitions)),
            true if self.snapshot.schema().open => Ok(Field::Text),
            true => Err(self.unknown_field(text, field)),
        }
    }
    fn unknown_field(&self, text: &str, field: &Word) -> Error {
        let attributes = self.in_question().flat_map(|c| c.attributes.values()).map(|a| a.name.as_str());
        let affected = AFFECTED_FIELDS.into_iter().filter(|_| self.affected);
        let known: BTreeSet<&str> = ITEM_FIELDS.into_iter().chain(affected).chain(attributes).collect();
        let of = if self.classes.is_some() { "of the class asked for" } else { "of any class" };
        let what = format!("expected name, class, status or an attribute {of}, not \"{}\"", field.text);
        refused(text, field, "expression.field", &what, known)
    }
    /// True and false, and words without an order of their own, are equal or not.
    fn comparable(&self, text: &str, field: &Word, comparison: Comparison) -> Result<()> {
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let plain = match self.field(text, field)? {
            Field::Attribute(all) => all.iter().all(|a| a.kind == AttributeType::Boolean),
            Field::Class => true,
            _ => false,
        };
        if ordered && plain {
            let what = format!("expected = or != after \"{}\", which has no order", field.text);
            return Err(refused(text, field, "expression.value", &what, []));
        }
        Ok(())
    }
    fn value(&self, text: &str, field: &Word, value: Word, usage: Use) -> Result<Word> {
        let contained = usage == Use::Contained;
        match self.field(text, field)? {
            Field::Text => Ok(value),
            Field::Attribute(definitions) => attribute(text, field, value, &definitions, usage),
            // A part of a word or number is one, too.
            Field::Class | Field::Status | Field::Number if contained => Ok(value),
            Field::State if contained && State::ALL.iter().any(|s| s.word().contains(&value.text)) => {
                Ok(value)
            }
            Field::State if State::parse(&value.text).is_some() => Ok(value),
            Field::State => {
                let words = State::ALL.map(State::word);
                let what = format!("expected a state ({}), not \"{}\"", words.join(", "), value.text);
                Err(refused(text, &value, "expression.value", &what, words))
            }
            Field::Number if value.text.parse::<f64>().is_ok_and(f64::is_finite) => Ok(value),
            Field::Number => {
                let what = format!("expected a number for {}, not \"{}\"", field.text, value.text);
                Err(refused(text, &value, "expression.value", &what, []))
            }
            Field::Class => self.class(text, value),
            Field::Status => self.status(text, value),
        }
    }
    fn class(&self, text: &str, class: Word) -> Result<Word> {
        let schema = self.snapshot.schema();
        if schema.open || schema.class_named(self.snapshot.names(), &class.text).is_ok() {
            return Ok(class);
        }
        let what = format!("expected a class, not \"{}\"", class.text);
        let known = schema.classes().map(|c| c.definition.name.as_str());
        Err(refused(text, &class, "expression.value", &what, known))
    }
    fn status(&self, text: &str, status: Word) -> Result<Word> {
        let lifecycles = || self.in_question().filter_map(|c| c.lifecycle.as_deref());
        // A class without a lifecycle takes any word.
        if self.in_question().any(|c| c.lifecycle.is_none())
            || lifecycles().any(|l| l.states.iter().any(|s| s.name == status.text))
        {
            return Ok(status);
        }
        let known: BTreeSet<&str> =
            lifecycles().flat_map(|l| l.states.iter().map(|s| s.name.as_str())).collect();
        let what = format!("expected a status, not \"{}\"", status.text);
        Err(refused(text, &status, "expression.value", &what, known))
    }
}

/// The value as an attribute holds it, where any of its definitions admits it.
fn attribute(
    text: &str,
    field: &Word,
    value: Word,
    definitions: &[&AttributeDefinition],
    usage: Use,
) -> Result<Word> {
    let mut first = None;
    for definition in definitions {
        match read(definition, &value.text, usage) {
            Ok(read) => return Ok(Word { text: read, at: value.at }),
            Err(why) => first = first.or(Some((why, *definition))),
        }
    }
    let Some((why, definition)) = first else { return Ok(value) };
    let what = format!("expected a value of {}: {why}", field.text);
    let known = definition.values.iter().map(|v| v.as_str());
    Err(refused(text, &value, "expression.value", &what, known))
}

fn read(definition: &AttributeDefinition, value: &str, usage: Use) -> std::result::Result<String, String> {
    use AttributeType as T;
    let contained = usage == Use::Contained;
    match definition.kind {
        T::Boolean if contained => Err("true and false contain nothing; write = true".to_owned()),
        T::Text | T::Any | T::List | T::Map => Ok(value.to_owned()),
        _ if contained => Ok(value.to_owned()),
        T::Date | T::DateTime if value.len() >= YEAR_DIGITS && begins_with_year(value) => {
            Ok(from_text(definition, value).map_or_else(|_| value.to_owned(), |v| v.to_string()))
        }
        // Bounds hold for what is stored, not for what it is compared with.
        T::Integer | T::Decimal => {
            let kind = T::Decimal;
            let free = AttributeDefinition { kind, minimum: None, maximum: None, ..definition.clone() };
            from_text(&free, value).map(|v| v.to_string())
        }
        T::Boolean | T::Enum | T::Date | T::DateTime | T::Duration => {
            from_text(definition, value).map(|v| v.to_string())
        }
    }
}

fn begins_with_year(value: &str) -> bool {
    value.bytes().take(YEAR_DIGITS).all(|b| b.is_ascii_digit())
        && value.bytes().all(|b| b.is_ascii_digit() || b"-:.+TZ".contains(&b))
}

fn refused<'w>(
    text: &str,
    word: &Word,
    code: &'static str,
    what: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Error {
    let known: Vec<&str> = known.into_iter().collect();
    let near = nearest(&word.text, known.iter().copied());
    let error = Error::invalid(code, format!("at character {}: {what}", place(text, word.at)));
    match near.first() {
        Some(near) => error.hint(format!("did you mean \"{near}\"?")),
        None if known.is_empty() => error,
        None if known.len() <= LISTED_MAX => error.hint(format!("known: {}", known.join(", "))),
        None => error.hint("`cmdb schema show CLASS` lists the attributes of a class"),
    }
}
