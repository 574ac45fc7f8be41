//! Promise: a workbook of 50,000 rows is read in a small multiple of what a plain pass over its cells takes.
//!
//! The baseline is the same library reading every cell of the same file and counting them. Reading here covers the look
//! into the zip, header, texts and batches; what an inventory does with the rows is measured by its own benches.

use cmdb_core::Result;
use cmdb_core::model::intake::{Batch, Complaint};
use cmdb_import::{Options, Sink};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rust_xlsxwriter::Workbook;
use std::hint::black_box;
use std::io::Cursor;

const ROWS: u32 = 50_000;

/// A sheet of servers with ten attributes: texts, numbers and dates as an asset register holds them.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Server").expect("a name");
    let header = [
        "id",
        "name",
        "serial_number",
        "manufacturer",
        "model",
        "ip_address",
        "operating_system",
        "memory",
        "cpu_count",
        "rack_position",
    ];
    for (column, name) in header.iter().enumerate() {
        sheet.write_string(0, column as u16, *name).expect("a cell");
    }
    for row in 1..=ROWS {
        let texts = [
            format!("srv-{row}"),
            format!("server{row}.example.com"),
            format!("{:010}", row * 7),
            "Dell Inc.".to_owned(),
            format!("PowerEdge R{}", 600 + row % 40),
            format!("10.{}.{}.{}", row >> 16, row >> 8 & 255, row & 255),
            "Debian 12".to_owned(),
        ];
        for (column, text) in texts.into_iter().enumerate() {
            sheet.write_string(row, column as u16, text).expect("a cell");
        }
        for (column, number) in [16_384, 8, row % 42 + 1].into_iter().enumerate() {
            sheet.write_number(row, column as u16 + 7, number).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[derive(Default)]
struct Counting(usize);

impl Sink for Counting {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        self.0 += batch.rows.len();
        Ok(())
    }
    fn complain(&mut self, complaint: Complaint) {
        assert!(complaint.is_note(), "{complaint:?}");
    }
}

fn plain_pass(bytes: &[u8]) -> usize {
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(bytes)).expect("a workbook");
    let mut cells = book.worksheet_cells_reader("Server").expect("the sheet");
    let mut count = 0;
    while let Some(cell) = cells.next_cell().expect("a cell") {
        black_box(cell.get_value());
        count += 1;
    }
    count
}

fn bench(criterion: &mut Criterion) {
    let bytes = workbook();
    let mut group = criterion.benchmark_group("workbook");
    group.throughput(Throughput::Elements(u64::from(ROWS))).sample_size(10);
    group.bench_function("plain pass over the cells", |b| b.iter(|| plain_pass(&bytes)));
    group.bench_function("cmdb_import::read", |b| {
        b.iter(|| {
            let mut sink = Counting::default();
            cmdb_import::read("w.xlsx", &mut bytes.as_slice(), &Options::default(), &mut sink).expect("rows");
            assert_eq!(sink.0, ROWS as usize);
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
