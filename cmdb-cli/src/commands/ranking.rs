//! `ranking`: the items on which most hangs.

use super::Outcome;
use crate::args::{Global, Ranking};
use crate::client::Client;
use crate::render;
use std::process::ExitCode;

pub fn run(client: &Client, global: &Global, args: &Ranking) -> Outcome {
    let pairs = [
        ("by", args.services.then(|| "services".to_owned())),
        ("class", args.class.clone()),
        ("at", global.at.clone()),
    ];
    let answer = render::all_pages(client, "/api/v1/ranking", &pairs, "items", Some(args.limit))?;
    render::rows(global, &answer, "items", &["dependents", "services", "class", "name", "id"])?;
    Ok(ExitCode::SUCCESS)
}
