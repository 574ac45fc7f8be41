//! `cmdb export`: a file, or a folder with one file for items and one for relationships.

use super::Outcome;
use crate::args::Global;
use crate::args::outputs::Export;
use crate::client::{Body, Client, Request, encode, query};
use crate::failure::Failure;
use crate::output::say;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// The tables that a CSV cannot hold both of.
const KINDS: [&str; 2] = ["items", "relationships"];

pub fn run(client: &Client, global: &Global, export: &Export) -> Outcome {
    let table_alone = export.as_format == "csv";
    match &export.out {
        Some(folder) if table_alone && is_folder(folder) => {
            std::fs::create_dir_all(folder).map_err(|e| unwritable(folder, &e))?;
            for kind in KINDS.iter().filter(|k| export.kind.as_deref().is_none_or(|wanted| wanted == **k)) {
                write(client, global, export, Some(kind), &folder.join(format!("{kind}.csv")))?;
            }
        }
        Some(folder) if folder.is_dir() => {
            let message = format!("{} is a folder; --out names a file", folder.display());
            let file = folder.join(format!("export.{}", export.as_format));
            return Err(Failure::usage(message).hint(format!("such as --out {}", file.display())));
        }
        out => {
            if table_alone && export.kind.is_none() {
                say(
                    global.quiet,
                    "a CSV holds one table: these are the items; --kind relationships gives the others, --out FOLDER both",
                );
            }
            match out {
                Some(file) => write(client, global, export, export.kind.as_deref(), file)?,
                None => {
                    let mut body = ask(client, global, export, export.kind.as_deref())?;
                    crate::output::forgive(io::copy(&mut body, &mut io::stdout().lock()).map(drop))?;
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An existing folder, or a name that looks like one.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || (!path.exists() && path.extension().is_none())
}

fn ask(
    client: &Client,
    global: &Global,
    export: &Export,
    kind: Option<&str>,
) -> Result<Box<dyn io::Read + Send>, Failure> {
    let pairs = [
        ("class", export.class.clone()),
        ("where", export.filter.clone()),
        ("direction", export.direction.clone()),
        ("depth", export.depth.map(|d| d.to_string())),
        ("as", Some(export.as_format.clone())),
        ("kind", kind.map(str::to_owned)),
        ("at", global.at.clone()),
    ];
    let references: String = export.references.iter().map(|r| format!("&ref={}", encode(r))).collect();
    let path = format!("/api/v1/exports{}{references}", query(&pairs));
    let answer = client.send(Request { method: "GET", path, headers: Vec::new(), body: Body::Empty })?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(answer
            .json()
            .err()
            .unwrap_or_else(|| Failure::unavailable(format!("the server answered {status} and no export")))),
    }
}

/// Written beside the file and renamed, so that a broken export leaves no half file.
fn write(
    client: &Client,
    global: &Global,
    export: &Export,
    kind: Option<&str>,
    file: &Path,
) -> Result<(), Failure> {
    let mut body = ask(client, global, export, kind)?;
    let unfinished = file.with_extension("part");
    let mut out = File::create(&unfinished).map_err(|e| unwritable(file, &e))?;
    io::copy(&mut body, &mut out).map_err(|e| unwritable(file, &e))?;
    std::fs::rename(&unfinished, file).map_err(|e| unwritable(file, &e))?;
    say(global.quiet, &format!("wrote {}", file.display()));
    Ok(())
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::unavailable(format!("{} cannot be written: {error}", path.display()))
}
