//! An interactive console: history, completion of keywords, classes, types and functions, statements over several lines.

use super::{Outcome, ask, parameters};
use crate::args::{Format, Global};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{print, say};
use clap::ValueEnum;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
A statement ends with a semicolon. Tab completes keywords, classes, relationship types and functions.
  :param name=value   a parameter for the statements that follow   :params   all of them
  :at POSITION|TIME|BASELINE   ask the past; `:at` alone goes back to now
  :format table|json|ndjson|csv      :help      :quit
";

const KEYWORDS: &[&str] = &[
    "MATCH",
    "OPTIONAL MATCH",
    "WHERE",
    "RETURN",
    "DISTINCT",
    "ORDER BY",
    "SKIP",
    "LIMIT",
    "WITH",
    "UNWIND",
    "CREATE",
    "MERGE",
    "SET",
    "REMOVE",
    "DELETE",
    "DETACH DELETE",
    "CALL",
    "YIELD",
    "UNION",
    "EXISTS",
    "COUNT",
    "COLLECT",
    "FOREACH",
    "EXPLAIN",
    "PROFILE",
    "SHOW PROCEDURES",
    "SHOW FUNCTIONS",
    "STARTS WITH",
    "ENDS WITH",
    "CONTAINS",
    "IS NULL",
    "IS NOT NULL",
    "AND",
    "OR",
    "NOT",
    "IN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "AS",
    "SHORTEST",
];

/// Words that may follow what was typed.
struct Words {
    all: Vec<String>,
}

impl Completer for Words {
    type Candidate = Pair;
    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..at).unwrap_or(line);
        let start =
            before.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).map_or(0, |i| i + 1);
        let typed = before[start..].to_lowercase();
        if typed.is_empty() {
            return Ok((start, Vec::new()));
        }
        let fits = self.all.iter().filter(|word| word.to_lowercase().starts_with(&typed));
        Ok((start, fits.map(|w| Pair { display: w.clone(), replacement: w.clone() }).collect()))
    }
}

impl Validator for Words {
    fn validate(&self, input: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = input.input().trim();
        let whole = text.is_empty() || text.starts_with(':') || text.ends_with(';');
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Words {
    type Hint = String;
}
impl Highlighter for Words {}
impl Helper for Words {}

/// What the console remembers between statements.
struct Session {
    global: Global,
    parameters: Map<String, Value>,
}

/// Runs the console until its input ends.
pub fn run(client: &Client, global: Global) -> Outcome {
    let config = Config::builder().auto_add_history(true).build();
    let mut editor: Editor<Words, FileHistory> = Editor::with_config(config).map_err(broken)?;
    editor.set_helper(Some(Words { all: words(client) }));
    let history = history_file();
    if let Some(file) = &history {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    say(global.quiet, "openCypher-compatible console; :help explains, :quit ends");
    let mut session = Session { global, parameters: Map::new() };
    loop {
        match editor.readline(&session.prompt()) {
            Ok(line) if matches!(line.trim(), ":quit" | ":exit" | ":q") => break,
            Ok(line) => {
                if let Err(failure) = session.take(client, line.trim()) {
                    failure.print();
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(e) => return Err(broken(e)),
        }
    }
    if let Some(file) = &history {
        let _ = editor.save_history(file);
    }
    Ok(ExitCode::SUCCESS)
}

impl Session {
    /// Says when the past is asked.
    fn prompt(&self) -> String {
        self.global.at.as_ref().map_or("cmdb> ".to_owned(), |at| format!("cmdb at {at}> "))
    }
    fn take(&mut self, client: &Client, line: &str) -> Result<(), Failure> {
        match line.strip_prefix(':') {
            Some(command) => self.command(command),
            None if line.trim_end_matches(';').trim().is_empty() => Ok(()),
            None => {
                let text = line.trim_end_matches(';');
                let mut body = json!({ "query": text, "parameters": self.parameters });
                body["at"] = self.global.at.clone().into();
                ask(client, &self.global, text, body)
            }
        }
    }
    fn command(&mut self, command: &str) -> Result<(), Failure> {
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let rest = rest.trim();
        match word {
            "help" => print(HELP)?,
            "param" => self.parameters.extend(parameters(&[rest.to_owned()])?),
            "params" => print(&format!("{}\n", Value::Object(self.parameters.clone())))?,
            "at" => self.global.at = (!rest.is_empty()).then(|| rest.to_owned()),
            "format" => {
                let known = Format::from_str(rest, true).ok().filter(|f| f.graph().is_none());
                self.global.format = known.ok_or_else(|| Failure::usage("table, json, ndjson or csv"))?;
                self.global.json = false;
            }
            other => {
                return Err(
                    Failure::usage(format!("there is no \":{other}\"")).hint(":help lists what there is")
                );
            }
        }
        Ok(())
    }
}

fn broken(e: ReadlineError) -> Failure {
    Failure::unavailable(format!("the terminal: {e}"))
}

fn history_file() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?;
    Some(PathBuf::from(home).join(".cmdb_history"))
}

/// Keywords, and what this inventory knows; a console without completion is better than none.
fn words(client: &Client) -> Vec<String> {
    let mut all: Vec<String> = KEYWORDS.iter().map(|w| (*w).to_owned()).collect();
    for (path, list) in [("/api/v1/classes", "classes"), ("/api/v1/relationship-types", "relationship_types")]
    {
        let known = client.get(path).unwrap_or(Value::Null);
        let names = known[list].as_array().into_iter().flatten().filter_map(|entry| entry["name"].as_str());
        all.extend(names.map(str::to_owned));
    }
    for kind in ["FUNCTIONS", "PROCEDURES"] {
        let body = json!({ "query": format!("SHOW {kind} YIELD name") });
        let known =
            client.call("POST", "/api/v1/query", crate::client::Body::Json(body)).unwrap_or(Value::Null);
        let names = known["rows"].as_array().into_iter().flatten().filter_map(|row| row[0].as_str());
        all.extend(names.map(str::to_owned));
    }
    all.sort();
    all.dedup();
    all
}
