//! Every query of the openCypher TCK: those meant to run parse, those with a mistake in their form do not.

use crate::syntax::parse;
use std::collections::BTreeSet;
use std::path::Path;

/// Details that the form of a query shows, so that the parser must give them.
const FORM: &[&str] = &[
    "UnexpectedSyntax",
    "InvalidParameterUse",
    "InvalidNumberLiteral",
    "InvalidRelationshipPattern",
    "InvalidUnicodeLiteral",
    "InvalidUnicodeCharacter",
    "IntegerOverflow",
    "FloatingPointOverflow",
];

/// One tested query and the detail of the error it should give at compile time, if any.
pub(super) struct Case {
    pub query: String,
    pub refused: Option<String>,
    pub place: String,
}

/// All queries of the suite; None, said aloud, where it is not there.
pub(super) fn cases() -> Option<Vec<Case>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/opencypher-tck/features");
    let root = std::env::var("CMDB_TCK_DIR").map_or(root, |dir| Path::new(&dir).join("features"));
    if !root.is_dir() {
        eprintln!("SKIPPED: no TCK at {}", root.display());
        return None;
    }
    Some(of_folder(&root))
}

/// All queries of our own scenarios.
pub(super) fn own() -> Vec<Case> {
    of_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios"))
}

fn of_folder(root: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "feature") {
                read(&path, &mut cases);
            }
        }
    }
    cases.sort_by(|a, b| (&a.place, &a.query).cmp(&(&b.place, &b.query)));
    cases
}

fn read(path: &Path, cases: &mut Vec<Case>) {
    let text = std::fs::read_to_string(path).unwrap();
    let file = path.file_stem().unwrap().to_string_lossy().into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = (0..lines.len())
        .filter(|&i| {
            lines[i].trim_start().starts_with("Scenario") || lines[i].trim_start().starts_with("Background")
        })
        .collect();
    for (n, &start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).copied().unwrap_or(lines.len());
        scenario(&lines[start..end], &format!("{file}: {}", lines[start].trim()), cases);
    }
}

/// Text in triple quotes, by the step before it.
fn quoted<'a>(lines: &[&'a str]) -> Vec<(&'a str, String)> {
    let mut all = Vec::new();
    let mut i = 0;
    while i < lines.len() {
        if lines[i].trim() == "\"\"\"" {
            let end = (i + 1..lines.len()).find(|&j| lines[j].trim() == "\"\"\"").unwrap();
            all.push((lines[i - 1].trim(), lines[i + 1..end].join("\n")));
            i = end;
        }
        i += 1;
    }
    all
}

/// Rows of the tables under `Examples:`, as name and value.
fn examples(lines: &[&str]) -> Vec<Vec<(String, String)>> {
    let mut rows = Vec::new();
    let mut header: Option<Vec<String>> = None;
    let mut within = false;
    for line in lines.iter().map(|line| line.trim()) {
        if line.starts_with("Examples:") {
            (within, header) = (true, None);
        } else if within && line.starts_with('|') {
            let line = line.replace("\\|", "\u{1}");
            let cells: Vec<String> =
                line.trim_matches('|').split('|').map(|c| c.trim().replace('\u{1}', "|")).collect();
            match &header {
                None => header = Some(cells),
                Some(names) => rows.push(names.iter().cloned().zip(cells).collect()),
            }
        }
    }
    if rows.is_empty() { vec![Vec::new()] } else { rows }
}

fn scenario(lines: &[&str], place: &str, cases: &mut Vec<Case>) {
    let fill = |text: &str, row: &[(String, String)]| {
        row.iter().fold(text.to_string(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    };
    let error = lines.iter().find_map(|line| line.trim().split_once("should be raised at compile time: "));
    for row in examples(lines) {
        for (step, query) in quoted(lines) {
            let tested = step.contains("executing query") || step.contains("executing control query");
            if !tested && !step.contains("having executed") {
                continue;
            }
            let refused =
                error.filter(|_| step.contains("executing query")).map(|(_, detail)| fill(detail, &row));
            cases.push(Case { query: fill(&query, &row), refused, place: place.to_string() });
        }
    }
}

#[test]
fn every_query_of_the_suite_that_is_meant_to_run_parses() {
    let Some(cases) = cases() else { return };
    let distinct: BTreeSet<&str> =
        cases.iter().filter(|c| c.refused.is_none()).map(|c| c.query.as_str()).collect();
    assert!(distinct.len() > 2_000, "only {} queries read", distinct.len());
    let failed: Vec<String> = distinct
        .iter()
        .filter_map(|query| {
            parse(query).err().map(|error| format!("{query}\n    {error} {:?}", error.hint_text()))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), distinct.len(), failed.join("\n"));
}

#[test]
fn mistakes_of_form_are_refused_with_the_detail_of_the_suite() {
    let Some(cases) = cases() else { return };
    let mut failed = Vec::new();
    let mut seen = 0;
    for case in &cases {
        let Some(wanted) = case.refused.as_deref() else { continue };
        let got = parse(&case.query).err().map(|error| (error.detail(), error.to_string()));
        let formal = FORM.contains(&wanted);
        seen += usize::from(formal);
        let right = got.as_ref().map_or(!formal, |(detail, _)| *detail == wanted);
        if !right {
            failed.push(format!("{}\n    {}\n    wanted {wanted}, got {got:?}", case.place, case.query));
        }
    }
    assert!(seen >= 35, "only {seen} mistakes of form read");
    assert!(failed.is_empty(), "{}:\n{}", failed.len(), failed.join("\n"));
}
