//! Going on with an import that did not get to its end: somebody cancelled it, or the machine went down.
//!
//! It reads its files from the beginning. Rows that were taken before the break are found again and count as
//! unchanged, so the report covers all of them, and what spans rows (groups, keys that are no keys, what a feed does
//! not name) is judged over the whole.

use crate::command::undo::refuse_undone;
use crate::error::{Error, Kind, Result, did_you_mean};
use crate::fact::ImportTrail;
use crate::fact::setting::Settings;
use crate::model::SmolStr;

/// The trail of an import that can go on with these files.
///
/// # Errors
/// No such import, one that got to its end or was taken back, or one of other files.
pub fn unfinished(settings: &Settings, id: &str, files: &[SmolStr]) -> Result<ImportTrail> {
    let Some(trail) = settings.trails.get(id) else {
        let open = settings.trails.values().filter(|trail| !trail.finished && trail.undone.is_none());
        let near = did_you_mean(id, open.map(|trail| trail.id.as_str()));
        return Err(Error::not_found("import.unknown", format!("there is no import \"{id}\""))
            .hint(near.unwrap_or_else(|| "`cmdb imports` lists them".to_owned())));
    };
    refuse_undone(trail)?;
    if trail.finished {
        let message = format!("import {id} got to its end; there is nothing to go on with");
        return Err(Error::refused("import.finished", message).hint("import the files without --resume"));
    }
    if trail.files != files {
        let message =
            format!("import {id} is one of {}, not of {}", trail.files.join(", "), files.join(", "));
        return Err(
            Error::refused("import.other-files", message).hint("name the same files in the same order")
        );
    }
    Ok(trail.clone())
}

/// Somebody else goes on with the same import, or finished it.
pub(super) fn went_on_elsewhere(id: &str) -> Error {
    Error::new(Kind::Stale, "import.resumed-twice", format!("import {id} goes on elsewhere, too"))
        .hint("`cmdb imports` says whether it got to its end")
}
