//! Import plans kept until they are applied: what was asked, the files, the report, and what the plan is bound to.
//!
//! A plan is a folder of its own. Uploaded files are kept in it; files that the command line named stay where they
//! are and are recognised by their hash. Plans expire, and the oldest go when there are too many.

use cmdb_core::command::import::Fingerprint;
use cmdb_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use tempfile::TempDir;

/// Plans kept.
pub const PLANS_MAX: usize = 32;
/// Bytes of uploads kept with all plans together.
pub const UPLOADS_BYTES_MAX: u64 = 4 << 30;
/// A plan that nobody applied for so long is dropped.
pub const EXPIRES_MS: i64 = 24 * 3600 * 1000;
/// A stored plan is not read above this.
const PLAN_BYTES_MAX: u64 = 64 << 20;
const PLAN_FILE: &str = "plan.json";

/// Where plans are.
#[derive(Default)]
pub struct Plans {
    folder: OnceLock<PathBuf>,
    /// For a server without a folder of its own.
    temporary: OnceLock<TempDir>,
    /// One writer of the folder at a time.
    writing: Mutex<()>,
}

/// One plan as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredPlan {
    pub id: String,
    pub by: String,
    pub created_ms: i64,
    pub expires_ms: i64,
    pub position: u64,
    pub fingerprint: Fingerprint,
    /// The request's parameters.
    pub query: Vec<(String, String)>,
    pub files: Vec<StoredFile>,
    /// Why it cannot be applied, where it cannot.
    pub reason: Option<String>,
    pub source: String,
    /// The report of the dry run, the plan's changes included.
    pub report: Value,
}

/// One of its files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredFile {
    pub name: String,
    pub path: PathBuf,
    pub bytes: u64,
    /// BLAKE3 of the content; none for a file that is kept with the plan.
    pub hash: Option<String>,
}

/// A file that a plan rests on.
pub struct PlannedFile<'a> {
    pub name: &'a str,
    pub path: &'a Path,
    /// It is the caller's own and stays where it is.
    pub stays: bool,
}

impl Plans {
    /// Plans are kept below `folder`.
    pub(crate) fn set_folder(&self, folder: PathBuf) {
        let _ = self.folder.set(folder);
    }
    fn folder(&self) -> Result<PathBuf> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder.clone());
        }
        if self.temporary.get().is_none() {
            let _ = self.temporary.set(TempDir::new().map_err(unkept)?);
        }
        self.temporary
            .get()
            .map(|dir| dir.path().to_owned())
            .ok_or_else(|| unkept(io::Error::other("no folder")))
    }
    /// Keeps a plan with its files; `plan.files` is filled in.
    pub fn keep(&self, mut plan: StoredPlan, files: &[PlannedFile<'_>]) -> Result<StoredPlan> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, now) = (self.folder()?, plan.created_ms);
        let uploaded = files.iter().filter(|f| !f.stays).map(|f| bytes_of(f.path)).sum::<u64>();
        make_room(&all, now, uploaded)?;
        let folder = all.join(&plan.id);
        fs::create_dir_all(&folder).map_err(unkept)?;
        let kept = files.iter().enumerate().map(|(at, file)| keep_file(&folder, at, file));
        match kept.collect::<Result<Vec<_>>>().and_then(|kept| {
            plan.files = kept;
            write(&folder, &plan)
        }) {
            Ok(()) => Ok(plan),
            Err(e) => {
                let _ = fs::remove_dir_all(&folder);
                Err(e)
            }
        }
    }
    /// The plan of this id, if it has not expired.
    pub fn read(&self, id: &str, now_ms: i64) -> Result<StoredPlan> {
        let unknown = || {
            Error::not_found("import.plan-unknown", format!("there is no plan \"{id}\""))
                .hint("`cmdb imports --plans` lists them; a plan is kept for a day, until it is applied")
        };
        if !is_id(id) {
            return Err(unknown());
        }
        let plan = read(&self.folder()?.join(id)).filter(|plan| plan.expires_ms > now_ms);
        plan.ok_or_else(unknown)
    }
    /// All plans that have not expired, newest first.
    pub fn list(&self, now_ms: i64) -> Result<Vec<StoredPlan>> {
        let mut plans = all(&self.folder()?);
        plans.retain(|plan| plan.expires_ms > now_ms);
        plans.reverse();
        Ok(plans)
    }
    /// Forgets a plan and the files kept with it.
    pub fn forget(&self, id: &str) -> Result<()> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_id(id) {
            return Ok(());
        }
        match fs::remove_dir_all(self.folder()?.join(id)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(unkept(e)),
            _ => Ok(()),
        }
    }
}

impl StoredPlan {
    /// Refuses a plan whose files are not what they were.
    pub fn check_files(&self) -> Result<()> {
        for file in &self.files {
            let Some(hash) = &file.hash else { continue };
            if hash_of(&file.path).ok().as_ref() != Some(hash) {
                let message = format!("{} is not the file that the plan was made from", file.name);
                return Err(Error::new(Kind::Stale, "import.plan-stale", message)
                    .hint("make the plan anew with --dry-run"));
            }
        }
        Ok(())
    }
}

/// An id of ours names nothing but a folder below ours.
fn is_id(id: &str) -> bool {
    id.strip_prefix("plan-")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn keep_file(folder: &Path, at: usize, file: &PlannedFile<'_>) -> Result<StoredFile> {
    let (name, bytes) = (file.name.to_owned(), bytes_of(file.path));
    if file.stays {
        let path = std::path::absolute(file.path).map_err(unkept)?;
        let hash = Some(hash_of(&path).map_err(unkept)?);
        return Ok(StoredFile { name, path, bytes, hash });
    }
    let path = folder.join(at.to_string());
    // The spooled file goes away with its request; a second name costs nothing where both lie on one disk.
    if fs::hard_link(file.path, &path).is_err() {
        fs::copy(file.path, &path).map_err(unkept)?;
    }
    Ok(StoredFile { name, path, bytes, hash: None })
}

fn bytes_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |about| about.len())
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs::File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn write(folder: &Path, plan: &StoredPlan) -> Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unkept)?;
    serde_json::to_writer(io::BufWriter::new(&mut file), plan).map_err(|e| unkept(e.into()))?;
    file.persist(folder.join(PLAN_FILE)).map_err(|e| unkept(e.error))?;
    Ok(())
}

/// None for what is no plan or is damaged: it can be made anew.
fn read(folder: &Path) -> Option<StoredPlan> {
    let path = folder.join(PLAN_FILE);
    if bytes_of(&path) > PLAN_BYTES_MAX {
        return None;
    }
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Oldest first.
fn all(folder: &Path) -> Vec<StoredPlan> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut plans: Vec<StoredPlan> = entries.filter_map(|entry| read(&entry.path())).collect();
    plans.sort_by(|a, b| a.created_ms.cmp(&b.created_ms).then_with(|| a.id.cmp(&b.id)));
    plans
}

/// Drops what has expired and, until a plan with `bytes` of uploads fits, the oldest.
fn make_room(folder: &Path, now_ms: i64, bytes: u64) -> Result<()> {
    if bytes > UPLOADS_BYTES_MAX {
        let message =
            format!("a plan keeps at most {UPLOADS_BYTES_MAX} bytes of uploads; these have {bytes}");
        return Err(Error::limit("import.plan-bytes", message)
            .hint("import without a plan, or plan on the machine that has the files, with --data"));
    }
    let mut plans = all(folder);
    let kept =
        |plan: &StoredPlan| plan.files.iter().filter(|f| f.hash.is_none()).map(|f| f.bytes).sum::<u64>();
    let mut total: u64 = plans.iter().map(kept).sum();
    while let Some(oldest) = plans.first() {
        let is_full = plans.len() >= PLANS_MAX || total + bytes > UPLOADS_BYTES_MAX;
        if !is_full && oldest.expires_ms > now_ms {
            break;
        }
        total -= kept(oldest);
        fs::remove_dir_all(folder.join(&oldest.id)).map_err(unkept)?;
        plans.remove(0);
    }
    Ok(())
}

fn unkept(error: io::Error) -> Error {
    Error::new(Kind::Unavailable, "import.plan-unkept", format!("the plan could not be kept: {error}"))
        .hint("make room on the disk of the data folder")
        .caused_by(error)
}
