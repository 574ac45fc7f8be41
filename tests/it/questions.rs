//! The worked questions of docs/query.md, asked of the demo estate: they run, and give as many rows as the page says.

use super::bench;
use std::path::Path;

/// Questions the page promises.
const QUESTIONS: usize = 20;

struct Question {
    title: String,
    query: String,
    rows: usize,
}

/// Under each numbered heading: the query in the first fence, and a line that begins with the number of rows.
fn questions(page: &str) -> Vec<Question> {
    let (_, section) = page.split_once("## Twenty questions").expect("the page has the section");
    section.split("\n### ").skip(1).map(question).collect()
}

fn question(text: &str) -> Question {
    let title = text.lines().next().expect("a heading").to_owned();
    let query = text.split("\n```").nth(1).expect("a query").trim().to_owned();
    let counted = |line: &str| {
        let (number, rest) = line.split_once(' ')?;
        rest.starts_with("row").then(|| number.parse().ok()).flatten()
    };
    let rows = text.lines().find_map(counted).unwrap_or_else(|| panic!("{title}: how many rows?"));
    Question { title, query, rows }
}

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/query.md");
    std::fs::read_to_string(page).expect("the page is there")
}

#[test]
fn the_questions_of_the_page_are_answered_as_it_says() {
    let bench = bench();
    bench.run(["demo", "--no-serve"]).ended(0);
    let questions = questions(&page());
    assert_eq!(questions.len(), QUESTIONS);
    for Question { title, query, rows } in questions {
        let answer = bench.json(["query", "--read-only", query.as_str()]);
        let found = answer["rows"].as_array().unwrap_or_else(|| panic!("{title}: {answer}"));
        assert_eq!(found.len(), rows, "{title}");
        assert!(
            answer["notices"].as_array().is_some_and(Vec::is_empty) || title.starts_with("6."),
            "{title}: {answer}"
        );
    }
}

#[test]
fn what_the_page_says_of_impact_and_reach_is_what_the_commands_say() {
    let bench = bench();
    bench.run(["demo", "--no-serve"]).ended(0);
    let array = "StorageArray:san-fra1-02";
    let counted = |query: &str| bench.json(["query", query])["rows"][0][0].as_u64();
    let dependents = bench.json(["dependents", array, "--limit", "0"])["count"].as_u64();
    assert_eq!(
        counted("CALL cmdb.dependents('StorageArray:san-fra1-02') YIELD node RETURN count(node)"),
        dependents
    );
    let affected = bench.json(["impact", array, "--limit", "10000"]);
    let affected = affected["affected"].as_array().expect("affected items").len() as u64;
    assert_eq!(
        counted("CALL cmdb.impact('StorageArray:san-fra1-02') YIELD node RETURN count(node)"),
        Some(affected)
    );
}
