//! Profiles that transform and relate, and profiles that are guessed.

use super::*;
use crate::Mapping;
use crate::guess::{self, KnownClass};
use cmdb_core::schema::catalogue;

#[test]
fn texts_are_transformed_in_a_stated_order() {
    let options = mapped(
        r#"
        [columns]
        Host = { to = "name", trim = true, case = "lower", replace = [["(?i)\\.example\\.com$", ""]] }
        RAM = { to = "memory", decimal = ",", unit = "GB" }
        Bought = { to = "warranty_until", date = "%d.%m.%Y" }
        Serial = { to = "from_excel", date = "excel" }
        Addresses = { to = "ip_address", split = ",", part = 2 }
        Tags = { to = "tags", split = ";" }
        Room = { to = "room", default = "unknown" }
        Seen = { to = "seen", date = "%Y-%m-%d %H:%M" }
        Zoned = { to = "zoned", date = "%Y-%m-%d %H:%M %z" }
        [set]
        class = "Server"
        "#,
    );
    let csv = "Host,RAM,Bought,Serial,Addresses,Tags,Room,Seen,Zoned\n\
        \" Web1.EXAMPLE.com\",\"1.024,5\",28.02.2027,45000,\"10.0.0.1, 10.0.0.2\",a;b;,,2026-11-22 10:30,2026-11-22 10:30 +0100\n";
    let expected = "i2 name=web1 memory=1024.5 GB warranty_until=2027-02-28 from_excel=2023-03-15 ip_address=10.0.0.2 \
        tags:list=[a, b] room=unknown seen=2026-11-22T10:30:00Z zoned=2026-11-22T09:30:00Z class=Server";
    check("f.csv", csv, &options, &[expected]);
}

#[test]
fn columns_that_name_other_items_become_relationships() {
    let options = mapped(
        r#"
        [columns]
        Host = "name"
        [set]
        class = "VirtualMachine"
        [[relationship]]
        column = "Runs on"
        type = "runs_on"
        class = "Hypervisor"
        [[relationship]]
        column = "Used by"
        type = "depends_on"
        split = ";"
        reverse = true
        set = { effect = "soft" }
        "#,
    );
    let csv = "Host,Runs on,Used by\nvm1,esx1,app1; app2\nvm2,,\n";
    check(
        "f.csv",
        csv,
        &options,
        &[
            "i2 name=vm1 class=VirtualMachine",
            "i3 name=vm2 class=VirtualMachine",
            "r2 source=VirtualMachine:vm1 type=runs_on target=Hypervisor:esx1",
            "r2 source=app1 type=depends_on target=VirtualMachine:vm1 effect=soft",
            "r2 source=app2 type=depends_on target=VirtualMachine:vm1 effect=soft",
        ],
    );
    options.mapping.check_used().unwrap();
}

#[test]
fn paths_lead_into_nested_objects() {
    let options =
        mapped("[columns]\n\"spec.cpu.cores\" = \"cpu_count\"\nspec = \"\"\n[set]\nclass = \"Server\"");
    let json = r#"[{"name":"a","spec":{"cpu":{"cores":4}}},{"name":"b","spec":{}}]"#;
    check(
        "f.json",
        json,
        &options,
        &["i1 name=a cpu_count:integer=4 class=Server", "i2 name=b class=Server"],
    );
}

#[test]
fn a_text_that_does_not_fit_its_transform_rejects_its_row() {
    let options = mapped("[columns]\nBought = { to = \"bought\", date = \"%d.%m.%Y\" }");
    let (kept, outcome) = take("f.csv", b"name,Bought\na,28.02.2027\nb,soon\nc,\n", &options);
    outcome.unwrap();
    assert_eq!(kept.rows(), ["i2 name=a bought=2027-02-28", "i4 name=c"]);
    let told: Vec<_> =
        kept.complaints.iter().map(|c| (c.row, c.column.as_deref(), c.message.as_str())).collect();
    assert_eq!(told, [(3, Some("bought"), "\"soon\" is no date such as %d.%m.%Y")]);
}

#[test]
fn every_mistake_in_a_profile_names_its_line_and_field() {
    for (text, expected) in [
        (
            "[columns]\na = { to = \"b\", unt = \"GB\" }",
            "line 2 of the mapping: \"columns.a.unt\" is no transform; did you mean",
        ),
        ("[columns]\na = { unit = \"Gb\" }", "line 2 of the mapping: \"columns.a.unit\": \"Gb\" is no unit"),
        (
            "\n[columns]\na = { date = \"soon\" }",
            "line 3 of the mapping: \"columns.a.date\" is no format of dates",
        ),
        (
            "[columns]\na = { replace = [[\"(\", \"\"]] }",
            "line 2 of the mapping: \"columns.a.replace\": the pattern \"(\" does not read",
        ),
        ("[columns]\na = { case = \"title\" }", "neither lower nor upper"),
        ("[columns]\na = { part = 1 }", "\"columns.a.part\" needs \"split\""),
        ("[columns]\na = { part = 0, split = \",\" }", "\"columns.a.part\" is a number from 1"),
        ("[[relationship]]\ncolumn = \"x\"", "line 1 of the mapping: a [[relationship]] needs a type"),
        (
            "[[relationship]]\ncolumn = \"x\"\ntipe = \"y\"",
            "line 3 of the mapping: \"relationship.tipe\" is unknown; did you mean",
        ),
        ("[colums]\na = 1", "line 1 of the mapping: the profile has no section \"colums\"; did you mean"),
        ("[columns]\na = \"x\"\n\nb = ", "line 4 of the mapping"),
        ("drop = [\"a\"]\n[columns]\na = \"b\"", "the mapping names the column \"a\" twice"),
    ] {
        let error = Mapping::parse(text).unwrap_err();
        assert_eq!(error.code(), "mapping.malformed");
        assert!(error.message().contains(expected), "{text}\n{}", error.message());
    }
}

fn known() -> Vec<KnownClass> {
    let all = catalogue::built_in().unwrap();
    let own = |name: &str| all.classes.iter().find(|class| class.name == name).unwrap();
    let statuses = all.lifecycles.iter().find(|l| l.name == "configuration_item").unwrap();
    let with_ancestors = |name: &str| {
        let (mut attributes, mut next) = (Vec::new(), Some(own(name)));
        while let Some(class) = next {
            attributes.extend(class.attributes.clone());
            next = class.parent.as_ref().map(|parent| own(parent));
        }
        KnownClass {
            name: name.into(),
            label: own(name).label.clone().unwrap_or_default(),
            attributes,
            statuses: statuses.states.iter().map(|state| state.name.clone()).collect(),
        }
    };
    all.classes.iter().filter(|class| !class.is_abstract).map(|class| with_ancestors(&class.name)).collect()
}

/// What an asset manager's export looks like.
const REGISTER: &str = "Hostname;Serial No.;RAM (GB);IP;Status;Standort;Garantie bis;Cost Centre;Leer\n\
    srv-001;CZ1234;16;10.0.0.1;in use;Ulm;28.02.2027;4711;\n\
    srv-002;CZ1235;32,5;10.0.0.2;spare;Bonn;01.03.2027;4712;\n";

#[test]
fn a_profile_is_guessed_from_header_and_values() {
    let guess = guess::guess("servers.csv", &mut REGISTER.as_bytes(), &Options::default(), &known()).unwrap();
    assert_eq!((guess.format, guess.class.as_deref()), ("csv", Some("Server")), "{}", guess.profile);
    let to: Vec<(&str, &str)> = guess.columns.iter().map(|c| (c.column.as_str(), c.to.as_str())).collect();
    assert_eq!(
        to,
        [
            ("Hostname", "name"),
            ("Serial No.", "serial_number"),
            ("RAM (GB)", "memory"),
            ("IP", "ip_address"),
            ("Status", "status"),
            ("Standort", "located_in Site"),
            ("Garantie bis", "warranty_until"),
            ("Cost Centre", "cost_centre"),
            ("Leer", ""),
        ]
    );
    let options = mapped(&guess.profile);
    let (kept, outcome) = take("servers.csv", REGISTER.as_bytes(), &options);
    outcome.unwrap();
    options.mapping.check_used().unwrap();
    assert_eq!(kept.complaints, []);
    assert_eq!(
        kept.rows()[..2],
        [
            "i2 name=srv-001 serial_number=CZ1234 memory=16 GiB ip_address=10.0.0.1 status=operational warranty_until=2027-02-28 cost_centre=4711 class=Server",
            "i3 name=srv-002 serial_number=CZ1235 memory=32.5 GiB ip_address=10.0.0.2 status=in_stock warranty_until=2027-03-01 cost_centre=4712 class=Server",
        ]
    );
    assert!(
        kept.rows()[2].ends_with("source=Server:srv-001 type=located_in target=Site:Ulm"),
        "{:?}",
        kept.rows()
    );
}

#[test]
fn a_column_of_classes_is_translated() {
    let text = "CI Type,CI Name\nvirtual machines,a\nServer,b\nFirewall,c\n";
    let guess = guess::guess("export.csv", &mut text.as_bytes(), &Options::default(), &known()).unwrap();
    let (kept, outcome) = take("export.csv", text.as_bytes(), &mapped(&guess.profile));
    outcome.unwrap();
    assert_eq!(
        kept.rows(),
        ["i2 class=VirtualMachine name=a", "i3 class=Server name=b", "i4 class=Firewall name=c"]
    );
}

#[test]
fn whatever_a_header_holds_the_guessed_profile_reads() {
    let alphabet = [
        "a", "\"", "\\", "]", "=", "#", "\t", "é", "\u{1}", "[", "'", ".", "name", "Host", "(GB)", " ",
        "\u{a0}",
    ];
    for seed in 0..500 {
        let mut dice = Dice(seed);
        let mut header: Vec<String> =
            (0..=dice.roll(5)).map(|at| format!("{}{at}", dice.text(&alphabet, 5))).collect();
        header.push("name".to_owned());
        let rows: Vec<Vec<String>> = (0..3)
            .map(|_| header.iter().map(|_| dice.text(&["1", ",", ".", "x", "2026", "-", " "], 4)).collect())
            .collect();
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let bytes = writer.into_inner().unwrap();
        let Ok(guess) = guess::guess("f.csv", &mut bytes.as_slice(), &Options::default(), &known()) else {
            continue;
        };
        Mapping::parse(&guess.profile).unwrap_or_else(|e| panic!("{}\n{}", e.message(), guess.profile));
    }
}

#[test]
fn a_profile_is_guessed_from_the_largest_sheet_of_a_workbook() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheets: [(&str, &[&[&str]]); 2] = [
        ("Read me", &[&["How to", "use this"], &["Ask", "Anna"]]),
        ("Servers 2026", &[&["Hostname", "Serial No."], &["a", "007"], &["b", "008"]]),
    ];
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, text) in cells.iter().enumerate() {
                sheet.write_string(row as u32, column as u16, *text).unwrap();
            }
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(failure("register.xlsx", &bytes), "xlsx.no-table");
    let guess = guess::guess("register.xlsx", &mut bytes.as_slice(), &Options::default(), &known()).unwrap();
    assert_eq!(guess.class.as_deref(), Some("Server"), "{}", guess.profile);
    let (kept, outcome) = take("register.xlsx", &bytes, &mapped(&guess.profile));
    outcome.unwrap();
    let expected = ["i2 name=a serial_number=007 class=Server", "i3 name=b serial_number=008 class=Server"];
    assert_eq!(kept.rows(), expected, "{}", guess.profile);
}
