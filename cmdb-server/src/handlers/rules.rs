//! Rules by which attributes make relationships: put in force, listed, looked at, taken back.

use crate::api;
use crate::call::{Call, parameter};
use crate::convert::item_ref;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::rule::survey::survey;
use cmdb_core::command::rule::{AddRule, RemoveRule, Resolved, known};
use cmdb_core::command::{Command, Right};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::rule::{One, Rule, RuleEnd, RuleField};
use cmdb_core::model::{ItemNumber, Position, SmolStr};
use cmdb_core::{Error, Result};

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let rules = snapshot.settings().rules.values().map(|rule| view(&snapshot, rule)).collect();
        let position = snapshot.position();
        Ok(Reply::json(&api::Rules { position: position.0, rules }).at(position))
    }
    Route::get("/api/v1/rules", "list_rules", Right::Read, handler)
        .summary("Rules by which attributes make relationships")
        .gives::<api::Rules>()
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let rule = known(&*snapshot, call.path("name"))?;
        Ok(Reply::json(&report(&snapshot, &rule, false)?).at(snapshot.position()))
    }
    Route::get("/api/v1/rules/{name}", "read_rule", Right::Read, handler)
        .summary("A rule with how many relationships it makes, and the values that it makes nothing of")
        .gives::<api::RuleReport>()
}

pub fn add() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let rule = rule(call.json()?)?;
        let name = rule.name.clone();
        let command = Command::AddRule(AddRule { rule });
        if call.flag("dry_run")? {
            let (_, snapshot) = call.app.cmdb()?.dry_run(&call.context()?, command)?;
            let rule = known(&snapshot, &name)?;
            return Ok(Reply::json(&report(&snapshot, &rule, true)?));
        }
        let receipt = call.submit(command)?;
        let snapshot = call.state_after(&receipt)?;
        let rule = known(&*snapshot, &name)?;
        let location = format!("/api/v1/rules/{name}");
        let reply = Reply::json(&report(&snapshot, &rule, false)?).status(201).location(location);
        Ok(reply.at(receipt.position))
    }
    Route::post("/api/v1/rules", "add_rule", Right::Administer, handler)
        .summary("Puts a rule in force for all that is there and all that comes")
        .flag("dry_run", "say what it would make and keep nothing")
        .takes::<api::NewRule>()
        .gives::<api::RuleReport>()
        .status(201)
}

pub fn remove() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let name = SmolStr::from(call.path("name"));
        let receipt = call.submit(Command::RemoveRule(RemoveRule { name }))?;
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::delete("/api/v1/rules/{name}", "remove_rule", Right::Administer, handler)
        .summary("Takes a rule back, and with it every relationship that it made")
        .status(204)
}

fn rule(body: api::NewRule) -> Result<Rule> {
    let one = match body.one.as_deref() {
        None => One::default(),
        Some(word) => One::ALL.into_iter().find(|one| one.word() == word).ok_or_else(|| {
            let message = format!("one is target, source or neither, not \"{word}\"");
            parameter("one", message.clone()).detail("/one", message)
        })?,
    };
    Ok(Rule {
        name: body.name.into(),
        source: end(body.source, "source")?,
        kind: body.kind.into(),
        target: end(body.target, "target")?,
        one,
        ignore_case: body.ignore_case,
        group: body.group.map(Into::into),
        attributes: body.attributes.into_iter().map(|(key, text)| (key.into(), text.into())).collect(),
        by: SmolStr::default(),
        created: Position(0),
        removed: false,
    })
}

fn end(end: api::RuleEnd, word: &str) -> Result<RuleEnd> {
    let field = match (end.attribute, end.key_of) {
        (Some(name), None) if name == "name" => RuleField::Name,
        (Some(attribute), None) => RuleField::Attribute(attribute.into()),
        (None, Some(source)) => RuleField::Key(source.into()),
        _ => {
            let message = format!("the {word} of a rule states either attribute or key_of");
            return Err(Error::invalid("rule.end", message.clone()).detail(format!("/{word}"), message));
        }
    };
    Ok(RuleEnd { class: end.class.into(), field })
}

fn report(snapshot: &Snapshot, rule: &Rule, dry_run: bool) -> Result<api::RuleReport> {
    let item = |number: &ItemNumber| item_ref(snapshot, snapshot.dense(*number));
    // A rule that rests makes nothing; why is in its view.
    let found = match Resolved::of(snapshot, rule) {
        Ok(_) => survey(snapshot, rule)?,
        Err(_) => Default::default(),
    };
    Ok(api::RuleReport {
        position: snapshot.position().0,
        dry_run,
        rule: view(snapshot, rule),
        made: found.made,
        stated: found.stated,
        unmatched: found
            .unmatched
            .iter()
            .map(|one| api::Unmatched { item: item(&one.item), value: one.value.to_string() })
            .collect(),
        unmatched_count: found.unmatched_count,
        ambiguous: found
            .ambiguous
            .iter()
            .map(|one| api::AmbiguousValue {
                value: one.value.to_string(),
                items: one.items.iter().map(item).collect(),
                items_count: one.items_count,
                referrers: one.referrers,
            })
            .collect(),
        ambiguous_count: found.ambiguous_count,
    })
}

fn view(snapshot: &Snapshot, rule: &Rule) -> api::RuleView {
    let reason = Resolved::of(snapshot, rule).err().map(|e| e.message().to_owned());
    api::RuleView {
        name: rule.name.to_string(),
        source: end_view(&rule.source),
        kind: rule.kind.to_string(),
        target: end_view(&rule.target),
        one: rule.one.word(),
        ignore_case: rule.ignore_case,
        group: rule.group.as_ref().map(ToString::to_string),
        attributes: rule.attributes.iter().map(|(key, text)| (key.to_string(), text.to_string())).collect(),
        reads: format!("{} = {} → {}", rule.source, rule.target, rule.kind),
        state: if reason.is_none() { "in force" } else { "rests" },
        reason,
        by: rule.by.to_string(),
        created: rule.created.0,
    }
}

fn end_view(end: &RuleEnd) -> api::RuleEnd {
    let (attribute, key_of) = match &end.field {
        RuleField::Name => (Some("name".to_owned()), None),
        RuleField::Attribute(attribute) => (Some(attribute.to_string()), None),
        RuleField::Key(source) => (None, Some(source.to_string())),
    };
    api::RuleEnd { class: end.class.to_string(), attribute, key_of }
}
