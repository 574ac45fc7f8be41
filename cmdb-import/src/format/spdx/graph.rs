//! SPDX 3 in JSON-LD: every element but relationships and creation information is an item under its own id.

use super::joins::{Joins, is_nothing};
use crate::intake::{Intake, Item, own_class};
use crate::json::scan::Scanner;
use crate::json::walk::{Element, Step, Walker, walk};
use crate::{Source, tree};
use cmdb_core::Result;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// Reads a document.
pub(super) fn read(intake: &mut Intake<'_>, source: Source<'_>, file: &SmolStr) -> Result<()> {
    let mut scanner = Scanner::new(source, file.clone());
    let mut reading = Reading { intake, joins: Joins::default(), row: 0 };
    walk(&mut scanner, file, &mut reading)?;
    reading.joins.finish(reading.intake)
}

struct Reading<'i, 'a> {
    intake: &'i mut Intake<'a>,
    joins: Joins,
    row: u64,
}

impl Walker for Reading<'_, '_> {
    fn step(&mut self, place: &str, is_list: bool) -> Step {
        match place {
            "" => Step::Enter,
            "@graph" if is_list => Step::Stream,
            _ => Step::Take,
        }
    }

    fn element(&mut self, element: Element<'_>) -> Result<()> {
        self.row += 1;
        match element.json {
            Err((code, message)) => {
                self.intake.complain(self.row, None, code, message);
                Ok(())
            }
            Ok(json) => self.take(&json),
        }
    }
}

impl Reading<'_, '_> {
    fn take(&mut self, json: &Json) -> Result<()> {
        let kind = tree::text(json, "/type").or_else(|| tree::text(json, "/@type")).unwrap_or("");
        if kind.ends_with("Relationship") {
            return self.relationship(json);
        }
        if kind == "CreationInfo" {
            self.intake.note(self.row, "note.field", "CreationInfo");
            return Ok(());
        }
        let Some(id) = tree::text(json, "/spdxId").or_else(|| tree::text(json, "/@id")) else {
            let message = format!("an element of type \"{kind}\" has no spdxId");
            self.intake.complain(self.row, Some("spdxId"), "spdx.no-id", message);
            return Ok(());
        };
        let class = match kind {
            "software_Package" => SmolStr::new_static("SoftwarePackage"),
            // The profile in front of a type says where it is defined, not what it is.
            other => own_class("Spdx", other.rsplit('_').next().unwrap_or(other)),
        };
        let name =
            tree::text(json, "/name").or_else(|| tree::text(json, "/simplelicensing_licenseExpression"));
        let mut item = Item::new(class, id).name(name.or(Some(id)));
        item.text("spdx_list", Some(kind));
        if kind == "software_Package" {
            item.text("version", tree::text(json, "/software_packageVersion"));
            item.text(
                "purl",
                tree::text(json, "/software_packageUrl").or_else(|| identifier(json, "packageUrl")),
            );
            item.text("cpe", identifier(json, "cpe23").or_else(|| identifier(json, "cpe22")));
        }
        item.rest("", json, &["spdxId", "@id", "type", "@type", "name"]);
        self.intake.item(self.row, item)
    }

    fn relationship(&mut self, json: &Json) -> Result<()> {
        let (source, word) = (tree::text(json, "/from"), tree::text(json, "/relationshipType"));
        let (Some(source), Some(word)) = (source, word) else {
            let message = "a relationship lacks from or relationshipType";
            self.intake.complain(self.row, None, "spdx.relationship", message);
            return Ok(());
        };
        let one = json.get("to").filter(|to| to.is_string()).map(std::slice::from_ref);
        for target in one.unwrap_or(tree::list(json, "/to")).iter().filter_map(Json::as_str) {
            if is_nothing(target) {
                self.intake.note(self.row, "note.field", format!("a relationship {word} with {target}"));
                continue;
            }
            self.joins.add(self.row, source.to_owned(), word, target.to_owned())?;
        }
        Ok(())
    }
}

/// An external identifier of a kind.
fn identifier<'j>(json: &'j Json, kind: &str) -> Option<&'j str> {
    let mut all = tree::list(json, "/externalIdentifier").iter();
    let found = all.find(|one| tree::text(one, "/externalIdentifierType") == Some(kind));
    found.and_then(|one| tree::text(one, "/identifier"))
}
