//! The smallest parts of a query text.

use super::tree::Span;

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Span,
}

/// What a token is. Its text is read from its place; keywords are words until the parser asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// A name in backticks.
    Quoted,
    Integer,
    Float,
    Text,
    /// `$name`, `` $`quoted name` ``, `$1`.
    Parameter,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Semicolon,
    Colon,
    DoubleColon,
    Dot,
    DoubleDot,
    Bar,
    DoubleBar,
    Ampersand,
    Exclamation,
    Percent,
    Plus,
    PlusEqual,
    Minus,
    Star,
    Slash,
    Caret,
    Equal,
    EqualTilde,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// A dash or arrow head other than the ASCII one: good in patterns, not in arithmetic.
    OddDash,
    OddLess,
    OddGreater,
    Bad(Bad),
    End,
}

/// What cannot be a token. The parser tells when it gets there, so that the first mistake of a text is the one told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// Letters stuck to digits.
    Number,
    UnclosedText,
    UnclosedName,
    UnclosedComment,
    /// `$` before nothing that could be a name.
    Parameter,
    Character,
    /// A character that is not ASCII and no letter.
    OddCharacter,
}
