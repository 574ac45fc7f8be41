//! Rows back into files: tables that [`crate::read`] takes without change, and shapes that other tools draw or load.
//!
//! One file per format under `export/` and one line in [`exporters`]. The caller says which columns there are and in
//! what order ([`Tables`]); an exporter streams, and keeps no more than the bound it states.

mod csv;
mod cytoscape;
mod dot;
mod graph;
mod graphml;
mod json;
mod mermaid;
mod ndjson;
mod object;
mod servicenow;
mod text;
mod xlsx;

pub use self::csv::write_csv;
pub use object::object;

use cmdb_core::model::Value;
use cmdb_core::model::intake::TableKind;
use std::io::{self, Write};

/// One row: a value, or none where it is not stated, for each column.
pub type Row = Vec<Option<Value>>;

/// The first columns of every table of items.
pub const ITEM_COLUMNS: [&str; 4] = ["id", "class", "name", "status"];
/// The first columns of every table of relationships; `group` follows where any row has one.
pub const RELATIONSHIP_COLUMNS: [&str; 3] = ["source", "type", "target"];
/// A column of items that an impact adds: the state each is in.
pub const STATE_COLUMN: &str = "impact.state";

/// What is exported. An exporter may ask for rows as often as it needs to; they are the same each time.
pub trait Tables {
    /// The kinds asked for, items first.
    fn kinds(&self) -> &[TableKind];
    /// The columns of a kind: [`ITEM_COLUMNS`] or [`RELATIONSHIP_COLUMNS`] in this order, then attributes.
    fn columns(&self, kind: TableKind) -> Vec<&str>;
    /// The rows of a kind, each as long as its columns.
    fn rows<'s>(&'s self, kind: TableKind) -> Box<dyn Iterator<Item = Row> + 's>;
}

/// A format that can be written.
pub trait Exporter: Sync {
    /// By which it is asked for.
    fn name(&self) -> &'static str;
    /// Its media type.
    fn media(&self) -> &'static str;
    /// What a file of it holds.
    fn holds(&self) -> Holds;
    /// The most items it may be given; none where it keeps nothing in memory and its readers have no bound.
    fn items_max(&self) -> Option<u64> {
        None
    }
    /// Writes everything.
    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()>;
}

/// What one file of a format holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Items or relationships, not both.
    OneTable,
    /// Both, and they import again without change.
    Tables,
    /// A graph for other tools: always both.
    Graph,
}

/// Every format that can be written.
pub fn exporters() -> &'static [&'static dyn Exporter] {
    &[
        &csv::Csv,
        &json::Json,
        &ndjson::Ndjson,
        &xlsx::Xlsx,
        &graphml::GraphMl,
        &dot::Dot,
        &mermaid::Mermaid,
        &cytoscape::Cytoscape,
        &servicenow::ServiceNow,
    ]
}

/// The format of this name.
pub fn exporter(name: &str) -> Option<&'static dyn Exporter> {
    exporters().iter().copied().find(|e| e.name() == name)
}
