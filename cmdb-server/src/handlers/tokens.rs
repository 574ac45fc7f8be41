//! API tokens: random, shown once, stored hashed.

use super::users::role;
use crate::api;
use crate::call::{Call, now_ms, random};
use crate::convert::timestamp;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::principal::{CreateToken, RevokeToken};
use cmdb_core::command::{Command, Right};
use cmdb_core::graph::Records;
use cmdb_core::model::principal::Token;
use cmdb_core::model::temporal::{Duration, Instant};
use cmdb_core::{Error, Result};

/// Longest label, in bytes.
const LABEL_BYTES_MAX: usize = 128;
const DAY_MS: i64 = 86_400_000;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let tokens = call.app.cmdb()?.snapshot().settings().tokens.values().map(view).collect();
        Ok(Reply::json(&api::Tokens { tokens }))
    }
    Route::get("/api/v1/tokens", "list_tokens", Right::Administer, handler)
        .summary("Tokens, without their secrets")
        .gives::<api::Tokens>()
}

pub fn create() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewToken = call.json()?;
        if body.label.len() > LABEL_BYTES_MAX {
            return Err(Error::limit("token.label", format!("a label has at most {LABEL_BYTES_MAX} bytes")));
        }
        let secret = format!("cmdb_{}", hex(&random::<32>()?));
        let id = hex(&random::<4>()?);
        let command = CreateToken {
            id: id.as_str().into(),
            label: body.label.into(),
            hash: blake3::hash(secret.as_bytes()).into(),
            role: role(body.role.as_deref().unwrap_or("viewer"))?,
            user: body.user.map(Into::into),
            expires_ms: body.expires.as_deref().map(expiry).transpose()?,
        };
        let receipt = call.submit(Command::CreateToken(command))?;
        if receipt.duplicate {
            return Err(Error::refused(
                "token.shown-once",
                "the token was made before and is shown only once",
            )
            .hint("revoke it and make another one"));
        }
        let shown = api::TokenView { token: Some(secret), ..stored(&call, &id)? };
        Ok(Reply::json(&shown).status(201).at(receipt.position))
    }
    Route::post("/api/v1/tokens", "create_token", Right::Administer, handler)
        .summary("Makes a token; its secret is in this answer and nowhere else")
        .takes::<api::NewToken>()
        .gives::<api::TokenView>()
        .status(201)
}

pub fn revoke() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let id = call.path("id");
        let receipt = call.submit(Command::RevokeToken(RevokeToken { id: id.into() }))?;
        Ok(Reply::json(&stored(&call, id)?).at(receipt.position))
    }
    Route::delete("/api/v1/tokens/{id}", "revoke_token", Right::Administer, handler)
        .summary("Makes a token useless, at once")
        .gives::<api::TokenView>()
}

fn stored(call: &Call, id: &str) -> Result<api::TokenView> {
    let snapshot = call.app.cmdb()?.snapshot();
    let unknown = || Error::not_found("token.unknown", format!("there is no token \"{id}\""));
    snapshot.settings().tokens.get(id).map(view).ok_or_else(unknown)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// When a token expires: at a time, or after a duration such as `P90D` or `90d`.
fn expiry(text: &str) -> Result<i64> {
    if let Some(time) = Instant::parse(text) {
        return Ok(time.seconds.saturating_mul(1000));
    }
    let long = Duration::parse(text).map(|d| {
        // A month is 30 days here; whoever wants a date states one.
        let days = d.months.saturating_mul(30).saturating_add(d.days);
        days.saturating_mul(DAY_MS).saturating_add(d.seconds.saturating_mul(1000))
    });
    let short = || -> Option<i64> {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit_ms = match unit {
            "d" => DAY_MS,
            "h" => 3_600_000,
            "m" => 60_000,
            _ => return None,
        };
        number.parse::<i64>().ok()?.checked_mul(unit_ms)
    };
    let after = long.or_else(short).filter(|ms| *ms > 0);
    after.map(|ms| now_ms().saturating_add(ms)).ok_or_else(|| {
        Error::invalid(
            "token.expires",
            format!("\"{text}\" is no time with an offset and no duration like P90D or 90d"),
        )
        .detail("/expires", "no time and no duration")
    })
}

fn view(token: &Token) -> api::TokenView {
    api::TokenView {
        id: token.id.to_string(),
        label: token.label.to_string(),
        role: token.role.name(),
        user: token.user.as_ref().map(ToString::to_string),
        expires_at: token.expires_ms.map(timestamp),
        revoked: token.revoked,
        token: None,
    }
}
