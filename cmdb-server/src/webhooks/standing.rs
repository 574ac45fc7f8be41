//! How a webhook stands: its secrets, how far it was told, what was delivered, whether it fails.

use super::sign::{new_secret, signature};
use cmdb_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;

/// Deliveries remembered.
pub const DELIVERIES_MAX: usize = 200;
/// How long the secret before still signs after a rotation.
pub const ROTATION_MS: i64 = 24 * 3_600_000;
/// How long a receiver may fail before it is given up.
pub const GIVE_UP_MS: i64 = 5 * 24 * 3_600_000;
/// Seconds until the next try, by tries so far; the last one repeats.
const BACK_OFF_S: [i64; 8] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400];
/// The longest that a receiver may ask us to wait (`Retry-After`).
const ASKED_WAIT_MAX_S: i64 = 4 * 3_600;

/// See the module. Kept as JSON beside the log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// Position at which the webhook it belongs to was created.
    pub created: u64,
    /// Told about everything up to here.
    pub position: u64,
    secrets: Vec<Secret>,
    /// Tries of the event after `position` that failed.
    pub attempts: u32,
    pub failing_since_ms: Option<i64>,
    /// Not tried again before.
    pub next_ms: i64,
    /// Why it is told nothing any more.
    pub disabled: Option<String>,
    /// Newest last.
    pub deliveries: VecDeque<Delivery>,
    /// Nothing is to be noted any more.
    #[serde(skip)]
    pub removed: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Secret {
    text: String,
    /// Signs until then; for ever if none.
    until_ms: Option<i64>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// One try to deliver an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    pub id: String,
    pub position: u64,
    pub at_ms: i64,
    /// The first try is 1.
    pub attempt: u32,
    /// What the receiver answered; none if it could not be reached.
    pub status: Option<u16>,
    pub error: Option<String>,
    pub took_ms: u64,
    pub test: bool,
}

impl Delivery {
    pub fn arrived(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// What comes of a delivery that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Arrived,
    TryAgain,
    GivenUp,
}

impl Standing {
    /// Told about what comes after `created`; without a secret nothing is sent yet.
    pub fn begin(created: u64) -> Standing {
        Standing { created, position: created, ..Standing::default() }
    }
    pub fn decode(note: &[u8]) -> Result<Standing> {
        serde_json::from_slice(note)
            .map_err(|e| Error::corrupt("webhook.note", "the note of a webhook does not read").caused_by(e))
    }
    pub fn encode(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|e| Error::new(Kind::Internal, "webhook.note", "a note does not encode").caused_by(e))
    }
    pub fn has_secret(&self) -> bool {
        !self.secrets.is_empty()
    }
    /// Until when the secret before still signs.
    pub fn rotating_until_ms(&self, now_ms: i64) -> Option<i64> {
        self.secrets.iter().filter_map(|s| s.until_ms).filter(|until| *until > now_ms).max()
    }
    /// A new secret; those before sign along for a while, so that a receiver can change over.
    pub fn rotate(&mut self, now_ms: i64) -> Result<String> {
        let text = new_secret()?;
        self.secrets.retain(|secret| secret.until_ms.is_none_or(|until| until > now_ms));
        for secret in &mut self.secrets {
            secret.until_ms.get_or_insert(now_ms + ROTATION_MS);
        }
        // The newest signs first; two are what receivers expect at most.
        self.secrets.truncate(1);
        self.secrets.insert(0, Secret { text: text.clone(), until_ms: None });
        Ok(text)
    }
    /// The value of `webhook-signature`.
    pub fn signatures(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let good = self.secrets.iter().filter(|s| s.until_ms.is_none_or(|until| until > timestamp_s * 1000));
        good.filter_map(|s| signature(&s.text, id, timestamp_s, body)).collect::<Vec<_>>().join(" ")
    }
    /// Whether there is any sense in a try now.
    pub fn may_be_told(&self, now_ms: i64) -> bool {
        self.has_secret() && self.disabled.is_none() && self.next_ms <= now_ms
    }
    /// Goes on after it was given up or paused.
    pub fn resume(&mut self) {
        (self.disabled, self.failing_since_ms) = (None, None);
        (self.attempts, self.next_ms) = (0, 0);
    }
    pub fn remember(&mut self, delivery: Delivery) {
        self.deliveries.push_back(delivery);
        while self.deliveries.len() > DELIVERIES_MAX {
            self.deliveries.pop_front();
        }
    }
    /// Takes note of how a delivery ended; `asked_wait_s` is what the receiver asked for.
    pub fn concluded(&mut self, delivery: Delivery, now_ms: i64, asked_wait_s: Option<i64>) -> Verdict {
        let (position, status) = (delivery.position, delivery.status);
        let arrived = delivery.arrived();
        self.remember(delivery);
        if arrived {
            self.position = position;
            self.resume();
            return Verdict::Arrived;
        }
        let since = *self.failing_since_ms.get_or_insert(now_ms);
        if status == Some(410) {
            self.disabled = Some("the receiver answered 410: it is gone".to_owned());
        } else if now_ms - since >= GIVE_UP_MS {
            self.disabled = Some(format!("nothing arrived for {} days", GIVE_UP_MS / 86_400_000));
        }
        if self.disabled.is_some() {
            return Verdict::GivenUp;
        }
        let step = BACK_OFF_S[(self.attempts as usize).min(BACK_OFF_S.len() - 1)];
        let wait_s = asked_wait_s.unwrap_or(0).clamp(step, ASKED_WAIT_MAX_S.max(step));
        self.attempts = self.attempts.saturating_add(1);
        self.next_ms = now_ms + wait_s * 1000;
        Verdict::TryAgain
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn delivery(position: u64, status: Option<u16>) -> Delivery {
        Delivery { position, status, ..Delivery::default() }
    }

    #[test]
    fn a_failing_receiver_is_tried_later_and_later_and_given_up_after_days() {
        let mut standing = Standing::begin(7);
        standing.rotate(0).unwrap();
        let (mut now, mut waits) = (0, Vec::new());
        loop {
            match standing.concluded(delivery(8, Some(500)), now, None) {
                Verdict::TryAgain => {
                    assert!(
                        !standing.may_be_told(standing.next_ms - 1) && standing.may_be_told(standing.next_ms)
                    );
                    waits.push((standing.next_ms - now) / 1000);
                    now = standing.next_ms;
                }
                Verdict::GivenUp => break,
                Verdict::Arrived => panic!("it did not"),
            }
        }
        assert_eq!(waits[..4], [5, 30, 120, 600]);
        assert!((GIVE_UP_MS..GIVE_UP_MS + 14_400_000).contains(&now));
        assert_eq!((standing.position, standing.may_be_told(i64::MAX)), (7, false), "nothing is skipped");
        standing.resume();
        assert_eq!(standing.concluded(delivery(8, Some(204)), now, None), Verdict::Arrived);
        assert_eq!((standing.position, standing.failing_since_ms), (8, None));
    }

    #[test]
    fn a_receiver_that_is_gone_or_asks_for_time_gets_it() {
        let mut standing = Standing::begin(0);
        standing.concluded(delivery(1, Some(429)), 0, Some(90));
        assert_eq!(standing.next_ms, 90_000);
        standing.concluded(delivery(1, Some(503)), 0, Some(1 << 40));
        assert_eq!(standing.next_ms, ASKED_WAIT_MAX_S * 1000);
        assert_eq!(standing.concluded(delivery(1, Some(410)), 0, None), Verdict::GivenUp);
    }

    #[test]
    fn the_secret_before_signs_along_for_a_day_and_is_shown_nowhere() {
        let mut standing = Standing::begin(0);
        let first = standing.rotate(0).unwrap();
        assert_eq!(standing.signatures("id", 1, b"body").split(' ').count(), 1);
        let second = standing.rotate(1_000).unwrap();
        let both = standing.signatures("id", 2, b"body");
        let signed = |secret: &str, at| signature(secret, "id", at, b"body").unwrap();
        assert_eq!(both, format!("{} {}", signed(&second, 2), signed(&first, 2)));
        let later_s = ROTATION_MS / 1000 + 2;
        assert_eq!(standing.signatures("id", later_s, b"body"), signed(&second, later_s));
        assert!(!format!("{standing:?}").contains(&second[6..]));
        let read = Standing::decode(&standing.encode().unwrap()).unwrap();
        assert_eq!(read.signatures("id", 2, b"body"), both);
    }
}
