//! Running an import: survey every file, then hand its rows to the inventory, items before relationships.
//!
//! Up to [`ATOMIC_ROWS`] rows an import is one entry of the log; above, it is taken in parts of [`PART_BATCHES`]
//! batches, each an entry of its own, while the next ones are being parsed. Files are read from disk as often as
//! needed, so memory stays bounded whatever their size.

use cmdb_core::command::import::{
    ATOMIC_ROWS, ATOMIC_ROWS_MAX, Fingerprint, Import, ImportOptions, ImportPart, ImportPlan, Missing,
    Report, Survey, Unknown, plan, unfinished,
};
use cmdb_core::command::{Command, Context, Decider, Right, access};
use cmdb_core::engine::Pending;
use cmdb_core::fact::ImportTrail;
use cmdb_core::fact::setting::Settings;
use cmdb_core::graph::{Draft, Records, Snapshot};
use cmdb_core::model::SmolStr;
use cmdb_core::model::intake::{Batch, Complaint, TableKind};
use cmdb_core::schema::SchemaEdit;
use cmdb_core::{Cmdb, Error, Result};
use rayon::prelude::*;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};

/// Batches in one part of a chunked import: some 65,000 rows.
const PART_BATCHES: usize = 8;
/// Parts handed in and not answered: one is decided while the one before it is written, and the next one is at hand.
const PARTS_AHEAD: usize = 2;
/// Rows above which the graph is laid out anew after the import, once for all of its parts.
const REORDER_ROWS: u64 = 100_000;
/// An import of fewer rows than this part of the graph is laid part by part, without laying out the whole.
const REORDER_SHARE: u64 = 16;

/// One file to import.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// As the user named it; shown in complaints.
    pub name: String,
    /// Where its bytes are.
    pub path: PathBuf,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    pub files: Vec<InputFile>,
    pub reading: cmdb_import::Options,
    /// Whose keys the ids are; `import` if empty.
    pub source: String,
    pub define_missing: bool,
    /// Of what is not defined and shall not be.
    pub unknown: Unknown,
    pub dry_run: bool,
    /// None: atomic up to [`ATOMIC_ROWS`] rows.
    pub atomic: Option<bool>,
    pub empty_clears: bool,
    /// It must do what was planned, or is refused as stale.
    pub planned: Option<Fingerprint>,
    /// What becomes of items that the source knew and the files do not name.
    pub missing: Missing,
    /// Rejected rows are wanted back in their file's own format.
    pub rejects: bool,
    /// The unfinished import that goes on.
    pub resume: Option<String>,
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub id: String,
    pub report: Report,
    /// Whether anything was kept; false for a dry run and for an atomic import with rejected rows.
    pub applied: bool,
    pub dry_run: bool,
    /// What would happen; of a dry run.
    pub planned: Option<Planned>,
    /// Rejected rows by file, where they were asked for.
    pub rejects: Vec<RejectedRows>,
}

/// Rows of one file that were not taken, in its own format with a column that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRows {
    pub file: String,
    pub bytes: Vec<u8>,
}

/// A plan with the state it was made on and what would become of it.
#[derive(Clone, Debug)]
pub struct Planned {
    pub plan: ImportPlan,
    /// A row that is rejected would reject everything.
    pub atomic: bool,
    pub before: Arc<Snapshot>,
    pub after: Draft,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// `survey`, `import` or `finish`.
    pub phase: &'static str,
    pub rows_done: u64,
    /// 0 while not known.
    pub rows_total: u64,
}

/// What the edge supplies.
pub struct Surroundings<'a> {
    /// A fresh context (time, ids) for each entry of the import.
    pub context: &'a (dyn Fn() -> Context + Sync),
    pub progress: &'a (dyn Fn(Progress) + Sync),
    pub cancelled: &'a AtomicBool,
}

/// Runs the import to its end.
///
/// # Errors
/// A file that cannot be read as a whole, unknown names, a missing right, a limit; rejected rows are no error but
/// part of the report.
pub fn run(cmdb: &Cmdb, request: &ImportRequest, around: &Surroundings<'_>) -> Result<Outcome> {
    let context = (around.context)();
    access::check(&context.principal, Right::Edit)?;
    let snapshot = cmdb.snapshot();
    let files: Vec<SmolStr> = request.files.iter().map(|f| f.name.as_str().into()).collect();
    // Said again under the same key, one that broke off goes on, too.
    let own = id_of(&context);
    let again = snapshot.settings().trails.contains_key(&*own).then_some(&*own);
    let resumed = request.resume.as_deref().or(again);
    let begun = resumed.map(|id| unfinished(snapshot.settings(), id, &files)).transpose()?;
    let id = begun.as_ref().map_or(own.clone(), |begun| begun.id.to_string());
    let Surveyed { survey, complaints, kinds, observed } = survey(request, around)?;
    let define = definitions(&survey, request, &*snapshot, &context)?;
    let atomic = request.atomic.unwrap_or(begun.is_none() && survey.rows() <= ATOMIC_ROWS);
    if atomic && survey.rows() > ATOMIC_ROWS_MAX {
        let message =
            format!("an atomic import holds at most {ATOMIC_ROWS_MAX} rows; this one has {}", survey.rows());
        return Err(Error::limit("import.atomic-rows", message).hint("import it in chunks, without --atomic"));
    }
    let mut import = Import::new(ImportOptions {
        source: source_of(request, begun.as_ref())?,
        empty_clears: request.empty_clears,
        id: id.as_str().into(),
        files,
        atomic,
        planned: request.planned.filter(|_| atomic),
        starts_after: None,
        missing: request.missing,
        observed,
    });
    match begun {
        Some(begun) => import = import.resuming(begun),
        None => import.report.assumed.extend(left_unfinished(snapshot.settings(), &import.options)),
    }
    import.report.assumed.extend(define.1);
    import.report.assumed.extend(
        survey
            .empty_columns(&*snapshot)
            .iter()
            .map(|c| format!("column {c} holds no value and was left out")),
    );
    let (notes, complaints): (Vec<_>, Vec<_>) = complaints.into_iter().partition(Complaint::is_note);
    import.report.assumed.extend(notes.iter().map(|n| format!("{} row {}: {}", n.file, n.row, n.message)));
    complaints.into_iter().filter(|c| c.code != "csv.no-rows").for_each(|c| import.report.reject(c));
    let counts = snapshot.counts();
    let known = u64::from(counts.items) + u64::from(counts.relationships);
    let run = Run {
        cmdb,
        request,
        around,
        kinds,
        total: survey.rows(),
        unseen: survey.rows() > REORDER_ROWS.max(known / REORDER_SHARE),
    };
    if request.dry_run {
        let (mut report, planned) = run.dry(import.noting(), define.0, &context)?;
        let planned = Some(Planned { atomic, ..planned });
        let rejects = rejects(request, &mut report)?;
        return Ok(Outcome { id, report, applied: false, dry_run: true, planned, rejects });
    }
    // Parts cannot be compared with the plan one by one; the whole is tried first, and must begin right after.
    // And a feed that lacks too much is stopped before its first part.
    let checked = request.planned.is_some() || request.missing != Missing::Keep;
    if checked && !atomic {
        let tried = import.anew();
        let (_, tried) = run.dry(tried, define.0.clone(), &context)?;
        if request.planned.is_some_and(|planned| planned != tried.plan.fingerprint) {
            return Err(plan::stale());
        }
        import.options.starts_after = Some(tried.before.position());
    }
    let (mut report, applied) = match atomic {
        true => {
            let (report, applied) = run.atomic(import, define.0, context)?;
            if applied && run.unseen {
                cmdb.reorder()?;
            }
            (report, applied)
        }
        false => (run.chunked(import, define.0, context)?, true),
    };
    let rejects = rejects(request, &mut report)?;
    Ok(Outcome { id, report, applied, dry_run: false, planned: None, rejects })
}

/// Bytes of rejected rows handed back at most, all files together.
const REJECTS_BYTES_MAX: usize = 4 << 20;

/// The rows of each file that the report lists as rejected.
fn rejects(request: &ImportRequest, report: &mut Report) -> Result<Vec<RejectedRows>> {
    if !request.rejects {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    let mut room = REJECTS_BYTES_MAX;
    for file in &request.files {
        let mut rows = cmdb_import::Rejected::new();
        let of_file = |r: &&Complaint| cmdb_import::is_in_file(&r.file, &file.name) && r.row > 0;
        for r in report.rejected.iter().filter(of_file) {
            let column = r.column.as_ref().map_or_else(String::new, |c| format!("{c}: "));
            let place: &mut cmdb_import::RejectedRows = rows.entry(r.file.to_string()).or_default();
            place.entry(r.row).or_default().push(format!("{column}{}", r.message));
        }
        if rows.is_empty() {
            continue;
        }
        let mut input = open(file)?;
        let mut text = Vec::new();
        if cmdb_import::write_rejects(&file.name, &mut input, &request.reading, &rows, &mut text)? {
            // The import is done by now; what does not fit is in the report all the same.
            let Some(rest) = room.checked_sub(text.len()) else {
                let note =
                    format!("the rejected rows of {} are too many to be given back as a file", file.name);
                report.assumed.push(note);
                continue;
            };
            room = rest;
            out.push(RejectedRows { file: file.name.clone(), bytes: text });
        }
    }
    Ok(out)
}

fn open(file: &InputFile) -> Result<std::fs::File> {
    std::fs::File::open(&file.path).map_err(|e| {
        let message = format!("{} cannot be read: {e}", file.name);
        Error::new(cmdb_core::Kind::NotFound, "import.no-file", message).caused_by(e)
    })
}

/// Whose keys the ids are: an import that goes on keeps its source.
fn source_of(request: &ImportRequest, begun: Option<&ImportTrail>) -> Result<SmolStr> {
    match begun {
        None if request.source.is_empty() => Ok("import".into()),
        None => Ok(SmolStr::new(&request.source)),
        Some(begun) if request.source.is_empty() || begun.source == request.source => {
            Ok(begun.source.clone())
        }
        Some(begun) => {
            let message =
                format!("import {} is one of source {}, not of {}", begun.id, begun.source, request.source);
            Err(Error::refused("import.other-source", message).hint("leave --source out"))
        }
    }
}

/// Says that earlier parts of an import that broke off are there already.
fn left_unfinished(settings: &Settings, options: &ImportOptions) -> Option<String> {
    let is_same = |trail: &&ImportTrail| {
        !trail.finished
            && trail.undone.is_none()
            && trail.source == options.source
            && trail.files == options.files
    };
    let trail = settings.trails.values().filter(is_same).max_by_key(|trail| trail.at_ms)?;
    let id = &trail.id;
    Some(format!(
        "import {id} of these files did not get to its end; --resume {id} would have gone on with it"
    ))
}

/// What an import is called in the log.
pub(crate) fn id_of(context: &Context) -> String {
    format!("imp-{}", &context.commit.to_string()[..8])
}

fn definitions(
    survey: &Survey,
    request: &ImportRequest,
    records: &dyn Records,
    context: &Context,
) -> Result<(SchemaEdit, Vec<String>)> {
    if !request.define_missing {
        survey.refuse_missing(records, request.unknown)?;
        return Ok((SchemaEdit::default(), Vec::new()));
    }
    let (edit, notes) = survey.missing(records);
    if !edit.is_empty() {
        access::check(&context.principal, Right::Administer).map_err(|e| may_not_define(e, &notes))?;
    }
    Ok((edit, notes))
}

/// Definitions that a refusal lists.
const REFUSED_LISTED_MAX: usize = 20;

/// Says which definitions an import would add, so that somebody who may can be asked for them.
fn may_not_define(denied: Error, notes: &[String]) -> Error {
    let more = if notes.len() > REFUSED_LISTED_MAX { ", …" } else { "" };
    let listed = notes[..notes.len().min(REFUSED_LISTED_MAX)].join(", ");
    let message = format!("{}: the import would define {listed}{more}", denied.message());
    let who = denied.hint_text().unwrap_or_default();
    let hint = format!("{who}; ask for the definitions, or for this import, or map the names to known ones");
    let error = Error::new(denied.kind(), denied.code(), message).hint(hint);
    notes.iter().take(REFUSED_LISTED_MAX).fold(error, |error, note| error.detail("", note.clone()))
}

/// What there is to know before anything is decided.
#[derive(Default)]
struct Surveyed {
    survey: Survey,
    complaints: Vec<Complaint>,
    /// By file: whether it holds items, and whether relationships.
    kinds: Vec<[bool; 2]>,
    /// Every file that holds anything tells what was observed.
    observed: bool,
}

/// Reads every file once: names used, rows, and everything that cannot be read. Files are read side by side.
fn survey(request: &ImportRequest, around: &Surroundings<'_>) -> Result<Surveyed> {
    struct Surveying<'a> {
        survey: Survey,
        complaints: Vec<Complaint>,
        observes: bool,
        around: &'a Surroundings<'a>,
        rows: &'a AtomicU64,
    }
    impl cmdb_import::Sink for Surveying<'_> {
        fn format(&mut self, format: &dyn cmdb_import::Format) {
            self.observes = format.observes();
        }
        fn batch(&mut self, batch: Batch) -> Result<()> {
            check_cancelled(self.around)?;
            self.survey.see(&batch);
            let many = batch.rows.len() as u64;
            let rows_done = self.rows.fetch_add(many, Ordering::Relaxed) + many;
            (self.around.progress)(Progress { phase: "survey", rows_done, rows_total: 0 });
            Ok(())
        }
        fn complain(&mut self, complaint: Complaint) {
            if self.complaints.len() < cmdb_core::command::import::report::REJECTED_LISTED_MAX {
                self.complaints.push(complaint);
            }
        }
    }
    let rows = AtomicU64::new(0);
    let surveyed: Vec<Result<Surveying<'_>>> = request
        .files
        .par_iter()
        .map(|file| {
            let (survey, complaints) = (Survey::default(), Vec::new());
            let mut one = Surveying { survey, complaints, observes: false, around, rows: &rows };
            read_file(request, file, &mut one)?;
            Ok(one)
        })
        .collect();
    let mut all = Surveyed::default();
    let mut declares = false;
    for one in surveyed {
        let one = one?;
        let kinds = [one.survey.item_rows > 0, one.survey.relationship_rows > 0];
        all.observed |= one.observes && kinds != [false; 2];
        declares |= !one.observes && kinds != [false; 2];
        all.kinds.push(kinds);
        all.survey.merge(one.survey);
        all.complaints.extend(one.complaints);
    }
    all.complaints.truncate(cmdb_core::command::import::report::REJECTED_LISTED_MAX);
    all.observed &= !declares;
    request.reading.mapping.check_used()?;
    Ok(all)
}

fn read_file(request: &ImportRequest, file: &InputFile, sink: &mut dyn cmdb_import::Sink) -> Result<()> {
    let mut input = open(file)?;
    cmdb_import::read(&file.name, &mut input, &request.reading, sink)
}

fn check_cancelled(around: &Surroundings<'_>) -> Result<()> {
    if around.cancelled.load(Ordering::Relaxed) {
        return Err(Error::new(cmdb_core::Kind::Unavailable, "job.cancelled", "the import was cancelled")
            .hint("parts that were already taken stay; importing the files again goes on from there"));
    }
    Ok(())
}

/// Sends the batches of one kind on.
struct Forward<'a> {
    kind: TableKind,
    to: &'a mut dyn FnMut(Batch) -> Result<()>,
}

impl cmdb_import::Sink for Forward<'_> {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        if batch.table.kind == self.kind { (self.to)(batch) } else { Ok(()) }
    }
    // The survey noted every complaint.
    fn complain(&mut self, _: Complaint) {}
}

struct Run<'a> {
    cmdb: &'a Cmdb,
    request: &'a ImportRequest,
    around: &'a Surroundings<'a>,
    kinds: Vec<[bool; 2]>,
    total: u64,
    /// Parts stay out of sight until the last one.
    unseen: bool,
}

impl Run<'_> {
    /// Every batch in order: items of all files, then relationships of all files.
    fn batches(&self, to: &mut dyn FnMut(Batch) -> Result<()>) -> Result<()> {
        let mut done = 0;
        for kind in [TableKind::Items, TableKind::Relationships] {
            let mut counted = |batch: Batch| {
                check_cancelled(self.around)?;
                done += batch.rows.len() as u64;
                to(batch)?;
                (self.around.progress)(Progress { phase: "import", rows_done: done, rows_total: self.total });
                Ok(())
            };
            let at = usize::from(kind == TableKind::Relationships);
            for (file, _) in self.request.files.iter().zip(&self.kinds).filter(|(_, kinds)| kinds[at]) {
                read_file(self.request, file, &mut Forward { kind, to: &mut counted })?;
            }
        }
        Ok(())
    }
    /// Decides everything on a draft of this thread's own and keeps nothing.
    fn dry(&self, mut import: Import, define: SchemaEdit, context: &Context) -> Result<(Report, Planned)> {
        let before = self.cmdb.snapshot();
        let mut draft = Draft::on(&before);
        draft.begin_entry(context.time_ms);
        let mut decider = Decider::new(&mut draft, context);
        if !define.is_empty() {
            cmdb_core::command::schema::accept_schema(&mut decider, define)?;
        }
        self.batches(&mut |batch| import.batch(&mut decider, &batch))?;
        import.finish(&mut decider)?;
        // The plan is what the rows do; what the rules make of that is in the state after it.
        let plan = import.plan(decider.draft())?;
        import.report.derived = cmdb_core::command::rule::settle(&mut decider)?;
        import.report.position = before.position();
        Ok((import.report, Planned { plan, atomic: false, before, after: draft }))
    }
    fn atomic(&self, import: Import, define: SchemaEdit, context: Context) -> Result<(Report, bool)> {
        let mut batches = Vec::new();
        self.batches(&mut |batch| {
            batches.push(batch);
            Ok(())
        })?;
        let shared = import.shared();
        let part = ImportPart { import: shared.clone(), define, batches, last: true, unseen: false };
        let submitted = self.cmdb.submit(context, Command::Import(part));
        let mut report = shared.lock().unwrap_or_else(PoisonError::into_inner).report.clone();
        match submitted {
            Ok(receipt) => {
                report.position = receipt.position;
                Ok((report, true))
            }
            // Nothing was taken; the report still lists every row at fault.
            Err(e) if e.code() == "import.rejected" => {
                report.items = Default::default();
                report.relationships = Default::default();
                report.position = self.cmdb.snapshot().position();
                Ok((report, false))
            }
            Err(e) => Err(e),
        }
    }
    /// Parses on a thread of its own and submits part by part.
    fn chunked(&self, import: Import, define: SchemaEdit, context: Context) -> Result<Report> {
        let shared = import.shared();
        let (sender, receiver) = sync_channel::<Batch>(2 * PART_BATCHES);
        let taken = std::thread::scope(|scope| {
            let parsing = scope.spawn(move || self.parse_into(&sender));
            let submitted = self.submit_parts(&receiver, &shared, define);
            // A receiver that is gone ends the parser at its next batch.
            drop(receiver);
            let parsed = parsing.join().unwrap_or_else(|_| {
                Err(Error::new(cmdb_core::Kind::Internal, "import.parser", "the import's parser stopped"))
            });
            submitted.and(parsed)
        });
        if self.unseen {
            // Also where the import ends here: the parts that were taken stay.
            let rows = self.total;
            (self.around.progress)(Progress { phase: "finish", rows_done: rows, rows_total: rows });
            self.cmdb.reorder()?;
        }
        taken?;
        let part = ImportPart {
            import: shared.clone(),
            define: SchemaEdit::default(),
            batches: Vec::new(),
            last: true,
            unseen: false,
        };
        // Only an import that got to its end counts as done under its key.
        let last = Context { time_ms: (self.around.context)().time_ms, ..context };
        let receipt = self.cmdb.submit(last, Command::Import(part))?;
        let mut report = shared.lock().unwrap_or_else(PoisonError::into_inner).report.clone();
        report.position = receipt.position;
        Ok(report)
    }
    fn parse_into(&self, sender: &SyncSender<Batch>) -> Result<()> {
        let gone = |_| Error::new(cmdb_core::Kind::Unavailable, "import.stopped", "the import stopped");
        self.batches(&mut |batch| sender.send(batch).map_err(gone))
    }
    fn submit_parts(
        &self,
        batches: &Receiver<Batch>,
        shared: &cmdb_core::command::import::Shared,
        mut define: SchemaEdit,
    ) -> Result<()> {
        let mut ahead: VecDeque<Pending> = VecDeque::new();
        while let Ok(first) = batches.recv() {
            let kind = first.table.kind;
            let mut part = vec![first];
            while part.len() < PART_BATCHES && part[part.len() - 1].table.kind == kind {
                match batches.recv() {
                    Ok(batch) => part.push(batch),
                    Err(_) => break,
                }
            }
            let part = ImportPart {
                import: shared.clone(),
                define: std::mem::take(&mut define),
                batches: part,
                last: false,
                unseen: self.unseen,
            };
            ahead.push_back(self.cmdb.hand_in((self.around.context)(), Command::Import(part))?);
            if ahead.len() > PARTS_AHEAD
                && let Some(first) = ahead.pop_front()
            {
                first.wait()?;
            }
        }
        ahead.into_iter().try_for_each(|pending| pending.wait().map(drop))
    }
}
