//! Plays one instance, step by step.

use crate::cell::{self, Cell};
use crate::compare::{self, Strictness};
use crate::gherkin::{Step, Table};
use crate::observe::Content;
use crate::procedure::{Declared, named};
use crate::scenario::Instance;
use crate::{Subject, Taken, Verdict};
use cmdb_query::error::Phase;
use cmdb_query::procedure::Procedures;
use cmdb_query::scene::Parameters;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

struct Play<'a> {
    subject: &'a mut dyn Subject,
    graphs: &'a Path,
    parameters: Parameters,
    procedures: Procedures,
    before: Content,
    after: Content,
    result: Option<cmdb_query::Result<Taken>>,
}

/// Plays the instance on a fresh subject.
pub fn play(instance: &Instance, graphs: &Path, subject: &mut dyn Subject) -> Verdict {
    let mut play = Play {
        subject,
        graphs,
        parameters: Parameters::new(),
        procedures: Procedures::default(),
        before: Content::default(),
        after: Content::default(),
        result: None,
    };
    instance
        .steps
        .iter()
        .map(|step| play.step(step))
        .find(|v| *v != Verdict::Passed)
        .unwrap_or(Verdict::Passed)
}

fn unreadable(step: &Step) -> Verdict {
    Verdict::Unreadable(format!("step not understood: {}", step.text))
}

fn read<T>(result: Result<T, String>, then: impl FnOnce(T) -> Verdict) -> Verdict {
    result.map_or_else(Verdict::Unreadable, then)
}

impl Play<'_> {
    fn step(&mut self, step: &Step) -> Verdict {
        let text = step.text.trim_end_matches(':').trim();
        let none = Table::new();
        let table = step.table.as_ref().unwrap_or(&none);
        match (text, &step.doc) {
            ("an empty graph" | "any graph", _) => Verdict::Passed,
            ("having executed" | "after having executed", Some(query)) => self.prepare(query),
            ("executing query", Some(query)) => self.execute(query),
            ("executing control query", Some(query)) => self.execute(query),
            ("parameters are", _) => read(self.take_parameters(table), |()| Verdict::Passed),
            ("the result should be empty", _) => self.expect_empty(),
            ("no side effects", _) => self.expect_changes(&BTreeMap::new()),
            ("the side effects should be", _) => {
                read(changes(table), |changes| self.expect_changes(&changes))
            }
            _ => self.worded_step(text, step, table),
        }
    }
    fn worded_step(&mut self, text: &str, step: &Step, table: &Table) -> Verdict {
        if let Some(name) = text.strip_prefix("the ").and_then(|t| t.strip_suffix(" graph")) {
            return self.named_graph(name);
        }
        if let Some(signature) = text.strip_prefix("there exists a procedure ") {
            return read(Declared::parse(signature, step.table.as_ref()), |declared| {
                self.procedures.add(Arc::new(declared));
                Verdict::Passed
            });
        }
        if let Some(how) = text.strip_prefix("the result should be") {
            let strictness = Strictness {
                in_order: how.contains("in order"),
                list_order: !how.contains("ignoring element order for lists"),
            };
            return self.expect_rows(table, strictness);
        }
        match text.split_once(" should be raised at ") {
            Some((class, rest)) => self.expect_error(class, rest),
            None => unreadable(step),
        }
    }
    fn run(&mut self, query: &str) -> cmdb_query::Result<Taken> {
        self.subject.run(query, &self.parameters, &self.procedures)
    }
    fn prepare(&mut self, query: &str) -> Verdict {
        match self.run(query) {
            Ok(_) => Verdict::Passed,
            Err(e) => Verdict::Error(format!("set-up: {}", describe(&e))),
        }
    }
    fn named_graph(&mut self, name: &str) -> Verdict {
        let file = self.graphs.join(name).join(format!("{name}.cypher"));
        match std::fs::read_to_string(&file) {
            Ok(query) => self.prepare(&query),
            Err(e) => Verdict::Unreadable(format!("{}: {e}", file.display())),
        }
    }
    fn execute(&mut self, query: &str) -> Verdict {
        self.before = Content::of(self.subject);
        self.result = Some(self.run(query));
        self.after = Content::of(self.subject);
        Verdict::Passed
    }
    fn take_parameters(&mut self, table: &Table) -> Result<(), String> {
        for (name, cell) in named(table)? {
            self.parameters.insert(name.into(), cell.to_value()?);
        }
        Ok(())
    }
    fn taken(&self) -> Result<&Taken, Verdict> {
        match &self.result {
            Some(Ok(taken)) => Ok(taken),
            Some(Err(e)) => Err(Verdict::Error(describe(e))),
            None => Err(Verdict::Unreadable("no query was executed".to_owned())),
        }
    }
    fn expect_empty(&self) -> Verdict {
        match self.taken() {
            Ok(taken) if taken.rows.is_empty() => Verdict::Passed,
            Ok(taken) => Verdict::WrongAnswer(format!("no rows expected, got {:?}", taken.rows)),
            Err(verdict) => verdict,
        }
    }
    fn expect_rows(&self, table: &Table, strictness: Strictness) -> Verdict {
        let taken = match self.taken() {
            Ok(taken) => taken,
            Err(verdict) => return verdict,
        };
        let Some((columns, rows)) = table.split_first() else {
            return Verdict::Unreadable("a result without columns".to_owned());
        };
        if *columns != taken.columns {
            return Verdict::WrongAnswer(format!("columns {:?} instead of {columns:?}", taken.columns));
        }
        let parse = |row: &Vec<String>| row.iter().map(|c| cell::parse(c)).collect();
        read(rows.iter().map(parse).collect::<Result<Vec<Vec<Cell>>, String>>(), |expected| {
            compare::rows(&expected, &taken.rows, strictness)
                .map_or_else(Verdict::WrongAnswer, |()| Verdict::Passed)
        })
    }
    fn expect_changes(&self, expected: &BTreeMap<String, usize>) -> Verdict {
        if let Err(verdict) = self.taken() {
            return verdict;
        }
        let changes = self.before.changes(&self.after);
        if changes == *expected {
            return Verdict::Passed;
        }
        Verdict::WrongAnswer(format!("side effects {changes:?} instead of {expected:?}"))
    }
    fn expect_error(&self, class: &str, rest: &str) -> Verdict {
        let class = class.trim_start_matches("an ").trim_start_matches("a ").trim();
        let (phase, detail) = rest.split_once(':').map_or((rest, "*"), |(p, d)| (p.trim(), d.trim()));
        let error = match &self.result {
            Some(Err(error)) => error,
            Some(Ok(taken)) => {
                let got = format!("expected {class} {detail} at {phase}, got {} rows", taken.rows.len());
                return Verdict::WrongAnswer(got);
            }
            None => return Verdict::Unreadable("no query was executed".to_owned()),
        };
        let phase_fits = match phase {
            "compile time" => error.phase() == Phase::Compile,
            "runtime" => error.phase() == Phase::Runtime,
            _ => true,
        };
        let class_fits = format!("{:?}", error.class()) == class;
        if phase_fits && class_fits && (detail == "*" || detail == error.detail()) {
            return Verdict::Passed;
        }
        Verdict::Error(format!("expected {class} {detail} at {phase}, got {}", describe(error)))
    }
}

fn describe(e: &cmdb_query::Error) -> String {
    format!("{:?} {} at {:?}: {}", e.class(), e.detail(), e.phase(), e.message())
}

fn changes(table: &Table) -> Result<BTreeMap<String, usize>, String> {
    let read = |row: &Vec<String>| {
        let count = row.get(1).and_then(|c| c.parse().ok()).ok_or("a side effect without a number")?;
        Ok((row[0].clone(), count))
    };
    table.iter().map(read).filter(|r| r.as_ref().is_ok_and(|(_, n)| *n > 0) || r.is_err()).collect()
}
