//! Text to tree: lexer, parser, and the tree itself with the place of everything in the text.

pub mod tree;
