//! Webhooks: made, listed, rotated, tested, paused, removed.

use crate::api;
use crate::call::{Call, now_ms};
use crate::convert::timestamp;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use crate::webhooks::standing::Delivery;
use crate::webhooks::{Hook, tell};
use cmdb_core::command::webhook::EditWebhook;
use cmdb_core::command::{Command, Right};
use cmdb_core::fact::Fact;
use cmdb_core::graph::Records;
use cmdb_core::model::SmolStr;
use cmdb_core::model::webhook::Webhook;
use cmdb_core::{Error, Result, error};
use std::sync::Arc;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.app.cmdb()?.snapshot();
        let webhooks = snapshot.settings().webhooks.values().map(|webhook| view(&call, webhook));
        Ok(Reply::json(&api::Webhooks { webhooks: webhooks.collect::<Result<_>>()? }))
    }
    Route::get("/api/v1/webhooks", "list_webhooks", Right::Administer, handler)
        .summary("Webhooks and how they stand, without their secrets")
        .gives::<api::Webhooks>()
}

pub fn create() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewWebhook = call.json()?;
        call.app.outbound().check(&body.url)?;
        let name = SmolStr::from(body.name);
        let edit = EditWebhook::Create {
            name: name.clone(),
            url: body.url.into(),
            classes: body.classes.into_iter().map(Into::into).collect(),
            kinds: body.kinds.iter().map(|kind| fact_kind(kind)).collect::<Result<_>>()?,
        };
        let receipt = call.submit(Command::EditWebhook(edit))?;
        let webhook = known(&call, &name)?;
        let hook = hook(&call, &webhook)?;
        if receipt.duplicate && hook.standing().has_secret() {
            return Err(Error::refused(
                "webhook.shown-once",
                "the webhook was made before; its secret is shown only once",
            )
            .hint(format!("`cmdb webhook rotate {name}` makes another secret")));
        }
        let secret = Some(rotated(&call, &hook)?);
        let shown = api::WebhookView { secret, ..view(&call, &webhook)? };
        Ok(Reply::json(&shown).status(201).location(format!("/api/v1/webhooks/{name}")).at(receipt.position))
    }
    Route::post("/api/v1/webhooks", "create_webhook", Right::Administer, handler)
        .summary(
            "Makes a webhook, told about commits from now on; its secret is in this answer and nowhere else",
        )
        .takes::<api::NewWebhook>()
        .gives::<api::WebhookView>()
        .status(201)
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let webhook = known(&call, call.path("name"))?;
        Ok(Reply::json(&view(&call, &webhook)?))
    }
    Route::get("/api/v1/webhooks/{name}", "read_webhook", Right::Administer, handler)
        .summary("A webhook and how it stands")
        .gives::<api::WebhookView>()
}

pub fn edit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::WebhookEdit = call.json()?;
        let webhook = known(&call, call.path("name"))?;
        let cmdb = call.app.cmdb()?;
        let hook = hook(&call, &webhook)?;
        if let Some(after) = body.after {
            let newest = cmdb.snapshot().position().0;
            if after > newest {
                let message = format!("positions run to {newest}");
                return Err(Error::invalid("webhook.after", message.clone()).detail("/after", message));
            }
            hook.standing().position = after;
        }
        if body.paused == Some(false) {
            hook.standing().resume();
        }
        hook.note(cmdb)?;
        if let Some(paused) = body.paused {
            call.submit(Command::EditWebhook(EditWebhook::Pause { name: webhook.name.clone(), paused }))?;
        }
        Ok(Reply::json(&view(&call, &known(&call, &webhook.name)?)?))
    }
    Route::patch("/api/v1/webhooks/{name}", "edit_webhook", Right::Administer, handler)
        .summary("Pauses a webhook, or lets it go on, from another position if stated")
        .takes::<api::WebhookEdit>()
        .gives::<api::WebhookView>()
}

pub fn remove() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let name = SmolStr::from(call.path("name"));
        let receipt = call.submit(Command::EditWebhook(EditWebhook::Remove { name: name.clone() }))?;
        call.app.webhooks.forget(call.app.cmdb()?, &name)?;
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::delete("/api/v1/webhooks/{name}", "remove_webhook", Right::Administer, handler)
        .summary("Removes a webhook and its secret")
        .status(204)
}

pub fn rotate() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let webhook = known(&call, call.path("name"))?;
        let hook = hook(&call, &webhook)?;
        if !hook.standing().has_secret() {
            // A restored folder: what happened before is not told by a copy.
            hook.standing().position = call.app.cmdb()?.snapshot().position().0;
        }
        let secret = Some(rotated(&call, &hook)?);
        Ok(Reply::json(&api::WebhookView { secret, ..view(&call, &webhook)? }))
    }
    Route::post("/api/v1/webhooks/{name}/rotate", "rotate_webhook", Right::Administer, handler)
        .summary(
            "Makes a new secret, shown in this answer and nowhere else; the one before signs along for a day",
        )
        .gives::<api::WebhookView>()
}

pub fn deliveries() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let hook = hook(&call, &known(&call, call.path("name"))?)?;
        let deliveries = hook.standing().deliveries.iter().rev().map(delivery_view).collect();
        Ok(Reply::json(&api::Deliveries { deliveries }))
    }
    Route::get("/api/v1/webhooks/{name}/deliveries", "list_deliveries", Right::Administer, handler)
        .summary("The last 200 tries to deliver, newest first")
        .gives::<api::Deliveries>()
}

pub fn test() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let webhook = known(&call, call.path("name"))?;
        if !hook(&call, &webhook)?.standing().has_secret() {
            return Err(Error::refused("webhook.no-secret", "the webhook has no secret to sign with")
                .hint(format!("`cmdb webhook rotate {}` makes one", webhook.name)));
        }
        let delivery = tell::test(&call.app, call.app.cmdb()?, &webhook)?;
        Ok(Reply::json(&delivery_view(&delivery)))
    }
    Route::post("/api/v1/webhooks/{name}/test", "test_webhook", Right::Administer, handler)
        .summary("Sends a test event now and says how it went")
        .gives::<api::DeliveryView>()
        // It waits for somebody else's machine, not for the writer.
        .lane(Lane::Stream)
}

fn known(call: &Call, name: &str) -> Result<Webhook> {
    let snapshot = call.app.cmdb()?.snapshot();
    let webhook = snapshot.settings().webhooks.get(name).cloned();
    webhook.ok_or_else(|| {
        let hint = error::did_you_mean(name, snapshot.settings().webhooks.keys().map(SmolStr::as_str));
        Error::not_found("webhook.unknown", format!("there is no webhook \"{name}\""))
            .hint(hint.unwrap_or_else(|| "`cmdb webhook list` lists them".to_owned()))
    })
}

fn hook(call: &Call, webhook: &Webhook) -> Result<Arc<Hook>> {
    call.app.webhooks.hook(call.app.cmdb()?, webhook)
}

fn rotated(call: &Call, hook: &Hook) -> Result<String> {
    let secret = hook.standing().rotate(now_ms())?;
    hook.note(call.app.cmdb()?)?;
    Ok(secret)
}

/// A kind of fact as it may be written: `item created`, `item-created`, `item_created`.
fn fact_kind(text: &str) -> Result<SmolStr> {
    let wanted = text.trim().to_lowercase().replace(['-', '_'], " ");
    let known = Fact::KINDS.into_iter().find(|kind| *kind == wanted);
    known.map(SmolStr::new_static).ok_or_else(|| {
        let hint = error::did_you_mean(&wanted, Fact::KINDS);
        Error::invalid("webhook.kind", format!("\"{text}\" is no kind of fact"))
            .detail("/kinds", "unknown kind")
            .hint(hint.unwrap_or_else(|| format!("kinds: {}", Fact::KINDS.join(", "))))
    })
}

fn view(call: &Call, webhook: &Webhook) -> Result<api::WebhookView> {
    let cmdb = call.app.cmdb()?;
    let hook = call.app.webhooks.hook(cmdb, webhook)?;
    let standing = hook.standing();
    let state = match () {
        () if webhook.paused => "paused",
        () if !standing.has_secret() => "no secret",
        () if standing.disabled.is_some() => "disabled",
        () if standing.failing_since_ms.is_some() => "failing",
        () => "active",
    };
    let texts = |list: &[SmolStr]| list.iter().map(ToString::to_string).collect();
    Ok(api::WebhookView {
        name: webhook.name.to_string(),
        url: webhook.url.to_string(),
        classes: texts(&webhook.classes),
        kinds: texts(&webhook.kinds),
        state,
        reason: standing.disabled.clone(),
        position: standing.position,
        behind: cmdb.snapshot().position().0.saturating_sub(standing.position),
        failing_since: standing.failing_since_ms.map(timestamp),
        next_try_at: (state == "failing").then(|| timestamp(standing.next_ms)),
        old_secret_until: standing.rotating_until_ms(now_ms()).map(timestamp),
        by: webhook.by.to_string(),
        secret: None,
    })
}

fn delivery_view(delivery: &Delivery) -> api::DeliveryView {
    api::DeliveryView {
        id: delivery.id.clone(),
        position: delivery.position,
        at: timestamp(delivery.at_ms),
        attempt: delivery.attempt,
        arrived: delivery.arrived(),
        status: delivery.status,
        error: delivery.error.clone(),
        took_ms: delivery.took_ms,
        test: delivery.test,
    }
}
