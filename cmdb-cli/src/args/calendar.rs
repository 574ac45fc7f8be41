//! `cmdb freeze`, `window`, `outage`, `incident` and `query save`: their pages of the command line.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Freeze {
    /// Set a freeze: meanwhile nothing in its scope may be touched or made worse. Without a scope: nothing at all.
    Create(NewPeriod),
    /// Freezes in force, with their next occurrences.
    List,
    /// One freeze with the size of its scope.
    Show { freeze: String },
    /// Lift a freeze; its record stays.
    Remove { freeze: String },
    /// Leave for single changes to be carried out in spite of a freeze.
    #[command(subcommand)]
    Exception(Exception),
}

#[derive(Debug, Subcommand)]
pub enum Window {
    /// Agree on a maintenance window for a scope.
    Create(NewPeriod),
    /// Maintenance windows in force, with their next occurrences.
    List,
    /// One maintenance window with the size of its scope.
    Show { window: String },
    /// End a maintenance window; its record stays.
    Remove { window: String },
}

#[derive(Debug, clap::Args)]
pub struct NewPeriod {
    #[arg(long)]
    pub title: String,
    /// Start: with an offset, or local to --zone: 2026-12-18T18:00.
    #[arg(long, value_name = "TIME")]
    pub start: String,
    #[arg(long, value_name = "TIME")]
    pub end: String,
    /// IANA name of the zone whose clock it follows.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub zone: String,
    /// Query whose result holds the items it is about, or the name of a saved query.
    #[arg(long, value_name = "QUERY|NAME")]
    pub scope: Option<String>,
    /// Items it is about.
    #[arg(long, num_args = 1.., value_name = "REF")]
    pub items: Vec<String>,
    /// Recurrence rule of iCalendar, such as FREQ=WEEKLY;BYDAY=SA.
    #[arg(long, value_name = "RRULE")]
    pub repeat: Option<String>,
    /// Local starts of occurrences that do not take place.
    #[arg(long, num_args = 1.., value_name = "TIME")]
    pub except: Vec<String>,
    #[arg(long)]
    pub description: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Exception {
    /// Ask for leave.
    Request {
        freeze: String,
        #[arg(long)]
        change: String,
        #[arg(long)]
        reason: String,
    },
    List,
    /// Give leave; not by whoever asked or has a hand in the change.
    Approve {
        exception: String,
    },
    Reject {
        exception: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Outage {
    /// Note that items are down or degraded.
    Open(NewOutage),
    /// Note that it is over.
    Close(OutageEnd),
    /// Outages, newest first.
    List {
        /// Only those that last.
        #[arg(long)]
        open: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Incident {
    /// Note an incident; with --state it counts like an outage.
    Open(NewOutage),
    /// Note that it is resolved.
    Resolve(OutageEnd),
    /// Incidents, newest first.
    List {
        /// Only those that last.
        #[arg(long)]
        open: bool,
    },
}

#[derive(Debug, clap::Args)]
pub struct NewOutage {
    /// Items concerned.
    #[arg(required = true, value_name = "REF")]
    pub affects: Vec<String>,
    #[arg(long)]
    pub title: String,
    /// down, degraded or maintenance.
    #[arg(long)]
    pub state: Option<String>,
    /// When it began; now if not stated.
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// Any other attribute.
    #[arg(long, value_name = "K=V")]
    pub set: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct OutageEnd {
    pub record: String,
    /// When it ended; now if not stated.
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum SavedQuery {
    /// Keep a query under a name, as a scope, a report or an invariant.
    Save {
        name: String,
        text: String,
        #[arg(long, default_value = "")]
        description: String,
        /// It must return no rows, now and on every proposal.
        #[arg(long)]
        invariant: bool,
    },
    /// Saved queries.
    List,
    /// Forget a saved query.
    Remove { name: String },
    /// Ask all invariants; exit 1 if one returns rows.
    Check,
}
