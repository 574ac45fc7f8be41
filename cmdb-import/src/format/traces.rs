//! Traces in OpenTelemetry's JSON, from the collector's file exporter (a document a line) or from Tempo: who was seen
//! to call whom.
//!
//! A service is an item; a span whose parent lies in another service is a call. Calls become `calls` relationships
//! marked `observed`, with the first and last time and how many there were, so that they can be held against what is
//! declared. A client's span that nobody answers within the file, but that names a database, a queue or a peer, makes
//! an item of that.

use super::{Format, Input};
use crate::Sink;
use crate::intake::{Intake, lay_out};
use crate::json::scan::Scanner;
use crate::json::walk::{Element, Step, Walker, walk_all};
use crate::sniff::Keys;
use cmdb_core::Result;

mod calls;
mod spans;

pub(super) struct Traces;

impl Format for Traces {
    fn name(&self) -> &'static str {
        "traces"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        Keys::of(head).is_some_and(|keys| {
            let inner = keys.value("trace").and_then(Keys::of);
            let batches = keys.value("batches").and_then(Keys::of_first);
            keys.is_list("resourceSpans")
                || inner.is_some_and(|trace| trace.has("resourceSpans") || trace.has("batches"))
                || batches.is_some_and(|batch| batch.has("scopeSpans") || batch.has("resource"))
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("traces", input, sink, |intake, source, file| {
            let mut scanner = Scanner::new(source, file.clone());
            let mut reading = Reading { intake, row: 0, calls: calls::Calls::default() };
            walk_all(&mut scanner, file, &mut reading, &mut |_| Ok(()))?;
            reading.calls.finish(reading.intake)
        })
    }
}

struct Reading<'i, 'a> {
    intake: &'i mut Intake<'a>,
    row: u64,
    calls: calls::Calls,
}

impl Walker for Reading<'_, '_> {
    fn step(&mut self, place: &str, is_list: bool) -> Step {
        match place {
            "" | "trace" => Step::Enter,
            "resourceSpans" | "batches" | "trace/resourceSpans" | "trace/batches" if is_list => Step::Stream,
            _ => Step::Skip,
        }
    }

    fn element(&mut self, element: Element<'_>) -> Result<()> {
        self.row += 1;
        match element.json {
            Err((code, message)) => self.intake.complain(self.row, None, code, message),
            Ok(json) => match spans::of_resource(&json) {
                Ok((service, spans)) => self.calls.add(self.row, service, spans)?,
                Err(message) => {
                    self.intake.complain(self.row, Some("service.name"), "traces.no-service", message)
                }
            },
        }
        Ok(())
    }
}
