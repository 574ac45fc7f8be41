//! Exports come back as they were.

use super::*;
use crate::export::{Holds, Row, Tables, exporter, exporters};
use crate::guard::{guarded, unguarded};
use cmdb_core::model::Value;
use smol_str::SmolStr;

const PIECES: [&str; 18] =
    ["=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "'", "\"", ",", ";", " ", "5", "e", ".", "é", "\u{feff}"];

/// Tables as they are written down.
#[derive(Default)]
struct Fixed {
    kinds: Vec<TableKind>,
    columns: Vec<Vec<String>>,
    rows: Vec<Vec<Row>>,
}

impl Fixed {
    fn with(mut self, kind: TableKind, columns: &[&str], rows: Vec<Row>) -> Fixed {
        self.kinds.push(kind);
        self.columns.push(columns.iter().map(|c| (*c).to_owned()).collect());
        self.rows.push(rows);
        self
    }
    fn at(&self, kind: TableKind) -> usize {
        self.kinds.iter().position(|k| *k == kind).unwrap()
    }
    fn written(&self, format: &str) -> Vec<u8> {
        let mut out = Vec::new();
        exporter(format).unwrap().write(self, &mut out).unwrap();
        out
    }
    fn text(&self, format: &str) -> String {
        String::from_utf8(self.written(format)).unwrap()
    }
}

impl Tables for Fixed {
    fn kinds(&self) -> &[TableKind] {
        &self.kinds
    }
    fn columns(&self, kind: TableKind) -> Vec<&str> {
        self.columns[self.at(kind)].iter().map(String::as_str).collect()
    }
    fn rows<'s>(&'s self, kind: TableKind) -> Box<dyn Iterator<Item = Row> + 's> {
        Box::new(self.rows[self.at(kind)].iter().cloned())
    }
}

#[test]
fn every_text_survives_the_guard() {
    for seed in 0..200_000 {
        let text = Dice(seed).text(&PIECES, 6);
        let written = guarded(&text);
        assert_eq!(unguarded(&written), text, "written as {written:?}");
    }
    for (text, written) in [
        ("=1+1", "'=1+1"),
        ("-5", "-5"),
        ("+4.5e-3", "+4.5e-3"),
        ("-5x", "'-5x"),
        ("'=x", "''=x"),
        ("'x", "'x"),
        ("-", "'-"),
    ] {
        assert_eq!(guarded(text), written);
    }
}

fn random_rows(dice: &mut Dice, width: usize) -> Vec<Row> {
    let mut row = |n: usize| {
        let cells = (1..width)
            .map(|_| Some(dice.text(&PIECES, 5)).filter(|t| !t.is_empty()).map(|t| Value::text(&t)));
        std::iter::once(Some(Value::text(&format!("n{n}")))).chain(cells).collect()
    };
    (0..12).map(&mut row).collect()
}

#[test]
fn csv_comes_back_as_it_went_out() {
    for seed in 0..4_000 {
        let mut dice = Dice(seed);
        let columns = ["name", "class", "a;b;c;d;e", "'=x", "tab\there"];
        let columns = &columns[..1 + dice.roll(columns.len())];
        let rows = random_rows(&mut dice, columns.len());
        let written = Fixed::default().with(TableKind::Items, columns, rows.clone()).written("csv");
        let mut kept = Kept::default();
        read("f.csv", &mut Pieces(&written, dice), &Options::default(), &mut kept).unwrap();
        assert_eq!(kept.complaints, []);
        assert_eq!(kept.batches[0].table.columns, columns);
        for ((_, cells), row) in kept.batches[0].iter().zip(&rows) {
            let expected = row.iter().map(|value| match value {
                Some(Value::Text(text)) => Cell::Text(text.clone()),
                _ => Cell::Empty,
            });
            assert_eq!(cells, expected.collect::<Vec<_>>(), "{}", String::from_utf8_lossy(&written));
        }
    }
}

#[test]
fn values_are_written_as_they_are_read() {
    let list = Value::List(vec![Value::text("a"), Value::Integer(-1)]);
    let row =
        vec![Some(Value::text("x")), None, Some(Value::Integer(-5)), Some(Value::Decimal(2.0)), Some(list)];
    let tables = Fixed::default().with(TableKind::Items, &["name", "status", "n", "d", "l"], vec![row]);
    assert_eq!(tables.text("csv"), "name,status,n,d,l\nx,,-5,2.0,\"[\"\"a\"\",-1]\"\n");
    let text = tables.text("ndjson");
    assert_eq!(text, "{\"attributes\":{\"d\":2.0,\"l\":[\"a\",-1],\"n\":-5},\"name\":\"x\"}\n");
    check("f.ndjson", &text, &Options::default(), &["i1 name=x d:decimal=2.0 l:list=[a, -1] n:integer=-5"]);
}

#[test]
fn json_comes_back_as_it_went_out() {
    let value = |dice: &mut Dice| match dice.roll(6) {
        0 => Value::Integer((dice.roll(usize::MAX) as i64).wrapping_mul(2_654_435_769)),
        1 => Value::Decimal(f64::from_bits(dice.roll(usize::MAX) as u64)),
        2 => Value::Boolean(dice.roll(2) == 0),
        3 => Value::List(vec![Value::Integer(1), Value::text(&dice.text(&PIECES, 4))]),
        4 => Value::map([(SmolStr::new("k"), Value::text(&dice.text(&PIECES, 4)))]),
        _ => Value::text(&dice.text(&PIECES, 6)),
    };
    for seed in 0..3_000 {
        let mut dice = Dice(seed);
        let finite = |v: &Value| v.as_number().is_none_or(f64::is_finite);
        let values: Vec<Value> = (0..8).map(|_| value(&mut dice)).filter(finite).collect();
        let rows: Vec<Row> = values.iter().map(|v| vec![Some(Value::text("S")), Some(v.clone())]).collect();
        let tables = Fixed::default().with(TableKind::Items, &["class", "source"], rows);
        let written = tables.with(TableKind::Relationships, &[], Vec::new()).written("json");
        let mut kept = Kept::default();
        read("f", &mut Pieces(&written, dice), &Options::default(), &mut kept).unwrap();
        assert_eq!(kept.complaints, []);
        let back: Vec<Value> = kept
            .batches
            .iter()
            .flat_map(Batch::iter)
            .map(|(_, cells)| match &cells[1] {
                Cell::Text(text) => Value::Text(text.clone()),
                Cell::Typed(value) => value.clone(),
                Cell::Empty => panic!("lost"),
            })
            .collect();
        assert_eq!(back, values);
    }
}

fn text(text: &str) -> Option<Value> {
    Some(Value::text(text))
}

/// Two items and a relationship, with whatever a tool might stumble over in their names.
fn drawn() -> Fixed {
    let odd = "a \"b\" <c> & d\\ #1; é\n|`";
    let items = vec![
        vec![text("i1"), text("Server"), text(odd), text("operational"), Some(Value::Integer(3)), None],
        vec![text("i2"), text("Database"), None, None, None, Some(Value::Decimal(1.5))],
    ];
    let edges = vec![vec![text("i1"), text("depends_on"), text("i2"), text("g")]];
    Fixed::default()
        .with(TableKind::Items, &["id", "class", "name", "status", "criticality", "load"], items)
        .with(TableKind::Relationships, &["source", "type", "target", "group"], edges)
}

#[test]
fn graphml_says_types_and_our_importer_reads_it_back() {
    let written = drawn().text("graphml");
    assert!(written.contains("attr.name=\"criticality\" attr.type=\"long\""), "{written}");
    assert!(written.contains("attr.name=\"load\" attr.type=\"double\""), "{written}");
    let mut kept = Kept::default();
    read("f", &mut written.as_bytes(), &Options::default(), &mut kept).unwrap();
    let rows = kept.rows().join("\n");
    for expected in
        ["a \"b\" <c> & d\\ #1; é\n|`", "class=Server", "criticality:integer=3", "load:decimal=1.5"]
    {
        assert!(rows.contains(expected), "no {expected:?} in {rows}");
    }
    assert!(rows.contains("source=i1") && rows.contains("type=depends_on"), "{rows}");
}

#[test]
fn dot_quotes_whatever_a_name_holds() {
    let written = drawn().text("dot");
    let node = "\"i1\" [label=\"a \\\"b\\\" <c> &amp; d\\\\ #1; é\\n|`\\nServer\"];";
    assert!(written.contains(node), "{written}");
    assert!(written.contains("\"i1\" -> \"i2\" [label=\"depends_on\"];"), "{written}");
    assert!(written.starts_with("digraph cmdb {\n  rankdir=LR;") && written.ends_with("}\n"));
}

#[test]
fn mermaid_codes_what_would_end_a_label() {
    let written = drawn().text("mermaid");
    let node = "n1[\"a #34;b#34; #60;c#62; #38; d#92; #35;1#59; é #124;#96;<br/>Server\"]\n";
    assert!(written.contains(node), "{written}");
    assert!(written.contains("n1 -->|\"depends_on\"| n2\n"), "{written}");
}

#[test]
fn an_impact_is_coloured_in_drawings() {
    let items = vec![vec![text("i"), text("Server"), text("s"), None, text("down")]];
    let tables = Fixed::default()
        .with(TableKind::Items, &["id", "class", "name", "status", "impact.state"], items)
        .with(TableKind::Relationships, &["source", "type", "target"], Vec::new());
    assert!(tables.text("dot").contains("color=\"#b3261e\""));
    assert!(
        tables.text("mermaid").contains("]:::down\n") && tables.text("mermaid").contains("classDef down")
    );
}

#[test]
fn cytoscape_keeps_its_own_names_apart() {
    let items = vec![vec![text("i"), text("Server"), text("s"), None, text("mine")]];
    let tables = Fixed::default()
        .with(TableKind::Items, &["id", "class", "name", "status", "label"], items)
        .with(TableKind::Relationships, &["source", "type", "target"], Vec::new());
    let json: serde_json::Value = serde_json::from_str(&tables.text("cytoscape")).unwrap();
    let data = &json["elements"]["nodes"][0]["data"];
    assert_eq!((&data["label"], &data["attribute_label"]), (&"s".into(), &"mine".into()));
    let json: serde_json::Value = serde_json::from_str(&drawn().text("cytoscape")).unwrap();
    assert_eq!(json["elements"]["edges"][0]["data"]["target"], "i2");
    assert_eq!(json["elements"]["nodes"][0]["data"]["criticality"], 3);
}

#[test]
fn a_servicenow_payload_names_ends_by_index() {
    let json: serde_json::Value = serde_json::from_str(&drawn().text("servicenow")).unwrap();
    assert_eq!(json["items"][0]["className"], "cmdb_ci_server");
    assert_eq!(json["items"][0]["values"]["operational_status"], "1");
    assert_eq!(json["items"][1]["sys_object_source_info"]["source_native_key"], "i2");
    let relation = serde_json::json!({ "parent": 0, "child": 1, "type": "Depends on::Used by" });
    assert_eq!(json["relations"], serde_json::json!([relation]));
}

#[test]
fn every_format_takes_an_empty_estate() {
    let empty = Fixed::default().with(TableKind::Items, &["id", "class", "name", "status"], Vec::new()).with(
        TableKind::Relationships,
        &["source", "type", "target"],
        Vec::new(),
    );
    for format in exporters() {
        let written = empty.written(format.name());
        assert!(format.holds() != Holds::Graph || !written.is_empty(), "{}", format.name());
    }
}

#[test]
fn workbooks_come_back_as_they_were() {
    let columns = ["id", "class", "name", "status", "serial_number", "count", "share", "on", "until", "tags"];
    let text = |text: &str| Some(Value::text(text));
    let row = |id: &str, class: &str, name: &str, serial: &str| {
        let mut row = vec![text(id), text(class), text(name), None, text(serial)];
        row.extend([None, None, None, None, None]);
        row
    };
    let mut full = row("i1", "Server", "=1+1", "000123");
    full[5] = Some(Value::Integer(9_007_199_254_740_993));
    full[6] = Some(Value::Decimal(0.1));
    full[7] = Some(Value::Boolean(true));
    full[8] = Some(Value::Date("2027-02-28".parse().unwrap()));
    full[9] = Some(Value::List(vec![Value::text("a"), Value::text("b, c")]));
    let items = vec![
        full,
        row("i2", "Server", "'=x", "1E5"),
        row("i3", "Virtual[Machine]:of/a very long name?", "b", "\u{feff}é\n "),
    ];
    let relationships = vec![vec![text("i2"), text("runs_on"), text("i1")]];
    let estate = Fixed::default().with(TableKind::Items, &columns, items).with(
        TableKind::Relationships,
        &["source", "type", "target"],
        relationships,
    );
    let (kept, outcome) = take("w.xlsx", &estate.written("xlsx"), &Options::default());
    outcome.unwrap();
    assert_eq!(kept.complaints, []);
    assert_eq!(
        kept.rows(),
        [
            "i2 id=i1 name==1+1 serial_number=000123 count=9007199254740993 share=0.1 on=true until=2027-02-28 tags=[\"a\",\"b, c\"] class=Server",
            "i3 id=i2 name='=x serial_number=1E5 class=Server",
            "i2 id=i3 name=b serial_number=\u{feff}é\n  class=Virtual[Machine]:of/a very long name?",
            "r2 source=i2 type=runs_on target=i1",
        ]
    );
}

#[test]
fn any_text_survives_a_workbook() {
    let pieces =
        ["=", "'", "\"", "&", "<", "_x0041_", "é", "\n", "\t", "0", "5", "e", ".", " ", "\u{1f600}", "a"];
    let mut dice = Dice(1);
    let texts: Vec<String> = (0..2_000).map(|_| format!("{}x", dice.text(&pieces, 8))).collect();
    let rows = texts.iter().map(|one| vec![Some(Value::text("Server")), Some(Value::text(one))]).collect();
    let written = Fixed::default().with(TableKind::Items, &["class", "name"], rows).written("xlsx");
    let (kept, outcome) = take("w.xlsx", &written, &Options::default());
    outcome.unwrap();
    let names = kept.batches.iter().flat_map(|batch| batch.cells.chunks(2)).map(|cells| cells[0].clone());
    assert_eq!(
        names.collect::<Vec<_>>(),
        texts.iter().map(|one| Cell::Text(one.as_str().into())).collect::<Vec<_>>()
    );
}
