//! JSON and NDJSON, well-formed and hostile.

use super::*;
use crate::json::{from_value, to_value};
use cmdb_core::model::Value;

#[test]
fn items_in_the_apis_shape_and_flat_ones() {
    let text = r#"[
        {"id":"x","class":"Server","name":"a","status":null,"version":3,"created_at":"t","updated_at":"t",
         "provenance":{"cores":{"source":"s","at":"t"}},"attributes":{"cores":4,"version":"2.1","tags":["p",1,{"k":true}]}},
        {"class":"Server","name":7,"version":"2.2","load":0.5,"note":"","gone":null,"big":18446744073709551615}
    ]"#;
    let expected = [
        "i1 id=x class=Server name=a cores:integer=4 tags:list=[p, 1, {k: true}] version=2.1",
        "i2 class=Server name=7 version=2.2 load:decimal=0.5 note:text= big:decimal=18446744073709552000.0",
    ];
    let (kept, outcome) = take("f.json", text.as_bytes(), &Options::default());
    outcome.unwrap();
    assert_eq!(kept.batches.len(), 1, "rows of varying keys share a batch");
    assert_eq!(kept.rows()[0], expected[0]);
    assert!(kept.rows()[1].starts_with(
        "i2 class=Server name=7 version=2.2 load:decimal=0.5 note:text= big:decimal=1844674407370955"
    ));
}

#[test]
fn relationships_name_their_ends_or_hold_them() {
    let text = r#"{"count":2,"items":[{"class":"S","name":"a","source":"cmdb"}],"relationships":[
        {"id":"r1","type":"depends_on","source":{"id":"a","class":"S","name":"A"},"target":"b","attributes":{"group":"g"}},
        {"type":"runs_on","source":{"class":"S","name":"A"},"target":5,"needs":"50%"}]}"#;
    let expected = [
        "i1 class=S name=a source=cmdb",
        "r1 source=a type=depends_on target=b group=g",
        "r2 source=S:A type=runs_on target=5 needs=50%",
    ];
    check("f.json", text, &Options::default(), &expected);
    let (kept, _) = take("f.json", text.as_bytes(), &Options::default());
    assert_eq!(kept.batches[1].table.file, "f.json#relationships");
    let mixed =
        "{\"class\":\"S\",\"name\":\"a\"}\n{\"source\":\"a\",\"type\":\"t\",\"target\":\"b\",\"id\":9}\n";
    check("f.ndjson", mixed, &Options::default(), &["i1 class=S name=a", "r2 source=a type=t target=b"]);
    check(
        "f.ndjson",
        "{\"src\":{\"id\":\"a\"},\"type\":\"t\",\"target\":\"b\"}",
        &mapped("src=source"),
        &["r1 source=a type=t target=b"],
    );
}

#[test]
fn constants_fill_objects_too() {
    let set = Options { set: vec![("class".into(), "Server".into())], ..Options::default() };
    check(
        "f.json",
        r#"[{"name":"a"},{"class":"VM"},{"class":null}]"#,
        &set,
        &["i1 name=a class=Server", "i2 class=VM", "i3 class=Server"],
    );
}

#[test]
fn what_an_object_cannot_say_is_a_complaint() {
    let deep = format!("{{\"class\":\"S\",\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"class\":\"S\",\"x\":\"{}\"}}", "y".repeat(70_000));
    let keys: Vec<String> = (0..5_000).map(|n| format!("\"k{n}\":1")).collect();
    let text = [
        r#"{"class":"S","class":"T"}"#,
        r#"{"class":"S","attributes":{"class":"T"}}"#,
        r#"{"class":"S","x":{"a":1,"a":2}}"#,
        &deep,
        &long,
        r#"{"class":"S","x":"a\u0000b"}"#,
        r#"{"class":"S","x":[1,null]}"#,
        r#"{"class":["S"]}"#,
        "17",
        &format!("{{{}}}", keys.join(",")),
        r#"{"class":"ok"}"#,
    ];
    let codes = [
        (1, "json.duplicate-key"),
        (2, "json.duplicate-key"),
        (3, "json.duplicate-key"),
        (4, "json.too-deep"),
        (5, "json.text-too-long"),
        (6, "json.nul"),
        (7, "json.null-in-list"),
        (8, "json.wrong-type"),
        (9, "json.not-an-object"),
        (10, "json.too-many-keys"),
    ];
    check_complaints("f.json", format!("[{}]", text.join(",\n")).as_bytes(), &["i11 class=ok"], &codes);
    check_complaints("f.ndjson", text.join("\n").as_bytes(), &["i11 class=ok"], &codes);
    check_complaints(
        "f.json",
        b"[{\"class\":\"\xFF\"},{\"class\":\"S\"}]",
        &["i2 class=S"],
        &[(1, "json.not-utf8")],
    );
}

#[test]
fn a_bad_line_is_a_complaint_and_the_rest_is_read() {
    let text = b"{\"class\":\"a\"}\n{\"class\":\n\n\xFF\n[]\n{\"class\":\"b\"} x\n{\"class\":\"c\"}";
    let codes = [(2, "json.syntax"), (4, "json.not-utf8"), (5, "json.not-an-object"), (6, "json.syntax")];
    check_complaints("f.ndjson", text, &["i1 class=a", "i7 class=c"], &codes);
}

#[test]
fn broken_json_is_an_error_with_its_place() {
    let message = |text: &str| {
        let error = take("f.json", text.as_bytes(), &Options::default()).1.unwrap_err();
        (error.code(), error.message().to_owned())
    };
    let (code, text) = message("[\n  {\"class\":\"a\"},\n  {\"class\" \"b\"}\n]");
    assert_eq!((code, text.contains("line 3 column 12")), ("json.syntax", true), "{text}");
    let (code, text) = message("[{\"class\":\"a\"},\n {\"class\":\"b");
    assert_eq!((code, text.contains("begins at line 2 column 2")), ("json.truncated", true), "{text}");
    for (text, code) in [
        ("", "json.empty"),
        ("[", "json.truncated"),
        ("[{}", "json.truncated"),
        ("[{}] 1", "json.syntax"),
        ("[{},]", "json.syntax"),
        ("[{} {}]", "json.syntax"),
        ("7", "json.syntax"),
        ("{\"items\":[}", "json.syntax"),
        ("{\"rows\":[]}", "json.no-rows"),
        ("{\"items\" []}", "json.syntax"),
    ] {
        assert_eq!(failure("f.json", text.as_bytes()), code, "{text}");
    }
}

#[test]
fn a_huge_object_is_refused_without_being_kept() {
    for (file, head, between, tail) in [("f.json", "[", ",", "]"), ("f.ndjson", "", "\n", "")] {
        let mut kept = Kept::default();
        let head = format!("{head}{{\"class\":\"");
        let tail = format!("\"}}{between}{{\"class\":\"b\"}}{tail}");
        read(file, &mut padded(&head, b'x', 10_000_000, &tail), &Options::default(), &mut kept).unwrap();
        assert_eq!(kept.codes(), [(1, "json.object-too-long")]);
        assert_eq!(kept.rows(), ["i2 class=b"]);
    }
    // Nor does depth cost memory or stack.
    let mut kept = Kept::default();
    read("f.json", &mut padded("[", b'[', 10_000_000, ""), &Options::default(), &mut kept).unwrap_err();
}

#[test]
fn many_objects_of_many_keys_come_in_bounded_batches() {
    let lines: String = (0..3_000).map(|n| format!("{{\"class\":\"S\",\"k{n}\":{n}}}\n")).collect();
    let (kept, outcome) = take("f.ndjson", lines.as_bytes(), &Options::default());
    outcome.unwrap();
    assert!(kept.batches.iter().all(|b| b.cells.len() <= crate::BATCH_CELLS_MAX));
    assert_eq!(kept.rows().len(), 3_000);
    assert_eq!(kept.rows()[2_999], "i3000 class=S k2999:integer=2999");
}

#[test]
fn values_and_json_convert_both_ways() {
    let json: serde_json::Value =
        serde_json::from_str(r#"{"a":[1,-2.5,true,"x"],"b":{"c":9223372036854775807}}"#).unwrap();
    let value = to_value(&json).unwrap().unwrap();
    assert_eq!(from_value(&value), json);
    assert_eq!(to_value(&serde_json::Value::Null).unwrap(), None);
    let day = Value::Date("2026-11-22".parse().unwrap());
    assert_eq!(from_value(&day), serde_json::json!("2026-11-22"));
    let mut deep = serde_json::json!(1);
    (0..100).for_each(|_| deep = serde_json::json!([deep.take()]));
    assert_eq!(to_value(&deep).unwrap_err().code(), "json.too-deep");
}
