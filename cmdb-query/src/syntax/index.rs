//! `CREATE INDEX`, `DROP INDEX`, `CREATE CONSTRAINT`, `DROP CONSTRAINT`.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Identifier, IndexAction, IndexCommand};
use crate::error::{Error, Result};

/// Kinds of index of other products; here there is one kind, so the word has no effect.
const KINDS: &[&str] = &["RANGE", "TEXT", "POINT", "LOOKUP", "FULLTEXT", "BTREE", "VECTOR"];

/// What an index is over.
struct Subject {
    variable: Option<Identifier>,
    labels: Vec<Identifier>,
    on_relationships: bool,
}

impl Parser<'_> {
    pub(super) fn index_command_comes(&self) -> bool {
        let named = |ahead| {
            self.is_word_ahead(ahead, "INDEX")
                || self.is_word_ahead(ahead, "CONSTRAINT")
                || (KINDS.iter().any(|kind| self.is_word_ahead(ahead, kind))
                    && self.is_word_ahead(ahead + 1, "INDEX"))
        };
        (self.is_word("CREATE") && (named(1) || self.is_word_ahead(1, "OR")))
            || (self.is_word("DROP") && named(1))
    }

    pub(super) fn index_command(&mut self) -> Result<IndexCommand> {
        let start = self.start();
        let drop = self.eat_word("DROP");
        if !drop {
            self.expect_word("CREATE")?;
        }
        if self.is_word("OR") {
            return Err(self.unsupported("OR REPLACE", "use IF NOT EXISTS, or drop the index first"));
        }
        if self.is_any_word(KINDS) {
            self.advance();
        }
        let constraint = self.eat_word("CONSTRAINT");
        if !constraint {
            self.expect_word("INDEX")?;
        }
        let (action, name, tolerant) =
            if drop { self.dropped(constraint)? } else { self.created(constraint)? };
        Ok(IndexCommand { action, name, tolerant, span: self.since(start) })
    }

    fn dropped(&mut self, constraint: bool) -> Result<(IndexAction, Option<Identifier>, bool)> {
        if self.is_word("ON") && self.kind_ahead(1) != Kind::End {
            return Err(self.unsupported("DROP … ON", "name the index: SHOW INDEXES tells the names"));
        }
        let name = self.any_name("the name of the index or constraint")?;
        let tolerant = self.eat_words(&["IF", "EXISTS"]);
        Ok((IndexAction::Drop { constraint }, Some(name), tolerant))
    }

    fn created(&mut self, constraint: bool) -> Result<(IndexAction, Option<Identifier>, bool)> {
        let unnamed = self.is_any_word(&["FOR", "ON"])
            && matches!(self.kind_ahead(1), Kind::OpenParenthesis | Kind::Colon)
            || self.is_word("IF") && self.is_word_ahead(1, "NOT");
        let name = if unnamed { None } else { Some(self.any_name("a name, IF NOT EXISTS or FOR")?) };
        let tolerant = self.eat_words(&["IF", "NOT", "EXISTS"]);
        let action = if constraint { self.constraint()? } else { self.index_of()? };
        if self.eat_word("OPTIONS") {
            self.map_expression()?;
        }
        Ok((action, name, tolerant))
    }

    /// `FOR (n:L) ON (n.p, n.q)`, `FOR (n:L|M) ON EACH [n.p]`, or the older `ON :L(p)`.
    fn index_of(&mut self) -> Result<IndexAction> {
        if self.eat_word("ON") {
            self.expect(Kind::Colon, "`:` and a label")?;
            let labels = vec![self.any_name("a label")?];
            self.expect(Kind::OpenParenthesis, "`(` and properties")?;
            let properties = self.commas(|parser| parser.any_name("a property"))?;
            self.expect(Kind::CloseParenthesis, "`,` or `)`")?;
            return Ok(create(false, labels, properties, false));
        }
        if !self.eat_word("FOR") {
            return Err(self.unexpected("FOR and a pattern such as (n:Label)"));
        }
        let subject = self.subject()?;
        self.expect_word("ON")?;
        let properties =
            if self.eat_word("EACH") { self.each(&subject)? } else { self.bracketed_properties(&subject)? };
        Ok(create(subject.on_relationships, subject.labels, properties, false))
    }

    /// `[n.p, n.q]`, or `labels(n)` for an index over all labels, which is there anyway.
    fn each(&mut self, subject: &Subject) -> Result<Vec<Identifier>> {
        if self.eat_word("LABELS") || self.eat_word("TYPE") {
            self.expect(Kind::OpenParenthesis, "`(`")?;
            self.variable()?;
            self.expect(Kind::CloseParenthesis, "`)`")?;
            return Ok(Vec::new());
        }
        self.expect(Kind::OpenBracket, "`[` and properties")?;
        let properties = self.commas(|parser| parser.indexed_property(subject))?;
        self.expect(Kind::CloseBracket, "`,` or `]`")?;
        Ok(properties)
    }

    fn bracketed_properties(&mut self, subject: &Subject) -> Result<Vec<Identifier>> {
        self.expect(Kind::OpenParenthesis, "`(` and properties such as n.key")?;
        let properties = self.commas(|parser| parser.indexed_property(subject))?;
        self.expect(Kind::CloseParenthesis, "`,` or `)`")?;
        Ok(properties)
    }

    fn indexed_property(&mut self, subject: &Subject) -> Result<Identifier> {
        let variable = self.variable()?;
        if subject.variable.as_ref().is_none_or(|known| known.name != variable.name) {
            let message = format!("the variable `{}` is not that of the pattern", variable.name);
            return Err(Error::syntax("UndefinedVariable", message, variable.span));
        }
        self.expect(Kind::Dot, "`.` and a property")?;
        self.any_name("a property")
    }

    /// `(n:L)`, `(n:L|M)`, `()-[r:T]-()`.
    fn subject(&mut self) -> Result<Subject> {
        self.expect(Kind::OpenParenthesis, "a pattern such as (n:Label) or ()-[r:TYPE]-()")?;
        if !self.eat(Kind::CloseParenthesis) {
            let subject = self.named_labels(false)?;
            self.expect(Kind::CloseParenthesis, "`)`")?;
            return Ok(subject);
        }
        if self.is(Kind::Less) {
            self.advance();
        }
        self.expect(Kind::Minus, "`-`")?;
        self.expect(Kind::OpenBracket, "`[`")?;
        let subject = self.named_labels(true)?;
        self.expect(Kind::CloseBracket, "`]`")?;
        self.expect(Kind::Minus, "`-`")?;
        self.eat(Kind::Greater);
        self.expect(Kind::OpenParenthesis, "`(`")?;
        self.expect(Kind::CloseParenthesis, "`)`")?;
        Ok(subject)
    }

    fn named_labels(&mut self, on_relationships: bool) -> Result<Subject> {
        let variable = Some(self.variable()?);
        let mut labels = Vec::new();
        if self.eat(Kind::Colon) {
            labels.push(self.any_name("a label or type")?);
            while self.eat(Kind::Bar) {
                labels.push(self.any_name("a label or type")?);
            }
        }
        Ok(Subject { variable, labels, on_relationships })
    }

    /// `FOR (n:L) REQUIRE n.p IS UNIQUE`, or the older `ON (n:L) ASSERT n.p IS UNIQUE`.
    fn constraint(&mut self) -> Result<IndexAction> {
        if !(self.eat_word("FOR") || self.eat_word("ON")) {
            return Err(self.unexpected("FOR and a pattern such as (n:Label)"));
        }
        let subject = self.subject()?;
        if !(self.eat_word("REQUIRE") || self.eat_word("ASSERT")) {
            return Err(self.unexpected("REQUIRE and a property such as n.key"));
        }
        let properties = if self.is(Kind::OpenParenthesis) {
            self.bracketed_properties(&subject)?
        } else {
            vec![self.indexed_property(&subject)?]
        };
        self.expect_word("IS")?;
        let _ = self.eat_word("NODE") || self.eat_word("RELATIONSHIP") || self.eat_word("REL");
        if !self.eat_word("UNIQUE") {
            return Err(self.unsupported(
                "a constraint other than IS UNIQUE",
                "what must be there, and of which kind, is said in the schema",
            ));
        }
        Ok(create(subject.on_relationships, subject.labels, properties, true))
    }
}

fn create(
    on_relationships: bool,
    labels: Vec<Identifier>,
    properties: Vec<Identifier>,
    unique: bool,
) -> IndexAction {
    IndexAction::Create { on_relationships, labels, properties, unique }
}
