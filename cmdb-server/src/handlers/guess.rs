//! A mapping profile guessed from a file, to be looked at before anything is imported.

use crate::api;
use crate::call::{Call, parameter};
use crate::reply::Reply;
use crate::route::{ParamKind, Route};
use cmdb_core::command::Right;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::{Error, Kind, Result};
use cmdb_import::guess::{self, Guess, KnownClass};

pub fn ask() -> Route {
    fn handler(mut call: Call) -> Result<Reply> {
        let uploads = std::mem::take(&mut call.uploads);
        let [file] = uploads.0.as_slice() else {
            let message = format!("a profile is guessed from one file; these are {}", uploads.0.len());
            return Err(Error::invalid("guess.one-file", message));
        };
        let mut reading = cmdb_import::Options::default();
        if let Some(word) = call.text("as") {
            reading.read_as(word)?;
        }
        for pair in call.texts("set") {
            let parts = pair.split_once('=');
            let (column, value) =
                parts.ok_or_else(|| parameter("set", format!("\"{pair}\" is not column=value")))?;
            reading.set.push((column.to_owned(), value.to_owned()));
        }
        let name = call.text("name").unwrap_or(&file.name);
        let mut input = std::fs::File::open(&file.path).map_err(|e| {
            Error::new(Kind::NotFound, "import.no-file", format!("{name} cannot be read: {e}")).caused_by(e)
        })?;
        let snapshot = call.snapshot()?;
        let guess = guess::guess(name, &mut input, &reading, &known(&snapshot))?;
        Ok(Reply::json(&view(guess)).at(snapshot.position()))
    }
    Route::post("/api/v1/imports/guess", "guess_mapping", Right::Read, handler)
        .summary("Guesses a mapping profile from a file's header and values; imports nothing")
        .text("name", "the file's name, where the body is the file")
        .text("as", "`items` or a format; guessed from the content if not stated")
        .param("set", ParamKind::Texts, "`column=value` for every row, such as `class=Server`")
        .takes_files()
        .gives::<api::GuessedMapping>()
}

/// The classes that rows may be of.
fn known(snapshot: &Snapshot) -> Vec<KnownClass> {
    let classes = snapshot.schema().classes().filter(|class| !class.definition.is_abstract);
    let mut known: Vec<KnownClass> = classes
        .map(|class| KnownClass {
            name: class.definition.name.clone(),
            label: class.definition.label.clone().unwrap_or_default(),
            attributes: class.attributes.values().cloned().collect(),
            statuses: class
                .lifecycle
                .iter()
                .flat_map(|l| &l.states)
                .map(|state| state.name.clone())
                .collect(),
        })
        .collect();
    known.sort_by(|a, b| a.name.cmp(&b.name));
    known
}

fn view(guess: Guess) -> api::GuessedMapping {
    let columns = guess.columns.into_iter().map(|column| api::GuessedColumn {
        column: column.column.to_string(),
        to: column.to,
        confidence: column.confidence,
        reason: column.reason,
        samples: column.samples,
    });
    api::GuessedMapping {
        format: guess.format.to_owned(),
        class: guess.class.map(|class| class.to_string()),
        columns: columns.collect(),
        profile: guess.profile,
    }
}
