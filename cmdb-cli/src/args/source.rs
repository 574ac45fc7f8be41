//! `cmdb source …`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Source {
    /// Import files again and again: cmdb source add inventory --path '/srv/export/*.csv' --every 1h.
    Add(Box<NewSource>),
    /// Sources that repeat, each with its last run.
    List,
    /// One source with its runs.
    Show { name: String },
    /// Look at a source now; exits with 1 if rows were rejected.
    Run {
        name: String,
        /// Say what would happen and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Import also what was imported before.
        #[arg(long)]
        again: bool,
    },
    /// Look at it no more until it is resumed.
    Pause { name: String },
    /// Look at it again.
    Resume { name: String },
    /// Look at it no more; what it has imported stays.
    Remove { name: String },
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("from").required(true))]
pub struct NewSource {
    /// Whose keys the ids are.
    pub name: String,
    /// Files on the server's machine; * ? and [ab] stand for more than one.
    #[arg(long, group = "from", value_name = "PATTERN")]
    pub path: Option<String>,
    /// An address to fetch a file from.
    #[arg(long, group = "from")]
    pub url: Option<String>,
    /// How often: 15m, 1h, 1d.
    #[arg(long, value_name = "TIME")]
    pub every: String,
    /// The format of the files, where it is not to be guessed; after `add`, --format says the same.
    #[arg(long = "as", value_name = "FORMAT")]
    pub as_format: Option<String>,
    /// Rename and drop columns: old=new,unwanted= or a TOML file.
    #[arg(long, value_name = "PROFILE")]
    pub map: Option<String>,
    /// A column with one value for all rows: --set class=Server.
    #[arg(long, value_name = "K=V")]
    pub set: Vec<String>,
    /// A header to send to the URL, such as 'Authorization=Token …'; kept, and shown to nobody.
    #[arg(long, requires = "url", value_name = "NAME=VALUE")]
    pub header: Vec<String>,
    /// Import each file once and by itself, in order of name; else all files together are what the source knows.
    #[arg(long, requires = "path")]
    pub each: bool,
    /// Define unknown classes, attributes and relationship types.
    #[arg(long)]
    pub define_missing: bool,
    /// What becomes of items that it knew and does not name any more: keep, note or retire.
    #[arg(long, value_name = "keep|note|retire", conflicts_with = "each")]
    pub missing: Option<String>,
    /// Runs in a row that must miss an item before it is retired [1].
    #[arg(long, value_name = "N")]
    pub missing_after: Option<u32>,
    /// Stop where more than this share of what the source knows would be retired [10%].
    #[arg(long, value_name = "SHARE")]
    pub max_remove: Option<String>,
}

impl Source {
    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        !matches!(self, Source::List | Source::Show { .. })
    }
}
