//! Notes of the edge beside the log: how far a webhook was told, when a source was read last, and their secrets.
//!
//! They are no part of the state: no command reads them, no backup carries them, and a restored folder begins without
//! (so that a copy calls nobody until it is told to). Rows are sealed like all others.

use super::border::guard;
use super::embedded::Store;
use super::tables::*;
use crate::error::{Error, Result};
use redb::{TableDefinition, TableError};

const SIDE: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("side");

/// Bytes of one note at most.
pub const NOTE_BYTES_MAX: usize = 1 << 20;

impl Store {
    /// The note of this name.
    pub fn note_of(&self, name: &str) -> Result<Option<Vec<u8>>> {
        guard(|| match self.reading()?.open_table(SIDE) {
            // A folder made before there were notes has no table for them until the first is written.
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            table => get_text(&table.step("read")?, "side", name),
        })
    }
    /// Writes notes in one transaction; none removes one.
    ///
    /// # Errors
    /// `limit` for a note that is too long; nothing is written then.
    pub fn put_notes(&self, notes: &[(&str, Option<Vec<u8>>)]) -> Result<()> {
        if let Some((name, _)) =
            notes.iter().find(|(_, n)| n.as_ref().is_some_and(|n| n.len() > NOTE_BYTES_MAX))
        {
            let message = format!("the note {name} is over the limit of {NOTE_BYTES_MAX} bytes");
            return Err(Error::limit("store.note", message));
        }
        guard(|| {
            let txn = self.begin()?;
            {
                let mut table = txn.open_table(SIDE).step("write")?;
                for (name, note) in notes {
                    match note {
                        Some(note) => put_text(&mut table, "side", name, note)?,
                        None => drop(table.remove(*name).step("write")?),
                    }
                }
            }
            txn.commit().step("commit")
        })
    }
}
