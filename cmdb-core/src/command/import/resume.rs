//! Going on with an import that did not get to its end: somebody cancelled it, or the machine went down.
//!
//! It reads its files from the beginning. Rows that were taken before the break are found again and count as
//! unchanged, so the report covers all of them, and what spans rows (groups, keys that are no keys, what a feed does
//! not name) is judged over the whole.

use super::Import;
use crate::command::decider::Decider;
use crate::command::undo::refuse_undone;
use crate::error::{Error, Kind, Result, did_you_mean};
use crate::fact::ImportTrail;
use crate::fact::setting::Settings;
use crate::graph::Records;
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
    // The same file may be named from another folder.
    let plain = |name: &SmolStr| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    if !trail.files.iter().map(plain).eq(files.iter().map(plain)) {
        let message =
            format!("import {id} is one of {}, not of {}", trail.files.join(", "), files.join(", "));
        return Err(
            Error::refused("import.other-files", message).hint("name the same files in the same order")
        );
    }
    Ok(trail.clone())
}

/// Refuses a part where what the import remembers is not what was kept: a part before this one failed to be written,
/// or somebody else goes on with the same import.
pub(super) fn refuse_torn(import: &Import, decider: &Decider<'_>) -> Result<()> {
    let id = &import.options.id;
    let kept = decider.draft().settings().trails.get(id);
    if kept.map_or(&[][..], |trail| &trail.entries) == import.trail.entries {
        return Ok(());
    }
    let message = format!("an earlier part of import {id} was not kept, or it goes on elsewhere, too");
    Err(Error::new(Kind::Stale, "import.torn", message)
        .hint(format!("`cmdb imports` says how far it got; --resume {id} goes on with it")))
}
