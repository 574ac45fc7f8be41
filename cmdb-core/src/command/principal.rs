//! Users and API tokens.

use super::Answer;
use super::decider::Decider;
use crate::error::{Error, Kind, Result};
use crate::fact::{Fact, Setting};
use crate::graph::Records;
use crate::model::SmolStr;
use crate::model::principal::{Password, Principal, Role, Token, User};
use crate::model::spelling::{deceptive, folded};

/// Creates a user, or changes role and standing of a known one.
#[derive(Clone, Debug)]
pub struct PutUser {
    pub name: SmolStr,
    /// None keeps a known user's role.
    pub role: Option<Role>,
    pub disabled: bool,
    /// Refuse if the user exists.
    pub must_be_new: bool,
}

impl PutUser {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
        if self.name.is_empty()
            || self.name.len() > 64
            || !self.name.chars().all(plain)
            || self.name == "local"
        {
            return Err(Error::invalid(
                "user.name",
                "a user's name has 1 to 64 letters, digits, and . - _ @",
            )
            .hint("\"local\" is the caller on the machine itself"));
        }
        let known = decider.draft().settings().users.get(&self.name).cloned();
        if known.is_none() && self.must_be_new {
            refuse_confusable(decider, &self.name)?;
        }
        if known.is_some() && self.must_be_new {
            return Err(Error::refused("user.exists", format!("there already is a user \"{}\"", self.name)));
        }
        if known.is_none() && !self.must_be_new {
            return Err(Error::not_found("user.unknown", format!("there is no user \"{}\"", self.name))
                .hint("`cmdb user list` lists them"));
        }
        let user = User {
            role: self.role.or(known.as_ref().map(|u| u.role)).unwrap_or(Role::Viewer),
            disabled: self.disabled,
            created: known.map_or(decider.draft().moment().position, |u| u.created),
            name: self.name.clone(),
        };
        decider.accept(Fact::Set(Setting::User(user)))?;
        Ok(Answer::Name(self.name))
    }
}

/// Refuses a name that a reader takes for another user's, or for what is none.
fn refuse_confusable(decider: &Decider<'_>, name: &str) -> Result<()> {
    let plain = folded(name);
    if let Some(user) = decider.draft().settings().users.keys().find(|known| folded(known) == plain) {
        let message = format!("\"{name}\" can be taken for the user \"{user}\"");
        return Err(
            Error::refused("user.confusable", message).hint("choose a name that differs in its letters")
        );
    }
    if RESERVED.contains(&plain.as_str()) {
        let message = format!("\"{name}\" means somebody else: {} stand for nobody", RESERVED.join(", "));
        return Err(Error::invalid("user.name", message));
    }
    match deceptive(name) {
        None => Ok(()),
        Some(why) => Err(Error::invalid("user.name", format!("\"{name}\" is no name for a user: {why}"))),
    }
}

/// Names under which the log knows those who are no users.
const RESERVED: [&str; 3] = ["local", "anonymous", "cmdb"];

/// Gives a user a password: administrators anybody, everybody themselves.
#[derive(Clone, Debug)]
pub struct SetPassword {
    pub user: SmolStr,
    /// Hashed by the edge.
    pub hash: SmolStr,
}

impl SetPassword {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let principal = &decider.context().principal;
        if principal.name != self.user && !super::access::allows(principal.role, super::Right::Administer) {
            let message = format!("{} may not set the password of {}", principal.name, self.user);
            return Err(Error::new(Kind::Denied, "access.denied", message));
        }
        if !decider.draft().settings().users.contains_key(&self.user) {
            return Err(Error::not_found("user.unknown", format!("there is no user \"{}\"", self.user)));
        }
        let set = decider.draft().moment().position;
        let password = Password { user: self.user.clone(), hash: self.hash, set };
        decider.accept(Fact::Set(Setting::Password(password)))?;
        Ok(Answer::Name(self.user))
    }
}

/// Records a token whose secret the edge has made and shows once.
#[derive(Clone, Debug)]
pub struct CreateToken {
    pub id: SmolStr,
    pub label: SmolStr,
    pub hash: [u8; 32],
    pub role: Role,
    pub user: Option<SmolStr>,
    pub expires_ms: Option<i64>,
}

impl CreateToken {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        if let Some(name) = &self.user {
            let user = decider.draft().settings().users.get(name);
            let user =
                user.ok_or_else(|| Error::not_found("user.unknown", format!("there is no user \"{name}\"")))?;
            if !super::access::covers(user.role, self.role) {
                let message =
                    format!("{name} is {} and cannot hold a token with more rights", user.role.name());
                return Err(Error::refused("token.role", message));
            }
        }
        if self.expires_ms.is_some_and(|at| at <= decider.draft().moment().time_ms) {
            return Err(Error::invalid("token.expires", "the token would already be expired"));
        }
        if decider.draft().settings().tokens.contains_key(&self.id) {
            return Err(Error::refused("token.exists", "a token with this id exists"));
        }
        let token = Token {
            id: self.id.clone(),
            label: self.label,
            hash: self.hash,
            role: self.role,
            user: self.user,
            expires_ms: self.expires_ms,
            revoked: false,
            created: decider.draft().moment().position,
        };
        decider.accept(Fact::Set(Setting::Token(token)))?;
        Ok(Answer::Name(self.id))
    }
}

/// Makes a token useless.
#[derive(Clone, Debug)]
pub struct RevokeToken {
    pub id: SmolStr,
}

impl RevokeToken {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let known = decider.draft().settings().tokens.get(&self.id).cloned();
        let mut token = known.ok_or_else(|| {
            Error::not_found("token.unknown", format!("there is no token \"{}\"", self.id))
                .hint("`cmdb token list` lists them")
        })?;
        if !token.revoked {
            token.revoked = true;
            decider.accept(Fact::Set(Setting::Token(token)))?;
        }
        Ok(Answer::Name(self.id))
    }
}

/// Whoever presents a secret whose BLAKE3 is `hash`, if its token is good at `now_ms`.
pub fn authenticate(records: &dyn Records, hash: &[u8; 32], now_ms: i64) -> Option<Principal> {
    let settings = records.settings();
    // All tokens are compared whole: how long this takes says nothing about how near a guess came.
    let same = |token: &&Token| token.hash.iter().zip(hash).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0;
    let token = settings.tokens.values().rfind(same)?;
    if token.revoked || token.expires_ms.is_some_and(|at| at <= now_ms) {
        return None;
    }
    let user = token.user.as_ref().map(|name| settings.users.get(name));
    match user {
        None => Some(Principal { name: format!("token {}", token.id).into(), role: token.role }),
        Some(Some(user)) if !user.disabled && super::access::covers(user.role, token.role) => {
            Some(Principal { name: user.name.clone(), role: token.role })
        }
        Some(_) => None,
    }
}

/// The user whom a name means: the one who is spelled so, else one whose name is the same to the eye.
pub fn meant<'r>(records: &'r dyn Records, name: &str) -> Option<&'r User> {
    let users = &records.settings().users;
    let plain = folded(name);
    users.get(name).or_else(|| users.values().find(|user| folded(&user.name) == plain))
}

/// A user who may act, as a principal; none for one that is unknown or disabled.
pub fn acting(records: &dyn Records, user: &str) -> Option<Principal> {
    let user = records.settings().users.get(user).filter(|user| !user.disabled)?;
    Some(Principal { name: user.name.clone(), role: user.role })
}

/// Whether anybody but the local caller is known; from then on every request needs a token.
pub fn anyone_known(records: &dyn Records) -> bool {
    !records.settings().users.is_empty() || !records.settings().tokens.is_empty()
}
