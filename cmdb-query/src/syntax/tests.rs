//! Tests of the parser, by area.

mod suite;
