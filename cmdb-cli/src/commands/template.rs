//! `cmdb template`: a workbook to fill in.

use super::Outcome;
use crate::args::Global;
use crate::client::{Body, Client, Request, query};
use crate::failure::Failure;
use crate::output::say;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;

pub fn run(client: &Client, global: &Global, classes: &[String], out: &Path) -> Outcome {
    let mut pairs: Vec<(&str, Option<String>)> =
        classes.iter().map(|class| ("class", Some(class.clone()))).collect();
    pairs.push(("at", global.at.clone()));
    let path = format!("/api/v1/template{}", query(&pairs));
    let mut answer = client.send(Request { method: "GET", path, headers: Vec::new(), body: Body::Empty })?;
    if answer.status != 200 {
        let status = answer.status;
        return Err(answer.json().err().unwrap_or_else(|| {
            Failure::unavailable(format!("the server answered {status} and no workbook"))
        }));
    }
    // Written beside the file and renamed, so that a broken answer leaves no half workbook.
    let unfinished = out.with_extension("part");
    let unwritable = |e: io::Error| Failure::unavailable(format!("{} cannot be written: {e}", out.display()));
    let mut file = File::create(&unfinished).map_err(unwritable)?;
    io::copy(&mut answer.body, &mut file).map_err(unwritable)?;
    std::fs::rename(&unfinished, out).map_err(unwritable)?;
    say(global.quiet, &format!("wrote {}; fill it in and run: cmdb import {}", out.display(), out.display()));
    Ok(ExitCode::SUCCESS)
}
