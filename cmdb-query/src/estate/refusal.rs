//! Errors between the language and the core: a refusal of the core stays what it is behind a query's error, and a
//! query's error becomes one of the core's kinds with its place in the text.

use crate::error::{Class, Error, Phase};
use cmdb_core::{Error as CoreError, Kind};

/// What the core refused, as a query's error.
pub fn refused(error: &CoreError) -> Error {
    let class = match error.kind() {
        Kind::Denied => Class::Denied,
        Kind::Limit => Class::LimitExceeded,
        Kind::Internal | Kind::Corrupt | Kind::Unavailable => Class::Internal,
        Kind::Invalid | Kind::NotFound | Kind::Refused | Kind::Stale => Class::Refused,
    };
    let refusal = Error::runtime(class, "Refused", error.message());
    match error.hint_text() {
        Some(hint) => refusal.hint(hint),
        None => refusal,
    }
}

/// A query's error as the core's, with line and column of `text`.
pub fn of_query(error: &Error, text: &str) -> CoreError {
    let (kind, code) = match error.class() {
        Class::SyntaxError => (Kind::Invalid, "query.syntax"),
        Class::SemanticError => (Kind::Invalid, "query.semantics"),
        Class::ParameterMissing => (Kind::Invalid, "query.parameter-missing"),
        Class::ConstraintVerificationFailed | Class::ConstraintValidationFailed => {
            (Kind::Refused, "query.constraint")
        }
        Class::EntityNotFound | Class::PropertyNotFound | Class::LabelNotFound => {
            (Kind::NotFound, "query.entity-not-found")
        }
        Class::TypeError => (Kind::Invalid, "query.type"),
        Class::ArgumentError => (Kind::Invalid, "query.argument"),
        Class::ArithmeticError => (Kind::Invalid, "query.arithmetic"),
        Class::ProcedureError => (Kind::NotFound, "query.procedure"),
        Class::LimitExceeded => (Kind::Limit, "query.limit"),
        Class::Cancelled => (Kind::Unavailable, "query.cancelled"),
        Class::Denied => (Kind::Denied, "query.denied"),
        Class::Refused => (Kind::Refused, "query.refused"),
        Class::Internal => (Kind::Internal, "query.internal"),
    };
    let phase = match error.phase() {
        Phase::Compile => "before it runs",
        Phase::Runtime => "while it runs",
    };
    let detail = format!("{:?}: {} ({phase})", error.class(), error.detail());
    let mut out = CoreError::new(kind, code, error.message()).detail(place(error, text), detail);
    if let Some(hint) = error.hint_text() {
        out = out.hint(hint);
    }
    out
}

/// `line 2, column 7`, or nothing where the error has no place.
fn place(error: &Error, text: &str) -> String {
    let Some(span) = error.span() else { return String::new() };
    let before = text.get(..span.start as usize).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    format!("line {line}, column {column}")
}
