//! From rows to bytes: pieces leave while the query runs; nothing is sent before the first megabyte is full or the query
//! has ended, so that what fails early fails with a status.

use super::{Trailer, json};
use crate::problem;
use crate::reply::Reply;
use cmdb_core::graph::{Snapshot, View};
use cmdb_core::{Error, Kind, Result};
use cmdb_query::error::{Class, Error as QueryError};
use cmdb_query::estate::{Seen, of_query};
use cmdb_query::graph::Graph;
use cmdb_query::procedure::Procedures;
use cmdb_query::run::{self, Output, Request, Store, Summary};
use cmdb_query::scene::{Clock, Limits, Parameters};
use cmdb_query::value::{SmolStr, Value};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Instant;

/// Bytes of one piece.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces on their way at most.
const PIECES_MAX: usize = 4;
/// Bytes held back until it is clear how the query ends.
const HEAD_BYTES: usize = 1 << 20;
/// Bytes a writing query may answer with; it cannot be sent before it is committed.
const COLLECTED_BYTES_MAX: usize = 64 << 20;
/// Stack of a query's thread.
const STACK_BYTES: usize = 16 << 20;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One document.
    Json,
    /// An object a line, by column.
    Ndjson,
}

/// Everything a reading query needs on its thread.
pub struct Asked {
    pub text: String,
    pub parameters: Parameters,
    pub procedures: Procedures,
    pub clock: Clock,
    pub chance: u64,
    pub limits: Limits,
    pub snapshot: Arc<Snapshot>,
    pub cancelled: Arc<AtomicBool>,
    pub form: Form,
}

/// Rows as bytes.
#[derive(Debug)]
struct Rows {
    form: Form,
    bytes: Vec<u8>,
    columns: Vec<SmolStr>,
    /// Whether the columns were named.
    begun: bool,
    first: bool,
}

impl Rows {
    fn new(form: Form) -> Rows {
        Rows { form, bytes: Vec::with_capacity(PIECE_BYTES), columns: Vec::new(), begun: false, first: true }
    }
    fn columns(&mut self, names: &[SmolStr]) {
        self.columns = names.to_vec();
        self.begun = true;
        if self.form == Form::Json {
            self.bytes.extend_from_slice(b"{\"columns\":");
            let _ = serde_json::to_writer(
                &mut self.bytes,
                &names.iter().map(SmolStr::as_str).collect::<Vec<_>>(),
            );
            self.bytes.extend_from_slice(b",\"rows\":[");
        }
    }
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) {
        if self.form == Form::Json && !self.first {
            self.bytes.push(b',');
        }
        self.first = false;
        self.bytes.push(if self.form == Form::Json { b'[' } else { b'{' });
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.bytes.push(b',');
            }
            if self.form == Form::Ndjson {
                json::text(&mut self.bytes, self.columns.get(at).map_or("", |c| c));
                self.bytes.push(b':');
            }
            json::write(&mut self.bytes, graph, value);
        }
        self.bytes.extend_from_slice(if self.form == Form::Json { b"]" } else { b"}\n" });
    }
    /// What follows the rows.
    fn end(&mut self, trailer: &Trailer) {
        if self.form == Form::Ndjson {
            // Whoever asked for a plan wants it; the rest has no place among rows.
            if let Some(plan) = &trailer.plan {
                self.bytes.extend_from_slice(b"{\"plan\":");
                self.bytes.extend(serde_json::to_vec(plan).unwrap_or_default());
                self.bytes.extend_from_slice(b"}\n");
            }
            return;
        }
        if !self.begun {
            self.columns(&[]);
        }
        let rest = serde_json::to_vec(trailer).unwrap_or_default();
        self.bytes.extend_from_slice(b"],");
        self.bytes.extend_from_slice(rest.strip_prefix(b"{").unwrap_or(&rest));
    }
}

/// What the query's thread says.
enum Said {
    Piece(Vec<u8>),
    Ended(std::result::Result<(), Error>),
}

/// The end that listens to the query's thread.
struct Listening {
    receiver: Receiver<Said>,
    /// Until it has passed once.
    deadline: Option<Instant>,
    cancelled: Arc<AtomicBool>,
}

impl Listening {
    /// What is said next. A query that says nothing until its deadline is stopped, also where it is deep in an analysis
    /// that does not look at the clock.
    fn next(&mut self) -> std::result::Result<Said, RecvError> {
        if let Some(deadline) = self.deadline {
            match self.receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(said) => return Ok(said),
                Err(RecvTimeoutError::Disconnected) => return Err(RecvError),
                Err(RecvTimeoutError::Timeout) => {
                    self.deadline = None;
                    self.cancelled.store(true, Ordering::Relaxed);
                }
            }
        }
        self.receiver.recv()
    }
}

/// Hands pieces on as they fill.
struct Sending {
    rows: Rows,
    sender: SyncSender<Said>,
}

impl Sending {
    fn send(&mut self) -> std::result::Result<(), QueryError> {
        let piece = std::mem::replace(&mut self.rows.bytes, Vec::with_capacity(PIECE_BYTES));
        let gone = |_| QueryError::runtime(Class::Cancelled, "Cancelled", "the client has gone");
        self.sender.send(Said::Piece(piece)).map_err(gone)
    }
}

impl Output for Sending {
    fn columns(&mut self, names: &[SmolStr]) -> cmdb_query::Result<()> {
        self.rows.columns(names);
        Ok(())
    }
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> cmdb_query::Result<()> {
        self.rows.row(graph, values);
        if self.rows.bytes.len() >= PIECE_BYTES { self.send() } else { Ok(()) }
    }
}

/// Runs a reading query and answers with its rows.
///
/// # Errors
/// What the query is refused for, or fails with before anything was sent.
pub fn run(asked: Asked) -> Result<Reply> {
    let (sender, receiver) = sync_channel(PIECES_MAX);
    let (position, cancelled, form) = (asked.snapshot.position(), asked.cancelled.clone(), asked.form);
    let mut said = Listening { receiver, deadline: asked.limits.deadline, cancelled: cancelled.clone() };
    let work = move || work(asked, sender);
    let started = std::thread::Builder::new().name("cmdb-query".into()).stack_size(STACK_BYTES).spawn(work);
    started
        .map_err(|e| Error::new(Kind::Unavailable, "query.thread", "no thread for the query").caused_by(e))?;
    let mut head = Vec::new();
    loop {
        match said.next() {
            Ok(Said::Piece(piece)) => head.extend_from_slice(&piece),
            Ok(Said::Ended(Ok(()))) => return Ok(Reply::bytes(media(form), head).at(position)),
            Ok(Said::Ended(Err(e))) => return Err(e),
            Err(_) => {
                return Err(Error::new(Kind::Internal, "query.panic", "the query stopped unexpectedly"));
            }
        }
        if head.len() >= HEAD_BYTES {
            let stream = move |out: &mut dyn Write| {
                let done = pass_on(&head, &mut said, form, out);
                cancelled.store(done.is_err(), Ordering::Relaxed);
                done
            };
            return Ok(Reply::written(media(form), stream).at(position));
        }
    }
}

fn media(form: Form) -> &'static str {
    match form {
        Form::Json => "application/json",
        Form::Ndjson => "application/x-ndjson",
    }
}

fn pass_on(head: &[u8], said: &mut Listening, form: Form, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(head)?;
    loop {
        match said.next() {
            Ok(Said::Piece(piece)) => out.write_all(&piece)?,
            Ok(Said::Ended(Ok(()))) => return Ok(()),
            Ok(Said::Ended(Err(e))) => {
                let problem = serde_json::to_string(&problem::problem(&e, "")).unwrap_or_default();
                return match form {
                    Form::Json => write!(out, "],\"error\":{problem}}}"),
                    Form::Ndjson => writeln!(out, "{{\"error\":{problem}}}"),
                };
            }
            Err(_) => return Err(io::Error::other("the query stopped unexpectedly")),
        }
    }
}

fn work(asked: Asked, sender: SyncSender<Said>) {
    let started = Instant::now();
    let request = Request {
        text: &asked.text,
        parameters: &asked.parameters,
        procedures: &asked.procedures,
        clock: asked.clock,
        chance: asked.chance,
        limits: asked.limits,
        cancelled: Some(&asked.cancelled),
    };
    let graph = Seen::of(View::full(&asked.snapshot));
    let mut sending = Sending { rows: Rows::new(asked.form), sender };
    let ended = match run::run(&request, Store::Read(&graph), &mut sending) {
        Ok(summary) => {
            let elapsed_us = started.elapsed().as_micros() as u64;
            sending.rows.end(&Trailer::of(summary, asked.snapshot.position().0, elapsed_us));
            sending.send().map_err(|e| of_query(&e, &asked.text))
        }
        Err(e) => Err(of_query(&e, &asked.text)),
    };
    // Whoever asked may have gone.
    let _ = sending.sender.send(Said::Ended(ended));
}

/// The rows of a writing query, kept until it is committed.
#[derive(Debug)]
pub struct Collected(Rows);

impl Collected {
    pub fn json() -> Collected {
        Collected(Rows::new(Form::Json))
    }
    pub fn ndjson() -> Collected {
        Collected(Rows::new(Form::Ndjson))
    }
    /// The whole answer.
    pub fn reply(mut self, summary: Summary, position: u64, elapsed_us: u64) -> Reply {
        let form = self.0.form;
        self.0.end(&Trailer::of(summary, position, elapsed_us));
        Reply::bytes(media(form), self.0.bytes)
    }
}

impl Output for Collected {
    fn columns(&mut self, names: &[SmolStr]) -> cmdb_query::Result<()> {
        self.0.columns(names);
        Ok(())
    }
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> cmdb_query::Result<()> {
        self.0.row(graph, values);
        if self.0.bytes.len() <= COLLECTED_BYTES_MAX {
            return Ok(());
        }
        let message = format!("a query that writes may answer with at most {COLLECTED_BYTES_MAX} bytes");
        Err(QueryError::limit("AnswerBytes", message)
            .hint("return less, or ask for it with a query of its own"))
    }
}
