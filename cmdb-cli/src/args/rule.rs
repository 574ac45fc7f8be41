//! `cmdb rule …`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Rule {
    /// Make relationships of attributes: cmdb rule add vm-host VirtualMachine.host_name runs_on Hypervisor.name.
    Add(Box<NewRule>),
    /// The rules in force.
    List,
    /// One rule, how many relationships it makes, and the values that it makes nothing of.
    Show { name: String },
    /// Take a rule back, and with it every relationship that it made.
    Remove { name: String },
}

#[derive(Debug, clap::Args)]
pub struct NewRule {
    pub name: String,
    /// Where the relationships begin: Class.attribute, Class.name, or Class#SOURCE for the key of a source.
    pub source: String,
    /// The relationship type.
    pub r#type: String,
    /// Where they end, written alike.
    pub target: String,
    /// What they state, such as effect=soft, and group=NAME for a redundancy group.
    pub pairs: Vec<String>,
    /// The end of which one item alone may have a value: target, source (a rack and what stands in it) or neither.
    #[arg(long, value_name = "END", default_value = "target", value_parser = ["target", "source", "neither"])]
    pub one: String,
    /// ESX-1 is esx-1.
    #[arg(long)]
    pub ignore_case: bool,
    /// Say what it would make and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

impl Rule {
    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        match self {
            Rule::Add(new) => !new.dry_run,
            Rule::Remove { .. } => true,
            Rule::List | Rule::Show { .. } => false,
        }
    }
}
