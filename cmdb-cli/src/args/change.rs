//! `cmdb change …`: its own page of the command line.

use super::board::{Check, Conflicts, Plan};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Change {
    /// Record a change as a draft: cmdb change create --title T --affects esx1 db1=degraded --start TS --end TS.
    Create(ChangePlan),
    /// List changes.
    List {
        /// Only these statuses.
        #[arg(long, value_delimiter = ',')]
        status: Vec<String>,
        /// Only changes that touch this item.
        #[arg(long, value_name = "REF")]
        affects: Option<String>,
        /// Only emergencies whose review is overdue.
        #[arg(long)]
        review_overdue: bool,
    },
    /// Show a change with all that was found and decided.
    Show { change: String },
    /// Edit the plan; what was decided on the old one is void.
    Edit {
        change: String,
        #[command(flatten)]
        plan: ChangePlan,
        /// Further items it touches.
        #[arg(long, num_args = 1.., value_name = "REF[=STATE]")]
        add: Vec<String>,
        /// Items it does not touch after all.
        #[arg(long, num_args = 1.., value_name = "REF")]
        drop: Vec<String>,
        /// Only if the record is still at this version.
        #[arg(long)]
        if_version: Option<u32>,
    },
    /// Freeze what the change does, and how risky it is, in its record.
    Assess {
        change: String,
        /// Work the frozen assessment out again; exit with 1 unless the bytes are the same.
        #[arg(long)]
        replay: bool,
    },
    /// Hand the change in; a standard change within its model is approved by that.
    Submit(Move),
    /// Agree to a change; nobody decides on their own.
    Approve(Vote),
    /// Decide against a change.
    Reject(Vote),
    /// Put an approved change on the schedule.
    Schedule(Move),
    /// Begin the change; the state before it becomes a baseline.
    Start(Move),
    /// End the change: what was done is compared with what was planned.
    Finish {
        #[command(flatten)]
        to: Move,
        /// successful, successful_with_issues or failed.
        #[arg(long, default_value = "successful")]
        outcome: String,
    },
    /// Note that the change was undone.
    BackOut(Move),
    /// Note what came of the change.
    Review(Move),
    /// End a change that was looked back upon.
    Close(Move),
    /// End a change before it was begun.
    Cancel(Move),
    /// Which changes collide: one with others, or all of them.
    Conflicts(Conflicts),
    /// Waves in which no service falls below its gates, for changes, items, or what a query finds.
    Plan(Plan),
    /// A gate for pipelines: exit 1 if a change or a Terraform plan must not pass.
    Check(Check),
    /// Edits of controlled items that no change covers, newest first.
    Unauthorised(Period),
    /// How good predictions were: risk against outcome, predicted against actual services.
    Accuracy(Period),
    /// The rules by which changes are judged and decided on.
    #[command(subcommand)]
    Policy(Policy),
    /// Kinds of changes that are authorised once.
    #[command(subcommand)]
    Model(Model),
}

#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Print the rules in force, as TOML.
    Show,
    /// Put other rules in force.
    Apply { file: std::path::PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum Model {
    /// Describe a kind of change; somebody else puts it in force.
    Create {
        name: String,
        /// Query whose result holds the items such changes may touch.
        #[arg(long)]
        ci_query: String,
        /// The worst state in which such a change may put an item.
        #[arg(long, default_value = "maintenance")]
        state_max: String,
    },
    List,
    /// Put a model in force.
    Approve {
        name: String,
    },
    /// Take a model out of force.
    Withdraw {
        name: String,
    },
}

/// What is planned.
#[derive(Debug, clap::Args)]
pub struct ChangePlan {
    #[arg(long)]
    pub title: Option<String>,
    /// normal, standard or emergency.
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// The change model of a standard change.
    #[arg(long)]
    pub model: Option<String>,
    /// Everything it touches; esx1=degraded gives one its own state.
    #[arg(long, num_args = 1.., value_name = "REF[=STATE]")]
    pub affects: Option<Vec<String>>,
    /// edited, degraded, maintenance (default) or down: how what it touches is meanwhile.
    #[arg(long)]
    pub state: Option<String>,
    /// Start of the window: a timestamp with offset, such as 2026-11-28T22:00:00+01:00[Europe/Berlin].
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// End of the window.
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
    /// IANA name of the zone the window was agreed in.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    #[arg(long)]
    pub reason: Option<String>,
    #[arg(long)]
    pub benefit: Option<String>,
    /// Who carries it out.
    #[arg(long)]
    pub implementer: Option<String>,
    /// Changes that must have ended before.
    #[arg(long, num_args = 1.., value_name = "CHANGE")]
    pub follows: Option<Vec<String>>,
    /// How long undoing it takes.
    #[arg(long, value_name = "MINUTES")]
    pub back_out_minutes: Option<u64>,
    /// Planned edits, one command a line (set REF k=v…, relate A TYPE B …, query TEXT), a JSON list, or a Terraform
    /// plan as `terraform show -json` writes it; - for stdin.
    #[arg(long, value_name = "FILE")]
    pub proposal: Option<String>,
    /// Planned edits are what this plan of an import (`cmdb import … --dry-run`) would do.
    #[arg(long, value_name = "PLAN")]
    pub import_plan: Option<String>,
    /// Any other attribute, such as --set back_out_plan=… --set test_evidence=….
    #[arg(long, value_name = "K=V")]
    pub set: Vec<String>,
}

/// A stretch of time.
#[derive(Debug, clap::Args)]
pub struct Period {
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

/// A decision on a change as it was read.
#[derive(Debug, clap::Args)]
pub struct Vote {
    #[command(flatten)]
    pub to: Move,
    /// Only if the record is still at this version, as `cmdb change show` gives it.
    #[arg(long)]
    pub if_version: Option<u32>,
}

/// A change and a word about it.
#[derive(Debug, clap::Args)]
pub struct Move {
    pub change: String,
    /// Why; kept in the change's journal.
    #[arg(long, short, default_value = "")]
    pub note: String,
}
