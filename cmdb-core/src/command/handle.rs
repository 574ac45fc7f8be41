//! Names by which settings are called in commands and URLs.

use crate::error::{Error, Result};

/// Longest name, in bytes.
const HANDLE_BYTES_MAX: usize = 64;

/// Refuses a name that would have to be quoted somewhere.
pub(super) fn check_handle(what: &str, name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !name.is_empty() && name.len() <= HANDLE_BYTES_MAX && name.chars().all(plain) {
        return Ok(());
    }
    let message = format!("the name of a {what} has 1 to {HANDLE_BYTES_MAX} letters, digits and . - _");
    Err(Error::invalid("request.name", message.clone()).detail("/name", message))
}
