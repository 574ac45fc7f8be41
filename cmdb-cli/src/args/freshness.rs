//! `cmdb freshness …`, `cmdb trust …` and `cmdb observed`.

use clap::Subcommand;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Freshness {
    #[command(subcommand)]
    pub rule: Option<FreshnessRule>,
    /// Only items of this class, subclasses included.
    #[arg(long)]
    pub class: Option<String>,
    /// Judge by what this source alone has seen, of the items that it knows.
    #[arg(long)]
    pub source: Option<String>,
    /// Days, instead of what the rules say.
    #[arg(long, value_name = "DAYS")]
    pub older_than: Option<u32>,
    /// Judge for this moment instead of now: what will be stale then if nothing is seen until then.
    #[arg(long, value_name = "TIME")]
    pub when: Option<String>,
    /// List at most so many; counts are always whole.
    #[arg(long, default_value = "100", value_parser = super::count, allow_negative_numbers = true)]
    pub limit: u64,
}

#[derive(Debug, Subcommand)]
pub enum FreshnessRule {
    /// After how many days items of a class are stale; subclasses inherit it.
    Rules,
    /// Set when items of a class are stale: cmdb freshness rule Server 30.
    Rule {
        class: String,
        /// Days, or `never`.
        #[arg(required_unless_present = "clear")]
        after: Option<String>,
        /// Take the rule back.
        #[arg(long, conflicts_with = "after")]
        clear: bool,
    },
}

impl Freshness {
    pub fn writes(&self) -> bool {
        matches!(self.rule, Some(FreshnessRule::Rule { .. }))
    }
}

#[derive(Debug, clap::Args)]
pub struct Trust {
    /// Whose; without it all sources are listed.
    pub source: Option<String>,
    /// How far it is believed, 0 to 1.
    #[arg(long, requires = "source")]
    pub confidence: Option<f64>,
    /// Whether it tells what was seen (observed) or what should be (declared).
    #[arg(long, requires = "source", value_parser = ["observed", "declared"])]
    pub kind: Option<String>,
    /// Take back what was said of it.
    #[arg(long, requires = "source", conflicts_with_all = ["confidence", "kind"])]
    pub clear: bool,
}

impl Trust {
    pub fn writes(&self) -> bool {
        self.clear || self.confidence.is_some() || self.kind.is_some()
    }
}

#[derive(Debug, clap::Args)]
pub struct Observed {
    /// List what is declared and was never seen, instead of what was seen and is not declared.
    #[arg(long)]
    pub unobserved: bool,
    /// Relationship types to compare; calls, depends_on, uses, connects_to and cabled_to if not stated.
    #[arg(long, value_delimiter = ',')]
    pub types: Vec<String>,
    /// List at most so many; counts are always whole.
    #[arg(long, default_value = "100", value_parser = super::count, allow_negative_numbers = true)]
    pub limit: u64,
}
