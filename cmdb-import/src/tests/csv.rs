//! CSV, well-formed and hostile.

use super::*;
use cmdb_core::model::value::TEXT_BYTES_MAX;

#[test]
fn delimiters_quotes_marks_and_line_ends() {
    let none = Options::default();
    for text in [
        "class,name,note\nServer,a,x\n",
        "\u{feff}class;name;note\r\nServer;a;x",
        "class\tname\tnote\n\n\nServer\ta\tx\n\n",
        "\"class\", name ,note\rServer,\"a\",x\r",
    ] {
        check("f.csv", text, &none, &["i2 class=Server name=a note=x"]);
    }
    check("f.csv", "\"a,b;c;d\",name,z\n1,\"x\n\"\"y\"\"\",\n", &none, &["i2 a,b;c;d=1 name=x\n\"y\""]);
    check("f.csv", "class,name\n,\nServer,a\n", &none, &["i3 class=Server name=a"]);
}

#[test]
fn ends_and_type_make_relationships() {
    let text = "source,type,target,group\na,depends_on,b,\n";
    check("f.csv", text, &Options::default(), &["r2 source=a type=depends_on target=b"]);
    let set = Options { set: vec![("type".into(), "runs_on".into())], ..Options::default() };
    check("f.csv", "source,target\na,b\n", &set, &["r2 source=a target=b type=runs_on"]);
    check("f.csv", "class,name\nS,a\n", &set, &["i2 class=S name=a"]);
    let items = Options { as_kind: Some(TableKind::Items), ..Options::default() };
    check("f.csv", "name,source,type,target\na,b,c,d\n", &items, &["i2 name=a source=b type=c target=d"]);
    let wanted = Options { as_kind: Some(TableKind::Relationships), ..Options::default() };
    let error = take("f.csv", b"source,type\na,b\n", &wanted).1.unwrap_err();
    assert_eq!((error.code(), error.message()), ("csv.missing-column", "\"f.csv\" has no column target"));
}

#[test]
fn constants_fill_what_is_absent_or_empty() {
    let set = Options { set: vec![("class".into(), "Server".into())], ..Options::default() };
    check("f.csv", "name\na\n", &set, &["i2 name=a class=Server"]);
    check("f.csv", "class,name\n,a\nVM,b\n", &set, &["i2 class=Server name=a", "i3 class=VM name=b"]);
    check("f.csv", "source,type,target\na,b,c\n", &set, &["r2 source=a type=b target=c"]);
}

#[test]
fn a_bad_row_is_a_complaint_and_the_rest_is_read() {
    let text = b"class,name\nS\nS,a,b\nS,\xFF\nS,x\0y\nS,ok\n";
    let codes = [(2, "csv.ragged-row"), (3, "csv.ragged-row"), (4, "csv.not-utf8"), (5, "csv.nul")];
    check_complaints("f.csv", text, &["i6 class=S name=ok"], &codes);
    let (kept, _) = take("f.csv", text, &Options::default());
    assert_eq!(kept.complaints[0].message, "the row has 1 cells where the header has 2");
    assert_eq!(kept.complaints[2].column.as_deref(), Some("name"));
    // A character cut in two by a delimiter is not text either.
    check_complaints("f.csv", b"class,name\n\xC3,\xA9\n", &[], &[(2, "csv.not-utf8")]);
    check_complaints("f.csv", b"class,name,\nS,a,b\n", &["i2 class=S name=a"], &[(1, "csv.unnamed-column")]);
    check_complaints("f.csv", b"class,name\n", &[], &[(0, "csv.no-rows")]);
    check_complaints(
        "f.csv",
        b"class,name\nS,a\nS,\"b\nS,c\n",
        &["i2 class=S name=a"],
        &[(3, "csv.unclosed-quote")],
    );
    check_complaints("f.csv", b"class,name\nS,\"a\"", &["i2 class=S name=a"], &[]);
}

#[test]
fn a_bad_header_is_an_error_for_the_file() {
    for (text, code) in [
        (&b""[..], "csv.empty"),
        (b"\xEF\xBB\xBF\n\n", "csv.empty"),
        (b"class,name,name\n", "csv.duplicate-column"),
        (b"class,na\xFFme\n", "csv.not-utf8"),
        (b"class,na\0me\n", "csv.nul"),
        (b"class,\"name\n", "csv.unclosed-quote"),
        (b"how,are,you\n", "csv.missing-column"),
    ] {
        assert_eq!(failure("f.csv", text), code, "{text:?}");
    }
    assert_eq!(failure("f.csv", "a,".repeat(5_000).as_bytes()), "csv.header-too-long");
    let (_, outcome) = take("f.csv", b"class,a,b\n", &mapped("a=x,b=x"));
    assert_eq!(outcome.unwrap_err().code(), "csv.duplicate-column");
}

#[test]
fn a_huge_cell_is_refused_without_being_kept() {
    let mut kept = Kept::default();
    let longest = "y".repeat(TEXT_BYTES_MAX);
    let tail = format!(",z\nS,{longest},z\nS,{longest}y,z\nS,ok,z\n");
    let mut file = padded("class,name,note\nS,", b'x', 10_000_000, &tail);
    read("f.csv", &mut file, &Options::default(), &mut kept).unwrap();
    assert_eq!(kept.codes(), [(2, "csv.cell-too-long"), (4, "csv.cell-too-long")]);
    assert!(kept.complaints.iter().all(|c| c.column.as_deref() == Some("name")));
    assert_eq!(kept.batches[0].rows, [3, 5]);

    let mut kept = Kept::default();
    let mut file = padded("class,name\nS,", b',', 10_000_000, "\nS,ok\n");
    read("f.csv", &mut file, &Options::default(), &mut kept).unwrap();
    assert_eq!(kept.codes(), [(2, "csv.ragged-row")]);
    assert_eq!(kept.rows(), ["i3 class=S name=ok"]);
}

#[test]
fn long_files_come_in_bounded_batches() {
    let mut text = String::from("class,name\n");
    (0..20_000).for_each(|n| text.push_str(&format!("Server,host-{n}\n")));
    let (kept, outcome) = take("f.csv", text.as_bytes(), &Options::default());
    outcome.unwrap();
    let sizes: Vec<usize> = kept.batches.iter().map(|b| b.rows.len()).collect();
    assert_eq!(sizes, [8192, 8192, 3616]);
    assert_eq!(kept.rows().last().unwrap(), "i20001 class=Server name=host-19999");
}

/// The shared data lies beside the repository; a clean clone has none, and then there is nothing to check here.
#[test]
fn the_small_shop_is_read_whole() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/f1");
    let folder = std::env::var_os("CMDB_SHARED_DIR")
        .map_or(folder, |shared| std::path::Path::new(&shared).join("data/f1"));
    let (Ok(items), Ok(relationships)) =
        (std::fs::read(folder.join("items.csv")), std::fs::read(folder.join("relationships.csv")))
    else {
        return;
    };
    let (kept, outcome) = take("items.csv", &items, &Options::default());
    outcome.unwrap();
    assert_eq!((kept.complaints.len(), kept.batches[0].table.kind), (0, TableKind::Items));
    assert!(kept.rows()[0].starts_with("i2 class=BusinessService name=Shop id=shop"));
    assert_eq!(
        kept.batches[0].rows.len(),
        items.split(|&b| b == b'\n').filter(|l| !l.is_empty()).count() - 1
    );
    let (kept, outcome) = take("relationships.csv", &relationships, &Options::default());
    outcome.unwrap();
    assert_eq!((kept.complaints.len(), kept.batches[0].table.kind), (0, TableKind::Relationships));
    assert_eq!(kept.rows()[0], "r2 source=shop type=depends_on target=web1 group=web needs=1");
}
