//! Builds the page with npm and Vite and writes the table of its files, which `lib.rs` embeds.
//!
//! npm is started only when something of the page has changed, `npm ci` only when the lock file has. With
//! `CMDB_UI_DIST` a page that is already built is embedded, and Node is not needed.

#![allow(clippy::print_stdout, reason = "Cargo is spoken to on stdout")]

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the page is made of; never the folder itself, whose `node_modules` would start every build anew.
const SOURCES: &[&str] = &[
    "web/src",
    "web/scripts",
    "web/index.html",
    "web/package.json",
    "web/package-lock.json",
    "web/vite.config.ts",
    "web/tsconfig.json",
    "web/.npmrc",
];
const READY: &str = "CMDB_UI_DIST";

fn main() {
    println!("cargo::rerun-if-env-changed={READY}");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    let ready = std::env::var_os(READY).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let built = match ready {
        Some(folder) => {
            println!("cargo::rerun-if-changed={}", folder.display());
            // A copy, so that whoever builds the page anew does not pull it from under the compiler.
            check(&folder).and_then(|()| copy(&folder, &out.join("ready"))).map(|()| out.join("ready"))
        }
        None => {
            SOURCES.iter().for_each(|source| println!("cargo::rerun-if-changed={source}"));
            build(&out.join("dist"))
        }
    };
    let written = built.and_then(|folder| table(&folder)).and_then(|text| {
        fs::write(out.join("assets.rs"), text).map_err(|e| format!("the table of files: {e}"))
    });
    if let Err(message) = written {
        message.lines().for_each(|line| println!("cargo::error={line}"));
    }
}

fn check(folder: &Path) -> Result<(), String> {
    match folder.join("index.html").is_file() {
        true => Ok(()),
        false => Err(format!("{READY}={} holds no index.html", folder.display())),
    }
}

/// Makes `to` hold the files of `from` and no others.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let told = |e: std::io::Error| format!("{} could not be copied: {e}", from.display());
    if to.exists() {
        fs::remove_dir_all(to).map_err(told)?;
    }
    let mut files = Vec::new();
    collect(from, &mut files).map_err(told)?;
    for file in files {
        let target = to.join(file.strip_prefix(from).expect("found below it"));
        fs::create_dir_all(target.parent().unwrap_or(to)).map_err(told)?;
        fs::copy(&file, target).map_err(told)?;
    }
    Ok(())
}

/// Builds into `dist`, below Cargo's own folder.
fn build(dist: &Path) -> Result<PathBuf, String> {
    let web = Path::new("web");
    // Debug, release and an editor's checks may build at once, and they share node_modules.
    let lock = File::create(web.join(".build.lock")).map_err(|e| format!("web/.build.lock: {e}"))?;
    lock.lock().map_err(|e| format!("web/.build.lock: {e}"))?;
    install(web)?;
    npm(web, dist, &["run", "--silent", "build"])?;
    check(dist).map(|()| dist.to_owned())
}

fn install(web: &Path) -> Result<(), String> {
    let modified = |path: &str| fs::metadata(web.join(path)).and_then(|about| about.modified()).ok();
    // npm writes this file at the end of every installation.
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    println!("cargo::warning=building the page; the first time takes a minute");
    // Whoever has the tools for testing keeps them.
    let developing = web.join("node_modules/typescript").exists();
    npm(web, Path::new(""), if developing { &["ci"] } else { &["ci", "--omit=dev"] })
}

fn npm(web: &Path, dist: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(web).env("CMDB_UI_OUT", dist);
    let output = command.output().map_err(|_| {
        "the page needs Node.js 20.19 or newer (npm is not on the PATH); without it: `cargo run --no-default-features`, or name a ready build in CMDB_UI_DIST"
            .to_owned()
    })?;
    if output.status.success() {
        return Ok(());
    }
    // Cargo hides what a build script prints; so that it shows, it has to be an error.
    let said = [output.stderr, output.stdout].concat();
    let hint = format!("offline? {READY} embeds a page that is already built");
    Err(format!("npm {} failed\n{}\n{hint}", arguments.join(" "), String::from_utf8_lossy(&said).trim()))
}

/// The files of `folder` as a Rust slice, sorted by path.
fn table(folder: &Path) -> Result<String, String> {
    let root = fs::canonicalize(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files = Vec::new();
    collect(&root, &mut files).map_err(|e| format!("{}: {e}", folder.display()))?;
    files.sort();
    let mut text = String::from("&[\n");
    for file in files.iter().filter(|f| !is_compressed(f)) {
        let inside = file.strip_prefix(&root).expect("found below it");
        let path = inside.to_string_lossy().replace('\\', "/");
        let packed = |extension: &str| {
            let packed = PathBuf::from(format!("{}.{extension}", file.display()));
            match packed.is_file() {
                true => format!("Some(include_bytes!({packed:?}))"),
                false => "None".to_owned(),
            }
        };
        let _ = writeln!(
            text,
            "Asset {{ path: {path:?}, media: {:?}, plain: include_bytes!({file:?}), brotli: {}, gzip: {} }},",
            media(file),
            packed("br"),
            packed("gz")
        );
    }
    text.push(']');
    Ok(text)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(OsStr::to_str).unwrap_or("")
}

fn is_compressed(file: &Path) -> bool {
    matches!(extension(file), "br" | "gz")
}

fn media(file: &Path) -> &'static str {
    match extension(file) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
