//! Operators, by precedence climbing: OR, XOR, AND, NOT, comparisons, tests of strings and lists, sums, products,
//! powers, signs; then what follows an operand.

use super::cursor::Parser;
use super::token::{Bad, Kind};
use super::tree::{Comparator, Expression, ExpressionKind, Operator};
use crate::error::{Error, Result};

const OR: u8 = 1;
const XOR: u8 = 2;
const AND: u8 = 3;
const NOT: u8 = 4;
const COMPARISON: u8 = 5;
const TEST: u8 = 6;
const SUM: u8 = 7;
const PRODUCT: u8 = 8;
const POWER: u8 = 9;

/// What may stand between or behind operands.
#[derive(Clone, Copy)]
enum Infix {
    Truth(Operator),
    Compare,
    Binary(Operator, usize),
    Is,
}

impl Parser<'_> {
    /// An expression whose value is wanted. A bare path is none: it only tells whether there is such a path.
    pub(super) fn expression(&mut self) -> Result<Expression> {
        let expression = self.condition()?;
        self.value(expression)
    }

    /// An expression whose truth is wanted.
    pub(super) fn condition(&mut self) -> Result<Expression> {
        self.nested(|parser| parser.climb(OR))
    }

    pub(super) fn boxed_expression(&mut self) -> Result<Box<Expression>> {
        self.expression().map(Box::new)
    }

    /// `WHERE condition`, if it comes next.
    pub(super) fn where_condition(&mut self) -> Result<Option<Expression>> {
        if self.eat_word("WHERE") { self.condition().map(Some) } else { Ok(None) }
    }

    fn value(&self, expression: Expression) -> Result<Expression> {
        match &expression.kind {
            ExpressionKind::PatternPredicate(_) => {
                let message =
                    "a pattern tells only whether there is such a path, and here a value is expected";
                Err(Error::syntax("UnexpectedSyntax", message, expression.span)
                    .hint("use a pattern comprehension, EXISTS { … } or COUNT { … }"))
            }
            _ => Ok(expression),
        }
    }

    fn climb(&mut self, least: u8) -> Result<Expression> {
        self.measured(|parser| {
            let start = parser.start();
            let mut left =
                if least <= NOT && parser.is_word("NOT") { parser.not()? } else { parser.signed()? };
            while let Some((infix, level)) = parser.infix().filter(|(_, level)| *level >= least) {
                left = match infix {
                    Infix::Truth(operator) => parser.truths(left, operator, level, start)?,
                    Infix::Compare => parser.comparisons(left, start)?,
                    Infix::Binary(operator, tokens) => parser.binary(left, operator, level, tokens, start)?,
                    Infix::Is => parser.null_test(left, start)?,
                };
            }
            Ok(left)
        })
    }

    fn infix(&self) -> Option<(Infix, u8)> {
        let binary = |operator, level| Some((Infix::Binary(operator, 1), level));
        match self.kind() {
            Kind::Word => self.worded_infix(),
            Kind::EqualTilde => binary(Operator::Matches, TEST),
            Kind::Plus => binary(Operator::Add, SUM),
            Kind::Minus => binary(Operator::Subtract, SUM),
            Kind::DoubleBar => binary(Operator::Concatenate, SUM),
            Kind::Star => binary(Operator::Multiply, PRODUCT),
            Kind::Slash => binary(Operator::Divide, PRODUCT),
            Kind::Percent => binary(Operator::Remainder, PRODUCT),
            Kind::Caret => binary(Operator::Power, POWER),
            kind => comparator(kind).map(|_| (Infix::Compare, COMPARISON)),
        }
    }

    fn worded_infix(&self) -> Option<(Infix, u8)> {
        let word = self.text_of(self.span());
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        let with = |operator| self.is_word_ahead(1, "WITH").then_some((Infix::Binary(operator, 2), TEST));
        match word.len() {
            2 if is("OR") => Some((Infix::Truth(Operator::Or), OR)),
            2 if is("IN") => Some((Infix::Binary(Operator::In, 1), TEST)),
            2 if is("IS") => Some((Infix::Is, TEST)),
            3 if is("AND") => Some((Infix::Truth(Operator::And), AND)),
            3 if is("XOR") => Some((Infix::Truth(Operator::Xor), XOR)),
            4 if is("ENDS") => with(Operator::EndsWith),
            6 if is("STARTS") => with(Operator::StartsWith),
            8 if is("CONTAINS") => Some((Infix::Binary(Operator::Contains, 1), TEST)),
            _ => None,
        }
    }

    fn not(&mut self) -> Result<Expression> {
        let start = self.start();
        self.advance();
        let operand = self.nested(|parser| parser.climb(NOT))?;
        self.taller()?;
        Ok(Expression { kind: ExpressionKind::Not(Box::new(operand)), span: self.since(start) })
    }

    /// Operands of one operator in a row, as a tree of little height: all three operators are associative.
    fn truths(&mut self, first: Expression, operator: Operator, level: u8, start: u32) -> Result<Expression> {
        let mut operands = vec![first];
        while matches!(self.infix(), Some((Infix::Truth(next), _)) if next == operator) {
            self.advance();
            operands.push(self.climb(level + 1)?);
        }
        self.taller_by_pairs(operands.len())?;
        let mut balanced = balanced(operands, operator);
        balanced.span = self.since(start);
        Ok(balanced)
    }

    fn comparisons(&mut self, first: Expression, start: u32) -> Result<Expression> {
        let first = Box::new(self.value(first)?);
        let mut rest = Vec::new();
        while let Some(comparator) = comparator(self.kind()) {
            self.advance();
            let right = self.climb(COMPARISON + 1)?;
            rest.push((comparator, self.value(right)?));
        }
        self.taller()?;
        Ok(Expression { kind: ExpressionKind::Comparison { first, rest }, span: self.since(start) })
    }

    fn binary(
        &mut self,
        left: Expression,
        operator: Operator,
        level: u8,
        tokens: usize,
        start: u32,
    ) -> Result<Expression> {
        let left = Box::new(self.value(left)?);
        for _ in 0..tokens {
            self.advance();
        }
        let right = self.climb(level + 1)?;
        let right = Box::new(self.value(right)?);
        self.taller()?;
        Ok(Expression { kind: ExpressionKind::Binary { operator, left, right }, span: self.since(start) })
    }

    fn null_test(&mut self, left: Expression, start: u32) -> Result<Expression> {
        let operand = Box::new(self.value(left)?);
        self.expect_word("IS")?;
        let not = self.eat_word("NOT");
        if matches!(self.kind(), Kind::DoubleColon | Kind::Colon) || self.is_word("TYPED") {
            return Err(self.unsupported("a test of a value's type", "compare valueType(x) with a string"));
        }
        if self.is_word("NORMALIZED") {
            return Err(self.unsupported("IS NORMALIZED", "normalise texts before they are stored"));
        }
        if !self.eat_word("NULL") {
            return Err(self.unexpected(if not { "NULL" } else { "NULL or NOT NULL" }));
        }
        self.taller()?;
        let kind = if not { ExpressionKind::IsNotNull(operand) } else { ExpressionKind::IsNull(operand) };
        Ok(Expression { kind, span: self.since(start) })
    }

    /// An operand with its signs. A minus before a number belongs to the number.
    fn signed(&mut self) -> Result<Expression> {
        let start = self.start();
        let (minus, plus) = (self.is(Kind::Minus), self.is(Kind::Plus));
        if !minus && !plus {
            return self.operand();
        }
        self.advance();
        if minus && matches!(self.kind(), Kind::Integer | Kind::Float | Kind::Bad(Bad::Number)) {
            let kind = self.number(true)?;
            let number = Expression { kind, span: self.since(start) };
            return self.followed(number, start);
        }
        let operand = self.nested(Self::signed)?;
        let operand = Box::new(self.value(operand)?);
        self.taller()?;
        let kind = if minus { ExpressionKind::Negate(operand) } else { ExpressionKind::Plus(operand) };
        Ok(Expression { kind, span: self.since(start) })
    }

    /// An operand with all that follows it: properties, indexes, slices, labels.
    pub(super) fn operand(&mut self) -> Result<Expression> {
        let start = self.start();
        let atom = self.atom()?;
        let followed = self.followed(atom, start)?;
        if self.is(Kind::Colon) && self.label_at(self.index() + 1) {
            return self.has_labels(followed, start);
        }
        Ok(followed)
    }

    /// An operand without labels behind it: what SET and REMOVE change.
    pub(super) fn target(&mut self) -> Result<Expression> {
        let start = self.start();
        let atom = self.atom()?;
        self.followed(atom, start)
    }

    fn followed(&mut self, mut subject: Expression, start: u32) -> Result<Expression> {
        loop {
            let kind = match self.kind() {
                Kind::Dot => {
                    self.advance();
                    let key = self.any_name("the key of a property")?;
                    ExpressionKind::Property { subject: Box::new(self.value(subject)?), key }
                }
                Kind::OpenBracket => {
                    let subject = self.value(subject)?;
                    self.index_or_slice(subject)?
                }
                _ => return Ok(subject),
            };
            self.taller()?;
            subject = Expression { kind, span: self.since(start) };
        }
    }

    fn index_or_slice(&mut self, subject: Expression) -> Result<ExpressionKind> {
        let subject = Box::new(subject);
        self.expect(Kind::OpenBracket, "[")?;
        let kind = self.bracketed(|parser| {
            let from = if parser.is(Kind::DoubleDot) { None } else { Some(parser.boxed_expression()?) };
            if !parser.eat(Kind::DoubleDot) {
                return match from {
                    Some(index) => Ok(ExpressionKind::Index { subject, index }),
                    None => Err(parser.unexpected("an index")),
                };
            }
            let to = if parser.is(Kind::CloseBracket) { None } else { Some(parser.boxed_expression()?) };
            Ok(ExpressionKind::Slice { subject, from, to })
        })?;
        self.expect(Kind::CloseBracket, "]")?;
        Ok(kind)
    }

    fn has_labels(&mut self, subject: Expression, start: u32) -> Result<Expression> {
        let subject = Box::new(self.value(subject)?);
        self.advance();
        let labels = self.label_expression()?;
        self.taller()?;
        Ok(Expression { kind: ExpressionKind::HasLabels { subject, labels }, span: self.since(start) })
    }
}

fn comparator(kind: Kind) -> Option<Comparator> {
    match kind {
        Kind::Equal => Some(Comparator::Equal),
        Kind::NotEqual => Some(Comparator::NotEqual),
        Kind::Less => Some(Comparator::Less),
        Kind::LessOrEqual => Some(Comparator::LessOrEqual),
        Kind::Greater => Some(Comparator::Greater),
        Kind::GreaterOrEqual => Some(Comparator::GreaterOrEqual),
        _ => None,
    }
}

/// Joins neighbours pair by pair until one is left.
fn balanced(mut operands: Vec<Expression>, operator: Operator) -> Expression {
    while operands.len() > 1 {
        let mut joined = Vec::with_capacity(operands.len().div_ceil(2));
        let mut rest = operands.into_iter();
        while let Some(left) = rest.next() {
            joined.push(match rest.next() {
                Some(right) => join(left, right, operator),
                None => left,
            });
        }
        operands = joined;
    }
    operands.pop().unwrap_or(Expression { kind: ExpressionKind::Null, span: super::tree::Span::default() })
}

fn join(left: Expression, right: Expression, operator: Operator) -> Expression {
    let span = super::tree::Span { start: left.span.start, end: right.span.end };
    let (left, right) = (Box::new(left), Box::new(right));
    Expression { kind: ExpressionKind::Binary { operator, left, right }, span }
}
