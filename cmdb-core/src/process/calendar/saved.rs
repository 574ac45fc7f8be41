//! Saved queries: scopes of freezes, reports, and invariants. They are items like any other.

use crate::error::{Error, Result, did_you_mean};
use crate::graph::{Records, Snapshot};
use crate::model::{ItemNumber, SmolStr};
use crate::process::fields::Fields;
use crate::process::record::open_of;

/// The class of saved queries.
pub const CLASS: &str = "SavedQuery";

/// A saved query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedQuery {
    pub item: ItemNumber,
    pub name: SmolStr,
    pub description: SmolStr,
    pub query: SmolStr,
    /// Must return no rows.
    pub invariant: bool,
}

/// All saved queries, by name.
pub fn all(snapshot: &Snapshot) -> Result<Vec<SavedQuery>> {
    let mut out = Vec::new();
    for number in open_of(snapshot, CLASS)? {
        let Some(item) = snapshot.item(number)? else { continue };
        let fields = Fields::of(snapshot, &item);
        out.push(SavedQuery {
            item: number,
            name: item.name.clone().unwrap_or_default(),
            description: fields.text("description").unwrap_or_default().into(),
            query: fields.text("query").unwrap_or_default().into(),
            invariant: fields.yes("invariant"),
        });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}

/// The saved query of this name.
///
/// # Errors
/// `query.not-saved`, with a near name.
pub fn named(snapshot: &Snapshot, name: &str) -> Result<SavedQuery> {
    let all = all(snapshot)?;
    let hint = did_you_mean(name, all.iter().map(|q| q.name.as_str()));
    all.into_iter().find(|q| q.name == name).ok_or_else(|| {
        Error::not_found("query.not-saved", format!("there is no saved query \"{name}\""))
            .hint(hint.unwrap_or_else(|| "`cmdb query list` lists them".to_owned()))
    })
}

/// The text of a scope: itself, or that of the saved query it names. A query has at least two words, a name one.
pub fn text_of(snapshot: &Snapshot, scope: &str) -> Result<SmolStr> {
    match scope.trim().contains(char::is_whitespace) {
        true => Ok(scope.into()),
        false => Ok(named(snapshot, scope.trim())?.query),
    }
}
