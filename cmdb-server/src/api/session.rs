//! Sessions of the page on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom the caller is taken for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// None: nobody has signed in, and somebody must.
    pub principal: Option<String>,
    pub role: Option<&'static str>,
    /// Among `read`, `edit`, `approve`, `audit` and `administer`.
    pub rights: Vec<&'static str>,
    /// `local` on the machine itself, `session` after a sign-in, `token`, or `none`.
    pub kind: &'static str,
}

/// What a user signs in with. Not printable, so that no log ever holds it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

/// A user's own new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub current: String,
    pub password: String,
}
