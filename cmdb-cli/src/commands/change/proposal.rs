//! Planned edits as people write them: one command a line, in the words of the command line; or a JSON list; or the
//! JSON object of a Terraform plan, which the server makes edits of.

use crate::commands::pair;
use crate::failure::Failure;
use serde_json::{Map, Value, json};

/// Reads a proposal from a file, `-` for stdin.
pub fn read(file: &str) -> Result<Value, Failure> {
    let text = match file {
        "-" => std::io::read_to_string(std::io::stdin())?,
        file => std::fs::read_to_string(file)
            .map_err(|e| Failure::usage(format!("the proposal {file} cannot be read: {e}")))?,
    };
    if text.trim_start().starts_with(['[', '{']) {
        return serde_json::from_str(&text).map_err(|e| {
            Failure::usage(format!(
                "the proposal {file} is neither a JSON list of edits nor a Terraform plan: {e}"
            ))
        });
    }
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let edits = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(at, line)| {
        edit(line).map_err(|e| Failure::usage(format!("{file}, line {at}: {e}")).hint(FORMS))
    });
    edits.collect::<Result<Vec<Value>, Failure>>().map(Value::from)
}

const FORMS: &str = "create CLASS k=v… · set REF k=v… · remove REF [--cascade] · relate A TYPE B k=v… · \
                     unrelate A TYPE B [group=G] · query TEXT";

fn edit(line: &str) -> Result<Value, String> {
    let (operation, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if operation == "query" {
        return Ok(json!({ "op": "query", "text": rest.trim() }));
    }
    let words = words(rest)?;
    let needs = |n: usize| match words.len() >= n {
        true => Ok(()),
        false => Err(format!("\"{operation}\" needs {n} words before its attributes")),
    };
    match operation {
        "create" => {
            needs(1)?;
            stated(json!({ "op": "create", "class": words[0] }), &words[1..], &["name", "status"])
        }
        "set" => {
            needs(1)?;
            stated(json!({ "op": "set", "item": words[0] }), &words[1..], &["name", "status", "class"])
        }
        "remove" => {
            needs(1)?;
            let cascade = words.get(1).is_some_and(|w| w == "--cascade");
            Ok(json!({ "op": "remove", "item": words[0], "cascade": cascade }))
        }
        "relate" | "unrelate" => {
            needs(3)?;
            let ends = json!({ "op": operation, "source": words[0], "type": words[1], "target": words[2] });
            let own: &[&str] = if operation == "unrelate" { &["group"] } else { &[] };
            stated(ends, &words[3..], own)
        }
        other => Err(format!("\"{other}\" is no edit")),
    }
}

/// Adds `k=v` pairs: those in `own` to the edit itself, the others to its attributes.
fn stated(mut edit: Value, pairs: &[String], own: &[&str]) -> Result<Value, String> {
    let mut attributes = Map::new();
    for text in pairs {
        let (key, value) = pair(text).map_err(|_| format!("\"{text}\" is not of the form key=value"))?;
        match own.contains(&key) {
            true => edit[key] = value.into(),
            false => drop(attributes.insert(key.to_owned(), value.into())),
        }
    }
    if !attributes.is_empty() {
        edit["attributes"] = attributes.into();
    }
    Ok(edit)
}

/// Words as a shell would split them: quotes keep spaces together.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, begun) = (Some(c), true),
            (None, c) if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, c) => word.push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_as_the_command_line_would_read_them() {
        assert_eq!(
            edit("set Server:'web 01' status=retired memory='16 GiB'").unwrap(),
            json!({ "op": "set", "item": "Server:web 01", "status": "retired", "attributes": { "memory": "16 GiB" } })
        );
        assert_eq!(
            edit("relate shop depends_on web3 group=web needs=2").unwrap(),
            json!({ "op": "relate", "source": "shop", "type": "depends_on", "target": "web3",
                    "attributes": { "group": "web", "needs": "2" } })
        );
        assert!(edit("explode everything").is_err());
        assert!(edit("set 'open").is_err());
    }
}
