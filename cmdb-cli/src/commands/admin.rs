//! Users, tokens, integrity, backup, erasure.

use super::{Outcome, follow};
use crate::args::{Global, Token, User};
use crate::client::{Body, Client, Request, encode, query};
use crate::failure::Failure;
use crate::output::{cell, counted, print_line, say, table};
use crate::render;
use cmdb_core::store::Location;
use cmdb_core::store::verify::VerifyOptions;
use cmdb_core::{Cmdb, Kind};
use cmdb_server::handlers::operations::verified;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

/// Of standard input, at most this much is read for a password.
const PASSWORD_BYTES_MAX: u64 = 4096;

pub fn user(client: &Client, global: &Global, command: User) -> Outcome {
    match command {
        User::Create { name, role } => {
            let answer =
                client.call("POST", "/api/v1/users", Body::Json(json!({ "name": name, "role": role })))?;
            render::one(global, &answer, |a| format!("{} is {}\n", cell(&a["name"]), cell(&a["role"])))?;
            say(
                global.quiet,
                "from now on the server asks everyone who they are: cmdb user password NAME, for the page; cmdb token create --user NAME, for tools",
            );
        }
        User::List => {
            let answer = client.get("/api/v1/users")?;
            render::rows(global, &answer, "users", &["name", "role", "disabled"])?;
        }
        User::Password { name } => {
            let body = Body::Json(json!({ "password": read_password(&name)? }));
            client.call("PUT", format!("/api/v1/users/{}/password", encode(&name)), body)?;
            say(global.quiet, &format!("{name} signs in with it from now on; other sessions are over"));
        }
        User::Disable { name } => {
            let body = Body::Json(json!({ "disabled": true }));
            let answer = client.call("PATCH", format!("/api/v1/users/{}", encode(&name)), body)?;
            render::one(global, &answer, |a| format!("{} is disabled\n", cell(&a["name"])))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Typed without an echo on a terminal, else the first line of standard input.
fn read_password(name: &str) -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password(format!("Password for {name}: "))?);
    }
    let mut line = String::new();
    std::io::stdin().lock().take(PASSWORD_BYTES_MAX).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

pub fn token(client: &Client, global: &Global, command: Token) -> Outcome {
    match command {
        Token::Create { role, expires, user, label } => {
            let mut body = json!({ "role": role, "label": label });
            for (key, value) in [("expires", expires), ("user", user)] {
                if let Some(value) = value {
                    body[key] = value.into();
                }
            }
            let answer = client.call("POST", "/api/v1/tokens", Body::Json(body))?;
            render::one(global, &answer, |a| format!("{}\n", cell(&a["token"])))?;
            say(global.quiet, &format!("token {} is shown only this once", cell(&answer["id"])));
        }
        Token::List => {
            let answer = client.get("/api/v1/tokens")?;
            render::rows(
                global,
                &answer,
                "tokens",
                &["id", "label", "role", "user", "expires_at", "revoked"],
            )?;
        }
        Token::Revoke { id } => {
            client.call("DELETE", format!("/api/v1/tokens/{}", encode(&id)), Body::Empty)?;
            say(global.quiet, &format!("token {id} is revoked"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn verify(global: &Global, full: bool) -> Outcome {
    let report = match Client::reading(global) {
        Ok(client) => {
            let full = query(&[("full", full.then(|| "true".to_owned()))]);
            care(&client, global, format!("/api/v1/verify{full}"))?
        }
        // No graph comes out of it, so no API can be asked; what is damaged is listed all the same.
        Err(Failure::Core(e)) if e.kind() == Kind::Corrupt => {
            let location = Location::Folder(global.data.clone());
            let report = Cmdb::verify_closed(&location, &VerifyOptions { full, ..VerifyOptions::default() })?;
            serde_json::to_value(verified(&report)).map_err(|e| Failure::unavailable(e.to_string()))?
        }
        Err(failure) => return Err(failure),
    };
    render::one(global, &report, verify_text)?;
    Ok(if report["clean"] == true { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

/// Work that may take long on a large store.
fn care(client: &Client, global: &Global, path: String) -> Result<Value, Failure> {
    let headers = vec![("Prefer", "respond-async".to_owned())];
    let request = Request { method: "POST", path, headers, body: Body::Empty };
    follow::to_the_end(client, global, client.send(request)?)
}

fn verify_text(report: &Value) -> String {
    let findings = report["findings"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let mut out = String::new();
    if !findings.is_empty() {
        let rows = findings.iter().map(|f| ["place", "message", "remedy"].map(|k| cell(&f[k])).to_vec());
        out = table(&["place", "finding", "remedy"], rows.collect());
    }
    for note in report["notes"].as_array().into_iter().flatten() {
        out += &format!("note: {}\n", cell(note));
    }
    let verdict = if report["clean"] == true { "all is well" } else { "damage was found" };
    let (rows, entries) = (&report["rows"], &report["entries"]);
    out + &format!(
        "{verdict}: {rows} rows and {entries} entries looked at\nposition {} has chain {}\n",
        report["position"],
        cell(&report["chain"])
    )
}

pub fn backup(client: &Client, global: &Global, file: &Path) -> Outcome {
    if file.exists() {
        return Err(Failure::usage(format!("{} exists; a backup overwrites nothing", file.display())));
    }
    let request =
        Request { method: "POST", path: "/api/v1/backup".into(), headers: Vec::new(), body: Body::Empty };
    let mut answer = client.send(request)?;
    if answer.status != 200 {
        answer.json()?;
        return Ok(ExitCode::SUCCESS);
    }
    let unfinished = file.with_extension("part");
    let mut out = File::create(&unfinished)?;
    let bytes = std::io::copy(&mut answer.body, &mut out)?;
    out.sync_all()?;
    std::fs::rename(&unfinished, file)?;
    say(global.quiet, &format!("wrote {} ({bytes} bytes)", file.display()));
    Ok(ExitCode::SUCCESS)
}

pub fn compact(client: &Client, global: &Global) -> Outcome {
    let answer = care(client, global, "/api/v1/compact".into())?;
    let text = |a: &Value| match a["compacted"].as_bool() {
        Some(true) => "unused space was given back\n".to_owned(),
        _ => "there was nothing to give back\n".to_owned(),
    };
    render::one(global, &answer, text)?;
    Ok(ExitCode::SUCCESS)
}

pub fn purge(client: &Client, global: &Global, reference: &str, attribute: &str) -> Outcome {
    let path = format!("/api/v1/items/{}/purge", encode(reference));
    let answer = client.call("POST", path, Body::Json(json!({ "attribute": attribute })))?;
    match global.format() {
        crate::args::Format::Table | crate::args::Format::Csv => {
            print_line(&format!("erased {attribute} from {}", counted(&answer["entries"], "entry")))?;
        }
        _ => render::json(&answer)?,
    }
    say(
        global.quiet,
        "backups made before still hold the value; `cmdb compact` clears unused pages of the store",
    );
    Ok(ExitCode::SUCCESS)
}
