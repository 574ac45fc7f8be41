//! Data folders from the command line: what the engine needs from clock and randomness is supplied here.

use cmdb_core::command::Context;
use cmdb_core::engine::Founding;
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{IdKey, LogId};
use cmdb_core::store::Location;
use cmdb_core::{Cmdb, Result};
use cmdb_server::call::{fresh_context, random};

/// A context for something the person at the machine does.
pub fn local_context() -> Result<Context> {
    fresh_context(&Principal::local())
}

fn founding(open_schema: bool) -> Result<Founding> {
    Ok(Founding { log: LogId(random()?), id_key: IdKey(random()?), open_schema })
}

/// Opens a folder, making it first if nothing is there.
pub fn open_or_create(location: Location, open_schema: bool) -> Result<Cmdb> {
    Cmdb::open_or_create(location, founding(open_schema)?, &local_context()?)
}

/// Makes a folder that must not hold anything yet.
pub fn create(location: Location, open_schema: bool) -> Result<Cmdb> {
    Cmdb::create(location, founding(open_schema)?, &local_context()?)
}
