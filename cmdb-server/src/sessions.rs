//! Sessions of the page, and the brake on guessing passwords. Both live in memory: a restart signs everybody out.

use crate::call::random;
use axum::http::{HeaderMap, header};
use cmdb_core::model::SmolStr;
use cmdb_core::{Error, Kind, Result};
use rustc_hash::FxHashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The cookie's name; the prefix has browsers insist on HTTPS (or this machine), on `/`, and on no domain.
const COOKIE: &str = "__Host-cmdb";
/// A session ends when it was not used for this long, and at the latest after this long.
const IDLE_MS: i64 = 12 * 3_600_000;
const LIFE_MS: i64 = 7 * 24 * 3_600_000;
/// Sessions at once; beyond, the one that was idle longest ends.
const SESSIONS_MAX: usize = 10_000;
/// Wrong passwords in a row that cost nothing; each further one doubles the wait, up to `WAIT_MAX_MS`.
const TRIES_FREE: u32 = 5;
const WAIT_MAX_MS: i64 = 15 * 60_000;
/// Names whose tries are counted; beyond, the oldest are forgotten.
const NAMES_MAX: usize = 10_000;

struct Session {
    user: SmolStr,
    began_ms: i64,
    used_ms: i64,
}

#[derive(Default)]
struct Tries {
    wrong: u32,
    last_ms: i64,
}

#[derive(Default)]
struct State {
    /// By the hash of the secret: what is in memory opens nothing.
    sessions: FxHashMap<[u8; 32], Session>,
    tries: FxHashMap<SmolStr, Tries>,
}

/// See the module.
#[derive(Default)]
pub struct Sessions {
    state: Mutex<State>,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Begins a session; the value to set as a cookie.
    pub fn begin(&self, user: &str, now_ms: i64) -> Result<String> {
        let secret: String = random::<32>()?.iter().map(|b| format!("{b:02x}")).collect();
        let mut state = self.lock();
        state.sessions.retain(|_, session| session.is_on(now_ms));
        if state.sessions.len() >= SESSIONS_MAX {
            let oldest =
                state.sessions.iter().min_by_key(|(_, session)| session.used_ms).map(|(key, _)| *key);
            oldest.map(|key| state.sessions.remove(&key));
        }
        let session = Session { user: user.into(), began_ms: now_ms, used_ms: now_ms };
        state.sessions.insert(key(&secret), session);
        Ok(format!(
            "{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}",
            LIFE_MS / 1000
        ))
    }
    /// Whose session this is, if it is on; that counts as use.
    pub fn user(&self, secret: &str, now_ms: i64) -> Option<SmolStr> {
        let mut state = self.lock();
        let session = state.sessions.get_mut(&key(secret)).filter(|session| session.is_on(now_ms))?;
        session.used_ms = now_ms;
        Some(session.user.clone())
    }
    /// Ends one session; the cookie that makes the browser forget it.
    pub fn end(&self, secret: Option<&str>) -> String {
        if let Some(secret) = secret {
            self.lock().sessions.remove(&key(secret));
        }
        format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
    }
    /// Ends all sessions of a user.
    pub fn end_all(&self, user: &str) {
        self.lock().sessions.retain(|_, session| session.user != user);
    }

    /// Whether a password for `user` may be tried now.
    ///
    /// # Errors
    /// `rate.exceeded` after too many wrong ones, with the time to wait.
    pub fn check_tries(&self, user: &str, now_ms: i64) -> Result<()> {
        let state = self.lock();
        let Some(tries) = state.tries.get(user) else { return Ok(()) };
        let left_ms = tries.last_ms + tries.wait_ms() - now_ms;
        if left_ms <= 0 {
            return Ok(());
        }
        let seconds = (left_ms + 999) / 1000;
        Err(Error::new(Kind::Limit, "rate.exceeded", "too many wrong passwords for this user")
            .hint(format!("try again in {seconds} s")))
    }
    /// Notes how a try ended.
    pub fn note_try(&self, user: &str, right: bool, now_ms: i64) {
        let mut state = self.lock();
        if right {
            state.tries.remove(user);
            return;
        }
        if state.tries.len() >= NAMES_MAX {
            state.tries.retain(|_, tries| now_ms - tries.last_ms < WAIT_MAX_MS);
        }
        if state.tries.len() < NAMES_MAX || state.tries.contains_key(user) {
            let tries = state.tries.entry(user.into()).or_default();
            (tries.wrong, tries.last_ms) = (tries.wrong.saturating_add(1), now_ms);
        }
    }
}

impl Session {
    fn is_on(&self, now_ms: i64) -> bool {
        now_ms - self.used_ms < IDLE_MS && now_ms - self.began_ms < LIFE_MS
    }
}

impl Tries {
    fn wait_ms(&self) -> i64 {
        match self.wrong.checked_sub(TRIES_FREE) {
            None => 0,
            Some(beyond) => (1000_i64 << beyond.min(20)).min(WAIT_MAX_MS),
        }
    }
}

fn key(secret: &str) -> [u8; 32] {
    blake3::hash(secret.as_bytes()).into()
}

/// The secret of the session that a request names.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(cookie: &str) -> String {
        cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned()
    }

    #[test]
    fn a_session_ends_when_idle_when_old_and_when_told() {
        let sessions = Sessions::default();
        let one = secret(&sessions.begin("ada", 0).unwrap());
        assert_eq!(sessions.user(&one, 1).as_deref(), Some("ada"));
        assert_eq!(sessions.user(&one, 1 + IDLE_MS), None, "idle");
        let two = secret(&sessions.begin("ada", 0).unwrap());
        for at in (0..LIFE_MS).step_by((IDLE_MS / 2) as usize) {
            assert!(sessions.user(&two, at).is_some());
        }
        assert_eq!(sessions.user(&two, LIFE_MS), None, "old");
        let three = secret(&sessions.begin("ada", 0).unwrap());
        assert!(sessions.end(Some(&three)).contains("Max-Age=0"));
        assert_eq!(sessions.user(&three, 1), None, "told");
        assert_eq!(sessions.user("made up", 1), None);
    }

    #[test]
    fn guessing_is_slowed_down_per_user_and_forgiven_by_the_right_password() {
        let sessions = Sessions::default();
        for _ in 0..TRIES_FREE {
            sessions.check_tries("ada", 10).unwrap();
            sessions.note_try("ada", false, 10);
        }
        assert_eq!(sessions.check_tries("ada", 10).unwrap_err().code(), "rate.exceeded");
        sessions.check_tries("bob", 10).unwrap();
        sessions.check_tries("ada", 10 + 1000).unwrap();
        sessions.note_try("ada", true, 2000);
        sessions.check_tries("ada", 2000).unwrap();
    }
}
