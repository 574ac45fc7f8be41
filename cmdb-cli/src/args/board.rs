//! `cmdb cab`, `cmdb change conflicts|plan|check`: what a board and a pipeline ask.

/// Which changes collide.
#[derive(Debug, clap::Args)]
pub struct Conflicts {
    /// One change; all of them if none is named.
    pub change: Option<String>,
    /// Only changes whose window ends after this time.
    #[arg(long, value_name = "TIME", conflicts_with = "change")]
    pub from: Option<String>,
    /// Only changes whose window begins before this time.
    #[arg(long, value_name = "TIME", conflicts_with = "change")]
    pub to: Option<String>,
}

/// Everything a change advisory board decides from.
#[derive(Debug, clap::Args)]
pub struct Cab {
    /// Begin of the period; now if not stated.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// End of the period; a week after its begin if not stated.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Zone that times are shown in.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub zone: String,
    /// markdown (default), html (one printable file), ics or json.
    #[arg(long = "as", value_name = "FORMAT")]
    pub as_format: Option<String>,
    /// A file instead of stdout; its ending says the format, too.
    #[arg(long, value_name = "FILE")]
    pub out: Option<std::path::PathBuf>,
}

/// Waves in which no service falls below its gates.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// Changes; each is one task.
    #[arg(value_name = "CHANGE")]
    pub changes: Vec<String>,
    /// Items; each is one task.
    #[arg(long, num_args = 1.., value_name = "REF")]
    pub items: Vec<String>,
    /// Query, or name of a saved one, whose items are one task each.
    #[arg(long, value_name = "QUERY|NAME")]
    pub query: Option<String>,
    /// State of the items meanwhile: down, degraded or maintenance.
    #[arg(long)]
    pub state: Option<String>,
    /// The mildest state that no service may be brought to: degraded (default), down or at_risk.
    #[arg(long, value_name = "STATE")]
    pub tolerate_below: Option<String>,
    /// Tasks of one wave at most.
    #[arg(long, value_name = "N")]
    pub wave_max: Option<usize>,
    /// Count what open outages hold down.
    #[arg(long)]
    pub with_current: bool,
    /// Look for free windows from this time on.
    #[arg(long, value_name = "TIME", requires = "to")]
    pub from: Option<String>,
    #[arg(long, value_name = "TIME", requires = "from")]
    pub to: Option<String>,
    /// Minutes that one wave takes.
    #[arg(long, value_name = "MINUTES")]
    pub minutes: Option<u64>,
}

/// A gate for pipelines: exit 1 if a change or a Terraform plan must not pass.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// A change on record.
    pub change: Option<String>,
    /// A Terraform plan: terraform show -json tfplan > tfplan.json.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<std::path::PathBuf>,
    /// State that updated resources of a plan are in meanwhile: degraded (default), down, maintenance or up.
    #[arg(long, value_name = "STATE")]
    pub update_state: Option<String>,
    /// No affected item may match: 'criticality<=1 and state>=at_risk'.
    #[arg(long, value_name = "EXPR")]
    pub fail_on: Option<String>,
    /// Count what open outages hold down.
    #[arg(long)]
    pub with_current: bool,
    /// A collision with what is planned fails the check, too.
    #[arg(long)]
    pub fail_on_conflicts: bool,
    /// Write the report for a merge request, as Markdown, to a file.
    #[arg(long, value_name = "FILE")]
    pub report: Option<std::path::PathBuf>,
}
