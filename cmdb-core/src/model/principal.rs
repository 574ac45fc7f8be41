//! Who asks: roles, users and tokens. What each role may do is decided in `command::access`.

use super::Position;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What a principal is trusted with. Stored; append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Reads everything it is shown.
    Viewer,
    /// Viewer, and edits the inventory.
    Editor,
    /// Editor, and approves.
    Approver,
    /// Reads everything, the audit stream included; edits nothing.
    Auditor,
    /// Everything.
    Admin,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Viewer, Role::Editor, Role::Approver, Role::Auditor, Role::Admin];
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Approver => "approver",
            Role::Auditor => "auditor",
            Role::Admin => "admin",
        }
    }
    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Whoever a command or question acts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// As it is logged: `local`, `local as jane`, `jane`, `token backup`.
    pub name: SmolStr,
    pub role: Role,
}

impl Principal {
    /// The person at the machine itself, on loopback or on the data folder.
    pub fn local() -> Principal {
        Principal { name: SmolStr::new_static("local"), role: Role::Admin }
    }
}

/// A named user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub name: SmolStr,
    pub role: Role,
    pub disabled: bool,
    pub created: Position,
}

/// A user's password as it is kept. The edge hashes it, so that the core needs no randomness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    pub user: SmolStr,
    /// A salted Argon2 hash with its parameters, in the format of password hashing (PHC).
    pub hash: SmolStr,
    pub set: Position,
}

/// An API token. Only its hash is kept; the secret is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Public handle, used to list and revoke.
    pub id: SmolStr,
    pub label: SmolStr,
    /// BLAKE3 of the secret; the secret has 256 bits of entropy, so no slow hash is needed.
    pub hash: [u8; 32],
    pub role: Role,
    /// The user it acts for, if any; a disabled user's tokens stop working.
    pub user: Option<SmolStr>,
    /// Milliseconds since 1970; none means it does not expire.
    pub expires_ms: Option<i64>,
    pub revoked: bool,
    pub created: Position,
}
