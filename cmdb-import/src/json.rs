//! JSON of files: how documents are walked, their rows found and their values read. What a value is in JSON is said by
//! [`cmdb_core::model::json`], for the server's bodies, too.

pub(crate) use cmdb_core::model::json::{Fault, FaultSlot, Key, Tree, refuse};
pub use cmdb_core::model::json::{from_value, to_value};

pub(crate) mod entries;
pub(crate) mod rows;
pub(crate) mod scan;
pub(crate) mod walk;
