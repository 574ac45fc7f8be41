//! One error for the whole core: what kind of failure, a stable code, a sentence, and a way out.
//!
//! Messages name the step and the thing, in lower case, without the cause inside; the hint tells the user what
//! to do next. The server turns `kind` into a status and the command line into an exit code; both from one table.

use std::fmt;

/// What sort of failure this is; decides the HTTP status and the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request itself is wrong and will never work as it stands.
    Invalid,
    /// The thing named does not exist (or is hidden from the asker, which looks the same).
    NotFound,
    /// A rule of the inventory forbids it.
    Refused,
    /// The request was made against an older state.
    Stale,
    /// The principal may not do this.
    Denied,
    /// A stated bound was passed.
    Limit,
    /// It cannot be done now; trying again may help.
    Unavailable,
    /// Stored bytes are not what was written.
    Corrupt,
    /// A fault of ours.
    Internal,
}

/// One offending place among several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// JSON pointer into the request (`/attributes/memory`), or empty for the whole.
    pub pointer: String,
    /// What is wrong there, as a sentence.
    pub message: String,
}

/// The error every fallible function of the core returns.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: Kind,
    code: &'static str,
    message: String,
    hint: Option<String>,
    details: Vec<Detail>,
    source: Option<std::sync::Arc<dyn std::error::Error + Send + Sync>>,
}

/// Shorthand used throughout the core.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` with its stable `code` (such as `relationship.end-not-allowed`).
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            code,
            message: message.into(),
            hint: None,
            details: Vec::new(),
            source: None,
        }))
    }
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, message)
    }
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, code, message)
    }
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, code, message)
    }
    pub fn limit(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Limit, code, message)
    }
    pub fn corrupt(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Corrupt, code, message)
    }
    /// Adds what the user can do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }
    /// Adds one offending place.
    pub fn detail(mut self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.details.push(Detail { pointer: pointer.into(), message: message.into() });
        self
    }
    /// Keeps the cause for logs; it is never shown to a client.
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(std::sync::Arc::new(source));
        self
    }
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    pub fn code(&self) -> &'static str {
        self.0.code
    }
    pub fn message(&self) -> &str {
        &self.0.message
    }
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as &(dyn std::error::Error + 'static))
    }
}

/// The known names nearest to `wanted`, best first, for "did you mean".
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&folded, &name.to_lowercase()), name))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.truncate(3);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// `did you mean "a" or "b"?`, or nothing where no known name is near.
pub fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near = nearest(wanted, known);
    if near.is_empty() {
        return None;
    }
    let quoted: Vec<String> = near.iter().map(|n| format!("\"{n}\"")).collect();
    Some(format!("did you mean {}?", quoted.join(" or ")))
}
