//! The API, reached over a socket or through the router in this process; callers cannot tell which.

mod holder;
mod local;
mod remote;
mod upload;

pub use upload::{Body, Upload};

use crate::args::Global;
use crate::failure::Failure;
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

/// What came back, its body not yet read.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Box<dyn Read + Send>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    /// The body as JSON; a problem document becomes the failure it describes.
    pub fn json(mut self) -> Result<Value, Failure> {
        let mut bytes = Vec::new();
        self.body.read_to_end(&mut bytes)?;
        let parsed: Result<Value, _> = serde_json::from_slice(&bytes);
        match (self.status, parsed) {
            (200..300, Ok(value)) => Ok(value),
            (200..300, Err(_)) if bytes.is_empty() => Ok(Value::Null),
            (status, Ok(problem)) => Err(Failure::Problem { status, problem }),
            (status, Err(_)) => {
                let text = String::from_utf8_lossy(&bytes).chars().take(300).collect::<String>();
                Err(Failure::unavailable(format!("the server answered {status}: {text}")))
            }
        }
    }
}

/// One request.
pub struct Request {
    pub method: &'static str,
    /// Path below the server's root, with query.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

/// The API, and what every question to it carries along.
pub struct Client {
    reach: Reach,
    /// The change whose planned edits are laid over the state that is asked about.
    on: Option<String>,
}

/// How the API is reached.
enum Reach {
    Local(Box<local::Local>),
    Remote(remote::Remote),
}

impl Client {
    /// For commands that read: a missing folder is an error.
    pub fn reading(global: &Global) -> Result<Client, Failure> {
        Client::open(global, false)
    }
    /// For commands that write: a missing folder is made.
    pub fn writing(global: &Global) -> Result<Client, Failure> {
        Client::open(global, true)
    }
    fn open(global: &Global, create: bool) -> Result<Client, Failure> {
        Ok(Client { reach: Client::reach(global, create)?, on: global.on.clone() })
    }
    fn reach(global: &Global, create: bool) -> Result<Reach, Failure> {
        if let Some(url) = &global.server {
            return Ok(Reach::Remote(remote::Remote::new(url, global.token.clone())?));
        }
        let started = Instant::now();
        loop {
            let locked = match local::Local::open(
                &global.data,
                create,
                global.principal.as_deref(),
                global.allowed()?,
            ) {
                Ok(local) => return Ok(Reach::Local(Box::new(local))),
                Err(Failure::Core(e)) if e.code() == "store.locked" => e,
                Err(e) => return Err(e),
            };
            if let Some(server) = held_by_server(global)? {
                return Ok(server);
            }
            // Another command has the folder; most are done in a moment.
            if started.elapsed() >= Duration::from_secs(global.wait) {
                return Err(still_held(global, locked));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
    /// The API over an inventory that is already open.
    pub fn over(cmdb: cmdb_core::Cmdb) -> Result<Client, Failure> {
        Ok(Client { reach: Reach::Local(Box::new(local::Local::over(cmdb, None)?)), on: None })
    }
    pub fn send(&self, mut request: Request) -> Result<Answer, Failure> {
        if let Some(change) = &self.on {
            let joint = if request.path.contains('?') { '&' } else { '?' };
            request.path = format!("{}{joint}proposal={}", request.path, encode(change));
        }
        match &self.reach {
            Reach::Local(local) => local.send(request),
            Reach::Remote(remote) => remote.send(request),
        }
    }
    pub fn get(&self, path: impl Into<String>) -> Result<Value, Failure> {
        self.call("GET", path, Body::Empty)
    }
    pub fn call(&self, method: &'static str, path: impl Into<String>, body: Body) -> Result<Value, Failure> {
        self.send(Request { method, path: path.into(), headers: Vec::new(), body })?.json()
    }
}

/// The file by which a server says where it listens.
pub const SERVER_FILE: &str = "server.json";

/// Where a data folder keeps the plans of imports.
pub const PLANS_FOLDER: &str = "plans";

/// How often a folder that another command holds is tried again.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A `cmdb serve` holds the folder: talk to it, if it says where it is.
fn held_by_server(global: &Global) -> Result<Option<Reach>, Failure> {
    let Some(served) = served_at(&global.data) else { return Ok(None) };
    // A server that was killed leaves its file behind; whoever holds the folder now is another process.
    let holder = holder::holder(&global.data);
    if let (Some(pid), Some(holder)) = (served.pid, &holder)
        && pid != u64::from(holder.pid)
    {
        return Ok(None);
    }
    let token = global.token.clone().or(served.secret);
    let remote = remote::Remote::new(&served.url, token)?.acting_as(global.principal.clone());
    // Nobody seen to hold it: it was let go meanwhile, or the system does not tell.
    let is_served = holder.is_some() || remote.is_there();
    Ok(is_served.then_some(Reach::Remote(remote)))
}

fn still_held(global: &Global, locked: cmdb_core::Error) -> Failure {
    let Some(holder) = holder::holder(&global.data) else { return Failure::Core(locked) };
    let (folder, seconds) = (global.data.display(), global.wait);
    let message =
        format!("{folder} is held by process {} ({}); waited {seconds} s", holder.pid, holder.command);
    Failure::unavailable(message)
        .hint("wait longer with --wait SECONDS, or run `cmdb serve` on the folder: commands then share it")
}

/// What a server says of itself.
struct Served {
    url: String,
    /// Lets us speak as the local caller.
    secret: Option<String>,
    pid: Option<u64>,
}

fn served_at(folder: &Path) -> Option<Served> {
    let text = std::fs::read_to_string(folder.join(SERVER_FILE)).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    Some(Served {
        url: value["url"].as_str()?.to_owned(),
        secret: value["secret"].as_str().map(str::to_owned),
        pid: value["pid"].as_u64(),
    })
}

/// One segment of a path or a query value, percent-encoded.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// A query string from the pairs that have a value.
pub fn query(pairs: &[(&str, Option<String>)]) -> String {
    let stated: Vec<String> =
        pairs.iter().filter_map(|(k, v)| Some(format!("{k}={}", encode(v.as_deref()?)))).collect();
    if stated.is_empty() { String::new() } else { format!("?{}", stated.join("&")) }
}
