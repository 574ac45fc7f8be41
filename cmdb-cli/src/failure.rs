//! How a command fails: what is said on stderr, and the exit code.

use crate::output::say;
use serde_json::Value;
use std::process::ExitCode;

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The API answered with a problem document.
    Problem { status: u16, problem: Value },
    /// An error of the core, from commands that need no API.
    Core(cmdb_core::Error),
    /// Something between us and the API or a file.
    Other { code: u8, message: String, hint: Option<String> },
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::Other { code: 2, message: message.into(), hint: None }
    }
    pub fn unavailable(message: impl Into<String>) -> Failure {
        Failure::Other { code: 4, message: message.into(), hint: None }
    }
    pub fn hint(self, hint: impl Into<String>) -> Failure {
        match self {
            Failure::Other { code, message, .. } => Failure::Other { code, message, hint: Some(hint.into()) },
            other => other,
        }
    }
    pub fn print(&self) {
        let (message, hint, details) = match self {
            Failure::Other { message, hint, .. } => (message.clone(), hint.clone(), Vec::new()),
            Failure::Core(e) => (
                e.message().to_owned(),
                e.hint_text().map(str::to_owned),
                e.details().iter().map(|d| d.message.clone()).collect(),
            ),
            Failure::Problem { problem, .. } => of_problem(problem),
        };
        say(false, &format!("error: {message}"));
        for detail in details.iter().filter(|d| !message.contains(d.as_str())) {
            say(false, &format!("  - {detail}"));
        }
        if let Some(hint) = hint {
            say(false, &format!("hint: {hint}"));
        }
    }
    /// 2 usage, invalid, not found, limit · 3 refused, stale, denied · 4 unavailable, corrupt · 70 internal.
    pub fn exit_code(&self) -> ExitCode {
        use cmdb_core::Kind;
        ExitCode::from(match self {
            Failure::Other { code, .. } => *code,
            Failure::Core(e) => match e.kind() {
                Kind::Invalid | Kind::NotFound | Kind::Limit => 2,
                Kind::Refused | Kind::Stale | Kind::Denied => 3,
                Kind::Unavailable | Kind::Corrupt => 4,
                Kind::Internal => 70,
            },
            Failure::Problem { status, problem } => match status {
                401 | 403 | 409 | 412 => 3,
                502..=504 => 4,
                500.. if is_corrupt(problem) => 4,
                500.. => 70,
                _ => 2,
            },
        })
    }
}

fn is_corrupt(problem: &Value) -> bool {
    problem["kind"] == "corrupt"
        || problem["code"].as_str().is_some_and(|c| c.starts_with("store.") || c.starts_with("log."))
}

fn of_problem(problem: &Value) -> (String, Option<String>, Vec<String>) {
    let text = |key: &str| problem[key].as_str().map(str::to_owned);
    let message =
        text("detail").or_else(|| text("title")).unwrap_or_else(|| "the server gave no reason".to_owned());
    let details = problem["errors"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let details = details.iter().filter_map(|d| d["detail"].as_str().map(str::to_owned)).collect();
    (message, text("hint"), details)
}

impl From<cmdb_core::Error> for Failure {
    fn from(e: cmdb_core::Error) -> Failure {
        Failure::Core(e)
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Failure {
        Failure::Other { code: 4, message: e.to_string(), hint: None }
    }
}
