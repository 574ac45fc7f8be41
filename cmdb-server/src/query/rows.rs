//! A reading query asked by the server itself: the first rows as JSON, and how many there are.

use super::json;
use cmdb_core::graph::{Snapshot, View};
use cmdb_core::{Cmdb, Error, Kind, Result};
use cmdb_query::estate::{Seen, of_query, procedures};
use cmdb_query::graph::Graph;
use cmdb_query::run::{self, Output, Request, Store};
use cmdb_query::scene::{Clock, Limits, Parameters};
use cmdb_query::value::{SmolStr, Value};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Stack of the query's thread; expressions may nest deeply.
const STACK_BYTES: usize = 16 << 20;
/// What such a query may use.
const TIMEOUT_MS: u64 = 10_000;
const ROWS_MAX: u64 = 1_000_000;
const MEMORY_BYTES_MAX: u64 = 256 << 20;
const STEPS_MAX: u64 = 1_000_000_000;

/// What a query returned.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub columns: Vec<String>,
    /// All of them.
    pub count: u64,
    /// The first, each an array.
    pub first: Vec<serde_json::Value>,
    most: usize,
}

impl Output for Table {
    fn columns(&mut self, names: &[SmolStr]) -> cmdb_query::Result<()> {
        self.columns = names.iter().map(ToString::to_string).collect();
        Ok(())
    }
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> cmdb_query::Result<()> {
        self.count += 1;
        if self.first.len() < self.most {
            let value = |value: &Value| {
                let mut bytes = Vec::new();
                json::write(&mut bytes, graph, value);
                serde_json::from_slice(&bytes).unwrap_or_default()
            };
            self.first.push(serde_json::Value::Array(values.iter().map(value).collect()));
        }
        Ok(())
    }
}

/// Asks a query of a state; keeps the first `most` rows.
///
/// # Errors
/// The query does not read, writes, or passes one of its limits.
pub fn rows(cmdb: &Arc<Cmdb>, snapshot: &Arc<Snapshot>, text: &str, most: usize) -> Result<Table> {
    let ask = move || {
        let now = crate::call::now_ms();
        let request = Request {
            text,
            parameters: &Parameters::new(),
            procedures: &procedures(cmdb.clone(), snapshot.clone()),
            clock: Clock { seconds: now.div_euclid(1000), nanoseconds: 0 },
            chance: 0,
            limits: Limits {
                deadline: Some(Instant::now() + Duration::from_millis(TIMEOUT_MS)),
                memory_bytes: MEMORY_BYTES_MAX,
                rows: ROWS_MAX,
                steps: STEPS_MAX,
            },
            cancelled: None,
        };
        let graph = Seen::of(View::full(snapshot));
        let mut table = Table { most, ..Table::default() };
        run::run(&request, Store::Read(&graph), &mut table).map_err(|e| of_query(&e, text))?;
        Ok(table)
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, ask);
        let thread = thread.map_err(|e| {
            Error::new(Kind::Unavailable, "query.thread", "no thread for the query").caused_by(e)
        })?;
        thread.join().unwrap_or_else(|_| {
            Err(Error::new(Kind::Internal, "query.panic", "the query stopped unexpectedly"))
        })
    })
}
