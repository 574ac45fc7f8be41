//! Where a store lives: a folder, or a backend that a test supplies.

use crate::error::{Error, Kind, Result};
use redb::backends::InMemoryBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend, StorageError};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The store's file inside a data folder.
pub const FILE: &str = "cmdb.redb";
/// The name under which a new store is made before it is renamed.
const UNFINISHED: &str = "cmdb.redb.new";
/// The note of the newest entry beside the store.
const NOTE: &str = "cmdb.head";
/// The flat snapshot file beside the store.
const FLAT: &str = "cmdb.flat";
/// What may lie in a folder without being somebody else's: our own, and what a file system puts at its root.
const OWN_FILES: [&str; 5] = [UNFINISHED, NOTE, FLAT, "server.json", "lost+found"];
/// redb's page cache; the graph itself is in memory.
const CACHE_BYTES: usize = 64 << 20;

/// Makes a storage backend each time the store is opened; power cuts and I/O failures are simulated through it.
pub type BackendFactory = Arc<dyn Fn() -> Box<dyn StorageBackend> + Send + Sync>;

/// Where a store lives.
#[derive(Clone)]
pub enum Location {
    Folder(PathBuf),
    Backend(BackendFactory),
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Folder(path) => write!(f, "Folder({})", path.display()),
            Location::Backend(_) => f.write_str("Backend"),
        }
    }
}

/// A boxed backend as redb wants it.
#[derive(Debug)]
struct Boxed(Box<dyn StorageBackend>);

impl StorageBackend for Boxed {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.0.read(offset, out)
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }
    fn sync_data(&self) -> std::io::Result<()> {
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.0.write(offset, data)
    }
    fn close(&self) -> std::io::Result<()> {
        self.0.close()
    }
}

/// One memory that every opening shares.
#[derive(Clone, Debug)]
struct Shared(Arc<InMemoryBackend>);

impl StorageBackend for Shared {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.0.read(offset, out)
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }
    fn sync_data(&self) -> std::io::Result<()> {
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.0.write(offset, data)
    }
}

impl Location {
    /// A store that lives as long as the process: for tests and trials.
    pub fn in_memory() -> Location {
        let memory = Shared(Arc::default());
        Location::Backend(Arc::new(move || Box::new(memory.clone())))
    }
    /// Whether a finished store is there.
    pub fn exists(&self) -> bool {
        match self {
            Location::Folder(folder) => folder.join(FILE).exists(),
            Location::Backend(factory) => factory().len().is_ok_and(|len| len > 0),
        }
    }
    pub(super) fn open(&self) -> Result<Database> {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        match self {
            Location::Backend(factory) => builder.create_with_backend(Boxed(factory())),
            Location::Folder(folder) => builder.open(folder.join(FILE)),
        }
        .map_err(|e| self.explain(e))
    }
    /// Waits until nobody else makes a store here; held until the guard is dropped, by the system if need be.
    pub(crate) fn lock_creation(&self) -> Result<Option<std::fs::File>> {
        let Location::Folder(folder) = self else { return Ok(None) };
        std::fs::create_dir_all(folder).map_err(|e| folder_error(folder, "create", e))?;
        let guard = std::fs::File::open(folder).and_then(|f| f.lock().map(|()| f));
        guard.map(Some).map_err(|e| folder_error(folder, "lock", e))
    }
    /// Makes an empty database to be filled and then [finished](Location::finish).
    pub(super) fn create(&self) -> Result<Database> {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        match self {
            Location::Backend(factory) => builder.create_with_backend(Boxed(factory())),
            Location::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|e| folder_error(folder, "create", e))?;
                let path = folder.join(UNFINISHED);
                // A creation that was cut off left this behind; nothing was ever acknowledged from it.
                if path.exists() {
                    std::fs::remove_file(&path).map_err(|e| folder_error(folder, "clear", e))?;
                }
                keep_private(&path).map_err(|e| folder_error(folder, "create", e))?;
                builder.create(path)
            }
        }
        .map_err(|e| self.explain(e))
    }
    /// Gives a filled new database its name, durably.
    pub(super) fn finish(&self) -> Result<()> {
        let Location::Folder(folder) = self else { return Ok(()) };
        let sync = |path: &Path| std::fs::File::open(path).and_then(|f| f.sync_all());
        sync(&folder.join(UNFINISHED))
            .and_then(|()| std::fs::rename(folder.join(UNFINISHED), folder.join(FILE)))
            .and_then(|()| sync(folder))
            .map_err(|e| folder_error(folder, "finish", e))
    }
    /// Where the newest entry is noted.
    pub(super) fn note(&self) -> Option<PathBuf> {
        match self {
            Location::Folder(folder) => Some(folder.join(NOTE)),
            Location::Backend(_) => None,
        }
    }
    /// Where the flat snapshot file is.
    pub(super) fn flat(&self) -> Option<PathBuf> {
        match self {
            Location::Folder(folder) => Some(folder.join(FLAT)),
            Location::Backend(_) => None,
        }
    }
    /// Refuses a folder of somebody else's: what is made here would lie among their files.
    pub(crate) fn check_not_foreign(&self) -> Result<()> {
        let Location::Folder(folder) = self else { return Ok(()) };
        let Some(file) = self.first_file_but(&OWN_FILES)? else { return Ok(()) };
        let message = format!("{} holds other files ({file} is one) and no cmdb data", folder.display());
        Err(Error::refused("store.foreign-folder", message).hint("name a new or empty folder with --data"))
    }
    /// A file in the folder that has none of these names.
    fn first_file_but(&self, names: &[&str]) -> Result<Option<String>> {
        let Location::Folder(folder) = self else { return Ok(None) };
        let files = match std::fs::read_dir(folder) {
            Ok(files) => files,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(folder_error(folder, "read", e)),
        };
        let mut found = files.map(|file| file.map(|f| f.file_name().to_string_lossy().into_owned()));
        found
            .find(|name| name.as_ref().map_or(true, |name| !names.contains(&name.as_str())))
            .transpose()
            .map_err(|e| folder_error(folder, "read", e))
    }
    /// Refuses a place that already holds something.
    pub(super) fn check_empty(&self) -> Result<()> {
        let empty = match self {
            Location::Backend(_) => !self.exists(),
            Location::Folder(_) => self.first_file_but(&[UNFINISHED])?.is_none(),
        };
        if empty {
            return Ok(());
        }
        Err(Error::refused(
            "restore.not-empty",
            "the folder is not empty; a backup is restored into an empty one",
        )
        .hint("name a new folder with --data"))
    }
    /// Removes what a creation or restore that failed has left; nothing was ever acknowledged from it.
    pub(crate) fn discard(&self) {
        if let Location::Folder(folder) = self {
            // Whatever stays is cleared by the next creation.
            let _ = std::fs::remove_file(folder.join(UNFINISHED));
        }
    }
    fn explain(&self, error: DatabaseError) -> Error {
        let place = match self {
            Location::Folder(folder) => folder.display().to_string(),
            Location::Backend(_) => "the store".to_owned(),
        };
        let unavailable = |code, message: String| Error::new(Kind::Unavailable, code, message);
        match error {
            DatabaseError::DatabaseAlreadyOpen => {
                unavailable("store.locked", format!("{place} is in use by another cmdb process"))
                    .hint("talk to the running server with `cmdb --server URL …`, or stop it first")
            }
            DatabaseError::UpgradeRequired(n) => {
                Error::corrupt("store.format", format!("{place} is in the old store format {n}"))
                    .hint("export it with the version of cmdb that wrote it, then import the export")
            }
            DatabaseError::Storage(StorageError::Io(e)) if e.kind() == std::io::ErrorKind::NotFound => {
                unavailable("store.missing", format!("{place} holds no cmdb data"))
                    .hint("`cmdb init` or `cmdb import` makes a new folder; `--data DIR` names another one")
            }
            DatabaseError::Storage(StorageError::Io(e)) if e.kind() == std::io::ErrorKind::InvalidData => {
                Error::corrupt(
                    "store.not-ours",
                    format!("{place}/{FILE} is not a cmdb store, or is cut short"),
                )
                .hint("restore the newest backup into an empty folder with `cmdb restore`")
                .caused_by(e)
            }
            DatabaseError::Storage(StorageError::Corrupted(e)) => {
                Error::corrupt("store.damaged", format!("{place}/{FILE} is damaged: {e}"))
                    .hint("restore the newest backup into an empty folder with `cmdb restore`")
            }
            other => unavailable("store.open", format!("{place} could not be opened: {other}"))
                .hint("check that the folder may be read and written, and the system log")
                .caused_by(other),
        }
    }
}

/// Makes an empty file that only its owner may read: it will hold the whole inventory.
pub(super) fn keep_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn folder_error(folder: &Path, step: &str, error: std::io::Error) -> Error {
    Error::new(Kind::Unavailable, "store.folder", format!("could not {step} {}: {error}", folder.display()))
        .hint("check that the folder may be written and has space")
        .caused_by(error)
}
