//! One authenticated request as a handler sees it.

use crate::app::App;
use crate::caller::Caller;
use crate::queries::LanguageQueries;
use crate::upload::Uploads;
use axum::http::{HeaderMap, Method, Uri, header};
use bytes::Bytes;
use cmdb_core::command::{Command, Context, resolve};
use cmdb_core::engine::Receipt;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::principal::Principal;
use cmdb_core::model::temporal::Instant;
use cmdb_core::model::{CommitId, Position, SmolStr};
use cmdb_core::process::change::ChangeRecord;
use cmdb_core::process::proposal::lay;
use cmdb_core::{Error, Result, error};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How long `min_position` is waited for.
const POSITION_WAIT: Duration = Duration::from_secs(5);
/// The longest message of a commit, in bytes.
const MESSAGE_BYTES_MAX: usize = 1024;

/// See the module.
pub struct Call {
    pub app: Arc<App>,
    pub principal: Principal,
    /// Where the request came from.
    pub caller: Option<Caller>,
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) path: Vec<(String, String)>,
    pub body: Bytes,
    pub uploads: Uploads,
    pub request_id: String,
    /// Set when the client has gone.
    pub cancelled: Arc<AtomicBool>,
}

impl Call {
    /// A parameter of the path, decoded.
    pub fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
    /// A parameter of the query.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
    /// A parameter stated any number of times.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
    }
    /// A parameter of comma-separated words.
    pub fn words(&self, name: &str) -> Vec<&str> {
        self.texts(name)
            .into_iter()
            .flat_map(|v| v.split(','))
            .map(str::trim)
            .filter(|w| !w.is_empty())
            .collect()
    }
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.text(name) {
            None | Some("false" | "0") => Ok(false),
            Some("" | "true" | "1") => Ok(true),
            Some(other) => Err(parameter(name, format!("{name} is true or false, not \"{other}\""))),
        }
    }
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>> {
        let wrong = |text: &str| parameter(name, format!("{name} \"{text}\" is not a whole number in range"));
        self.text(name).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
    }
    /// A parameter that must be stated.
    pub fn required(&self, name: &str) -> Result<&str> {
        self.text(name)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| parameter(name, format!("{name} is required")))
    }

    /// The state the request asks about.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>> {
        if let Some(position) = self.number("min_position")? {
            self.app.cmdb()?.wait_for(Position(position), POSITION_WAIT)?;
        }
        self.snapshot_at(self.text("at"))
    }
    /// The state at a position, a time or a baseline, the newest for none; with the planned edits of a change laid over
    /// it where the request names one as `proposal`.
    pub fn snapshot_at(&self, at: Option<&str>) -> Result<Arc<Snapshot>> {
        self.proposed(self.committed_at(at)?)
    }
    /// A state with the planned edits of the change that the request names laid over it.
    pub(crate) fn proposed(&self, snapshot: Arc<Snapshot>) -> Result<Arc<Snapshot>> {
        let Some(change) = self.text("proposal") else { return Ok(snapshot) };
        let cmdb = self.app.cmdb()?;
        // The plan is read as it is now, also where it is laid over the past.
        let newest = cmdb.snapshot();
        let record = ChangeRecord::read(&*newest, resolve(&*newest, change)?)?;
        let laid = lay(&snapshot, &record.proposal, &*LanguageQueries::over(cmdb))?;
        match laid.refused.first() {
            None => Ok(laid.snapshot),
            Some(first) => {
                let message = format!(
                    "{} of the planned edits of {} would be refused",
                    laid.refused.len(),
                    record.number
                );
                let error = Error::refused("change.proposal", message).hint("mend the proposal first");
                Err(error.detail(format!("/proposal/{}", first.edit), first.message.clone()))
            }
        }
    }
    fn committed_at(&self, at: Option<&str>) -> Result<Arc<Snapshot>> {
        let cmdb = self.app.cmdb()?;
        let newest = cmdb.snapshot();
        let Some(at) = at else { return Ok(newest) };
        if let Ok(position) = at.parse() {
            return cmdb.at(Position(position));
        }
        if let Some(time) = Instant::parse(at) {
            let ms = time.seconds * 1000 + i64::from(time.nanoseconds / 1_000_000);
            let position = cmdb.store()?.position_at(ms)?;
            if position == Position(0) {
                return Err(Error::not_found(
                    "position.before-first",
                    format!("nothing was recorded before {at}"),
                ));
            }
            return cmdb.at(position);
        }
        let baselines = &newest.settings().baselines;
        let Some(baseline) = baselines.get(at) else {
            let hint = error::did_you_mean(at, baselines.keys().map(SmolStr::as_str));
            let message = format!("\"{at}\" is no position, no time with an offset and no baseline");
            return Err(Error::not_found("position.unknown", message)
                .hint(hint.unwrap_or_else(|| "`cmdb baseline list` and `cmdb log` list them".to_owned())));
        };
        cmdb.at(baseline.position)
    }

    /// The JSON body, a record.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        // Field by field in order, an array would read as a record, too.
        if self.body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
            return Err(not_an_object(String::new()));
        }
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
            let pointer: String = e.path().iter().map(|s| format!("/{s}")).collect();
            let message = e.inner().to_string();
            let code = if e.inner().is_data() { "body.shape" } else { "body.json" };
            Error::invalid(code, format!("the body does not read: {message}"))
                .detail(if pointer == "/?" { String::new() } else { pointer }, message)
        })?;
        reader.end().map_err(|e| {
            Error::invalid("body.json", format!("the body does not end where it should: {e}"))
        })?;
        Ok(value)
    }
    /// The version stated in `If-Match`.
    pub fn if_match(&self) -> Result<Option<u32>> {
        let Some(value) = self.headers.get(header::IF_MATCH) else { return Ok(None) };
        let text = value.to_str().unwrap_or("").trim();
        if text == "*" {
            return Ok(None);
        }
        let tag = text.strip_prefix("W/").unwrap_or(text);
        let version = tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
        version.map(Some).ok_or_else(|| {
            Error::invalid(
                "request.if-match",
                format!("If-Match {text:?} is not a version like \"3\" in quotes"),
            )
        })
    }
    /// What the commit of this request needs: now, fresh randomness, the idempotency key.
    pub fn context(&self) -> Result<Context> {
        let mut context = fresh_context(&self.principal)?;
        if let Some(key) = self.headers.get("idempotency-key") {
            if key.is_empty() || key.len() > 255 {
                return Err(Error::invalid("request.idempotency-key", "Idempotency-Key has 1 to 255 bytes"));
            }
            let mut hasher = blake3::Hasher::new();
            hasher.update(self.principal.name.as_bytes()).update(&[0]).update(key.as_bytes());
            context.commit = CommitId::of_request(hasher.finalize().as_bytes(), &self.fingerprint()?);
        }
        if let Some(message) = self.headers.get("x-cmdb-message") {
            let message = String::from_utf8_lossy(message.as_bytes());
            if message.len() > MESSAGE_BYTES_MAX {
                let text = format!("a commit message has at most {MESSAGE_BYTES_MAX} bytes");
                return Err(Error::limit("request.message", text));
            }
            context.message = message.as_ref().into();
        }
        Ok(context)
    }
    /// Tells this request from others: its method, path, query and body.
    fn fingerprint(&self) -> Result<[u8; 32]> {
        let mut hasher = blake3::Hasher::new();
        let target = self.uri.path_and_query().map_or("", |p| p.as_str());
        for part in [self.method.as_str().as_bytes(), target.as_bytes(), &self.body] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        for upload in &self.uploads.0 {
            hasher.update(&(upload.name.len() as u64).to_le_bytes()).update(upload.name.as_bytes());
            let hash = std::fs::File::open(&upload.path).and_then(|mut file| {
                let mut content = blake3::Hasher::new();
                content.update_reader(&mut file)?;
                Ok(content.finalize())
            });
            let hash = hash.map_err(|e| {
                Error::not_found("import.no-file", format!("{} cannot be read: {e}", upload.name))
                    .caused_by(e)
            })?;
            hasher.update(hash.as_bytes());
        }
        Ok(hasher.finalize().into())
    }
    /// The state that a command's answer shows: the newest; for one said again the state it had then, so that both
    /// get the same answer.
    pub fn state_after(&self, receipt: &Receipt) -> Result<Arc<Snapshot>> {
        let cmdb = self.app.cmdb()?;
        if receipt.duplicate { cmdb.at(receipt.position) } else { Ok(cmdb.snapshot()) }
    }
    /// Decides, commits and publishes.
    pub fn submit(&self, command: Command) -> Result<Receipt> {
        self.app.cmdb()?.submit(self.context()?, command)
    }
}

/// A context for one commit of `principal`.
pub fn fresh_context(principal: &Principal) -> Result<Context> {
    Ok(Context {
        principal: principal.clone(),
        time_ms: now_ms(),
        commit: CommitId(random()?),
        salt: random()?,
        message: SmolStr::default(),
    })
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Fresh random bytes.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| {
        Error::new(cmdb_core::Kind::Internal, "server.random", "the system gave no randomness")
    })?;
    Ok(bytes)
}

/// An array or a plain value stands where a record belongs.
pub fn not_an_object(pointer: String) -> Error {
    let place = if pointer.is_empty() { "the body" } else { pointer.as_str() };
    let message = format!("{place} is not an object with named fields");
    Error::invalid("body.shape", message).detail(pointer, "expected an object: {\"field\": value, …}")
}

/// What is wrong with a parameter of the query.
pub fn parameter(name: &str, message: String) -> Error {
    Error::invalid("request.parameter", message.clone()).detail(format!("/query/{name}"), message)
}
