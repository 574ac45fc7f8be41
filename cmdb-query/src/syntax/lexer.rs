//! Text to tokens. Nothing fails here but the bound on their number: what cannot be a token becomes [`Bad`].

use super::token::{Bad, Kind, Token};
use super::tree::Span;
use super::{TOKENS_MAX, message};
use crate::error::Result;

/// All tokens of the text, [`Kind::End`] last.
///
/// # Errors
/// When there are too many.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::with_capacity(text.len() / 4 + 2);
    loop {
        let token = lexer.next();
        tokens.push(token);
        if token.kind == Kind::End {
            return Ok(tokens);
        }
        if tokens.len() > TOKENS_MAX {
            return Err(message::limit(
                "TooManyTokens",
                &format!("the query has more than {TOKENS_MAX} words and signs"),
                token.span,
            )
            .hint("hand long lists over as parameters"));
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Token {
        let unclosed = self.skip_blank();
        let start = self.at;
        let kind = match unclosed {
            Some(start) => {
                return Token { kind: Kind::Bad(Bad::UnclosedComment), span: span(start, self.at) };
            }
            None => self.kind(),
        };
        Token { kind, span: span(start, self.at) }
    }

    fn kind(&mut self) -> Kind {
        let Some(first) = self.peek() else { return Kind::End };
        match first {
            '0'..='9' => self.number(),
            '.' if self.byte(1).is_ascii_digit() => self.number(),
            '\'' | '"' => self.text_literal(first),
            '`' => self.quoted(Kind::Quoted),
            '$' => self.parameter(),
            _ if starts_word(first) => {
                self.word();
                Kind::Word
            }
            _ => self.sign(first),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// The byte `ahead` of here, 0 past the end.
    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Skips blanks and comments; gives the start of a comment that does not end.
    fn skip_blank(&mut self) -> Option<usize> {
        while let Some(next) = self.peek() {
            if is_blank(next) {
                self.at += next.len_utf8();
            } else if next == '/' && self.byte(1) == b'/' {
                self.at = self.text[self.at..].find(['\n', '\r']).map_or(self.text.len(), |n| self.at + n);
            } else if next == '/' && self.byte(1) == b'*' {
                let start = self.at;
                let Some(end) = self.text[start + 2..].find("*/") else {
                    self.at = self.text.len();
                    return Some(start);
                };
                self.at = start + 2 + end + 2;
            } else {
                break;
            }
        }
        None
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !continues_word(c)).unwrap_or(rest.len());
    }

    fn digits(&mut self) {
        while self.byte(0).is_ascii_digit() {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Kind {
        let start = self.at;
        if self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'X' | b'o' | b'O') {
            let digit = |c: u8, hex| if hex { c.is_ascii_hexdigit() } else { (b'0'..=b'7').contains(&c) };
            let hex = matches!(self.byte(1), b'x' | b'X');
            self.at += 2;
            while digit(self.byte(0), hex) {
                self.at += 1;
            }
            let enough = self.at > start + 2;
            return self.number_ends(if enough { Kind::Integer } else { Kind::Bad(Bad::Number) });
        }
        self.digits();
        let mut kind = Kind::Integer;
        if self.byte(0) == b'.' && self.byte(1).is_ascii_digit() {
            self.at += 1;
            self.digits();
            kind = Kind::Float;
        }
        let signed = usize::from(matches!(self.byte(1), b'+' | b'-'));
        if matches!(self.byte(0), b'e' | b'E') && self.byte(1 + signed).is_ascii_digit() {
            self.at += 1 + signed;
            self.digits();
            kind = Kind::Float;
        }
        self.number_ends(kind)
    }

    fn number_ends(&mut self, kind: Kind) -> Kind {
        if self.peek().is_some_and(continues_word) {
            self.word();
            return Kind::Bad(Bad::Number);
        }
        kind
    }

    fn text_literal(&mut self, quote: char) -> Kind {
        let mut escaped = false;
        for (offset, c) in self.text[self.at..].char_indices().skip(1) {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.at += offset + 1;
                return Kind::Text;
            }
        }
        self.at = self.text.len();
        Kind::Bad(Bad::UnclosedText)
    }

    /// A name in backticks, two of which stand for one.
    fn quoted(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        while let Some(offset) = self.text[self.at..].find('`') {
            self.at += offset + 1;
            if self.byte(0) != b'`' {
                return kind;
            }
            self.at += 1;
        }
        self.at = self.text.len();
        Kind::Bad(Bad::UnclosedName)
    }

    fn parameter(&mut self) -> Kind {
        self.at += 1;
        match self.peek() {
            Some('`') => self.quoted(Kind::Parameter),
            Some(c) if continues_word(c) => {
                self.word();
                Kind::Parameter
            }
            _ => Kind::Bad(Bad::Parameter),
        }
    }

    fn sign(&mut self, first: char) -> Kind {
        let (kind, length) = match (first, self.byte(1)) {
            ('(', _) => (Kind::OpenParenthesis, 1),
            (')', _) => (Kind::CloseParenthesis, 1),
            ('[', _) => (Kind::OpenBracket, 1),
            (']', _) => (Kind::CloseBracket, 1),
            ('{', _) => (Kind::OpenBrace, 1),
            ('}', _) => (Kind::CloseBrace, 1),
            (',', _) => (Kind::Comma, 1),
            (';', _) => (Kind::Semicolon, 1),
            (':', b':') => (Kind::DoubleColon, 2),
            (':', _) => (Kind::Colon, 1),
            ('.', b'.') => (Kind::DoubleDot, 2),
            ('.', _) => (Kind::Dot, 1),
            ('|', b'|') => (Kind::DoubleBar, 2),
            ('|', _) => (Kind::Bar, 1),
            ('&', _) => (Kind::Ampersand, 1),
            ('!', b'=') => (Kind::Bad(Bad::Character), 2),
            ('!', _) => (Kind::Exclamation, 1),
            ('%', _) => (Kind::Percent, 1),
            ('+', b'=') => (Kind::PlusEqual, 2),
            ('+', _) => (Kind::Plus, 1),
            ('-', _) => (Kind::Minus, 1),
            ('*', _) => (Kind::Star, 1),
            ('/', _) => (Kind::Slash, 1),
            ('^', _) => (Kind::Caret, 1),
            ('=', b'~') => (Kind::EqualTilde, 2),
            ('=', _) => (Kind::Equal, 1),
            ('<', b'>') => (Kind::NotEqual, 2),
            ('<', b'=') => (Kind::LessOrEqual, 2),
            ('<', _) => (Kind::Less, 1),
            ('>', b'=') => (Kind::GreaterOrEqual, 2),
            ('>', _) => (Kind::Greater, 1),
            _ => (odd(first), first.len_utf8()),
        };
        self.at += length;
        kind
    }
}

fn odd(c: char) -> Kind {
    match c {
        '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => {
            Kind::OddDash
        }
        '\u{27e8}' | '\u{3008}' | '\u{fe64}' | '\u{ff1c}' => Kind::OddLess,
        '\u{27e9}' | '\u{3009}' | '\u{fe65}' | '\u{ff1e}' => Kind::OddGreater,
        _ if c.is_ascii() => Kind::Bad(Bad::Character),
        _ => Kind::Bad(Bad::OddCharacter),
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}' | '\u{180e}' | '\u{feff}')
}

fn starts_word(c: char) -> bool {
    c == '_' || c.is_alphabetic() || matches!(c, '\u{203f}' | '\u{2040}')
}

fn continues_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || matches!(c, '\u{203f}' | '\u{2040}')
}

/// Texts are bounded far below 4 GiB, so both ends fit.
fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}
