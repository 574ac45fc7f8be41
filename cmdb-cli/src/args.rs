//! The command line. Help, completions and the manual page come from these definitions.

pub mod board;
pub mod calendar;
pub mod change;
pub mod freshness;
pub mod outputs;
pub mod rule;
pub mod schema;
pub mod source;
#[cfg(test)]
mod tests;
pub mod webhook;

use crate::failure::Failure;
use clap::{Parser, Subcommand, ValueEnum};
use cmdb_server::outbound::{Allowed, Network};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The inventory that answers: what happens if we touch this?
#[derive(Debug, Parser)]
#[command(name = "cmdb", version, arg_required_else_help = true, max_term_width = 110)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// `cmdb source add … --format F` names the format of the files, as scripts expect; elsewhere --format is how results
/// are printed, and one word cannot be both to the parser.
pub fn with_source_format(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let adding = words.windows(2).position(|pair| pair[0] == "source" && pair[1] == "add");
    for word in words.iter_mut().skip(adding.map_or(usize::MAX, |at| at + 2)) {
        if let Some(rest) = word.to_str().and_then(|w| w.strip_prefix("--format")).map(str::to_owned)
            && (rest.is_empty() || rest.starts_with('='))
        {
            *word = format!("--as{rest}").into();
        }
    }
    words
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Data folder.
    #[arg(long, global = true, env = "CMDB_DATA", default_value = "./cmdb-data", value_name = "DIR")]
    pub data: PathBuf,
    /// Talk to a running server instead of a folder.
    #[arg(long, global = true, env = "CMDB_SERVER", value_name = "URL", conflicts_with = "principal")]
    pub server: Option<String>,
    /// API token for --server.
    #[arg(long, global = true, env = "CMDB_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub token: Option<String>,
    /// Act as this person (with --data only; logged as "local as NAME").
    #[arg(long, global = true, value_name = "NAME")]
    pub principal: Option<String>,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value = "table")]
    pub format: Format,
    /// Short for --format json.
    #[arg(long, global = true)]
    pub json: bool,
    /// Read the inventory as it was: a position, a timestamp with offset, or a baseline.
    #[arg(long, global = true, value_name = "POSITION|TIME|BASELINE")]
    pub at: Option<String>,
    /// Read the inventory as the planned edits of this change would make it.
    #[arg(long, global = true, value_name = "CHANGE")]
    pub on: Option<String>,
    /// How long to wait for a folder that another command holds.
    #[arg(long, global = true, default_value = "10", value_name = "SECONDS")]
    pub wait: u64,
    /// Networks that webhooks and sources may reach besides public addresses: 10.0.0.0/8,127.0.0.1.
    #[arg(long, global = true, env = "CMDB_OUTBOUND_ALLOW", value_delimiter = ',', value_name = "NETWORK")]
    pub outbound_allow: Vec<String>,
    /// No talk on stderr, no progress bar.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl Global {
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

impl Global {
    /// What `--outbound-allow` lets through.
    pub fn allowed(&self) -> Result<Allowed, Failure> {
        let networks = self.outbound_allow.iter().filter(|text| !text.is_empty());
        let networks = networks.map(|text| Network::parse(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(Allowed::networks(networks))
    }
}

/// A count on the command line.
fn count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a count is a whole number, 0 or more".to_owned())
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Ndjson,
    Csv,
    /// A graph for Graphviz (impact, dependents, dependencies, path).
    Dot,
    /// A graph for Mermaid.
    Mermaid,
    /// A graph for networkx, yEd or Gephi.
    Graphml,
    /// A graph for Cytoscape.
    Cytoscape,
}

impl Format {
    /// The export that draws it, where it is a graph.
    pub fn graph(self) -> Option<&'static str> {
        match self {
            Format::Dot => Some("dot"),
            Format::Mermaid => Some("mermaid"),
            Format::Graphml => Some("graphml"),
            Format::Cytoscape => Some("cytoscape"),
            Format::Table | Format::Json | Format::Ndjson | Format::Csv => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Fill a folder with the demo estate, show the impact of a prepared change, then serve it.
    Demo {
        #[arg(long, default_value = "127.0.0.1:7070")]
        listen: SocketAddr,
        /// End after the answer.
        #[arg(long)]
        no_serve: bool,
    },
    /// Make a new data folder.
    Init {
        /// Accept unknown labels, types and attributes.
        #[arg(long)]
        open_schema: bool,
    },
    /// Serve the HTTP API.
    Serve {
        #[arg(long, default_value = "127.0.0.1:7070")]
        listen: SocketAddr,
        /// Certificate chain in PEM; with --tls-key serves HTTPS.
        #[arg(long, requires = "tls_key")]
        tls_cert: Option<PathBuf>,
        #[arg(long, requires = "tls_cert")]
        tls_key: Option<PathBuf>,
    },
    /// Import items and relationships from files; `import apply PLAN` takes what a dry run planned.
    Import(Import),
    /// List past imports, newest first.
    Imports {
        /// The plans that wait to be applied instead.
        #[arg(long)]
        plans: bool,
    },
    /// List items that may be one thing, with score and reasons.
    Duplicates {
        /// At most so many.
        #[arg(long, default_value = "100", value_parser = count, allow_negative_numbers = true)]
        limit: u64,
    },
    /// Say that an item and another are one; the other stays and the item's id names it from then on.
    Merge {
        /// The item that goes.
        reference: String,
        /// The item that stays.
        #[arg(value_name = "INTO")]
        into: String,
    },
    /// Take a merge apart: both items are again what they were.
    Unmerge {
        /// The merge's id, as `cmdb merge` printed it.
        merge: String,
    },
    /// Take an import back: everything is again what it was before it.
    Undo {
        /// The import's id, as `cmdb imports` lists it.
        import: String,
        /// Keep what was edited or related since, and take back the rest.
        #[arg(long)]
        keep_later: bool,
        /// Say what would happen and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Why; goes into the log.
        #[arg(long, short)]
        message: Option<String>,
    },
    /// Write items and relationships in a form that imports again without change, or as a graph for other tools.
    Export(outputs::Export),
    /// The inventory for Ansible, in the words of an inventory script.
    AnsibleInventory(outputs::AnsibleInventory),
    /// Write an Excel workbook to fill in and import: a sheet for each class, and one of relationships.
    Template {
        /// Only this class; may be stated several times.
        #[arg(long)]
        class: Vec<String>,
        /// The workbook, such as inventory.xlsx.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// List items.
    List {
        #[arg(long)]
        class: Option<String>,
        /// For example: 'criticality <= 2 and status = "operational"'.
        #[arg(long = "where", value_name = "EXPR")]
        filter: Option<String>,
        /// An attribute, name, class or status; -name sorts descending.
        #[arg(long)]
        sort: Option<String>,
        /// Comma-separated: id, class, name, status and attributes.
        #[arg(long)]
        fields: Option<String>,
        /// At most so many.
        #[arg(long, value_parser = count, allow_negative_numbers = true)]
        limit: Option<u64>,
    },
    /// Find items by part of their name or attributes; small typos are forgiven.
    Search {
        text: String,
        #[arg(long, default_value = "20", value_parser = count, allow_negative_numbers = true)]
        limit: u64,
    },
    /// Show one item with its relationships.
    Show {
        reference: String,
        /// What every source says of each attribute, since when, when it last saw it, and how far it is believed.
        #[arg(long)]
        sources: bool,
    },
    /// List or set which source's word counts; without a rule the last word does.
    Precedence {
        /// The highest first; `manual` is what people enter. None lists the rules.
        sources: Vec<String>,
        /// Only for items of this class and its subclasses.
        #[arg(long)]
        class: Option<String>,
        /// Only for this attribute.
        #[arg(long)]
        attribute: Option<String>,
        /// Take the rule back.
        #[arg(long, conflicts_with = "sources")]
        clear: bool,
    },
    /// Rules by which attributes make relationships: a machine's host_name and the host of that name.
    #[command(subcommand)]
    Rule(rule::Rule),
    /// Items that nobody has seen for too long, and the rules that say how long that is.
    Freshness(Box<freshness::Freshness>),
    /// List or set how far sources are believed.
    Trust(freshness::Trust),
    /// Dependencies that were observed beside those that are declared: what each lacks of the other.
    Observed(freshness::Observed),
    /// Create an item: cmdb create Server name=web-01 memory='16 GiB'.
    Create { class: String, pairs: Vec<String> },
    /// Change an item; an empty value clears an attribute.
    Set {
        reference: String,
        #[arg(required = true)]
        pairs: Vec<String>,
        /// Only if the item is still at this version.
        #[arg(long)]
        if_version: Option<u32>,
    },
    /// Relate two items: cmdb relate shop depends_on web-01 group=web needs=1.
    Relate { source: String, r#type: String, target: String, pairs: Vec<String> },
    /// End a relationship.
    Unrelate { source: String, r#type: String, target: String, pairs: Vec<String> },
    /// Remove an item.
    Remove {
        reference: String,
        /// Its relationships too, whatever depends on it.
        #[arg(long)]
        cascade: bool,
    },
    /// Everything that ever happened to an item.
    History {
        reference: String,
        #[arg(long, default_value = "100", value_parser = count, allow_negative_numbers = true)]
        limit: u64,
    },
    /// What a failure or change does, with proof.
    Impact(Impact),
    /// Everything that depends on an item, redundancy not considered.
    Dependents(Reach),
    /// Everything an item depends on.
    Dependencies(Reach),
    /// The most critical items: by how many others, and how many business services, depend on each.
    Ranking(Ranking),
    /// The shortest dependency path from A to B.
    Path {
        from: String,
        to: String,
        /// All shortest paths.
        #[arg(long)]
        all: bool,
        #[arg(long, value_parser = count, allow_negative_numbers = true)]
        limit: Option<u64>,
        #[arg(long, value_delimiter = ',')]
        types: Vec<String>,
    },
    /// Ask in an openCypher-compatible language: cmdb query 'MATCH (s:Server) RETURN s.name'.
    Query(Query),
    /// An interactive console for queries.
    Shell,
    /// Changes: plan, decide, carry out, look back.
    #[command(subcommand)]
    Change(Box<change::Change>),
    /// Everything a change advisory board decides from, for one period.
    Cab(board::Cab),
    /// Freezes: times in which nothing in a scope may be touched.
    #[command(subcommand)]
    Freeze(calendar::Freeze),
    /// Maintenance windows: agreed times for work on a scope.
    #[command(subcommand)]
    Window(calendar::Window),
    /// Outages: what is down or degraded, from when to when.
    #[command(subcommand)]
    Outage(calendar::Outage),
    /// Incidents, as far as impact and reviews need them.
    #[command(subcommand)]
    Incident(calendar::Incident),
    /// Classes, relationship types and their definitions.
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Named positions.
    #[command(subcommand)]
    Baseline(Baseline),
    /// What changed between two positions, times or baselines.
    Diff { a: String, b: String },
    /// The commit log, newest first.
    Log {
        #[arg(long, default_value = "20", value_parser = count, allow_negative_numbers = true)]
        limit: u64,
    },
    /// Sources that are imported again and again.
    #[command(subcommand)]
    Source(source::Source),
    /// Addresses that are told about commits.
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    /// Users.
    #[command(subcommand)]
    User(User),
    /// API tokens.
    #[command(subcommand)]
    Token(Token),
    /// Check checksums, hash chain, and that graph and store agree.
    Verify {
        /// Also replay the whole log and check every page.
        #[arg(long)]
        full: bool,
    },
    /// Write an online backup.
    Backup { file: PathBuf },
    /// Restore a backup into an empty folder.
    Restore { file: PathBuf },
    /// Give unused space back.
    Compact,
    /// Erase an attribute's value from item, log, history and snapshots.
    Purge {
        reference: String,
        #[arg(long)]
        attribute: String,
    },
    /// Shell completions.
    Completions { shell: clap_complete::Shell },
    /// The manual page.
    #[command(hide = true)]
    Man,
}

#[derive(Debug, clap::Subcommand)]
pub enum ImportCommand {
    /// Import exactly what a plan says; refused (exit 3) where what it rests on has changed since.
    Apply {
        /// The plan's id, as `import --dry-run` printed it.
        plan: String,
        /// Why; goes into the log.
        #[arg(long, short)]
        message: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Import {
    #[command(subcommand)]
    pub command: Option<ImportCommand>,
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// items, relationships, or a format (csv, json, ndjson).
    #[arg(long = "as", value_name = "KIND|FORMAT")]
    pub as_kind: Option<String>,
    /// Whose keys the id column holds.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Rename and drop columns: old=new,unwanted= or a TOML file.
    #[arg(long, value_name = "PROFILE")]
    pub map: Option<String>,
    /// Import nothing: print a profile guessed from the file, to be saved, changed and given to --map.
    #[arg(long)]
    pub guess_map: bool,
    /// A column with one value for all rows: --set class=Server.
    #[arg(long, value_name = "K=V")]
    pub set: Vec<String>,
    /// Define unknown classes, attributes and relationship types.
    #[arg(long)]
    pub define_missing: bool,
    /// Say what would happen, row by row, and change nothing: a plan for `import apply`.
    #[arg(long)]
    pub dry_run: bool,
    /// All or nothing, whatever the size.
    #[arg(long)]
    pub atomic: bool,
    /// Of a whole feed, what becomes of items that the source knew and the files do not name: keep, note or retire.
    #[arg(long, value_name = "keep|note|retire")]
    pub missing: Option<String>,
    /// Feeds in a row that must miss an item before it is retired [1].
    #[arg(long, value_name = "N")]
    pub missing_after: Option<u32>,
    /// Refuse if more than this share of what the source knows would be retired [10%].
    #[arg(long, value_name = "SHARE")]
    pub max_remove: Option<String>,
    /// Write the rejected rows to a file, in their own format with a column that says why.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Go on with an import of these files that did not get to its end; `cmdb imports` lists them.
    #[arg(long, value_name = "IMPORT", conflicts_with = "atomic")]
    pub resume: Option<String>,
    /// What an empty cell means: keep or clear.
    #[arg(long, value_name = "keep|clear", default_value = "keep")]
    pub empty: String,
    /// Why; goes into the log.
    #[arg(long, short)]
    pub message: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Impact {
    /// One or several items; esx1=degraded gives one its own state.
    #[arg(required = true, value_name = "REF")]
    pub references: Vec<String>,
    /// down, degraded or maintenance.
    #[arg(long, default_value = "down")]
    pub state: String,
    #[arg(long)]
    pub depth: Option<u32>,
    /// Only along these relationship types.
    #[arg(long, value_delimiter = ',')]
    pub types: Vec<String>,
    /// Leave out effects that come later than so many minutes.
    #[arg(long = "for", value_name = "MINUTES")]
    pub for_minutes: Option<u64>,
    /// Add what open outages hold down to the items named.
    #[arg(long)]
    pub with_current: bool,
    /// Exit with 1 if an affected item matches: 'state >= degraded and criticality <= 2'.
    #[arg(long, value_name = "EXPR")]
    pub fail_on: Option<String>,
    /// Print at most so many affected items (counts are always whole).
    #[arg(long, value_parser = count, allow_negative_numbers = true)]
    pub limit: Option<u64>,
    /// List the items that redundancy keeps up, too.
    #[arg(long)]
    pub protected: bool,
    /// Show the chain of reasons for every affected item.
    #[arg(long)]
    pub why: bool,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Query {
    /// Saved queries and invariants.
    #[command(subcommand)]
    pub saved_queries: Option<calendar::SavedQuery>,
    /// The query; - reads it from stdin.
    pub text: Option<String>,
    /// Ask a saved query.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["text", "file"])]
    pub saved: Option<String>,
    /// Read the query from a file.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    pub file: Option<PathBuf>,
    /// A value for $name: --param name=value (JSON where it reads as such, else text).
    #[arg(long, value_name = "K=V")]
    pub param: Vec<String>,
    /// Refuse a query that writes.
    #[arg(long)]
    pub read_only: bool,
    /// Milliseconds it may take.
    #[arg(long, value_name = "MS")]
    pub timeout_ms: Option<u64>,
    /// Rows it may return.
    #[arg(long, value_name = "N")]
    pub max_rows: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub struct Ranking {
    /// Only items of this class, subclasses included.
    #[arg(long)]
    pub class: Option<String>,
    /// Business services count first, items second.
    #[arg(long)]
    pub services: bool,
    /// So many items.
    #[arg(long, default_value = "20")]
    pub limit: u64,
}

#[derive(Debug, clap::Args)]
pub struct Reach {
    #[arg(required = true, value_name = "REF")]
    pub references: Vec<String>,
    #[arg(long)]
    pub depth: Option<u32>,
    #[arg(long)]
    pub class: Option<String>,
    #[arg(long, value_delimiter = ',')]
    pub types: Vec<String>,
    /// At most so many rows; 0 = counts only.
    #[arg(long, value_parser = count, allow_negative_numbers = true)]
    pub limit: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub enum Baseline {
    Create {
        name: String,
        #[arg(long)]
        position: Option<u64>,
        #[arg(long, default_value = "")]
        note: String,
    },
    List,
    Approve {
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum User {
    Create {
        name: String,
        #[arg(long, default_value = "viewer")]
        role: String,
    },
    List,
    Disable {
        name: String,
    },
    /// Sets the password for the page: asked for on a terminal, else the first line of standard input.
    Password {
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Token {
    Create {
        /// viewer, editor, approver, auditor or admin.
        #[arg(long, default_value = "viewer")]
        role: String,
        /// A timestamp with offset, or days such as 90d.
        #[arg(long)]
        expires: Option<String>,
        /// Act for this user.
        #[arg(long)]
        user: Option<String>,
        #[arg(long, default_value = "")]
        label: String,
    },
    List,
    Revoke {
        id: String,
    },
}
