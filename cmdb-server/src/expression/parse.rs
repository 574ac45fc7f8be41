//! From text to an [`Expression`], by recursive descent within [`DEPTH_MAX`].

use super::{BYTES_MAX, Comparison, DEPTH_MAX, Expression, Word, unreadable};
use cmdb_core::{Error, Result};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A word as written, or a quoted text.
    Word {
        text: String,
        quoted: bool,
    },
    Symbol(&'static str),
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

pub(super) fn parse(text: &str) -> Result<Expression> {
    if text.len() > BYTES_MAX {
        return Err(Error::limit(
            "expression.too-long",
            format!("an expression has at most {BYTES_MAX} bytes"),
        ));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.any()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(_) => Err(parser.expected("and, or, or the end")),
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 10] = ["!=", "<>", "<=", ">=", "==", "=", "<", ">", "(", ")"];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c.is_whitespace() {
            at += c.len_utf8();
        } else if c == ',' {
            out.push((at, Token::Symbol(",")));
            at += 1;
        } else if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
            out.push((at, Token::Symbol(symbol)));
            at += symbol.len();
        } else if c == '"' || c == '\'' {
            let end = rest[1..].find(c).ok_or_else(|| unreadable(text, at, &format!("a closing {c}")))?;
            out.push((at, Token::Word { text: rest[1..=end].to_owned(), quoted: true }));
            at += end + 2;
        } else {
            let ends = |c: char| {
                c.is_whitespace() || matches!(c, ',' | '(' | ')' | '=' | '<' | '>' | '!' | '"' | '\'')
            };
            let end = rest.find(ends).unwrap_or(rest.len());
            if end == 0 {
                return Err(unreadable(text, at, "a field, a comparison or a value"));
            }
            out.push((at, Token::Word { text: rest[..end].to_owned(), quoted: false }));
            at += end;
        }
    }
    Ok(out)
}

impl Parser<'_> {
    fn expected(&self, what: &str) -> Error {
        let at = self.tokens.get(self.at).map_or(self.text.len(), |(at, _)| *at);
        unreadable(self.text, at, what)
    }
    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((_, Token::Symbol(s))) if *s == symbol);
        self.at += usize::from(found);
        found
    }
    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.tokens.get(self.at),
            Some((_, Token::Word { text, quoted: false })) if text.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }
    fn word(&mut self, what: &str) -> Result<Word> {
        match self.tokens.get(self.at) {
            Some((at, Token::Word { text, .. })) => {
                self.at += 1;
                Ok(Word { text: text.clone(), at: *at })
            }
            _ => Err(self.expected(what)),
        }
    }
    fn any(&mut self) -> Result<Expression> {
        let mut any = vec![self.all()?];
        while self.take_keyword("or") {
            any.push(self.all()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Expression::Or(any) })
    }
    fn all(&mut self) -> Result<Expression> {
        let mut all = vec![self.one()?];
        while self.take_keyword("and") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
    }
    fn one(&mut self) -> Result<Expression> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::limit(
                "expression.too-deep",
                format!("an expression nests at most {DEPTH_MAX} deep"),
            ));
        }
        let one = self.one_deeper();
        self.depth -= 1;
        one
    }
    fn one_deeper(&mut self) -> Result<Expression> {
        if self.take_keyword("not") {
            return Ok(Expression::Not(Box::new(self.one()?)));
        }
        if self.take_symbol("(") {
            let inner = self.any()?;
            return if self.take_symbol(")") {
                Ok(inner)
            } else {
                Err(self.expected("a closing parenthesis"))
            };
        }
        if self.take_keyword("is") {
            return Ok(Expression::Is(self.word("a class")?));
        }
        let field = self.word("a field")?;
        if field.text == "class" && self.take_keyword("is") {
            return Ok(Expression::Is(self.word("a class")?));
        }
        if self.take_keyword("contains") {
            return Ok(Expression::Contains { field, text: self.word("a text")? });
        }
        if self.take_keyword("in") {
            return self.one_of(field);
        }
        let comparison = self.comparison()?;
        Ok(Expression::Compare { field, comparison, value: self.word("a value")? })
    }
    fn one_of(&mut self, field: Word) -> Result<Expression> {
        if !self.take_symbol("(") {
            return Err(self.expected("an opening parenthesis"));
        }
        let mut values = vec![self.word("a value")?];
        while self.take_symbol(",") {
            values.push(self.word("a value")?);
        }
        match self.take_symbol(")") {
            true => Ok(Expression::OneOf { field, values }),
            false => Err(self.expected("a comma or a closing parenthesis")),
        }
    }
    fn comparison(&mut self) -> Result<Comparison> {
        for (symbol, comparison) in [
            ("=", Comparison::Equal),
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<>", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ] {
            if self.take_symbol(symbol) {
                return Ok(comparison);
            }
        }
        Err(self.expected("a comparison: = != < <= > >= contains in"))
    }
}
