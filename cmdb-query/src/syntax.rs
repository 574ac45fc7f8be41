//! Text to tree: lexer, parser, and the tree itself with the place of everything in the text.
//!
//! The parser is written by hand, looks ahead over tokens and never goes back, so its time is linear in the text.
//! It gives the errors that the form of a query shows; names, kinds and aggregates are the checker's.

mod atom;
mod call;
mod clause;
mod collection;
mod comprehension;
mod cursor;
mod edit;
mod expression;
mod index;
mod label;
mod lexer;
mod literal;
mod lookahead;
mod message;
mod name;
mod path;
mod pattern;
mod projection;
mod relationship;
mod show;
mod statement;
mod subquery;
#[cfg(test)]
mod tests;
mod token;
pub mod tree;

pub use message::{Excerpt, excerpt};

use crate::error::{Error, Result};
use crate::run::TEXT_BYTES_MAX;

/// Tokens in one query text.
pub const TOKENS_MAX: usize = 1 << 19;

/// Brackets, subqueries, NOTs and signs inside each other.
pub const NESTING_MAX: u32 = 100;

/// Levels of the tree of one expression: what nests, and operators in a row such as `1 + 1 + 1`.
/// AND, OR and XOR in a row count little, for they are built as a balanced tree.
pub const HEIGHT_MAX: u32 = 250;

/// Reads one statement.
///
/// # Errors
/// What is wrong with the form of the text, with its place; or a bound that the text passes.
pub fn parse(text: &str) -> Result<tree::Statement> {
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("the query has {} bytes, {TEXT_BYTES_MAX} are allowed", text.len());
        return Err(Error::new(
            crate::error::Phase::Compile,
            crate::error::Class::LimitExceeded,
            "TextTooLong",
            message,
        )
        .hint("hand long lists over as parameters"));
    }
    cursor::Parser::new(text)?.statement()
}
