//! AWS Config: snapshots, change notifications and answers about a resource's configuration.

use super::aws;
use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;
use std::collections::HashMap;

pub(super) struct AwsConfig;

/// Relationships and names remembered until every item is known.
const REMEMBERED_MAX: usize = 2_000_000;
const LISTS: [&str; 2] = ["configurationItems", "baseConfigurationItems"];

impl Format for AwsConfig {
    fn name(&self) -> &'static str {
        "aws-config"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let Some(keys) = Keys::of(head) else { return false };
        let notified =
            keys.value("Message").is_some_and(|m| memchr::memmem::find(m, b"configurationItem").is_some());
        LISTS.iter().any(|list| keys.is_list(list)) || notified || keys.has("configurationItem")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("aws", input, sink, |intake, source, file| {
            let mut known = Known::default();
            let mut take = |intake: &mut Intake<'_>, row, json| known.document(intake, row, json);
            records::each(intake, source, file, &LISTS, &mut take)?;
            known.finish(intake)
        })
    }
}

#[derive(Default)]
struct Known {
    /// (type in lower case, name) → id, for relationships that only name their target.
    names: HashMap<(String, String), String>,
    relations: Vec<Relation>,
}

struct Relation {
    row: u64,
    id: String,
    verb: String,
    kind: String,
    target: Option<String>,
    name: Option<String>,
}

impl Known {
    /// A configuration item, or a message that wraps some.
    fn document(&mut self, intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
        let message = match json.get("Message") {
            Some(Json::String(text)) => match tree::from_json(text.as_bytes()) {
                Ok(inner) => inner,
                Err(_) => {
                    intake.complain(row, Some("Message"), "aws.no-message", "the message is not JSON");
                    return Ok(());
                }
            },
            Some(inner) => inner.clone(),
            None => json,
        };
        match message.get("configurationItem") {
            Some(Json::Array(items)) => items.iter().try_for_each(|item| self.item(intake, row, item)),
            Some(item) => self.item(intake, row, item),
            None => self.item(intake, row, &message),
        }
    }

    fn item(&mut self, intake: &mut Intake<'_>, row: u64, json: &Json) -> Result<()> {
        let (Some(kind), Some(native)) = (tree::text(json, "/resourceType"), tree::text(json, "/resourceId"))
        else {
            intake.complain(
                row,
                None,
                "aws.no-id",
                "the configuration item has no resourceType or no resourceId",
            );
            return Ok(());
        };
        let id = aws::id(kind, native);
        let named = tree::text(json, "/resourceName");
        let tagged = tree::text(json, "/tags/Name");
        let mut item =
            Item::new(aws::class(kind), id.as_str()).name(Some(tagged.or(named).unwrap_or(native)));
        item.text("aws.type", Some(kind));
        let deleted =
            tree::text(json, "/configurationItemStatus").is_some_and(|s| s.starts_with("ResourceDeleted"));
        item.set("status", deleted.then(|| Value::text("retired")));
        // In answers the configuration is a text that holds JSON.
        let configuration = match json.get("configuration") {
            Some(Json::String(text)) => {
                tree::from_json(text.as_bytes()).unwrap_or_else(|_| Json::from(text.as_str()))
            }
            Some(other) => other.clone(),
            None => Json::Null,
        };
        aws::describe(&mut item, kind, &configuration);
        item.set("tags", aws::tag_texts(json.get("tags")));
        item.rest("", json, &["configuration", "relationships", "tags"]);
        item.rest("configuration", &configuration, &[]);
        intake.item(row, item)?;
        if self.names.len() < REMEMBERED_MAX
            && let Some(name) = named
        {
            self.names.insert((kind.to_lowercase(), name.to_owned()), id.clone());
        }
        for relation in tree::list(json, "/relationships") {
            let text = |pointer| tree::text(relation, pointer).map(str::to_owned);
            let verb = text("/name").or_else(|| text("/relationshipName"));
            let (Some(verb), Some(kind)) = (verb, text("/resourceType")) else {
                intake.complain(
                    row,
                    Some("relationships"),
                    "aws.no-verb",
                    "a relationship has no name or no resourceType",
                );
                continue;
            };
            if self.relations.len() < REMEMBERED_MAX {
                let (target, name) = (text("/resourceId"), text("/resourceName"));
                self.relations.push(Relation { row, id: id.clone(), verb, kind, target, name });
            }
        }
        Ok(())
    }

    fn finish(self, intake: &mut Intake<'_>) -> Result<()> {
        for Relation { row, id, verb, kind, target, name } in self.relations {
            let named = name.as_ref().and_then(|name| self.names.get(&(kind.to_lowercase(), name.clone())));
            let target = match (target, named, &name) {
                (Some(native), _, _) => aws::id(&kind, &native),
                (None, Some(id), _) => id.clone(),
                (None, None, Some(name)) => aws::id(&kind, name),
                (None, None, None) => {
                    intake.complain(
                        row,
                        Some("relationships"),
                        "aws.no-target",
                        format!("\"{verb}\" names no target"),
                    );
                    continue;
                }
            };
            let (relationship, reversed) = relationship(&verb, &kind);
            let (source, target) = if reversed { (&target, &id) } else { (&id, &target) };
            intake.relate(row, source, &relationship, target)?;
        }
        Ok(())
    }
}

/// The relationship a verb means, and whether it is told from the other end. `Is contained in Subnet` → contains,
/// turned round; a verb that is not known becomes a type of its own.
fn relationship(verb: &str, kind: &str) -> (String, bool) {
    let verb = verb.trim().to_lowercase();
    let is_volume = kind.eq_ignore_ascii_case("AWS::EC2::Volume");
    let known = match verb.as_str() {
        v if v.starts_with("is contained in") => ("contains", true),
        v if v.starts_with("contains") => ("contains", false),
        v if v.starts_with("attached to") || v.starts_with("is attached to instance") => ("stored_on", true),
        v if v.starts_with("attached") && is_volume => ("stored_on", false),
        v if v.starts_with("is attached to") && is_volume => ("stored_on", false),
        v if v.starts_with("attached") || v.starts_with("is attached to") => ("uses", false),
        v if v.starts_with("is associated with") && kind.to_lowercase().ends_with("securitygroup") => {
            ("protected_by", false)
        }
        v if v.starts_with("is associated with") => ("relates_to", false),
        _ => return (verb.split_whitespace().collect::<Vec<_>>().join("_"), false),
    };
    (known.0.to_owned(), known.1)
}
