//! Bodies: small ones into memory, files onto disk, both within bounds of size and patience.

use crate::route::UPLOAD_BYTES_MAX;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use cmdb_core::{Error, Kind, Result};
use http_body_util::BodyExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

/// Longest silence within a body.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// A body may take this long and one second more for each [`RATE_MIN`] bytes.
const GRACE: Duration = Duration::from_secs(30);
/// Bytes a second that a body must come in at.
const RATE_MIN: u64 = 16 * 1024;
/// Files of one import at most.
const FILES_MAX: usize = 1_000;

/// Files that the in-process client names instead of sending: the command line on the data folder. Only heeded for
/// [`crate::Caller::Local`].
#[derive(Clone, Debug)]
pub struct LocalFiles(pub Vec<(String, PathBuf)>);

/// Files as they came.
#[derive(Debug, Default)]
pub struct Uploads(pub Vec<Upload>);

/// One file: removed again with this unless it is the caller's own.
#[derive(Debug)]
pub struct Upload {
    pub name: String,
    pub path: PathBuf,
    spooled: Option<TempPath>,
}

impl Upload {
    /// Whether it is the caller's own file, which stays where it is.
    pub fn stays(&self) -> bool {
        self.spooled.is_none()
    }
}

impl Uploads {
    pub(crate) fn local(files: LocalFiles) -> Uploads {
        Uploads(files.0.into_iter().map(|(name, path)| Upload { name, path, spooled: None }).collect())
    }
}

fn too_large(limit: u64) -> Error {
    Error::limit("body.too-large", format!("the body is over the limit of {limit} bytes"))
}

/// Refuses a body that says beforehand that it is too large.
pub(crate) fn check_length(headers: &HeaderMap, limit: u64) -> Result<()> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

/// Watches how fast a body comes in.
struct Patience {
    started: Instant,
    bytes: u64,
    limit: u64,
}

impl Patience {
    fn new(limit: u64) -> Patience {
        Patience { started: Instant::now(), bytes: 0, limit }
    }
    fn take(&mut self, bytes: usize) -> Result<()> {
        self.bytes += bytes as u64;
        if self.bytes > self.limit {
            return Err(too_large(self.limit));
        }
        let allowed = GRACE + Duration::from_secs(self.bytes / RATE_MIN);
        if self.started.elapsed() > allowed { Err(too_slow()) } else { Ok(()) }
    }
}

fn too_slow() -> Error {
    Error::new(Kind::Unavailable, "body.too-slow", "the body comes in too slowly")
}

fn broken() -> Error {
    Error::invalid("body.broken", "the body broke off or is not what its headers say")
}

/// A whole body in memory.
pub(crate) async fn collect(mut body: Body, limit: u64) -> Result<Bytes> {
    let mut patience = Patience::new(limit);
    let mut out = BytesMut::new();
    while let Some(frame) = tokio::time::timeout(SILENCE_MAX, body.frame()).await.map_err(|_| too_slow())? {
        if let Ok(data) = frame.map_err(|_| broken())?.into_data() {
            patience.take(data.len())?;
            out.extend_from_slice(&data);
        }
    }
    Ok(out.freeze())
}

/// Files onto disk: each part of a form, or the body itself.
pub(crate) async fn spool(request: Request, folder: Option<&Path>) -> Result<Uploads> {
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    if media.starts_with("multipart/form-data") {
        return spool_form(request, folder).await;
    }
    let name = file_name(request.headers()).unwrap_or_else(|| "body".to_owned());
    let mut patience = Patience::new(UPLOAD_BYTES_MAX);
    let mut file = Spooling::begin(folder)?;
    let mut body = request.into_body();
    while let Some(frame) = tokio::time::timeout(SILENCE_MAX, body.frame()).await.map_err(|_| too_slow())? {
        if let Ok(data) = frame.map_err(|_| broken())?.into_data() {
            patience.take(data.len())?;
            file.write(&data).await?;
        }
    }
    Ok(Uploads(vec![file.end(name).await?]))
}

async fn spool_form(request: Request, folder: Option<&Path>) -> Result<Uploads> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut patience = Patience::new(UPLOAD_BYTES_MAX);
    let mut uploads = Uploads::default();
    while let Some(mut field) = tokio::time::timeout(SILENCE_MAX, form.next_field())
        .await
        .map_err(|_| too_slow())?
        .map_err(|_| broken())?
    {
        if uploads.0.len() == FILES_MAX {
            return Err(Error::limit("import.files", format!("one import takes at most {FILES_MAX} files")));
        }
        let name = field.file_name().or(field.name()).unwrap_or("file").to_owned();
        let mut file = Spooling::begin(folder)?;
        while let Some(data) = tokio::time::timeout(SILENCE_MAX, field.chunk())
            .await
            .map_err(|_| too_slow())?
            .map_err(|_| broken())?
        {
            patience.take(data.len())?;
            file.write(&data).await?;
        }
        uploads.0.push(file.end(name).await?);
    }
    Ok(uploads)
}

/// `Content-Disposition: …; filename="x.csv"`, for files sent as the body itself.
fn file_name(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_DISPOSITION)?.to_str().ok()?;
    let name = text.split(';').find_map(|part| part.trim().strip_prefix("filename="))?;
    Some(name.trim_matches('"').to_owned()).filter(|n| !n.is_empty())
}

struct Spooling {
    file: tokio::io::BufWriter<tokio::fs::File>,
    path: TempPath,
}

impl Spooling {
    fn begin(folder: Option<&Path>) -> Result<Spooling> {
        let made = match folder {
            Some(folder) => tempfile::NamedTempFile::new_in(folder),
            None => tempfile::NamedTempFile::new(),
        };
        let (file, path) = made.map_err(no_space)?.into_parts();
        Ok(Spooling {
            file: tokio::io::BufWriter::with_capacity(1 << 18, tokio::fs::File::from_std(file)),
            path,
        })
    }
    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).await.map_err(no_space)
    }
    async fn end(mut self, name: String) -> Result<Upload> {
        self.file.flush().await.map_err(no_space)?;
        Ok(Upload { name, path: self.path.to_path_buf(), spooled: Some(self.path) })
    }
}

fn no_space(error: std::io::Error) -> Error {
    Error::new(Kind::Unavailable, "upload.spool", "the upload could not be kept on disk").caused_by(error)
}
