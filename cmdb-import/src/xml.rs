//! XML, element by element: no document type with declarations, no entities but the built-in ones, and bounds on
//! depth, parts and bytes. An element that a format calls a record is handed out whole; the others are walked through.

use crate::{ROW_BYTES_MAX, Source};
use cmdb_core::{Error, Result};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::io::{BufRead, Read};

/// How deep elements may nest.
pub(crate) const DEPTH_MAX: usize = 64;
/// Elements and attributes of one record at most.
const PARTS_MAX: usize = 200_000;

/// One element with everything in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub name: SmolStr,
    pub attributes: Vec<(SmolStr, String)>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|v| !v.is_empty())
    }
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }
    pub fn children<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
    /// The text of a child that is not empty.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }
    /// The element as a JSON tree: a text where there is nothing else, else an object of attributes and children, in
    /// which a name that stands several times, or that `lists` names, is a list.
    pub fn to_json(&self, lists: &[&str]) -> Json {
        if self.attributes.is_empty() && self.children.is_empty() {
            return Json::from(self.text.trim());
        }
        let mut object = serde_json::Map::new();
        for (name, value) in &self.attributes {
            object.insert(name.to_string(), Json::from(value.as_str()));
        }
        for child in &self.children {
            let json = child.to_json(lists);
            match object.get_mut(child.name.as_str()) {
                Some(Json::Array(all)) if lists.contains(&child.name.as_str()) => all.push(json),
                Some(known) => {
                    let before = known.take();
                    *known = match before {
                        Json::Array(mut all) => {
                            all.push(json);
                            Json::Array(all)
                        }
                        one => Json::Array(vec![one, json]),
                    };
                }
                None if lists.contains(&child.name.as_str()) => {
                    object.insert(child.name.to_string(), Json::Array(vec![json]));
                }
                None => drop(object.insert(child.name.to_string(), json)),
            }
        }
        if !self.text.trim().is_empty() {
            object.insert("text".to_owned(), Json::from(self.text.trim()));
        }
        Json::Object(object)
    }
}

/// What is met on the way.
pub(crate) enum Met {
    /// An element that is walked through: its name and attributes, without text and children.
    Opened(Element),
    Record(Element),
}

/// Walks the document. `is_record` is asked with the path of names from the root, joined with `/`.
pub(crate) fn each(
    source: Source<'_>,
    file: &str,
    is_record: &dyn Fn(&str) -> bool,
    take: &mut dyn FnMut(u64, Met) -> Result<()>,
) -> Result<()> {
    let mut reader = Reader::from_reader(Budgeted { source, left: ROW_BYTES_MAX });
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk { path: Vec::new(), open: Vec::new(), parts: 0, bytes: 0, rows: 0 };
    let mut buffer = Vec::new();
    let mut seen = false;
    loop {
        buffer.clear();
        reader.get_mut().left = ROW_BYTES_MAX;
        let event = reader.read_event_into(&mut buffer).map_err(|e| syntax(file, &e.to_string()))?;
        match event {
            Event::Eof if !seen => {
                return Err(Error::invalid("xml.empty", format!("\"{file}\" holds no element")));
            }
            Event::Eof if walk.path.is_empty() => return Ok(()),
            Event::Eof => {
                return Err(Error::invalid("xml.truncated", format!("\"{file}\" ends inside an element")));
            }
            Event::Start(start) => {
                seen = true;
                let element = walk.start(file, &start)?;
                walk.path.push(element.name.clone());
                if walk.open.is_empty() && !is_record(&walk.path.join("/")) {
                    take(walk.rows, Met::Opened(element))?;
                } else {
                    walk.open.push(element);
                }
            }
            Event::End(_) => {
                walk.path.pop();
                if let Some(done) = walk.open.pop() {
                    match walk.open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => {
                            walk.rows += 1;
                            (walk.parts, walk.bytes) = (0, 0);
                            take(walk.rows, Met::Record(done))?;
                        }
                    }
                }
            }
            Event::Text(text) => walk.text(file, &text.xml10_content())?,
            Event::CData(text) => walk.text(file, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    _ => match &*reference.xml10_content() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "apos" => '\'',
                        "quot" => '"',
                        other => return Err(entity(file, other)),
                    },
                };
                walk.text(file, character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(declared) if declared.xml10_content().contains(['[', '<']) => {
                let message = format!("\"{file}\" declares a document type of its own, which is not read");
                return Err(
                    Error::invalid("xml.dtd", message).hint("take the declarations out of <!DOCTYPE …>")
                );
            }
            Event::Decl(declaration) => check_encoding(file, declaration.encoding())?,
            _ => {}
        }
    }
}

struct Walk {
    path: Vec<SmolStr>,
    /// The record being read and the elements open inside it.
    open: Vec<Element>,
    parts: usize,
    bytes: usize,
    rows: u64,
}

impl Walk {
    fn start(&mut self, file: &str, start: &BytesStart<'_>) -> Result<Element> {
        if self.path.len() == DEPTH_MAX {
            return Err(Error::limit(
                "xml.too-deep",
                format!("elements of \"{file}\" nest deeper than {DEPTH_MAX}"),
            ));
        }
        let mut element =
            Element { name: SmolStr::new(start.local_name().into_inner()), ..Element::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| syntax(file, &e.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|e| syntax(file, &e.to_string()))?;
            self.count(file, value.len())?;
            element
                .attributes
                .push((SmolStr::new(attribute.key.local_name().into_inner()), value.into_owned()));
        }
        self.count(file, element.name.len())?;
        Ok(element)
    }

    fn text(&mut self, file: &str, text: &str) -> Result<()> {
        self.count(file, text.len())?;
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
        Ok(())
    }

    fn count(&mut self, file: &str, bytes: usize) -> Result<()> {
        if self.open.is_empty() {
            (self.parts, self.bytes) = (0, 0);
        }
        self.parts += 1;
        self.bytes += bytes;
        if self.parts <= PARTS_MAX && self.bytes <= ROW_BYTES_MAX {
            return Ok(());
        }
        let message =
            format!("a record of \"{file}\" is longer than {ROW_BYTES_MAX} bytes or {PARTS_MAX} parts");
        Err(Error::limit("xml.record-too-long", message))
    }
}

fn check_encoding<E>(
    file: &str,
    encoding: Option<std::result::Result<std::borrow::Cow<'_, str>, E>>,
) -> Result<()> {
    match encoding {
        Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("us-ascii") => {
            let message = format!("\"{file}\" is written in {name}");
            Err(Error::invalid("import.not-utf8", message).hint("save it as UTF-8"))
        }
        _ => Ok(()),
    }
}

fn entity(file: &str, name: &str) -> Error {
    let message = format!("\"{file}\" uses the entity &{name};, which is not one of XML's own");
    Error::invalid("xml.entity", message)
}

fn syntax(file: &str, message: &str) -> Error {
    Error::invalid("xml.syntax", format!("\"{file}\" is not valid XML: {message}"))
}

/// The source for the parser, which may take only so much before the next event is out.
struct Budgeted<'a> {
    source: Source<'a>,
    left: usize,
}

impl Read for Budgeted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.fill_buf()?.len().min(into.len());
        into[..count].copy_from_slice(&self.source.bytes()[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Budgeted<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Err(std::io::Error::other(format!("a part is longer than {ROW_BYTES_MAX} bytes")));
        }
        if self.source.bytes().is_empty() {
            self.source.more().map_err(std::io::Error::other)?;
        }
        Ok(self.source.bytes())
    }
    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.source.consume(count);
    }
}
