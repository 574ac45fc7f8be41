//! Long work: a job is followed to its end, with a progress bar on a terminal.

use crate::args::Global;
use crate::client::{Answer, Client};
use crate::failure::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::io::IsTerminal;
use std::time::Duration;

/// What the request led to, be it done at once or as a job.
pub fn to_the_end(client: &Client, global: &Global, started: Answer) -> Result<Value, Failure> {
    match started.status {
        202 => follow(client, global, started),
        _ => started.json(),
    }
}

/// Watches a job to its end with a progress bar on a terminal.
fn follow(client: &Client, global: &Global, started: Answer) -> Result<Value, Failure> {
    let job = started.header("location").map(str::to_owned);
    let accepted = started.json()?;
    let path = job.unwrap_or_else(|| format!("/api/v1/jobs/{}", accepted["id"].as_str().unwrap_or("")));
    let bar = (!global.quiet && std::io::stderr().is_terminal()).then(|| {
        let style = ProgressStyle::with_template("{msg:>8} {wide_bar} {human_pos} {elapsed}");
        ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    });
    let mut pause = Duration::from_millis(2);
    loop {
        let job = client.get(path.clone())?;
        match job["state"].as_str() {
            Some("done") => {
                bar.inspect(|b| b.finish_and_clear());
                return Ok(job["result"].clone());
            }
            Some("failed") => {
                bar.inspect(|b| b.finish_and_clear());
                let problem = job["problem"].clone();
                let status = problem["status"].as_u64().unwrap_or(500) as u16;
                return Err(Failure::Problem { status, problem });
            }
            _ => {}
        }
        if let Some(bar) = &bar {
            bar.set_length(job["total"].as_u64().unwrap_or(0));
            bar.set_position(job["done"].as_u64().unwrap_or(0));
            bar.set_message(job["phase"].as_str().unwrap_or("").to_owned());
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}
