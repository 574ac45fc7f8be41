//! Webhooks on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A webhook to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    pub name: String,
    pub url: String,
    /// Only commits that touch items of these classes, subclasses included.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Only commits that hold facts of these kinds, such as `item created`.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// What to change about a webhook.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookEdit {
    /// `true` stops telling; `false` goes on, also after the receiver was given up.
    pub paused: Option<bool>,
    /// Go on after this position instead of where it stopped.
    pub after: Option<u64>,
}

/// All webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhooks {
    pub webhooks: Vec<WebhookView>,
}

/// A webhook and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    pub name: String,
    pub url: String,
    pub classes: Vec<String>,
    pub kinds: Vec<String>,
    /// `active`, `failing`, `paused`, `disabled` or `no secret`.
    pub state: &'static str,
    /// Why it is disabled.
    pub reason: Option<String>,
    /// Told about everything up to here.
    pub position: u64,
    /// Entries of the log it was not told about yet.
    pub behind: u64,
    pub failing_since: Option<String>,
    pub next_try_at: Option<String>,
    /// Until then the secret before signs along.
    pub old_secret_until: Option<String>,
    pub by: String,
    /// Shown once: when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What was delivered, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deliveries {
    pub deliveries: Vec<DeliveryView>,
}

/// One try to deliver an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    pub id: String,
    pub position: u64,
    pub at: String,
    pub attempt: u32,
    pub arrived: bool,
    pub status: Option<u16>,
    pub error: Option<String>,
    pub took_ms: u64,
    pub test: bool,
}
