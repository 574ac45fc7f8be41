//! Why a query is refused or fails: phase, class and detail as the language names them, and the place in the text.

use crate::syntax::tree::Span;
use std::fmt;

pub type Result<T> = std::result::Result<T, Error>;

/// When a query fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Before any data was looked at.
    Compile,
    Runtime,
}

/// The kinds of failure the language knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    SyntaxError,
    SemanticError,
    ParameterMissing,
    ConstraintVerificationFailed,
    ConstraintValidationFailed,
    EntityNotFound,
    PropertyNotFound,
    LabelNotFound,
    TypeError,
    ArgumentError,
    ArithmeticError,
    ProcedureError,
    /// A bound of ours: deadline, memory, rows, steps, text length, nesting. The detail names it.
    LimitExceeded,
    /// The caller went away or asked to stop.
    Cancelled,
    /// The principal may not do this, or the query may only read.
    Denied,
    /// The inventory's own rules refuse the edit; the message is theirs.
    Refused,
    /// A defect of ours.
    Internal,
}

/// One failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    phase: Phase,
    class: Class,
    detail: &'static str,
    message: String,
    span: Option<Span>,
    hint: Option<String>,
}

impl Error {
    /// `detail` is the language's word for the failure, such as `UndefinedVariable`.
    pub fn new(phase: Phase, class: Class, detail: &'static str, message: impl Into<String>) -> Error {
        Error(Box::new(Inner { phase, class, detail, message: message.into(), span: None, hint: None }))
    }
    pub fn syntax(detail: &'static str, message: impl Into<String>, span: Span) -> Error {
        Error::new(Phase::Compile, Class::SyntaxError, detail, message).at(span)
    }
    pub fn runtime(class: Class, detail: &'static str, message: impl Into<String>) -> Error {
        Error::new(Phase::Runtime, class, detail, message)
    }
    /// A type error found while running.
    pub fn kind(detail: &'static str, message: impl Into<String>) -> Error {
        Error::runtime(Class::TypeError, detail, message)
    }
    pub fn limit(detail: &'static str, message: impl Into<String>) -> Error {
        Error::runtime(Class::LimitExceeded, detail, message)
    }
    pub fn at(mut self, span: Span) -> Error {
        self.0.span = Some(span);
        self
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }
    pub fn phase(&self) -> Phase {
        self.0.phase
    }
    pub fn class(&self) -> Class {
        self.0.class
    }
    pub fn detail(&self) -> &'static str {
        self.0.detail
    }
    pub fn message(&self) -> &str {
        &self.0.message
    }
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
