//! The query language as processes use it: scopes of models and freezes, planned edits written as queries.

use crate::call::{now_ms, random};
use crate::query::Collected;
use cmdb_core::command::program::Program;
use cmdb_core::graph::{Snapshot, View};
use cmdb_core::model::{ItemNumber, Position, SmolStr as Text};
use cmdb_core::process::queries::Queries;
use cmdb_core::{Cmdb, Error, Result};
use cmdb_query::estate::{QueryProgram, Seen, of_query, procedures};
use cmdb_query::graph::Graph;
use cmdb_query::run::{self, Output, Request, Store};
use cmdb_query::scene::{Clock, Limits, Parameters};
use cmdb_query::value::{SmolStr, Value};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A query in a record runs on the writer, which others wait for.
const TIMEOUT: Duration = Duration::from_secs(5);
const ROWS_MAX: u64 = 2_000_000;
const MEMORY_BYTES_MAX: u64 = 256 << 20;
const STEPS_MAX: u64 = 1_000_000_000;

/// See the module.
pub struct LanguageQueries {
    cmdb: Arc<Cmdb>,
}

impl LanguageQueries {
    pub fn over(cmdb: &Arc<Cmdb>) -> Arc<dyn Queries> {
        Arc::new(LanguageQueries { cmdb: cmdb.clone() })
    }
}

impl std::fmt::Debug for LanguageQueries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LanguageQueries")
    }
}

fn limits() -> Limits {
    Limits {
        deadline: Some(Instant::now() + TIMEOUT),
        memory_bytes: MEMORY_BYTES_MAX,
        rows: ROWS_MAX,
        steps: STEPS_MAX,
    }
}

fn clock() -> Clock {
    let now = now_ms();
    Clock { seconds: now.div_euclid(1000), nanoseconds: (now.rem_euclid(1000) * 1_000_000) as i32 }
}

impl Queries for LanguageQueries {
    fn items(&self, snapshot: &Arc<Snapshot>, text: &str) -> Result<Vec<ItemNumber>> {
        if run::writes(text).map_err(|e| of_query(&e, text))? {
            return Err(Error::invalid("query.writes", "a scope is a query that reads, and this one writes")
                .hint("it is a query such as MATCH (n:Server) RETURN n"));
        }
        let mut found = Found { snapshot, items: Vec::new() };
        let (parameters, procedures) = (Parameters::new(), procedures(self.cmdb.clone(), snapshot.clone()));
        let request = Request {
            text,
            parameters: &parameters,
            procedures: &procedures,
            clock: clock(),
            // A scope must be the same each time it is asked for.
            chance: 0,
            limits: limits(),
            cancelled: None,
        };
        let seen = Seen::of(View::full(snapshot));
        run::run(&request, Store::Read(&seen), &mut found).map_err(|e| of_query(&e, text))?;
        found.items.sort_unstable();
        found.items.dedup();
        Ok(found.items)
    }
    fn program(&self, text: &str) -> Result<Arc<dyn Program>> {
        if !run::writes(text).map_err(|e| of_query(&e, text))? {
            return Err(Error::invalid(
                "query.reads",
                "a planned edit is a query that writes, and this one reads",
            )
            .hint("it is a query such as MATCH (n:Server {name: 'web-01'}) SET n.status = 'retired'"));
        }
        Ok(Arc::new(QueryProgram {
            text: text.to_owned(),
            parameters: Parameters::new(),
            procedures: procedures(self.cmdb.clone(), self.cmdb.snapshot()),
            clock: clock(),
            chance: u64::from_le_bytes(random()?),
            limits: limits(),
            cancelled: None,
            output: Collected::json,
            done: Mutex::default(),
        }))
    }
    fn actor(&self, position: Position) -> Result<Option<Text>> {
        self.cmdb.actor_of(position)
    }
}

/// Takes the nodes of all rows.
struct Found<'a> {
    snapshot: &'a Snapshot,
    items: Vec<ItemNumber>,
}

impl Output for Found<'_> {
    fn columns(&mut self, _: &[SmolStr]) -> cmdb_query::Result<()> {
        Ok(())
    }
    fn row(&mut self, _: &dyn Graph, values: &[Value]) -> cmdb_query::Result<()> {
        values.iter().for_each(|value| self.take(value));
        Ok(())
    }
}

impl Found<'_> {
    fn take(&mut self, value: &Value) {
        match value {
            Value::Node(node) => self.items.push(self.snapshot.number(node.0)),
            Value::List(list) => list.iter().for_each(|v| self.take(v)),
            Value::Path(path) => self.items.extend(path.nodes.iter().map(|n| self.snapshot.number(n.0))),
            _ => {}
        }
    }
}
