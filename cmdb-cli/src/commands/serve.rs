//! Commands that need no API: `init`, `serve`, `restore`.

use super::Outcome;
use crate::args::Global;
use crate::client::{PLANS_FOLDER, SERVER_FILE};
use crate::failure::Failure;
use crate::folder;
use crate::output::say;
use cmdb_core::store::Location;
use cmdb_core::{Cmdb, Error};
use cmdb_server::serve::tls::Tls;
use cmdb_server::{App, ServeOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

fn refuse_server(global: &Global, command: &str) -> Result<(), Failure> {
    match global.server {
        Some(_) => Err(Failure::usage(format!("{command} works on a folder; leave --server out"))),
        None => Ok(()),
    }
}

pub fn init(global: &Global, open_schema: bool) -> Outcome {
    refuse_server(global, "init")?;
    let cmdb = folder::create(Location::Folder(global.data.clone()), open_schema)?;
    let what = cmdb_core::engine::describe(&cmdb.snapshot());
    say(global.quiet, &format!("made {}: {what}", global.data.display()));
    Ok(ExitCode::SUCCESS)
}

pub fn restore(global: &Global, file: &Path) -> Outcome {
    refuse_server(global, "restore")?;
    let mut input = std::fs::File::open(file)
        .map_err(|e| Failure::usage(format!("{} cannot be read: {e}", file.display())))?;
    let log = cmdb_core::model::LogId(cmdb_server::call::random()?);
    let location = Location::Folder(global.data.clone());
    let cmdb = Cmdb::restore(location, &mut input, log, &folder::local_context()?)?;
    let what = cmdb_core::engine::describe(&cmdb.snapshot());
    say(global.quiet, &format!("restored {}: {what}", global.data.display()));
    Ok(ExitCode::SUCCESS)
}

pub fn serve(global: &Global, listen: SocketAddr, tls: Option<(PathBuf, PathBuf)>) -> Outcome {
    refuse_server(global, "serve")?;
    logging();
    let data = global.data.clone();
    let open = move || folder::open_or_create(Location::Folder(data), false);
    run(global, &global.data, listen, tls, open)
}

/// Structured logs on stderr; `CMDB_LOG` filters them, `CMDB_LOG_FORMAT=json` makes each line JSON.
fn logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("CMDB_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("CMDB_LOG_FORMAT").is_ok_and(|f| f == "json") {
        drop(lines.json().try_init());
    } else {
        drop(lines.with_ansi(false).try_init());
    }
}

/// Serves until the process is told to end. Listens at once, loads, then answers.
pub fn run(
    global: &Global,
    folder: &Path,
    listen: SocketAddr,
    tls: Option<(PathBuf, PathBuf)>,
    open: impl FnOnce() -> cmdb_core::Result<Cmdb> + Send + 'static,
) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let app = Arc::new(App::loading().with_spool(folder.to_owned()).with_plans(folder.join(PLANS_FOLDER)));
    app.allow_outbound(global.allowed()?);
    let secure = tls.is_some();
    let tls = tls.map(|(certificates, key)| Tls::from_files(&certificates, &key)).transpose()?;
    let result = runtime.block_on(async {
        let loading = {
            let app = app.clone();
            tokio::task::spawn_blocking(move || open().map(|cmdb| app.loaded(Arc::new(cmdb))))
        };
        // Nobody is let in before it is known who may come in: users are in the folder.
        loading.await.map_err(|e| Error::new(cmdb_core::Kind::Internal, "serve.load", e.to_string()))??;
        let secret = hex(&cmdb_server::call::random::<32>()?);
        app.set_local_secret(secret.clone());
        let (quiet, folder) = (global.quiet, folder.to_owned());
        let scheme = if secure { "https" } else { "http" };
        let bound = move |address| announce(quiet, &folder, &secret, &format!("{scheme}://{address}"));
        let options = ServeOptions { tls, bound: Some(Box::new(bound)), ..ServeOptions::new(listen) };
        cmdb_server::serve(app.clone(), options, ended()).await
    });
    // A stale file only costs one refused connection; a server that is gone cannot be found by it.
    let _ = std::fs::remove_file(folder.join(SERVER_FILE));
    drop(app);
    result?;
    say(global.quiet, "stopped");
    Ok(ExitCode::SUCCESS)
}

/// Says where the server is: on stderr, and in the folder for commands with `--data`.
fn announce(quiet: bool, folder: &Path, secret: &str, url: &str) {
    let about = serde_json::json!({ "url": url, "pid": std::process::id(), "secret": secret });
    if let Err(e) = write_private(&folder.join(SERVER_FILE), about.to_string().as_bytes()) {
        say(
            quiet,
            &format!(
                "{SERVER_FILE} could not be written ({e}); commands with --data will not find this server"
            ),
        );
    }
    say(quiet, &format!("serving {url}"));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Only the owner of the folder may read it: it lets its reader act as the local caller.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let _ = std::fs::remove_file(path);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// Ctrl-C or SIGTERM.
async fn ended() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
