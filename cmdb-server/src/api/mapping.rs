//! Mapping profiles on the wire.

use serde::Serialize;
use utoipa::ToSchema;

/// A profile guessed from a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuessedMapping {
    /// The format the file was read as.
    pub format: String,
    /// The class of its rows, if all seem to be of one.
    pub class: Option<String>,
    pub columns: Vec<GuessedColumn>,
    /// TOML, to be handed to an import as `map`, or saved and changed first.
    pub profile: String,
}

/// What a column seems to be.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuessedColumn {
    /// As written in the file.
    pub column: String,
    /// An attribute, `name`, `id`, `class`, `status`, or a relationship type with the class of the other end; empty
    /// if the column holds nothing.
    pub to: String,
    /// From 0 to 1.
    pub confidence: f64,
    pub reason: String,
    /// Some of what stands in it.
    pub samples: Vec<String>,
}
