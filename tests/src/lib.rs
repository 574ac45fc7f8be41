//! Fixtures: the program run as a user runs it, on the command line and as a server.

use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Real files that come with the project's specification; tests that need them say so when they are not there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CMDB_SHARED_DIR").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let path = root.join(path);
    path.exists().then_some(path)
}

/// A data folder and the program to use it with.
pub struct Bench {
    program: PathBuf,
    pub folder: TempDir,
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Bench {
    pub fn new(program: &str) -> Bench {
        let folder = TempDir::new().expect("a temporary folder");
        Bench { program: program.into(), folder }
    }
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
    /// The program with `--data`, run to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        let output = self.command().args(args).output().expect("the program starts");
        Ran::of(output)
    }
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(self.data()).current_dir(self.folder.path());
        for name in ["CMDB_DATA", "CMDB_SERVER", "CMDB_TOKEN", "CMDB_LOG", "CMDB_OUTBOUND_ALLOW"] {
            command.env_remove(name);
        }
        command
    }
    /// The program run with `--json`; its answer, which must be one.
    pub fn json<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Value {
        let args: Vec<_> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
        let output = self.command().arg("--json").args(&args).output().expect("the program starts");
        let ran = Ran::of(output);
        serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{args:?}: {e}\n{ran:?}"))
    }
    /// Writes a file into the folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path
    }
    /// Starts `cmdb serve` and waits until it is ready.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }
    /// The same with further arguments.
    pub fn serve_with(&self, args: &[&str]) -> Server {
        let mut child = self
            .command()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("serving ").map(str::to_owned))
            .expect("the server says where it is");
        // Keeps the pipe drained.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Server { child, url };
        server.wait_ready();
        server
    }
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
    /// The run must have ended with `code`.
    pub fn ended(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
    /// Either stream must mention `text`.
    pub fn says(self, text: &str) -> Ran {
        assert!(self.out.contains(text) || self.err.contains(text), "nothing about {text:?} in {self:?}");
        self
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    fn wait_ready(&self) {
        let started = Instant::now();
        while self.get("/readyz").0 != 200 {
            assert!(started.elapsed() < Duration::from_secs(30), "the server did not get ready");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    /// kill -9.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("it can be waited for");
    }
    pub fn get(&self, path: &str) -> (u16, Value) {
        Remote::new(&self.url).get(path)
    }
    pub fn post(&self, path: &str, value: &Value) -> (u16, Value) {
        Remote::new(&self.url).post(path, value)
    }
}

/// A client of a server; keeps its connection.
pub struct Remote {
    url: String,
    agent: ureq::Agent,
}

impl Remote {
    pub fn new(url: &str) -> Remote {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Remote { url: url.to_owned(), agent }
    }
    /// Status and JSON body; status 0 if the server could not be reached.
    pub fn get(&self, path: &str) -> (u16, Value) {
        match self.agent.get(format!("{}{path}", self.url)).call() {
            Ok(mut answer) => (answer.status().as_u16(), body(answer.body_mut())),
            Err(_) => (0, Value::Null),
        }
    }
    pub fn post(&self, path: &str, value: &Value) -> (u16, Value) {
        let request =
            self.agent.post(format!("{}{path}", self.url)).header("Content-Type", "application/json");
        match request.send(value.to_string()) {
            Ok(mut answer) => (answer.status().as_u16(), body(answer.body_mut())),
            Err(_) => (0, Value::Null),
        }
    }
}

fn body(body: &mut ureq::Body) -> Value {
    body.with_config()
        .limit(1 << 30)
        .read_to_string()
        .ok()
        .and_then(|t| serde_json::from_str(&t).ok())
        .unwrap_or(Value::Null)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
