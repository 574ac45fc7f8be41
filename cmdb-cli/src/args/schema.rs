//! `cmdb schema …`.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Schema {
    /// Classes and relationship types.
    List,
    /// One class or relationship type.
    Show { name: String },
    /// Add or change definitions from a TOML file.
    Apply { file: PathBuf },
    /// Add what the catalogue of this version has and an older data folder lacks; alters nothing that is defined.
    Upgrade,
}
