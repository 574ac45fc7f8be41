//! `cmdb export` and what feeds other tools.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Export {
    /// Only items of this class and its subclasses.
    #[arg(long)]
    pub class: Option<String>,
    /// Only items for which this holds: 'criticality <= 2 and status = "operational"'.
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,
    /// Only this item and what it is connected with; may be stated several times.
    #[arg(long = "ref", value_name = "REF")]
    pub references: Vec<String>,
    /// With --ref: dependents, dependencies or both.
    #[arg(long, requires = "references", value_name = "WAY")]
    pub direction: Option<String>,
    /// With --ref: steps to follow; 0 for the items alone.
    #[arg(long, requires = "references")]
    pub depth: Option<u32>,
    /// json, ndjson, xlsx or csv, which import again; graphml, dot, mermaid, cytoscape, servicenow.
    #[arg(long = "as", default_value = "json", value_name = "FORMAT")]
    pub as_format: String,
    /// items or relationships (a CSV holds one of them; items if not stated).
    #[arg(long)]
    pub kind: Option<String>,
    /// A file instead of stdout; for csv also a folder, which gets items.csv and relationships.csv.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

/// The words of an inventory script, and what it should hold.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct AnsibleInventory {
    /// Groups, hosts and variables.
    #[arg(long, group = "what")]
    pub list: bool,
    /// The variables of one host.
    #[arg(long, group = "what", value_name = "NAME")]
    pub host: Option<String>,
    /// Hosts are items of this class; servers and virtual machines if not stated.
    #[arg(long)]
    pub class: Option<String>,
    /// Only items for which this holds.
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,
    /// Attributes to group by besides class, environment, site and owner.
    #[arg(long, value_delimiter = ',', value_name = "ATTRIBUTE")]
    pub group_by: Vec<String>,
}
