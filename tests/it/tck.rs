//! The conformance scenarios on the product: an open-schema graph in a store of its own, edits through the log. And the
//! runner on two stubs, to show what a suite gives to those who do nothing.

use cmdb_core::command::{Command, Context};
use cmdb_core::engine::Founding;
use cmdb_core::graph::{Snapshot, View};
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{CommitId, IdKey, LogId};
use cmdb_core::store::Location;
use cmdb_core::{Cmdb, Kind};
use cmdb_query::error::{Class, Error};
use cmdb_query::estate::{QueryProgram, Seen};
use cmdb_query::graph::Graph;
use cmdb_query::procedure::Procedures;
use cmdb_query::run::{self, Output, Store, Summary};
use cmdb_query::scene::Parameters;
use cmdb_tck::scenario::Instance;
use cmdb_tck::subjects::{Refusing, Silent, request};
use cmdb_tck::{Factory, Subject, Verdict, report, run_all, scenario};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The product with an open schema.
struct Product {
    cmdb: Cmdb,
    commits: u128,
}

impl Product {
    fn new() -> Product {
        let founding = Founding { log: LogId([7; 16]), id_key: IdKey([9; 16]), open_schema: true };
        let cmdb = Cmdb::create(Location::in_memory(), founding, &context(0)).expect("a graph in memory");
        Product { cmdb, commits: 0 }
    }
}

fn context(commit: u128) -> Context {
    Context {
        principal: Principal::local(),
        time_ms: 1_790_000_000_000,
        commit: CommitId(commit.to_le_bytes()),
        salt: [1; 16],
        message: "".into(),
    }
}
