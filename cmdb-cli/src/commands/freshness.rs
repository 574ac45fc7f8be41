//! `cmdb freshness`, `trust` and `observed`: what was seen when, how far it is believed, and what only traffic knows.

use super::Outcome;
use crate::args::freshness::{Freshness, FreshnessRule, Observed, Trust};
use crate::args::{Format, Global};
use crate::client::{Body, Client};
use crate::failure::Failure;
use crate::output::{cell, print, table};
use crate::render;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

pub fn freshness(client: &Client, global: &Global, asked: Freshness) -> Outcome {
    if let Some(rule) = asked.rule {
        return rules(client, global, rule);
    }
    let pairs = [
        ("class", asked.class),
        ("source", asked.source),
        ("older_than", asked.older_than.map(|days| days.to_string())),
        ("when", asked.when),
        ("at", global.at.clone()),
    ];
    let answer = render::all_pages(client, "/api/v1/freshness", &pairs, "items", Some(asked.limit))?;
    match global.format() {
        Format::Table => print(&report(&answer))?,
        _ => {
            let columns = ["class", "name", "last_seen", "source", "age_days", "stale_after_days", "id"];
            render::rows(global, &answer, "items", &columns)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn report(answer: &Value) -> String {
    let mut out = format!("{} of {} items are stale\n", answer["count"], answer["items_count"]);
    let classes = answer["by_class"].as_object().into_iter().flatten();
    let classes = classes.filter(|(_, share)| share["stale"].as_u64().unwrap_or(0) > 0);
    let rows =
        classes.map(|(class, share)| vec![class.clone(), cell(&share["stale"]), cell(&share["items"])]);
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let _ = write!(out, "\n{}", table(&["class", "stale", "of"], rows));
    }
    let sources = answer["by_source"].as_object().into_iter().flatten();
    let rows: Vec<_> = sources.map(|(source, stale)| vec![source.clone(), cell(stale)]).collect();
    if !rows.is_empty() {
        let _ = write!(out, "\n{}", table(&["last seen by", "stale"], rows));
    }
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let row = |i: &Value| {
        let age = format!("{} of {} days", i["age_days"], i["stale_after_days"]);
        vec![render::label(i), cell(&i["last_seen"]), cell(&i["source"]), age]
    };
    if !items.is_empty() {
        let rows = items.iter().map(row).collect();
        let _ = write!(out, "\n{}", table(&["item", "last seen", "by", "age"], rows));
    }
    let listed = items.len() as u64;
    let rest = answer["count"].as_u64().unwrap_or(0).saturating_sub(listed);
    if rest > 0 {
        let _ = writeln!(out, "and {rest} more; --limit lists them");
    }
    out
}

fn rules(client: &Client, global: &Global, rule: FreshnessRule) -> Outcome {
    let path = "/api/v1/freshness/rules";
    let answer = match rule {
        FreshnessRule::Rules => client.get(path)?,
        FreshnessRule::Rule { class, after, .. } => {
            let wrong =
                |text: &str| Failure::usage(format!("\"{text}\" is neither a number of days nor never"));
            let body = match after.as_deref() {
                None => json!({ "class": class }),
                Some("never") => json!({ "class": class, "never": true }),
                Some(text) => {
                    let days =
                        text.strip_suffix('d').unwrap_or(text).parse::<u32>().map_err(|_| wrong(text))?;
                    json!({ "class": class, "days": days })
                }
            };
            client.call("POST", path, Body::Json(body))?
        }
    };
    match global.format() {
        Format::Table => {
            let days =
                |r: &Value| r["days"].as_u64().map_or("never".to_owned(), |days| format!("{days} days"));
            let rules = answer["rules"].as_array().into_iter().flatten();
            let mut rows: Vec<_> = rules.map(|r| vec![cell(&r["class"]), days(r)]).collect();
            if !rows.iter().any(|row| row[0] == "ConfigurationItem") {
                let default = format!("{} days (default)", answer["default_days"]);
                rows.insert(0, vec!["ConfigurationItem".to_owned(), default]);
            }
            print(&table(&["class", "stale after"], rows))?;
        }
        _ => render::rows(global, &answer, "rules", &["class", "days"])?,
    }
    Ok(ExitCode::SUCCESS)
}

pub fn trust(client: &Client, global: &Global, trust: Trust) -> Outcome {
    let path = "/api/v1/trust";
    let mut answer = match trust.writes() {
        false => client.get(path)?,
        true => {
            let body = json!({ "source": trust.source, "confidence": trust.confidence, "kind": trust.kind });
            client.call("POST", path, Body::Json(body))?
        }
    };
    if let (Some(source), Some(all)) = (&trust.source, answer["sources"].as_array_mut()) {
        all.retain(|s| s["source"] == source.as_str());
    }
    let columns = ["source", "kind", "confidence", "set", "last_run", "items", "relationships"];
    render::rows(global, &answer, "sources", &columns)?;
    Ok(ExitCode::SUCCESS)
}

pub fn observed(client: &Client, global: &Global, asked: &Observed) -> Outcome {
    let list = if asked.unobserved { "unobserved" } else { "undeclared" };
    let pairs = [
        ("list", Some(list.to_owned())),
        ("types", (!asked.types.is_empty()).then(|| asked.types.join(","))),
        ("at", global.at.clone()),
    ];
    let answer = render::all_pages(client, "/api/v1/observed", &pairs, "dependencies", Some(asked.limit))?;
    match global.format() {
        Format::Table => print(&compared(&answer))?,
        _ => {
            let columns = ["source.name", "type", "target.name", "known_by", "last_seen", "confidence", "id"];
            render::rows(global, &answer, "dependencies", &columns)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn compared(answer: &Value) -> String {
    let mut out = String::new();
    let coverage = match answer["relation_coverage"].as_f64() {
        // Cut off rather than rounded: 99.99 % is not all.
        Some(share) => format!("relation coverage {:.1} %", (share * 1_000.0).floor() / 10.0),
        None => "no dependency was observed".to_owned(),
    };
    let _ = writeln!(
        out,
        "{coverage}: {} observed, {} of them declared",
        answer["observed"], answer["observed_and_declared"]
    );
    let _ = writeln!(
        out,
        "{} seen in traffic, not in the CMDB; {} declared, never seen; {} declared out of sight",
        answer["undeclared"], answer["unobserved"], answer["out_of_sight"]
    );
    let listed = answer["dependencies"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let row = |d: &Value| {
        let ends = [render::label(&d["source"]), cell(&d["type"]), render::label(&d["target"])];
        [&ends[..], &[cell(&d["known_by"]), cell(&d["last_seen"]), cell(&d["confidence"])]].concat()
    };
    if !listed.is_empty() {
        let header = match answer["list"].as_str() {
            Some("unobserved") => "declared, never seen",
            _ => "seen in traffic, not in the CMDB",
        };
        let columns = ["source", "type", "target", "known by", "last seen", "confidence"];
        let _ = write!(out, "\n{header}:\n{}", table(&columns, listed.iter().map(row).collect()));
    }
    out
}
