//! One module for each group of commands; one line here for each command.

mod admin;
mod ansible;
mod board;
mod calendar;
mod change;
mod data;
mod export;
mod follow;
mod freshness;
mod graph;
pub mod impact;
mod import;
mod imports;
mod inventory;
mod merges;
mod precedence;
mod query;
mod ranking;
mod reach;
mod rule;
mod schema;
pub mod serve;
mod source;
mod template;
mod webhook;

use crate::args::calendar::{Incident, Outage};
use crate::args::schema::Schema;
use crate::args::{Args, Baseline, Command, Global, Token, User};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::print;
use clap::CommandFactory;
use std::process::ExitCode;

pub type Outcome = Result<ExitCode, Failure>;

/// Runs a command to its exit code.
pub fn run(args: Args) -> Outcome {
    let global = args.global;
    refuse_past(&global, &args.command)?;
    refuse_graph(&global, &args.command)?;
    match args.command {
        Command::Demo { listen, no_serve } => crate::demo::run(&global, listen, no_serve),
        Command::Init { open_schema } => serve::init(&global, open_schema),
        Command::Serve { listen, tls_cert, tls_key } => serve::serve(&global, listen, tls_cert.zip(tls_key)),
        Command::Import(import) => import::run(&Client::writing(&global)?, &global, import),
        Command::Imports { plans } => imports::list(&Client::reading(&global)?, &global, plans),
        Command::Duplicates { limit } => merges::duplicates(&Client::reading(&global)?, &global, limit),
        Command::Merge { reference, into } => {
            merges::merge(&Client::reading(&global)?, &global, &reference, &into)
        }
        Command::Unmerge { merge } => merges::unmerge(&Client::reading(&global)?, &global, &merge),
        Command::Undo { import, keep_later, dry_run, message } => {
            let undo = imports::Undo { import, keep_later, dry_run, message };
            imports::undo(&Client::reading(&global)?, &global, &undo)
        }
        Command::Export(export) => export::run(&Client::reading(&global)?, &global, &export),
        Command::AnsibleInventory(asked) => ansible::run(&Client::reading(&global)?, &global, &asked),
        Command::Template { class, out } => template::run(&Client::reading(&global)?, &global, &class, &out),
        Command::List { class, filter, sort, fields, limit } => {
            let list = inventory::List { class, filter, sort, fields, limit };
            inventory::list(&Client::reading(&global)?, &global, list)
        }
        Command::Search { text, limit } => {
            inventory::search(&Client::reading(&global)?, &global, &text, limit)
        }
        Command::Show { reference, sources } => {
            inventory::show(&Client::reading(&global)?, &global, &reference, sources)
        }
        Command::Precedence { sources, class, attribute, clear } => {
            let rule = precedence::Rule { sources, class, attribute, clear };
            precedence::run(&Client::writing(&global)?, &global, rule)
        }
        Command::Rule(command) => rule::run(&client_of(&global, command.writes())?, &global, command),
        Command::Freshness(asked) => {
            freshness::freshness(&client_of(&global, asked.writes())?, &global, *asked)
        }
        Command::Trust(trust) => freshness::trust(&client_of(&global, trust.writes())?, &global, trust),
        Command::Observed(asked) => freshness::observed(&Client::reading(&global)?, &global, &asked),
        Command::Create { class, pairs } => {
            inventory::create(&Client::writing(&global)?, &global, &class, &pairs)
        }
        Command::Set { reference, pairs, if_version } => {
            inventory::set(&Client::reading(&global)?, &global, &reference, &pairs, if_version)
        }
        Command::Relate { source, r#type, target, pairs } => {
            inventory::relate(&Client::reading(&global)?, &global, [&source, &r#type, &target], &pairs)
        }
        Command::Unrelate { source, r#type, target, pairs } => {
            inventory::unrelate(&Client::reading(&global)?, &global, [&source, &r#type, &target], &pairs)
        }
        Command::Remove { reference, cascade } => {
            inventory::remove(&Client::reading(&global)?, &global, &reference, cascade)
        }
        Command::History { reference, limit } => {
            inventory::history(&Client::reading(&global)?, &global, &reference, limit)
        }
        Command::Impact(impact) => impact::run(&Client::reading(&global)?, &global, impact),
        Command::Dependents(reach) => reach::run(&Client::reading(&global)?, &global, "dependents", reach),
        Command::Dependencies(reach) => {
            reach::run(&Client::reading(&global)?, &global, "dependencies", reach)
        }
        Command::Ranking(ranking) => ranking::run(&Client::reading(&global)?, &global, &ranking),
        Command::Path { from, to, all, limit, types } => {
            reach::path(&Client::reading(&global)?, &global, [&from, &to], all, limit, &types)
        }
        Command::Query(query) => query::run(&Client::reading(&global)?, &global, query),
        Command::Shell => query::shell(&Client::reading(&global)?, global),
        Command::Change(command) => {
            let client =
                if change::writes(&command) { Client::writing(&global)? } else { Client::reading(&global)? };
            change::run(&client, &global, *command)
        }
        Command::Cab(cab) => board::cab(&Client::reading(&global)?, &global, cab),
        Command::Freeze(command) => calendar::freeze(&Client::writing(&global)?, &global, command),
        Command::Window(command) => calendar::window(&Client::writing(&global)?, &global, command),
        Command::Outage(command) => calendar::outage(&Client::writing(&global)?, &global, command),
        Command::Incident(command) => calendar::incident(&Client::writing(&global)?, &global, command),
        Command::Schema(command) => schema::run(&global, command),
        Command::Baseline(command) => data::baseline(&Client::reading(&global)?, &global, command),
        Command::Diff { a, b } => data::diff(&Client::reading(&global)?, &global, &a, &b),
        Command::Log { limit } => data::log(&Client::reading(&global)?, &global, limit),
        Command::Source(command) => source::run(&client_of(&global, command.writes())?, &global, command),
        Command::Webhook(command) => webhook::run(&client_of(&global, command.writes())?, &global, command),
        Command::User(command) => admin::user(&Client::writing(&global)?, &global, command),
        Command::Token(command) => admin::token(&Client::writing(&global)?, &global, command),
        Command::Verify { full } => admin::verify(&global, full),
        Command::Backup { file } => admin::backup(&Client::reading(&global)?, &global, &file),
        Command::Restore { file } => serve::restore(&global, &file),
        Command::Compact => admin::compact(&Client::reading(&global)?, &global),
        Command::Purge { reference, attribute } => {
            admin::purge(&Client::reading(&global)?, &global, &reference, &attribute)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "cmdb", &mut script);
            print(&String::from_utf8_lossy(&script))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut page)?;
            print(&String::from_utf8_lossy(&page))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn client_of(global: &Global, writes: bool) -> Result<Client, Failure> {
    if writes { Client::writing(global) } else { Client::reading(global) }
}

/// `--at` with a command that changes something would be ignored, and its result taken for something else.
fn refuse_past(global: &Global, command: &Command) -> Result<(), Failure> {
    if global.at.is_none() {
        return Ok(());
    }
    if only_now(command) {
        let message =
            "--at has no say here: this command names its positions itself, or knows only what is now";
        return Err(Failure::usage(message).hint("leave --at out"));
    }
    if !writes(command) {
        return Ok(());
    }
    Err(Failure::usage("--at reads the past; this command writes, and the past cannot be changed")
        .hint("leave --at out"))
}

/// A list is no graph.
fn refuse_graph(global: &Global, command: &Command) -> Result<(), Failure> {
    let drawn = matches!(
        command,
        Command::Impact(_) | Command::Dependents(_) | Command::Dependencies(_) | Command::Path { .. }
    );
    match global.format().graph() {
        Some(graph) if !drawn => Err(Failure::usage(format!("this command does not answer as {graph}"))
            .hint(format!(
                "impact, dependents, dependencies and path do; `cmdb export --as {graph}` draws the estate"
            ))),
        _ => Ok(()),
    }
}

/// Commands that read something which has no past, or two positions of its own.
fn only_now(command: &Command) -> bool {
    matches!(
        command,
        Command::Diff { .. }
            | Command::Verify { .. }
            | Command::User(User::List)
            | Command::Token(Token::List)
            | Command::Baseline(Baseline::List)
            | Command::Completions { .. }
            | Command::Man
    )
}

fn writes(command: &Command) -> bool {
    match command {
        Command::Change(command) => change::writes(command),
        Command::Source(command) => command.writes(),
        Command::Webhook(command) => command.writes(),
        Command::Rule(command) => command.writes(),
        Command::Freshness(command) => command.writes(),
        Command::Trust(command) => command.writes(),
        Command::Demo { .. }
        | Command::Init { .. }
        | Command::Serve { .. }
        | Command::Import(_)
        | Command::Undo { .. }
        | Command::Precedence { .. }
        | Command::Merge { .. }
        | Command::Unmerge { .. }
        | Command::Create { .. }
        | Command::Set { .. }
        | Command::Relate { .. }
        | Command::Unrelate { .. }
        | Command::Remove { .. }
        | Command::Schema(Schema::Apply { .. } | Schema::Upgrade)
        | Command::Baseline(Baseline::Create { .. } | Baseline::Approve { .. })
        | Command::User(User::Create { .. } | User::Disable { .. } | User::Password { .. })
        | Command::Token(Token::Create { .. } | Token::Revoke { .. })
        | Command::Backup { .. }
        | Command::Restore { .. }
        | Command::Compact
        | Command::Purge { .. } => true,
        Command::Freeze(command) => calendar::freeze_writes(command),
        Command::Window(command) => calendar::window_writes(command),
        Command::Outage(command) => !matches!(command, Outage::List { .. }),
        Command::Incident(command) => !matches!(command, Incident::List { .. }),
        Command::Export(_)
        | Command::AnsibleInventory(_)
        | Command::Imports { .. }
        | Command::Template { .. }
        | Command::Duplicates { .. }
        | Command::Cab(_)
        | Command::List { .. }
        | Command::Search { .. }
        | Command::Show { .. }
        | Command::History { .. }
        | Command::Impact(_)
        | Command::Query(_)
        | Command::Ranking(_)
        | Command::Observed(_)
        | Command::Shell
        | Command::Dependents(_)
        | Command::Dependencies(_)
        | Command::Path { .. }
        | Command::Schema(Schema::List | Schema::Show { .. })
        | Command::Baseline(Baseline::List)
        | Command::Diff { .. }
        | Command::Log { .. }
        | Command::User(User::List)
        | Command::Token(Token::List)
        | Command::Verify { .. }
        | Command::Completions { .. }
        | Command::Man => false,
    }
}

/// `k=v` of a command line.
pub fn pair(text: &str) -> Result<(&str, &str), Failure> {
    text.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| Failure::usage(format!("\"{text}\" is not of the form key=value")))
}

/// Attributes of `k=v` pairs as JSON: texts, which the schema reads; an empty value clears.
pub fn attributes(pairs: &[String]) -> Result<serde_json::Map<String, serde_json::Value>, Failure> {
    let mut out = serde_json::Map::new();
    for text in pairs {
        let (key, value) = pair(text)?;
        let value = if value.is_empty() { serde_json::Value::Null } else { value.into() };
        if out.insert(key.to_owned(), value).is_some() {
            return Err(Failure::usage(format!("\"{key}\" is stated twice")));
        }
    }
    Ok(out)
}
