//! Workbooks: what people and spreadsheets do to them, what harm they can mean, and the way there and back.

use super::*;
use crate::template::{self, Template, TemplateSheet};
use cmdb_core::schema::catalogue;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use std::io::Write;

/// A sheet's name and what lays it out.
type Sheet<'s> = (&'s str, &'s dyn Fn(&mut Worksheet));

fn workbook(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, lay_out) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        lay_out(sheet);
    }
    book.save_to_buffer().unwrap()
}

/// Rows of texts.
fn texts(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row as u32, column as u16, *text).unwrap();
        }
    }
}

fn rows_of(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let (kept, outcome) = take("w.xlsx", bytes, &Options::default());
    outcome.unwrap();
    (kept.rows(), kept.complaints.iter().map(|c| format!("{} {}: {}", c.code, c.row, c.message)).collect())
}

#[test]
fn a_sheet_holds_the_class_it_is_named_after_and_relations_name_keys_or_names() {
    let bytes = workbook(&[
        ("Relations", &|s| {
            texts(
                s,
                &[
                    &["source type", "source key", "relation", "target type", "target key"],
                    &["VirtualMachine", "vm1", "runs_on", "Server", "esx1"],
                    &["Server", "esx1", "located_in", "Site", "Ulm"],
                ],
            );
        }),
        ("Server", &|s| texts(s, &[&["name", "serial_number"], &["esx1", "007"]])),
        ("VirtualMachine", &|s| texts(s, &[&["id", "name"], &["vm1", "web"]])),
    ]);
    let (rows, complaints) = rows_of(&bytes);
    assert_eq!(
        rows,
        [
            "i2 name=esx1 serial_number=007 class=Server",
            "i2 id=vm1 name=web class=VirtualMachine",
            // esx1 has no key and is named by class and name; Ulm is in no sheet and stays what it says.
            "r2 source=vm1 type=runs_on target=Server:esx1",
            "r3 source=Server:esx1 type=located_in target=Ulm",
        ]
    );
    assert_eq!(complaints, Vec::<String>::new());
}

#[test]
fn what_spreadsheets_do_to_values() {
    let bytes = workbook(&[("Server", &|s| {
        texts(s, &[&["name", "serial_number", "cpu_count", "warranty_until", "x", "memory [GiB]", "on"]]);
        let date = Format::new().set_num_format("dd.mm.yyyy");
        let clock = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        s.write_string(1, 0, "a").unwrap();
        s.write_string(1, 1, "000123").unwrap();
        s.write_number(1, 2, 4.0).unwrap();
        s.write_datetime_with_format(1, 3, ExcelDateTime::from_ymd(2027, 2, 28).unwrap(), &date).unwrap();
        s.write_number(1, 4, 0.1).unwrap();
        s.write_number(1, 5, 16.0).unwrap();
        s.write_boolean(1, 6, true).unwrap();
        s.write_string(2, 0, "b").unwrap();
        s.write_number(2, 1, 12_345_678_901_234_567.0).unwrap();
        s.write_string(2, 5, "512 MiB").unwrap();
        let noon = ExcelDateTime::from_ymd(2027, 2, 28).unwrap().and_hms(12, 30, 0).unwrap();
        s.write_datetime_with_format(2, 4, noon, &clock).unwrap();
    })]);
    let (rows, complaints) = rows_of(&bytes);
    assert_eq!(
        rows,
        [
            "i2 name=a serial_number=000123 cpu_count=4 warranty_until=2027-02-28 x=0.1 memory=16 GiB on=true class=Server",
            "i3 name=b serial_number=12345678901234568 x=2027-02-28T12:30:00Z memory=512 MiB class=Server",
        ]
    );
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complaints[0].contains("column B have more than 15 digits"), "{complaints:?}");
    assert!(complaints[1].contains("column E have no zone and were read as UTC"), "{complaints:?}");
}

#[test]
fn titles_merged_cells_notes_and_hidden_sheets() {
    let bytes = workbook(&[
        ("Read me", &|s| texts(s, &[&["How to fill this in", "see below"], &["Ask", "Anna"]])),
        ("Server", &|s| {
            texts(s, &[&["Our servers, 2026"], &[], &["name", "rack", "", "class"]]);
            s.merge_range(3, 1, 4, 1, "R1", &Format::new()).unwrap();
            texts_at(
                s,
                3,
                &[&["a", "", "stray", "Server"], &["b", "", "", "Server"], &["c", "", "", "Server"]],
            );
        }),
        ("Scratch", &|s| {
            texts(s, &[&["name"], &["hidden"]]);
            s.set_hidden(true);
        }),
    ]);
    let (rows, complaints) = rows_of(&bytes);
    assert_eq!(
        rows,
        ["i4 name=a rack=R1 class=Server", "i5 name=b rack=R1 class=Server", "i6 name=c class=Server",]
    );
    let all = complaints.join("\n");
    for told in [
        "a title above the table",
        "without a column name or id",
        "\"Scratch\" is hidden",
        "column C has no header",
        "1 cell(s) took the value",
    ] {
        assert!(all.contains(told), "{told}: {all}");
    }
    assert!(complaints.iter().all(|c| c.starts_with("note.")), "{all}");
}

fn texts_at(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) {
    for (row, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(first + row as u32, column as u16, *text).unwrap();
        }
    }
}

#[test]
fn errors_and_formulas_that_were_never_computed_reject_their_row() {
    let good = workbook(&[("Server", &|s| {
        texts(s, &[&["name", "serial_number"], &["a"], &["b"], &["c", "1"]]);
        s.write_formula(1, 1, Formula::new("=1+1").set_result("2")).unwrap();
        s.write_formula(2, 1, Formula::new("=VLOOKUP(1,2,3)").set_result("#N/A")).unwrap();
    })]);
    let (rows, _) = rows_of(&good);
    assert!(
        rows.iter().any(|row| row.contains("name=a serial_number=2")),
        "a computed value is taken: {rows:?}"
    );
    // As a program writes it that computes nothing.
    let bytes = edited(&good, "xl/worksheets/sheet1.xml", |xml| {
        let start = xml.find("<f>1+1</f>").unwrap() + "<f>1+1</f>".len();
        let end = start + xml[start..].find("</c>").unwrap();
        format!("{}{}", &xml[..start], &xml[end..])
    });
    let (rows, complaints) = rows_of(&bytes);
    assert!(!rows.iter().any(|row| row.contains("name=a")), "{rows:?}");
    assert!(
        complaints.iter().any(|c| c.starts_with("xlsx.not-computed 2: the formula was never computed")),
        "{complaints:?}"
    );
}

/// A workbook with one part changed.
fn edited(bytes: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        out.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(if name == part { change(text) } else { text }.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn workbooks_that_mean_harm_are_refused_in_bounded_memory() {
    let good = workbook(&[("Server", &|s| texts(s, &[&["name"], &["a"], &["b"]]))]);
    let code = |bytes: &[u8]| failure("w.xlsx", bytes);
    let mut huge = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().large_file(true);
    huge.start_file("[Content_Types].xml", options).unwrap();
    huge.write_all(b"<a/>").unwrap();
    huge.start_file("xl/styles.xml", options).unwrap();
    let piece = "<a>".repeat(1 << 18);
    (0..100).for_each(|_| huge.write_all(piece.as_bytes()).unwrap());
    let huge = huge.finish().unwrap().into_inner();
    assert!(huge.len() < 2_000_000, "{}", huge.len());
    assert_eq!(code(&huge), "xlsx.unpacks-too-long");
    let endless = edited(&good, "xl/worksheets/sheet1.xml", |xml| {
        xml.replacen("<sheetData>", &format!("<sheetData>{}", "x".repeat(5 << 20)), 1)
    });
    assert_eq!(code(&endless), "xlsx.text-too-long");
    let mut many = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    many.start_file("[Content_Types].xml", zip::write::SimpleFileOptions::default()).unwrap();
    (0..5_000)
        .for_each(|n| many.start_file(format!("xl/{n}"), zip::write::SimpleFileOptions::default()).unwrap());
    assert_eq!(code(&many.finish().unwrap().into_inner()), "xlsx.too-many-parts");
    // Two cells at the ends of the sheet are two cells, not a table of sixteen billion.
    let far = edited(&good, "xl/worksheets/sheet1.xml", |xml| {
        xml.replacen("</sheetData>", "<row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>far</t></is></c></row></sheetData>", 1)
    });
    assert_eq!(rows_of(&far).0, ["i2 name=a class=Server", "i3 name=b class=Server"]);
    assert_eq!(code(b"PK\x03\x04xl/ and nothing else"), "xlsx.unreadable");
    assert_eq!(code(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 an old one"), "xlsx.not-a-workbook");
}

#[test]
fn mangled_workbooks_are_never_a_panic() {
    let good = workbook(&[("Server", &|s| {
        texts(s, &[&["name", "x"], &["a", "1"], &["b", "2"]]);
        s.write_number(1, 1, 45_000.5).unwrap();
        s.write_formula(2, 1, Formula::new("=A1")).unwrap();
        s.merge_range(4, 0, 5, 0, "m", &Format::new()).unwrap();
    })]);
    let options = Options { format: Some("xlsx".to_owned()), ..Options::default() };
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let mut bytes = good.clone();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(bytes.len());
            bytes[at] = dice.roll(256) as u8;
        }
        bytes.truncate(bytes.len() - if dice.roll(4) == 0 { dice.roll(bytes.len()) } else { 0 });
        let _ = read("mangled.xlsx", &mut bytes.as_slice(), &options, &mut Kept::default());
    }
    let parts = [
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/_rels/workbook.xml.rels",
        "_rels/.rels",
    ];
    let others = [
        "",
        "\"",
        "<",
        ">",
        "-1",
        "99999999999999999999",
        "0",
        "</c>",
        "<row>",
        "r=\"A0\"",
        "t=\"s\"",
        "s=\"4000000000\"",
        "XFE1",
        "1e400",
    ];
    for seed in 0..1_500 {
        let mut dice = Dice(seed);
        let part = parts[dice.roll(parts.len())];
        let change = |xml: String| {
            let starts: Vec<usize> = xml.char_indices().map(|(at, _)| at).collect();
            let mut dice = Dice(seed ^ 0xFFFF);
            let from = starts[dice.roll(starts.len())];
            let to = starts.iter().copied().find(|at| *at >= from + dice.roll(30)).unwrap_or(xml.len());
            format!("{}{}{}", &xml[..from], others[dice.roll(others.len())], &xml[to.max(from)..])
        };
        let bytes = edited(&good, part, change);
        let _ = read("mangled.xlsx", &mut bytes.as_slice(), &options, &mut Kept::default());
    }
}

fn built_in(names: &[&str]) -> Template {
    let all = catalogue::built_in().unwrap();
    let sheets = names.iter().map(|name| {
        let class = all.classes.iter().find(|class| class.name == *name).unwrap();
        TemplateSheet {
            class: class.name.clone(),
            description: class.description.clone(),
            statuses: vec!["operational".into(), "retired".into()],
            attributes: class.attributes.clone(),
        }
    });
    Template { sheets: sheets.collect(), relationship_types: vec!["depends_on".into(), "runs_on".into()] }
}

#[test]
fn a_template_that_was_filled_in_is_read_back() {
    let mut bytes = Vec::new();
    template::write(&built_in(&["ContainerWorkload", "BatchJob"]), &mut bytes).unwrap();
    let error = take("t.xlsx", &bytes, &Options::default());
    assert_eq!((error.1.is_ok(), error.0.rows()), (true, Vec::new()), "an empty template holds nothing");
    let filled = edited(&bytes, "xl/worksheets/sheet2.xml", |xml| {
        let cell = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        // key, name, status, schedule, run_minutes [min]
        let row = [
            cell("A2", "k1"),
            cell("B2", "nightly"),
            cell("C2", "operational"),
            cell("D2", "0 2 * * *"),
            "<c r=\"E2\"><v>90</v></c>".to_owned(),
        ];
        xml.replacen("</sheetData>", &format!("<row r=\"2\">{}</row></sheetData>", row.concat()), 1)
    });
    let (rows, complaints) = rows_of(&filled);
    assert_eq!(
        rows,
        ["i2 id=k1 name=nightly status=operational schedule=0 2 * * * run_minutes=90 min class=BatchJob"]
    );
    assert_eq!(complaints, Vec::<String>::new());
}
