//! Rows that were not taken, there and back.

use super::*;
use crate::{Rejected, write_rejects};
use rust_xlsxwriter::Workbook;

fn rejected(rows: &[(&str, u64, &str)]) -> Rejected {
    let mut out = Rejected::new();
    for (place, row, reason) in rows {
        out.entry((*place).to_owned()).or_default().entry(*row).or_default().push((*reason).to_owned());
    }
    out
}

/// The file of rejected rows, which must be written.
fn written(file: &str, bytes: &[u8], rows: &[(&str, u64, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut input = bytes;
    assert!(write_rejects(file, &mut input, &Options::default(), &rejected(rows), &mut out).unwrap());
    out
}

fn rows_of(file: &str, bytes: &[u8]) -> Vec<String> {
    let (kept, outcome) = take(file, bytes, &Options::default());
    outcome.unwrap();
    assert_eq!(kept.complaints.len(), 0, "{:?}", kept.complaints);
    kept.rows()
}

#[test]
fn rejected_objects_come_back_as_they_stood_and_are_read_without_their_reasons() {
    let text = r#"[ {"class":"Server","name":"a"},
        {"class":"Server", "name":"b", "n": 12345678901234567890123}, {}, 7 ]"#;
    let rows = [("x.json", 2, "n: too \"long\""), ("x.json", 3, "no class"), ("x.json", 4, "no object")];
    let out = String::from_utf8(written("x.json", text.as_bytes(), &rows)).unwrap();
    assert!(out.contains("12345678901234567890123"), "{out}");
    let back: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(back.as_array().unwrap().len(), 3, "{out}");
    assert_eq!(back[0]["reject_reason"], "n: too \"long\"");
    assert_eq!((&back[1]["reject_reason"], &back[2]["value"]), (&"no class".into(), &7.into()));
    let mended = out.replace("12345678901234567890123", "12").replace("{\"value\":7", "{\"name\":\"d\"");
    assert_eq!(rows_of("y.json", mended.as_bytes())[0], "i1 class=Server name=b n:integer=12");
    // A second time the old reason goes.
    let again = String::from_utf8(written("y.json", out.as_bytes(), &[("y.json", 1, "still")])).unwrap();
    assert!(again.contains("still") && !again.contains("too"), "{again}");
}

#[test]
fn rejected_objects_of_both_arrays_come_back_in_both() {
    let text = r#"{"position": 4, "items": [{"class":"Server","name":"a"},{"name":"b"}],
        "relationships": [{"source":"a","type":"x","target":"b"}], "more": {"a": [1]}}"#;
    let rows = [("x.json#items", 2, "no class"), ("x.json#relationships", 1, "no type")];
    let out = written("x.json", text.as_bytes(), &rows);
    assert_eq!(rows_of("x.json", &out), ["i1 name=b", "r1 source=a type=x target=b"]);
    let out = written("x.json", text.as_bytes(), &rows[1..]);
    assert_eq!(rows_of("x.json", &out), ["r1 source=a type=x target=b"]);
}

#[test]
fn rejected_rows_of_a_workbook_come_back_as_its_sheets() {
    let mut book = Workbook::new();
    let server = [
        ["Our servers", "", ""],
        ["name", "cpu_count", "reject_reason"],
        ["a", "4", ""],
        ["b", "many", "old"],
    ];
    let site = [["name", "city", "country"], ["Ulm", "Ulm", "x"], ["", "Bonn", "y"]];
    for (name, rows) in [("Server", &server[..]), ("Site", &site[..]), ("Rack", &site[..])] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(row as u32, column as u16, *text).unwrap();
            }
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let rows = [("w.xlsx[Server]", 4, "cpu_count: no number"), ("w.xlsx[Site]", 3, "no name")];
    let out = written("w.xlsx", &bytes, &rows);
    assert_eq!(
        rows_of("v.xlsx", &out),
        ["i2 name=b cpu_count=many class=Server", "i2 city=Bonn country=y class=Site"]
    );
    // Rejected once more, the reasons are the new ones: the rows stay as they are.
    let rows = [("v.xlsx[Server]", 2, "still"), ("v.xlsx[Site]", 2, "still")];
    assert_eq!(rows_of("u.xlsx", &written("v.xlsx", &out, &rows)).len(), 2);
}

#[test]
fn rejected_records_of_yaml_come_back_as_they_stood_and_are_read_without_their_reasons() {
    let text = "items:\n- class: Server\n  name: a\n- name: 'b: c'\n  tags: [x, z]\n- 7\nrelationships:\n- {source: a, target: b}\n";
    let rows = [("x.yaml#items", 2, "no class"), ("x.yaml#relationships", 1, "no type: \"none\"")];
    let out = written("x.yaml", text.as_bytes(), &rows);
    assert_eq!(rows_of("y.yaml", &out), ["i1 name=b: c tags:list=[x, z]", "r1 source=a target=b"]);
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("\"reject_reason\": \"no type: \\\"none\\\"\""), "{out}");
    // A second time the old reason goes, and what is no record is kept as a value.
    let again = written("y.yaml", out.as_bytes(), &[("y.yaml#items", 1, "still")]);
    let again = String::from_utf8(again).unwrap();
    assert!(again.contains("still") && !again.contains("no class"), "{again}");
    let documents = "name: a\n---\nname: b\n---\n7\n";
    let out =
        written("z.yaml", documents.as_bytes(), &[("z.yaml", 2, "no class"), ("z.yaml", 3, "no record")]);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "---\n\"name\": \"b\"\n\"reject_reason\": \"no class\"\n---\n\"value\": 7\n\"reject_reason\": \"no record\"\n"
    );
}
