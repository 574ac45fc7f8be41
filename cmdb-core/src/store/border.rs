//! The border to redb. It may panic on a file that was damaged behind its back; here a panic becomes an error, so
//! that neither a writer nor whoever waits for it is left hanging.

use crate::error::{Error, Kind, Result};
use redb::Database;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; a panic in it is reported as damage. The store must be reopened after that.
pub(super) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    // What `work` touched is dropped by the unwinding or belongs to the database, which is reopened.
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Error::corrupt("store.damaged", format!("the store's file is damaged: {text}")))
    });
    // Nobody is told of damage without a way out.
    done.map_err(|e| match e.kind() {
        Kind::Corrupt if e.hint_text().is_none() => {
            e.hint("run `cmdb verify --full`; restore the newest backup if it confirms the damage")
        }
        _ => e,
    })
}

/// A database that closes without panicking.
#[derive(Debug)]
pub(super) struct Base(Option<Database>);

impl Base {
    pub(super) fn new(database: Database) -> Base {
        Base(Some(database))
    }
}

impl Deref for Base {
    type Target = Database;
    fn deref(&self) -> &Database {
        self.0.as_ref().expect("taken only when dropped")
    }
}

impl DerefMut for Base {
    fn deref_mut(&mut self) -> &mut Database {
        self.0.as_mut().expect("taken only when dropped")
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        let database = self.0.take();
        // Whatever closing could not write is repaired by the next open.
        let _ = guard(|| {
            drop(database);
            Ok(())
        });
    }
}
