//! Signing in and out at the page; who is asking, and what they may do, so that it offers the right things.

use crate::api;
use crate::call::{Call, now_ms};
use crate::caller::identify;
use crate::passwords;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use crate::sessions::cookie;
use axum::http::header;
use cmdb_core::command::access::allows;
use cmdb_core::command::principal::SetPassword;
use cmdb_core::command::{Command, Right};
use cmdb_core::graph::Records;
use cmdb_core::{Error, Kind, Result};

/// Rights that somebody can hold, with the word the page knows them by.
const RIGHTS: &[(Right, &str)] = &[
    (Right::Read, "read"),
    (Right::Edit, "edit"),
    (Right::Approve, "approve"),
    (Right::Audit, "audit"),
    (Right::Administer, "administer"),
];

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        Ok(Reply::json(&view(&call)))
    }
    Route::get("/api/v1/session", "read_session", Right::Open, handler)
        .summary("Whom the caller is taken for, and what they may do")
        .gives::<api::Session>()
        .lane(Lane::Quick)
}

pub fn sign_in() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::Credentials = call.json()?;
        let (sessions, now) = (&call.app.sessions, now_ms());
        sessions.check_tries(&body.user, now)?;
        let snapshot = call.app.cmdb()?.snapshot();
        let settings = snapshot.settings();
        let standing = settings.users.get(body.user.as_str()).filter(|user| !user.disabled);
        let kept = standing.and_then(|user| settings.passwords.get(&user.name));
        let right = passwords::verify(&body.password, kept.map(|password| password.hash.as_str()))?;
        sessions.note_try(&body.user, right, now);
        let Some(user) = standing.filter(|_| right) else {
            return Err(Error::new(Kind::Denied, "auth.invalid", "the user name or the password is wrong")
                .hint("an administrator sets passwords: `cmdb user password NAME`"));
        };
        let session = api::Session {
            principal: Some(user.name.to_string()),
            role: Some(user.role.name()),
            rights: words(user.role),
            kind: "session",
        };
        Ok(Reply::json(&session).header(header::SET_COOKIE, sessions.begin(&user.name, now)?))
    }
    // Hashing takes its time on purpose: the lane bounds how many do so at once.
    Route::post("/api/v1/session", "sign_in", Right::Open, handler)
        .summary("Signs a user in; the session is a cookie that scripts cannot read")
        .takes::<api::Credentials>()
        .gives::<api::Session>()
}

pub fn sign_out() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let forget = call.app.sessions.end(cookie(&call.headers));
        Ok(Reply::nothing().header(header::SET_COOKIE, forget))
    }
    Route::delete("/api/v1/session", "sign_out", Right::Open, handler)
        .summary("Ends the session")
        .status(204)
        .lane(Lane::Quick)
}

pub fn change_password() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::PasswordChange = call.json()?;
        let user = call.principal.name.clone();
        let snapshot = call.app.cmdb()?.snapshot();
        let kept = snapshot.settings().passwords.get(&user).map(|password| password.hash.clone());
        call.app.sessions.check_tries(&user, now_ms())?;
        let right = passwords::verify(&body.current, kept.as_deref())?;
        call.app.sessions.note_try(&user, right, now_ms());
        if !right {
            return Err(Error::refused("password.wrong", "the current password is not this one"));
        }
        let hash = passwords::hash(&body.password)?;
        let receipt = call.submit(Command::SetPassword(SetPassword { user: user.clone(), hash }))?;
        call.app.sessions.end_all(&user);
        let cookie = call.app.sessions.begin(&user, now_ms())?;
        Ok(Reply::nothing().header(header::SET_COOKIE, cookie).at(receipt.position))
    }
    Route::post("/api/v1/session/password", "change_password", Right::Read, handler)
        .summary("Changes the caller's own password, and ends the other sessions")
        .takes::<api::PasswordChange>()
        .status(204)
}

fn words(role: cmdb_core::model::principal::Role) -> Vec<&'static str> {
    RIGHTS.iter().filter(|(right, _)| allows(role, *right)).map(|(_, word)| *word).collect()
}

fn view(call: &Call) -> api::Session {
    let Ok(principal) = identify(&call.app, call.caller.as_ref(), &call.headers) else {
        return api::Session { principal: None, role: None, rights: Vec::new(), kind: "none" };
    };
    let kind = match (call.headers.contains_key(header::AUTHORIZATION), principal.name.as_str()) {
        (true, _) => "token",
        (false, name) if name == "local" || name.starts_with("local as ") => "local",
        _ => "session",
    };
    let rights = words(principal.role);
    api::Session {
        principal: Some(principal.name.to_string()),
        role: Some(principal.role.name()),
        rights,
        kind,
    }
}
