//! Clauses that write: CREATE, MERGE, SET, REMOVE, DELETE, FOREACH.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{ClauseKind, Expression, ExpressionKind, Identifier, RemoveItem, SetItem};
use crate::error::{Error, Result};

impl Parser<'_> {
    /// The clause that begins with this word.
    pub(super) fn edit(&mut self, word: &str) -> Result<ClauseKind> {
        match word {
            "CREATE" => self.create(),
            "MERGE" => self.merge(),
            "SET" => {
                self.advance();
                self.set_items().map(ClauseKind::Set)
            }
            "REMOVE" => {
                self.advance();
                self.commas(Self::remove_item).map(ClauseKind::Remove)
            }
            "DELETE" | "DETACH" | "NODETACH" => self.delete(),
            "FOREACH" => self.nested(Self::foreach),
            _ => Err(self.unexpected("a clause that writes")),
        }
    }

    fn create(&mut self) -> Result<ClauseKind> {
        self.advance();
        let around = std::mem::replace(&mut self.parameter_maps, true);
        let pattern = self.pattern();
        self.parameter_maps = around;
        Ok(ClauseKind::Create { pattern: pattern? })
    }

    fn merge(&mut self) -> Result<ClauseKind> {
        self.advance();
        let around = std::mem::replace(&mut self.parameter_maps, false);
        let part = self.pattern_part();
        self.parameter_maps = around;
        let part = part?;
        let (mut on_create, mut on_match) = (Vec::new(), Vec::new());
        while self.is_word("ON") {
            self.advance();
            let items = if self.eat_word("CREATE") {
                &mut on_create
            } else if self.eat_word("MATCH") {
                &mut on_match
            } else {
                return Err(self.unexpected("CREATE or MATCH"));
            };
            self.expect_word("SET")?;
            items.extend(self.set_items()?);
        }
        Ok(ClauseKind::Merge { part, on_create, on_match })
    }

    fn set_items(&mut self) -> Result<Vec<SetItem>> {
        self.commas(Self::set_item)
    }

    fn set_item(&mut self) -> Result<SetItem> {
        if let Some(variable) = self.lone_variable()? {
            return match self.kind() {
                Kind::Equal => {
                    self.advance();
                    Ok(SetItem::Replace { variable, value: self.expression()? })
                }
                Kind::PlusEqual => {
                    self.advance();
                    Ok(SetItem::Extend { variable, value: self.expression()? })
                }
                _ => Ok(SetItem::Labels { variable, labels: self.label_names()? }),
            };
        }
        let (target, key) = self.property_target("`=` or `+=`")?;
        self.expect(Kind::Equal, "`=` and a value")?;
        Ok(SetItem::Property { target, key, value: self.expression()? })
    }

    fn remove_item(&mut self) -> Result<RemoveItem> {
        if let Some(variable) = self.lone_variable()? {
            return Ok(RemoveItem::Labels { variable, labels: self.label_names()? });
        }
        let (target, key) = self.property_target("a label")?;
        Ok(RemoveItem::Property { target, key })
    }

    /// A variable followed by `=`, `+=` or a label.
    fn lone_variable(&mut self) -> Result<Option<Identifier>> {
        let lone = self.name_at(self.index())
            && matches!(self.kind_ahead(1), Kind::Equal | Kind::PlusEqual | Kind::Colon);
        if lone { self.any_name("a variable").map(Some) } else { Ok(None) }
    }

    fn property_target(&mut self, otherwise: &str) -> Result<(Expression, Identifier)> {
        let target = self.nested(|parser| parser.measured(Self::target))?;
        match target.kind {
            ExpressionKind::Property { subject, key } => Ok((*subject, key)),
            ExpressionKind::Variable(_) => {
                Err(self.unexpected(&format!("a property such as n.key, or {otherwise}")))
            }
            _ => Err(Error::syntax("UnexpectedSyntax", "this is no property", target.span)
                .hint("name it as in n.key; computed keys are not supported")),
        }
    }

    fn delete(&mut self) -> Result<ClauseKind> {
        let detach = self.eat_word("DETACH");
        if !detach {
            self.eat_word("NODETACH");
        }
        self.expect_word("DELETE")?;
        Ok(ClauseKind::Delete { detach, targets: self.commas(Self::expression)? })
    }

    fn foreach(&mut self) -> Result<ClauseKind> {
        self.advance();
        self.expect(Kind::OpenParenthesis, "`(`")?;
        let (variable, list, clauses) = self.bracketed(|parser| {
            let (variable, list) = parser.variable_in_list()?;
            parser.expect(Kind::Bar, "`|` and clauses that write")?;
            let mut clauses = Vec::new();
            while parser.edit_comes() {
                clauses.extend(parser.clause()?);
            }
            Ok((variable, *list, clauses))
        })?;
        if clauses.is_empty() {
            return Err(self.unexpected("a clause that writes, such as CREATE, MERGE or SET"));
        }
        self.expect(Kind::CloseParenthesis, "a clause that writes, or `)`, which closes FOREACH (")?;
        Ok(ClauseKind::Foreach { variable, list, clauses })
    }

    fn edit_comes(&self) -> bool {
        self.is_any_word(&["CREATE", "MERGE", "SET", "REMOVE", "DELETE", "DETACH", "NODETACH", "FOREACH"])
    }
}
