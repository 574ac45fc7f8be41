//! Exports come back as they were.

use super::*;
use crate::export::{Row, Section, write_csv, write_json, write_ndjson};
use crate::guard::{guarded, unguarded};
use cmdb_core::model::Value;
use smol_str::SmolStr;

const PIECES: [&str; 18] =
    ["=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "'", "\"", ",", ";", " ", "5", "e", ".", "é", "\u{feff}"];

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
        let mut written = Vec::new();
        write_csv(columns, rows.iter().cloned(), &mut written).unwrap();
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
    let mut written = Vec::new();
    write_csv(&["name", "status", "n", "d", "l"], std::iter::once(row.clone()), &mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), "name,status,n,d,l\nx,,-5,2.0,\"[\"\"a\"\",-1]\"\n");
    let mut written = Vec::new();
    let kind = TableKind::Items;
    write_ndjson(kind, &["name", "status", "n", "d", "l"], std::iter::once(row), &mut written).unwrap();
    let text = String::from_utf8(written).unwrap();
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
        let mut written = Vec::new();
        let (mut items, mut none) = (rows.into_iter(), std::iter::empty());
        let items = Section { kind: TableKind::Items, columns: &["class", "source"], rows: &mut items };
        let relationships = Section { kind: TableKind::Relationships, columns: &[], rows: &mut none };
        write_json(&mut [items, relationships], &mut written).unwrap();
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
