//! SPDX 2 in JSON, and the elements of SPDX 2 whatever they were written in.

use super::joins::{Joins, is_nothing};
use crate::intake::{Intake, Item, own_class};
use crate::json::scan::Scanner;
use crate::json::walk::{Element, KEPT_BYTES_MAX, Step, Walker, walk};
use crate::{Source, tree};
use cmdb_core::{Error, Result};
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Lists whose elements are items, with their class where it is not the tool's own, and where their id and name stand.
const LISTS: [(&str, &str, &str); 4] = [
    ("packages", "SPDXID", "name"),
    ("files", "SPDXID", "fileName"),
    ("snippets", "SPDXID", "name"),
    ("hasExtractedLicensingInfos", "licenseId", "name"),
];

/// Reads a document in JSON.
pub(super) fn read(intake: &mut Intake<'_>, source: Source<'_>, file: &SmolStr) -> Result<()> {
    let mut scanner = Scanner::new(source, file.clone());
    let mut reading = Gathering { intake, rows: Vec::new(), bytes: 0, row: 0 };
    let head = walk(&mut scanner, file, &mut reading)?;
    let rows = std::mem::take(&mut reading.rows);
    document(intake, file, &head, rows)
}

/// Elements kept until the namespace is known, which may stand last.
struct Gathering<'i, 'a> {
    intake: &'i mut Intake<'a>,
    rows: Vec<(u64, &'static str, Json)>,
    bytes: usize,
    row: u64,
}

/// Bytes of elements kept of one document, as a multiple of what other formats keep: a document of a hundred thousand
/// packages is long.
const ELEMENTS_BYTES_MAX: usize = 8 * KEPT_BYTES_MAX;

impl Walker for Gathering<'_, '_> {
    fn step(&mut self, place: &str, is_list: bool) -> Step {
        let streamed = LISTS.iter().any(|(list, ..)| *list == place) || place == "relationships";
        match place {
            "" => Step::Enter,
            _ if is_list && streamed => Step::Stream,
            _ => Step::Take,
        }
    }

    fn element(&mut self, element: Element<'_>) -> Result<()> {
        self.row += 1;
        let list = LISTS.iter().map(|(list, ..)| *list).find(|list| *list == element.place);
        match element.json {
            Err((code, message)) => self.intake.complain(self.row, None, code, message),
            Ok(json) => {
                self.bytes += weight(&json);
                if self.bytes > ELEMENTS_BYTES_MAX {
                    let message =
                        format!("the document holds more than {ELEMENTS_BYTES_MAX} bytes of elements");
                    return Err(Error::limit("spdx.too-long", message));
                }
                self.rows.push((self.row, list.unwrap_or("relationships"), json));
            }
        }
        Ok(())
    }
}

/// What a tree takes in memory, roughly.
fn weight(json: &Json) -> usize {
    match json {
        Json::String(text) => 32 + text.len(),
        Json::Array(list) => 32 + list.iter().map(weight).sum::<usize>(),
        Json::Object(map) => 32 + map.iter().map(|(key, one)| 32 + key.len() + weight(one)).sum::<usize>(),
        _ => 32,
    }
}

/// Lays out a document: its head, and its elements with the list each stands in.
pub(super) fn document(
    intake: &mut Intake<'_>,
    file: &str,
    head: &Json,
    elements: Vec<(u64, &'static str, Json)>,
) -> Result<()> {
    let Some(namespace) = tree::text(head, "/documentNamespace").or_else(|| tree::text(head, "/name")) else {
        let message = format!("\"{file}\" states neither a documentNamespace nor a name");
        return Err(Error::invalid("spdx.no-namespace", message));
    };
    let references = References::of(namespace, head);
    let own = references.id(tree::text(head, "/SPDXID").unwrap_or("SPDXRef-DOCUMENT"));
    let mut item = Item::new(own_class("Spdx", "SpdxDocument"), own.as_str()).name(tree::word(head, "/name"));
    item.text("spdx_list", Some("document"));
    item.rest("", head, &["name", "SPDXID", "documentDescribes"]);
    intake.item(0, item)?;
    let mut joins = Joins::default();
    for described in tree::list(head, "/documentDescribes").iter().filter_map(Json::as_str) {
        joins.add(0, own.clone(), "DESCRIBES", references.id(described))?;
    }
    for (row, list, json) in &elements {
        match LISTS.iter().find(|(known, ..)| known == list) {
            Some((_, id, name)) => element(intake, &references, &mut joins, *row, list, json, [id, name])?,
            None => join(intake, &references, &mut joins, *row, json)?,
        }
    }
    joins.finish(intake)
}

fn element(
    intake: &mut Intake<'_>,
    references: &References<'_>,
    joins: &mut Joins,
    row: u64,
    list: &str,
    json: &Json,
    [id_key, name_key]: [&str; 2],
) -> Result<()> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let Some(own) = text(id_key) else {
        intake.complain(row, Some(id_key), "spdx.no-id", format!("an element of {list} has no {id_key}"));
        return Ok(());
    };
    let id = references.id(own);
    let class = match list {
        "packages" => SmolStr::new_static("SoftwarePackage"),
        "files" => own_class("Spdx", "File"),
        "snippets" => own_class("Spdx", "Snippet"),
        _ => own_class("Spdx", "License"),
    };
    let mut item = Item::new(class, id.as_str()).name(text(name_key).or(Some(own)));
    item.text("spdx_list", Some(list));
    if list == "packages" {
        item.text("version", text("versionInfo"));
        let said = |keys: [&str; 2]| keys.into_iter().filter_map(text).find(|one| !is_nothing(one));
        item.text("licence", said(["licenseConcluded", "licenseDeclared"]));
        item.text("vendor", said(["supplier", "originator"]).map(maker));
        item.text("purl", external(json, "purl"));
        item.text("cpe", external(json, "cpe23Type").or_else(|| external(json, "cpe22Type")));
    }
    item.rest("", json, &[id_key, name_key, "versionInfo", "hasFiles"]);
    intake.item(row, item)?;
    for file in tree::list(json, "/hasFiles").iter().filter_map(Json::as_str) {
        joins.add(row, id.clone(), "CONTAINS", references.id(file))?;
    }
    Ok(())
}

fn join(
    intake: &mut Intake<'_>,
    references: &References<'_>,
    joins: &mut Joins,
    row: u64,
    json: &Json,
) -> Result<()> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let parts = (text("spdxElementId"), text("relationshipType"), text("relatedSpdxElement"));
    let (Some(source), Some(word), Some(target)) = parts else {
        let message = "a relationship lacks spdxElementId, relationshipType or relatedSpdxElement";
        intake.complain(row, None, "spdx.relationship", message);
        return Ok(());
    };
    if is_nothing(source) || is_nothing(target) {
        intake.note(row, "note.field", format!("a relationship {word} with {target}"));
        return Ok(());
    }
    joins.add(row, references.id(source), word, references.id(target))
}

/// `Organization: Google LLC (mail)` without its kind.
fn maker(text: &str) -> &str {
    ["Organization:", "Person:", "Tool:"]
        .iter()
        .find_map(|kind| text.strip_prefix(kind))
        .unwrap_or(text)
        .trim()
}

/// The locator of an external reference of a kind, written as an object or as `CATEGORY kind locator`.
fn external<'j>(json: &'j Json, kind: &str) -> Option<&'j str> {
    tree::list(json, "/externalRefs").iter().find_map(|one| match one {
        Json::String(text) => {
            let mut words = text.split_whitespace().skip(1);
            (words.next() == Some(kind)).then(|| words.next()).flatten()
        }
        one => (tree::text(one, "/referenceType") == Some(kind))
            .then(|| tree::text(one, "/referenceLocator"))
            .flatten(),
    })
}

/// Where the ids of a document and of those it refers to lead.
struct References<'h> {
    namespace: &'h str,
    documents: HashMap<String, String>,
}

impl<'h> References<'h> {
    fn of(namespace: &'h str, head: &Json) -> Self {
        let refs = tree::list(head, "/externalDocumentRefs").iter().filter_map(|one| match one {
            // Of tags and values: `DocumentRef-x https://… SHA1: …`.
            Json::String(text) => {
                let mut words = text.split_whitespace();
                Some((words.next()?.to_owned(), words.next()?.to_owned()))
            }
            one => Some((
                tree::text(one, "/externalDocumentId")?.to_owned(),
                tree::text(one, "/spdxDocument")?.to_owned(),
            )),
        });
        References { namespace, documents: refs.collect() }
    }

    fn id(&self, written: &str) -> String {
        let (document, id) = match written.split_once(':') {
            Some((document, id)) if document.starts_with("DocumentRef-") => {
                (self.documents.get(document).map_or(document, String::as_str), id)
            }
            _ => (self.namespace, written),
        };
        format!("{document}#{id}")
    }
}
