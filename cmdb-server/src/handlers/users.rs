//! Users.

use crate::api;
use crate::call::{Call, fresh_context};
use crate::passwords;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::principal::{PutUser, SetPassword};
use cmdb_core::command::{Command, Right};
use cmdb_core::graph::Records;
use cmdb_core::model::SmolStr;
use cmdb_core::model::principal::{Role, User};
use cmdb_core::{Error, Result, error};

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let users = call.app.cmdb()?.snapshot().settings().users.values().map(view).collect();
        Ok(Reply::json(&api::Users { users }))
    }
    Route::get("/api/v1/users", "list_users", Right::Administer, handler)
        .summary("Users")
        .gives::<api::Users>()
}

pub fn create() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewUser = call.json()?;
        let role = Some(role(body.role.as_deref().unwrap_or("viewer"))?);
        // Refused before anything is written.
        let hash = body.password.as_deref().map(passwords::hash).transpose()?;
        let name: SmolStr = body.name.into();
        let reply =
            put(&call, PutUser { name: name.clone(), role, disabled: false, must_be_new: true }, 201)?;
        if let Some(hash) = hash {
            let context = fresh_context(&call.principal)?;
            call.app.cmdb()?.submit(context, Command::SetPassword(SetPassword { user: name, hash }))?;
        }
        Ok(reply)
    }
    Route::post("/api/v1/users", "create_user", Right::Administer, handler)
        .summary("Creates a user; from then on every request over HTTP needs a token or a session")
        .takes::<api::NewUser>()
        .gives::<api::UserView>()
        .status(201)
}

pub fn set_password() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewPassword = call.json()?;
        let user: SmolStr = call.path("name").into();
        let hash = passwords::hash(&body.password)?;
        let receipt = call.submit(Command::SetPassword(SetPassword { user: user.clone(), hash }))?;
        // Whoever knew the old password is out.
        call.app.sessions.end_all(&user);
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::put("/api/v1/users/{name}/password", "set_password", Right::Administer, handler)
        .summary("Gives a user a password for the page, and ends all sessions of that user")
        .takes::<api::NewPassword>()
        .status(204)
}

pub fn edit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::UserEdit = call.json()?;
        let name = call.path("name");
        let known = call.app.cmdb()?.snapshot().settings().users.get(name).cloned();
        let disabled = body.disabled.unwrap_or(known.is_some_and(|u| u.disabled));
        let role = body.role.as_deref().map(role).transpose()?;
        put(&call, PutUser { name: name.into(), role, disabled, must_be_new: false }, 200)
    }
    Route::patch("/api/v1/users/{name}", "edit_user", Right::Administer, handler)
        .summary("Changes a user's role, disables or enables")
        .takes::<api::UserEdit>()
        .gives::<api::UserView>()
}

fn put(call: &Call, command: PutUser, status: u16) -> Result<Reply> {
    let name = command.name.clone();
    let receipt = call.submit(Command::PutUser(command))?;
    let snapshot = call.app.cmdb()?.snapshot();
    let unknown = || Error::not_found("user.unknown", format!("there is no user \"{name}\""));
    let user = snapshot.settings().users.get(&name).ok_or_else(unknown)?;
    Ok(Reply::json(&view(user)).status(status).at(receipt.position))
}

/// The role of this name.
pub(crate) fn role(name: &str) -> Result<Role> {
    Role::parse(name).ok_or_else(|| {
        let names = Role::ALL.map(Role::name);
        let hint = error::did_you_mean(name, names).unwrap_or_else(|| format!("roles: {}", names.join(", ")));
        Error::invalid("role.unknown", format!("there is no role \"{name}\""))
            .detail("/role", "unknown role")
            .hint(hint)
    })
}

fn view(user: &User) -> api::UserView {
    api::UserView { name: user.name.to_string(), role: user.role.name(), disabled: user.disabled }
}
