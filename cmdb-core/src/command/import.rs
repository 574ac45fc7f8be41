//! Importing rows: identify, compare, create or edit, and report every row that could not be taken.
//!
//! An import is first surveyed ([`survey`]): which classes, attributes and types its rows use, and what of that the
//! schema does not know. Then its batches are decided one after the other, items before relationships, either all
//! in one entry (atomic) or in parts; an [`Import`] carries report and memory from part to part.

mod items;
pub mod missing;
pub mod plan;
mod relationships;
pub mod report;
mod resume;
mod seen;
pub mod survey;

pub use missing::Missing;
pub use plan::{Fingerprint, ImportPlan};
pub use report::{Counters, Rejection, Report};
pub use resume::unfinished;
pub use survey::{Survey, Unknown};

use super::Answer;
use super::decider::Decider;
use super::rule::mark;
use crate::error::{Error, Result};
use crate::fact::{Fact, ImportRun, ImportTrail, Setting};
use crate::graph::link::Needs;
use crate::graph::{Draft, Records};
use crate::model::intake::{Batch, TableKind};
use crate::model::{ItemNumber, Position, RelationshipNumber, SmolStr, Symbol};
use crate::schema::SchemaEdit;
use rustc_hash::FxHashMap;
use seen::Seen;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows up to which an import is atomic unless asked otherwise.
pub const ATOMIC_ROWS: u64 = 50_000;
/// Rows at most that one atomic import may hold in memory.
pub const ATOMIC_ROWS_MAX: u64 = 5_000_000;

/// How an import is meant.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Whose keys the rows' ids are.
    pub source: SmolStr,
    /// An empty cell clears the attribute instead of saying nothing.
    pub empty_clears: bool,
    /// Names the run.
    pub id: SmolStr,
    pub files: Vec<SmolStr>,
    /// A rejected row rejects everything.
    pub atomic: bool,
    /// What it must do: taken whole as it was planned, or refused as stale.
    pub planned: Option<Fingerprint>,
    /// The position right after which its first part must be taken, because its plan was looked over there.
    pub starts_after: Option<Position>,
    /// What becomes of items that the source knew and the files do not name.
    pub missing: Missing,
    /// The files are of formats that observe (traffic, neighbours, scans) rather than state what should be.
    pub observed: bool,
}

/// One import from its first to its last part.
#[derive(Debug, Default)]
pub struct Import {
    pub options: ImportOptions,
    pub report: Report,
    source: Option<Symbol>,
    /// Items from this number on are the run's own.
    first_new_item: u32,
    trail: ImportTrail,
    notes: plan::Notes,
    items_seen: Seen,
    /// Items that a row of relationships names; they need no row of their own.
    ends_seen: Seen,
    relationships_seen: Seen,
    needs: FxHashMap<(ItemNumber, SmolStr), (Needs, u64)>,
    /// Group rows of this run by dependent: (relationship, file, row).
    groups: FxHashMap<ItemNumber, Vec<(RelationshipNumber, SmolStr, u64)>>,
}

/// An import shared between its caller and the writer.
pub type Shared = Arc<Mutex<Import>>;

/// Some rows of an import.
#[derive(Clone, Debug)]
pub struct ImportPart {
    pub import: Shared,
    /// Definitions that come with the import (`--define-missing`), applied first.
    pub define: SchemaEdit,
    pub batches: Vec<Batch>,
    /// The run ends with this part.
    pub last: bool,
    /// The part may stay out of sight, durable as it is, until `Cmdb::reorder` or another command brings it to light:
    /// its relationships are then laid into the adjacency together with those of the other parts.
    pub unseen: bool,
}

impl Import {
    pub fn new(options: ImportOptions) -> Import {
        Import { options, ..Import::default() }
    }
    /// Goes on with a run that did not get to its end, under the run's own id: rows that were taken are found and count
    /// as unchanged, and an undo takes back what came before the break and after it.
    pub fn resuming(mut self, trail: ImportTrail) -> Import {
        self.trail = trail;
        self
    }
    /// The same import before its first row.
    pub fn anew(&self) -> Import {
        Import { options: self.options.clone(), trail: self.trail.clone(), ..Import::default() }
    }
    /// Notes which row changes what, for a plan.
    pub fn noting(mut self) -> Import {
        self.notes.list = Some(Vec::new());
        self
    }
    /// What the rows so far do, on the draft they were decided on.
    pub fn plan(&self, draft: &Draft) -> Result<ImportPlan> {
        plan::plan(draft, self.notes.list.as_deref().unwrap_or(&[]))
    }
    pub fn shared(self) -> Shared {
        Arc::new(Mutex::new(self))
    }
    /// Decides the rows of one batch.
    pub fn batch(&mut self, decider: &mut Decider<'_>, batch: &Batch) -> Result<()> {
        let source = match self.source {
            Some(source) => source,
            None => {
                mark::refuse_source(&self.options.source)?;
                self.first_new_item = decider.draft().next_item()?.0;
                let source = decider.symbol(&self.options.source)?;
                self.source = Some(source);
                source
            }
        };
        match batch.table.kind {
            TableKind::Items => items::batch(self, decider, source, batch),
            TableKind::Relationships => relationships::batch(self, decider, source, batch),
        }
    }
    /// Ends the run: groups that cannot be met are taken back and reported, and the run is recorded.
    pub fn finish(&mut self, decider: &mut Decider<'_>) -> Result<()> {
        relationships::check_groups(self, decider)?;
        missing::settle(self, decider)?;
        let began = self.trail.entries.first().map(|(first, _)| *first);
        let first = began.unwrap_or_else(|| decider.draft().moment().position);
        let report = &self.report;
        let run = ImportRun {
            id: self.options.id.clone(),
            source: self.options.source.clone(),
            files: self.options.files.clone(),
            first,
            created: report.items.created + report.relationships.created,
            updated: report.items.updated + report.relationships.updated,
            unchanged: report.items.unchanged + report.relationships.unchanged,
            rejected: report.rejected_count,
            by: decider.context().principal.name.clone(),
            at_ms: decider.draft().moment().time_ms,
        };
        decider.accept(Fact::Set(Setting::Import(run)))?;
        seen::note(self, decider)?;
        self.leave_trail(decider, true)
    }
    /// Records that the entry at hand is one of the run's, so that the run can be taken back, unfinished ones too.
    fn leave_trail(&mut self, decider: &mut Decider<'_>, finished: bool) -> Result<()> {
        let moment = decider.draft().moment();
        let known = decider.draft().settings().trails.get(&self.options.id);
        if known.map_or(&[][..], |trail| &trail.entries) != self.trail.entries {
            return Err(resume::went_on_elsewhere(&self.options.id));
        }
        let (options, trail) = (&self.options, &mut self.trail);
        trail.note(moment.position);
        let trail = ImportTrail {
            id: options.id.clone(),
            source: options.source.clone(),
            files: options.files.clone(),
            by: decider.context().principal.name.clone(),
            at_ms: moment.time_ms,
            finished,
            ..trail.clone()
        };
        decider.accept(Fact::Set(Setting::Trail(trail)))
    }
}

impl ImportPart {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let mut import = self.import.lock().unwrap_or_else(PoisonError::into_inner);
        let next = decider.draft().moment().position;
        if let Some(after) = import.options.starts_after.take()
            && after.0 + 1 != next.0
        {
            return Err(plan::stale());
        }
        if !self.define.is_empty() {
            super::schema::accept_schema(decider, self.define)?;
        }
        for batch in &self.batches {
            import.batch(decider, batch)?;
        }
        if self.last {
            import.finish(decider)?;
            if let Some(planned) = &import.options.planned {
                plan::refuse_stale(decider.draft(), planned)?;
            }
        } else if decider.has_recorded() {
            import.leave_trail(decider, false)?;
        }
        import.report.position = decider.draft().moment().position;
        if import.options.atomic && import.report.rejected_count > 0 {
            let count = import.report.rejected_count;
            let message = format!(
                "{count} row{} rejected; nothing was imported",
                if count == 1 { " was" } else { "s were" }
            );
            return Err(
                Error::refused("import.rejected", message).hint("mend the rows listed and import again")
            );
        }
        Ok(Answer::Name(import.options.id.clone()))
    }
}
