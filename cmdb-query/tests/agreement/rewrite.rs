//! Ways to ask the same in other words. Each case is a group of queries; the rows of the first are the rows of every
//! other, or of all others together.

use crate::chance::Chance;
use crate::draft::{Drafter, Names, PathDraft, paths_written};

pub enum Case {
    /// Every query yields the same rows.
    Same(&'static str, Vec<String>),
    /// The first yields what the others yield together.
    Together(&'static str, Vec<String>),
}

/// Cases about one MATCH.
pub fn cases(chance: &mut Chance, is_sparse: bool) -> Vec<Case> {
    let mut drafter = Drafter { chance, names: Names { is_sparse, ..Names::default() }, depth: 1 };
    let paths = drafter.pattern(2);
    let condition = drafter.condition(1);
    let items = items(&mut drafter);
    let matched = paths_written(&paths);
    let asked = format!("MATCH {matched} WHERE {condition} RETURN {items}");
    let mut cases = vec![
        Case::Together(
            "a condition, its opposite, and neither",
            vec![
                format!("MATCH {matched} RETURN {items}"),
                asked.clone(),
                format!("MATCH {matched} WHERE NOT ({condition}) RETURN {items}"),
                format!("MATCH {matched} WHERE (NOT ({condition})) IS NULL RETURN {items}"),
            ],
        ),
        Case::Same(
            "a condition asked at once and later",
            vec![
                asked.clone(),
                format!("MATCH {matched} WHERE NOT NOT ({condition}) RETURN {items}"),
                format!("MATCH {matched} WITH *, 1 AS one WHERE {condition} RETURN {items}"),
                format!("MATCH {matched} WITH *, NOT NOT ({condition}) AS asked WHERE asked RETURN {items}"),
            ],
        ),
        Case::Same(
            "in a subquery",
            vec![asked.clone(), format!("CALL () {{ {asked} }} RETURN *"), {
                format!("UNWIND [1] AS one MATCH {matched} WHERE {condition} RETURN {items}")
            }],
        ),
        Case::Same(
            "parts and labels in another order",
            vec![asked.clone(), {
                let shuffled = shuffled(&paths, drafter.chance);
                format!("MATCH {} WHERE {condition} RETURN {items}", paths_written(&shuffled))
            }],
        ),
        Case::Same(
            "from the other end",
            vec![asked.clone(), {
                let turned = paths.iter().map(|path| path.reversed().unwrap_or_else(|| path.clone()));
                let turned: Vec<PathDraft> = turned.collect();
                format!("MATCH {} WHERE {condition} RETURN {items}", paths_written(&turned))
            }],
        ),
        Case::Same(
            "lengths written in other ways",
            vec![asked.clone(), {
                let other: Vec<PathDraft> =
                    paths.iter().map(|path| requantified(path, drafter.chance)).collect();
                format!("MATCH {} WHERE {condition} RETURN {items}", paths_written(&other))
            }],
        ),
    ];
    if !drafter.names.known.is_empty() {
        let other = format!("MATCH {matched} WHERE {condition} WITH * RETURN {items}");
        cases.push(Case::Same("WITH * in between", vec![asked, other]));
        cases.extend(existence(&mut drafter, &matched));
    }
    cases
}

fn items(drafter: &mut Drafter<'_>) -> String {
    let mut items: Vec<String> = drafter
        .names
        .known
        .iter()
        .take(4)
        .enumerate()
        .map(|(at, (name, _))| format!("{name} AS c{at}"))
        .collect();
    items.push(format!("{} AS v", drafter.value()));
    items.join(", ")
}

fn shuffled(paths: &[PathDraft], chance: &mut Chance) -> Vec<PathDraft> {
    let mut paths = paths.to_vec();
    chance.shuffle(&mut paths);
    paths.iter_mut().flat_map(|path| &mut path.nodes).for_each(|node| node.labels.reverse());
    paths
}

/// Each length as `*…` and as `{…}`.
const LENGTHS: &[(&str, &str)] = &[
    ("*1..2", "{1,2}"),
    ("*2", "{2}"),
    ("*0..1", "{0,1}"),
    ("*0..2", "{,2}"),
    ("*..3", "{1,3}"),
    ("*2..3", "{2,3}"),
    ("*1..1", "{1}"),
    ("*", "+"),
    ("*1..", "{1,}"),
    ("*2..", "{2,}"),
    ("*0..", "*"),
];

fn requantified(path: &PathDraft, chance: &mut Chance) -> PathDraft {
    let mut path = path.clone();
    for edge in &mut path.edges {
        if !edge.is_many() && edge.variable.is_none() {
            let (length, quantifier) =
                [("*1..1", ""), ("*1", ""), ("", "{1}"), ("", "{1,1}")][chance.below(4)];
            (edge.length, edge.quantifier) = (length.to_owned(), quantifier.to_owned());
        } else if let Some((_, quantifier)) = LENGTHS.iter().find(|(length, _)| edge.length == *length) {
            (edge.length, edge.quantifier) = (String::new(), (*quantifier).to_owned());
        } else if let Some((length, _)) = LENGTHS.iter().find(|(_, it)| edge.quantifier == *it)
            && !edge.rest.contains("WHERE")
        {
            (edge.length, edge.quantifier) = ((*length).to_owned(), String::new());
        }
    }
    path
}

/// Whether there is a second pattern beside the first, asked in five ways, and OPTIONAL MATCH taken apart.
fn existence(drafter: &mut Drafter<'_>, matched: &str) -> Vec<Case> {
    let names: Vec<String> = drafter.names.known.iter().map(|(name, _)| name.clone()).collect();
    let columns: Vec<String> =
        names.iter().enumerate().map(|(at, name)| format!("{name} AS c{at}")).collect();
    let columns = columns.join(", ");
    let before = drafter.names.known.clone();
    let mut second = drafter.pattern(1);
    second.iter_mut().for_each(|path| path.variable = None);
    let second = paths_written(&second);
    drafter.names.known = before;
    let exists = |how: &str| format!("MATCH {matched} WHERE {how} RETURN {columns}");
    vec![
        Case::Same(
            "whether there is a path",
            vec![
                exists(&format!("EXISTS {{ {second} }}")),
                exists(&format!("EXISTS {{ MATCH {second} RETURN 1 AS one }}")),
                exists(&format!("COUNT {{ {second} }} > 0")),
                exists(&format!("size(COLLECT {{ MATCH {second} RETURN 1 AS one }}) > 0")),
                exists(&format!("NOT NOT EXISTS {{ {second} }}")),
                format!(
                    "MATCH {matched} CALL (*) {{ MATCH {second} RETURN count(*) AS ways }} \
                     WITH * WHERE ways > 0 RETURN {columns}"
                ),
            ],
        ),
        Case::Together(
            "an optional pattern is the pattern or, without it, the row",
            vec![
                format!("MATCH {matched} OPTIONAL MATCH {second} RETURN {columns}"),
                format!("MATCH {matched} MATCH {second} RETURN {columns}"),
                exists(&format!("NOT EXISTS {{ {second} }}")),
            ],
        ),
    ]
}

/// Which nodes are reached, each once: by a visit of each node, and by going every path.
pub fn reach(chance: &mut Chance) -> Case {
    let lengths = ["*", "*0..", "*1..", "*..2", "*..3", "*0..2", "*2..", "*1..1", "*2..3"];
    let length = chance.pick(&lengths);
    let quantifier = match length {
        "*..2" => "{1,2}",
        other => LENGTHS.iter().find(|(it, _)| *it == other).map_or("+", |(_, it)| it),
    };
    let kinds = chance.pick(&[":R", ":S", ":R|S", "", ":!R"]);
    let (left, right) = [("-", "->"), ("<-", "-"), ("-", "-")][chance.below(3)];
    let start = chance.pick(&["(a)", "(a:A)", "(a {x: 1})", "(a:B {x: 2})", "(a:A|C)"]);
    let end = chance.pick(&["(b)", "(b)", "(b:B)", "(b {x: 0})"]);
    let star = format!("{start}{left}[{kinds}{length}]{right}{end}");
    let quantified = format!("{start}{left}[{kinds}]{right}{quantifier}{end}");
    let group = format!("{start} ((){left}[{kinds}]{right}()){quantifier} {end}");
    let (short, long) = match chance.below(4) {
        0 => ("b", "b AS b"),
        1 => ("a, b", "a AS a, b AS b"),
        2 => ("b.x AS x", "b.x AS x"),
        _ => ("a.x AS x, b", "a.x AS x, b AS b"),
    };
    if chance.one_in(3) {
        let counted = |pattern: &str| format!("MATCH {pattern} RETURN a, count(DISTINCT b) AS c");
        return Case::Same(
            "how many nodes are reached",
            vec![
                format!(
                    "MATCH p = {star} WITH a, b, length(p) AS l WITH DISTINCT a, b RETURN a, count(b) AS c"
                ),
                counted(&star),
                counted(&quantified),
                counted(&group),
                format!("MATCH {star} RETURN a, size(collect(DISTINCT b)) AS c"),
            ],
        );
    }
    Case::Same(
        "which nodes are reached",
        vec![
            format!("MATCH p = {star} WITH a, b, length(p) AS l RETURN DISTINCT {long}"),
            format!("MATCH {star} RETURN DISTINCT {short}"),
            format!("MATCH {quantified} RETURN DISTINCT {short}"),
            format!("MATCH {group} RETURN DISTINCT {short}"),
            format!("MATCH {star} WITH DISTINCT a, b RETURN DISTINCT {short}"),
            format!("MATCH (a), (b) MATCH {star} RETURN DISTINCT {short}"),
        ],
    )
}

/// A query with groups or selected paths.
pub fn walk(chance: &mut Chance, is_sparse: bool) -> String {
    let kind = chance.pick(&[":R", ":S", "", ":R|S"]);
    let (left, right) = [("-", "->"), ("-", "->"), ("<-", "-"), ("-", "-")][chance.below(4)];
    let start = chance.pick(&["(a)", "(a:A)", "(a {x: 1})"]);
    let end = chance.pick(&["(b)", "(b:B)", "(b {x: 2})", "(b WHERE b.x > 0)", "(a)"]);
    let quantifier = match is_sparse {
        true => chance.pick(&["+", "*", "{2,}", "{1,3}", "{0,2}", "{2}"]),
        false => chance.pick(&["{1,2}", "{0,2}", "{2}", "{1,3}", "{,1}"]),
    };
    if chance.one_in(2) {
        let inner = match chance.below(5) {
            0 => format!("(x){left}[r{kind}]{right}(y)"),
            1 => format!("(x){left}[r{kind}]{right}(y) WHERE x.x <= y.x"),
            2 => format!("(x:A){left}[r{kind}]{right}(y)"),
            3 => format!("(x){left}[r{kind}]{right}(:B){left}[]{right}(y)"),
            _ => format!("(x){left}[r{kind} {{x: {}}}]{right}(y)", chance.below(3)),
        };
        let returned =
            chance.pick(&["a, r, b", "x, y", "size(r) AS l, b", "a, count(*) AS c", "DISTINCT b", "a, x, r"]);
        let head = if end == "(a)" { returned.replace('b', "a AS b") } else { returned.to_owned() };
        let before = chance.pick(&["", "", "MATCH (a) ", "OPTIONAL ", "UNWIND [1, 2] AS i "]);
        let path = if chance.one_in(2) { "" } else { "p = " };
        let beside = chance.pick(&["", "", ", (c)-[:R]->(d)", ", (b)-[]-(d)"]);
        return format!("{before}MATCH {path}{start} ({inner}){quantifier} {end}{beside} RETURN {head}");
    }
    if chance.one_in(4) {
        let (function, head) =
            [("shortestPath", "length(p) AS l"), ("allShortestPaths", "p")][chance.below(2)];
        let length = chance.pick(&["*", "*..2", "*..4", "*1..3", ""]);
        let bound = chance.pick(&["", "MATCH (a), (b) ", "MATCH (b) "]);
        let end = if end == "(a)" { "(b)" } else { end };
        return format!(
            "{bound}MATCH p = {function}({start}{left}[{kind}{length}]{right}{end}) WHERE a <> b RETURN a, b, {head}"
        );
    }
    let (selector, head) = [
        ("ANY SHORTEST", "length(p) AS l"),
        ("ALL SHORTEST", "p"),
        ("SHORTEST 1", "length(p) AS l"),
        ("SHORTEST 2", "length(p) AS l"),
        ("SHORTEST 3", "length(p) AS l"),
        ("SHORTEST 1 GROUPS", "p"),
        ("SHORTEST 2 GROUPS", "p"),
        ("ANY", "1 AS one"),
        ("ALL", "p"),
    ][chance.below(9)];
    let condition =
        chance.pick(&["", "", " WHERE a <> b", " WHERE length(p) > 1", " WHERE a.x = 1 OR b.x = 2"]);
    let bound = chance.pick(&["", "", "MATCH (a), (b) ", "MATCH (b) "]);
    let hop = chance.pick(&["", "", "{x: 1}", "WHERE r.x > 0"]);
    let end = if end == "(a)" { "(b)" } else { end };
    format!(
        "{bound}MATCH p = {selector} {start}{left}[r{kind} {hop}]{right}{quantifier}{end}{condition} RETURN a, b, {head}"
    )
}
