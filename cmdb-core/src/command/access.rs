//! Who may do what. One table; every surface asks it.

use crate::error::{Error, Kind, Result};
use crate::model::principal::{Principal, Role};

/// What an action needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Nothing: health and the API's own description.
    Open,
    Read,
    Edit,
    Approve,
    /// Reading the audit stream and verifying the store.
    Audit,
    Administer,
}

/// Whether a role carries a right.
pub fn allows(role: Role, right: Right) -> bool {
    match right {
        Right::Open | Right::Read => true,
        Right::Edit => matches!(role, Role::Editor | Role::Approver | Role::Admin),
        Right::Approve => matches!(role, Role::Approver | Role::Admin),
        Right::Audit => matches!(role, Role::Auditor | Role::Admin),
        Right::Administer => role == Role::Admin,
    }
}

/// Refuses a principal without the right.
pub fn check(principal: &Principal, right: Right) -> Result<()> {
    if allows(principal.role, right) {
        return Ok(());
    }
    let who =
        Role::ALL.into_iter().filter(|r| allows(*r, right)).map(Role::name).collect::<Vec<_>>().join(", ");
    let message = format!("{} is {} and may not do this", principal.name, principal.role.name());
    Err(Error::new(Kind::Denied, "access.denied", message).hint(format!("roles that may: {who}")))
}

/// Whether `holder` may do everything that `role` may.
pub fn covers(holder: Role, role: Role) -> bool {
    let rights = [Right::Read, Right::Edit, Right::Approve, Right::Audit, Right::Administer];
    rights.into_iter().all(|right| !allows(role, right) || allows(holder, right))
}
