//! Webhooks: whom to tell about commits.

use super::Answer;
use super::decider::Decider;
use super::handle::check_handle;
use crate::error::{Error, Result};
use crate::fact::{Fact, Setting};
use crate::graph::Records;
use crate::model::SmolStr;
use crate::model::webhook::Webhook;

/// Webhooks at most; each has a connection of its own.
pub const WEBHOOKS_MAX: usize = 32;

/// A change of who is told.
#[derive(Clone, Debug)]
pub enum EditWebhook {
    Create {
        name: SmolStr,
        url: SmolStr,
        classes: Vec<SmolStr>,
        kinds: Vec<SmolStr>,
    },
    /// Stops telling, or goes on where it stopped.
    Pause {
        name: SmolStr,
        paused: bool,
    },
    Remove {
        name: SmolStr,
    },
}

impl EditWebhook {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let name = match self {
            EditWebhook::Create { name, url, classes, kinds } => {
                check_handle("webhook", &name)?;
                let draft = decider.draft();
                let known = &draft.settings().webhooks;
                if known.contains_key(&name) {
                    let message = format!("there already is a webhook \"{name}\"");
                    return Err(Error::refused("webhook.exists", message)
                        .hint("choose another name, or remove the one there is"));
                }
                if known.len() >= WEBHOOKS_MAX {
                    let message = format!("there are {WEBHOOKS_MAX} webhooks already");
                    return Err(
                        Error::limit("webhook.too-many", message).hint("remove one that nobody needs")
                    );
                }
                for class in &classes {
                    draft.schema().class_named(draft.names(), class)?;
                }
                let webhook = Webhook {
                    name: name.clone(),
                    url,
                    classes,
                    kinds,
                    paused: false,
                    created: draft.moment().position,
                    by: decider.context().principal.name.clone(),
                    removed: false,
                };
                decider.accept(Fact::Set(Setting::Webhook(webhook)))?;
                name
            }
            EditWebhook::Pause { name, paused } => {
                let webhook = known(decider, &name)?;
                if webhook.paused != paused {
                    decider.accept(Fact::Set(Setting::Webhook(Webhook { paused, ..webhook })))?;
                }
                name
            }
            EditWebhook::Remove { name } => {
                let webhook = known(decider, &name)?;
                decider.accept(Fact::Set(Setting::Webhook(Webhook { removed: true, ..webhook })))?;
                name
            }
        };
        Ok(Answer::Name(name))
    }
}

fn known(decider: &Decider<'_>, name: &str) -> Result<Webhook> {
    let webhook = decider.draft().settings().webhooks.get(name).cloned();
    webhook.ok_or_else(|| {
        Error::not_found("webhook.unknown", format!("there is no webhook \"{name}\""))
            .hint("`cmdb webhook list` lists them")
    })
}
