//! What the runner can be set on besides the product: the language on a graph in memory, and two stubs that show what
//! a suite gives to those who do nothing.

use crate::{SCENARIO_TIMEOUT, Subject, Taken};
use cmdb_query::error::{Class, Error, Phase};
use cmdb_query::graph::Graph;
use cmdb_query::memory::MemoryGraph;
use cmdb_query::procedure::Procedures;
use cmdb_query::run::{self, Request, Store};
use cmdb_query::scene::{Clock, Limits, Parameters};
use std::time::Instant;

/// A request with a fixed clock and seed, and the scenario's time limit.
pub fn request<'a>(text: &'a str, parameters: &'a Parameters, procedures: &'a Procedures) -> Request<'a> {
    Request {
        text,
        parameters,
        procedures,
        clock: Clock { seconds: 1_790_000_000, nanoseconds: 123_456_789 },
        chance: 42,
        limits: Limits { deadline: Some(Instant::now() + SCENARIO_TIMEOUT), ..Limits::default() },
        cancelled: None,
    }
}

/// The language alone.
#[derive(Debug, Default)]
pub struct InMemory(MemoryGraph);

impl Subject for InMemory {
    fn run(
        &mut self,
        text: &str,
        parameters: &Parameters,
        procedures: &Procedures,
    ) -> cmdb_query::Result<Taken> {
        let before = self.0.clone();
        let mut taken = Taken::default();
        let done = run::run(&request(text, parameters, procedures), Store::Write(&mut self.0), &mut taken);
        if done.is_err() {
            self.0 = before;
        }
        done.map(|_| taken)
    }
    fn observe(&self, look: &mut dyn FnMut(&dyn Graph)) {
        look(&self.0);
    }
}

/// Answers every query with nothing.
#[derive(Debug, Default)]
pub struct Silent(MemoryGraph);

impl Subject for Silent {
    fn run(&mut self, _: &str, _: &Parameters, _: &Procedures) -> cmdb_query::Result<Taken> {
        Ok(Taken::default())
    }
    fn observe(&self, look: &mut dyn FnMut(&dyn Graph)) {
        look(&self.0);
    }
}

/// Refuses every query.
#[derive(Debug, Default)]
pub struct Refusing(MemoryGraph);

impl Subject for Refusing {
    fn run(&mut self, _: &str, _: &Parameters, _: &Procedures) -> cmdb_query::Result<Taken> {
        Err(Error::new(Phase::Compile, Class::SyntaxError, "UnexpectedSyntax", "no"))
    }
    fn observe(&self, look: &mut dyn FnMut(&dyn Graph)) {
        look(&self.0);
    }
}
