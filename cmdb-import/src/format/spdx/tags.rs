//! SPDX 2 as tags and values, brought into the shape of its JSON.

use super::elements;
use crate::intake::Intake;
use crate::json::walk::KEPT_BYTES_MAX;
use crate::{Source, lines};
use cmdb_core::{Error, Result};
use serde_json::{Map, Value as Json};

/// The tags that begin an element, with the list it stands in.
const OPENING: [(&str, &str); 4] = [
    ("PackageName", "packages"),
    ("FileName", "files"),
    ("SnippetSPDXID", "snippets"),
    ("LicenseID", "hasExtractedLicensingInfos"),
];
/// Tags that the JSON calls otherwise than the tag in lower camel case without the element's name.
const RENAMED: [(&str, &str); 14] = [
    ("SPDXID", "SPDXID"),
    ("SPDXVersion", "spdxVersion"),
    ("DocumentName", "name"),
    ("DocumentNamespace", "documentNamespace"),
    ("ExternalDocumentRef", "externalDocumentRefs"),
    ("PackageName", "name"),
    ("PackageVersion", "versionInfo"),
    ("PackageFileName", "packageFileName"),
    ("FileName", "fileName"),
    ("FileType", "fileTypes"),
    ("SnippetSPDXID", "SPDXID"),
    ("LicenseID", "licenseId"),
    ("LicenseName", "name"),
    ("ExternalRef", "externalRefs"),
];
/// Tags that may stand more than once, which are lists even if they stand once.
const LISTS: [&str; 7] = [
    "externalDocumentRefs",
    "externalRefs",
    "fileTypes",
    "checksum",
    "creator",
    "contributor",
    "attributionText",
];

/// Reads a document.
pub(super) fn read(intake: &mut Intake<'_>, source: Source<'_>, file: &str) -> Result<()> {
    let mut reading = Reading::default();
    lines::each(source, file, &mut |number, line| reading.line(file, number, line))?;
    if let Some((number, tag, _)) = reading.open {
        let message = format!("the <text> of {tag} in line {number} of \"{file}\" does not end");
        return Err(Error::invalid("spdx.truncated", message));
    }
    elements::document(intake, file, &Json::Object(reading.head), reading.elements)
}

#[derive(Default)]
struct Reading {
    head: Map<String, Json>,
    elements: Vec<(u64, &'static str, Json)>,
    /// A text of several lines: where it began, its tag, and what was read of it.
    open: Option<(u64, String, String)>,
    bytes: usize,
}

impl Reading {
    fn line(&mut self, file: &str, number: u64, line: &str) -> Result<()> {
        self.bytes += line.len();
        if self.bytes > 4 * KEPT_BYTES_MAX {
            let message =
                format!("\"{file}\" is longer than {} bytes; SPDX in JSON may be longer", 4 * KEPT_BYTES_MAX);
            return Err(Error::limit("spdx.too-long", message));
        }
        if let Some((began, tag, mut text)) = self.open.take() {
            text.push('\n');
            match line.split_once("</text>") {
                Some((last, _)) => {
                    text.push_str(last);
                    return self.tag(file, began, &tag, text.trim());
                }
                None => {
                    text.push_str(line);
                    self.open = Some((began, tag, text));
                    return Ok(());
                }
            }
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let Some((tag, value)) = line.split_once(':') else {
            let message = format!("line {number} of \"{file}\" is not TAG: VALUE");
            return Err(Error::invalid("spdx.syntax", message));
        };
        let (tag, value) = (tag.trim(), value.trim());
        match value.strip_prefix("<text>").map(|text| (text, text.split_once("</text>"))) {
            None => self.tag(file, number, tag, value),
            Some((_, Some((text, _)))) => self.tag(file, number, tag, text.trim()),
            Some((text, None)) => {
                self.open = Some((number, tag.to_owned(), text.to_owned()));
                Ok(())
            }
        }
    }

    fn tag(&mut self, file: &str, number: u64, tag: &str, value: &str) -> Result<()> {
        if tag == "Relationship" {
            let words: Vec<&str> = value.split_whitespace().collect();
            let [source, kind, target] = words.as_slice() else {
                let message = format!("the relationship in line {number} of \"{file}\" is not ID TYPE ID");
                return Err(Error::invalid("spdx.syntax", message));
            };
            let parts =
                [("spdxElementId", source), ("relationshipType", kind), ("relatedSpdxElement", target)];
            let object = parts.iter().map(|(key, text)| ((*key).to_owned(), Json::from(**text)));
            self.elements.push((number, "relationships", Json::Object(object.collect())));
            return Ok(());
        }
        if let Some((_, list)) = OPENING.iter().find(|(opening, _)| *opening == tag) {
            self.elements.push((number, list, Json::Object(Map::new())));
        }
        // What stands between an element and the next belongs to it, relationships in between do not.
        let owner = self.elements.iter_mut().rev().find(|(_, list, _)| *list != "relationships");
        let into = match owner {
            Some((_, _, Json::Object(map))) => map,
            _ => &mut self.head,
        };
        let key = key(tag);
        match into.get_mut(&key) {
            None if LISTS.contains(&key.as_str()) => {
                drop(into.insert(key, Json::Array(vec![Json::from(value)])))
            }
            None => drop(into.insert(key, Json::from(value))),
            Some(Json::Array(list)) => list.push(Json::from(value)),
            Some(one) => *one = Json::Array(vec![one.take(), Json::from(value)]),
        }
        Ok(())
    }
}

/// The JSON's name of a tag: `PackageLicenseConcluded` → `licenseConcluded`.
fn key(tag: &str) -> String {
    if let Some((_, renamed)) = RENAMED.iter().find(|(known, _)| *known == tag) {
        return (*renamed).to_owned();
    }
    let bare = ["Package", "File", "Snippet"].iter().find_map(|kind| tag.strip_prefix(kind)).unwrap_or(tag);
    let mut letters = if bare.is_empty() { tag } else { bare }.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}
