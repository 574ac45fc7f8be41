//! YAML: a list of records, one record a document, or `items` and `relationships`, each a list of records.
//!
//! A record says what an object of a JSON file says. Its row is its 1-based place in its list, or in the file where
//! each document is one record.

use super::{Format, Input, has_extension};
use crate::json::entries::Entries;
use crate::json::rows::Rows;
use crate::tree::{self, Unkept};
use crate::yaml::Documents;
use crate::{COLUMNS_MAX, Options, REASON_COLUMN, Rejected, Sink};
use cmdb_core::model::intake::TableKind;
use cmdb_core::{Error, Result};
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::io::Write;

mod rejects;

pub(super) struct Yaml;

impl Format for Yaml {
    fn name(&self) -> &'static str {
        "yaml"
    }

    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        has_extension(file_name, &["yaml", "yml"]) || head.starts_with(b"---\n") || head.starts_with(b"--- ")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        let Input { file, source, options } = input;
        let mut documents = Documents::new(source);
        let mut found = false;
        while let Some(document) = documents.next()? {
            found = true;
            match document.json {
                Ok(json) => take(json, document.number, &file, options, sink)?,
                Err((code, message)) => crate::yaml::complain(sink, &file, document.line, code, message),
            }
        }
        match found {
            true => Ok(()),
            false => Err(Error::invalid("yaml.empty", format!("\"{file}\" is empty"))),
        }
    }

    fn rejects(&self, input: Input<'_>, rejected: &Rejected, out: &mut dyn Write) -> Result<bool> {
        rejects::write(Documents::new(input.source), &input.file, rejected, out).map(|()| true)
    }
}

fn take(json: Json, number: u64, file: &SmolStr, options: &Options, sink: &mut dyn Sink) -> Result<()> {
    match json {
        Json::Array(records) => list(records, file.clone(), None, options, sink),
        Json::Object(mut map) if map.contains_key("items") || map.contains_key("relationships") => {
            let sections = [("items", TableKind::Items), ("relationships", TableKind::Relationships)];
            for (key, kind) in sections {
                match map.remove(key) {
                    None | Some(Json::Null) => {}
                    Some(Json::Array(records)) => {
                        list(records, SmolStr::from(format!("{file}#{key}")), Some(kind), options, sink)?;
                    }
                    Some(_) => {
                        return Err(Error::invalid("yaml.wrong-type", format!("\"{key}\" is not a list")));
                    }
                }
            }
            for key in map.keys() {
                let message = format!("\"{key}\" is neither items nor relationships and was left out");
                crate::yaml::complain(sink, file, 0, "note.field", message);
            }
            Ok(())
        }
        record => {
            let mut rows = Rows::new(file.clone(), None, options, sink);
            push(&mut rows, number, record)?;
            rows.flush()
        }
    }
}

fn list(
    records: Vec<Json>,
    file: SmolStr,
    section: Option<TableKind>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<()> {
    let mut rows = Rows::new(file, section, options, sink);
    for (at, record) in records.into_iter().enumerate() {
        push(&mut rows, at as u64 + 1, record)?;
    }
    rows.flush()
}

fn push(rows: &mut Rows<'_>, row: u64, record: Json) -> Result<()> {
    let Json::Object(map) = record else {
        rows.complain(
            row,
            None,
            "yaml.not-a-record",
            "the element is not a record of keys and values".to_owned(),
        );
        return Ok(());
    };
    if map.len() > COLUMNS_MAX {
        rows.complain(
            row,
            None,
            "yaml.too-many-keys",
            format!("the record has more than {COLUMNS_MAX} keys"),
        );
        return Ok(());
    }
    let mut entries: Entries = Vec::with_capacity(map.len());
    let mut length = 0;
    for (key, value) in map.into_iter().filter(|(key, _)| key != REASON_COLUMN) {
        length += key.len() + 16;
        // An empty list or map is stated, as in JSON; only null says nothing.
        let read = match &value {
            Json::Null => Ok(None),
            Json::Array(list) if list.is_empty() => Ok(Some(cmdb_core::model::Value::List(Vec::new()))),
            Json::Object(map) if map.is_empty() => Ok(Some(cmdb_core::model::Value::Map(Vec::new()))),
            other => tree::to_value(other).map(Some),
        };
        if let Json::String(text) = &value {
            length += text.len();
        }
        match read {
            Ok(value) => entries.push((SmolStr::from(key), value)),
            Err(Unkept::Nothing) => entries.push((SmolStr::from(key), None)),
            Err(Unkept::TooLong) => {
                rows.complain(row, Some(key.into()), "yaml.text-too-long", "the text is too long".to_owned());
                return Ok(());
            }
            Err(Unkept::Nul) => {
                rows.complain(row, Some(key.into()), "yaml.nul", "the text holds a NUL character".to_owned());
                return Ok(());
            }
        }
    }
    rows.push(row, length, entries)
}
