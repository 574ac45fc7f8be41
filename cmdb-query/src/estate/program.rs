//! A writing query as a command of the core.

use super::refusal::of_query;
use super::sink::Edited;
use crate::error::Result;
use crate::procedure::Procedures;
use crate::run::{self, Output, Request, Store, Summary};
use crate::scene::{Clock, Limits, Parameters};
use cmdb_core::command::Answer;
use cmdb_core::command::decider::Decider;
use cmdb_core::command::program::Program;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// A writing query with all it needs, to be submitted as [`cmdb_core::command::Command::Run`]; afterwards
/// [`QueryProgram::take`] has what it said.
pub struct QueryProgram<O> {
    pub text: String,
    pub parameters: Parameters,
    pub procedures: Procedures,
    pub clock: Clock,
    pub chance: u64,
    pub limits: Limits,
    pub cancelled: Option<Arc<AtomicBool>>,
    /// Makes a new taker of rows for each run, for a run may be repeated.
    pub output: fn() -> O,
    pub done: Mutex<Option<Result<(O, Summary)>>>,
}

impl<O> QueryProgram<O> {
    /// Rows and summary of the run that counted, or why the query itself failed.
    pub fn take(&self) -> Option<Result<(O, Summary)>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<O> fmt::Debug for QueryProgram<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryProgram").field("text", &self.text).finish_non_exhaustive()
    }
}

impl<O: Output + Send> Program for QueryProgram<O> {
    fn name(&self) -> &'static str {
        "query"
    }
    fn run(&self, decider: &mut Decider<'_>) -> cmdb_core::Result<Answer> {
        let request = Request {
            text: &self.text,
            parameters: &self.parameters,
            procedures: &self.procedures,
            clock: self.clock,
            chance: self.chance,
            limits: self.limits,
            cancelled: self.cancelled.as_deref(),
        };
        let mut output = (self.output)();
        let mut sink = Edited::new(decider);
        let done = run::run(&request, Store::Write(&mut sink), &mut output);
        let answer = done
            .as_ref()
            .map(|_| Answer::Nothing)
            .map_err(|e| sink.take_refusal().unwrap_or_else(|| of_query(e, &self.text)));
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(done.map(|summary| (output, summary)));
        answer
    }
}
