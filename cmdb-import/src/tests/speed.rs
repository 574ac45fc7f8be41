//! Measurements: `cargo test --release -p cmdb-import rows_per_second -- --ignored --nocapture`.

use super::*;

/// Counts rows and keeps nothing.
struct Counted(usize);

impl Sink for Counted {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        self.0 += batch.rows.len();
        Ok(())
    }
    fn complain(&mut self, complaint: Complaint) {
        panic!("{complaint:?}");
    }
}

#[allow(clippy::print_stderr)]
fn measure(file: &str, text: &str) {
    for _ in 0..5 {
        let (mut counted, started) = (Counted(0), std::time::Instant::now());
        read(file, &mut text.as_bytes(), &Options::default(), &mut counted).unwrap();
        let seconds = started.elapsed().as_secs_f64();
        let (rows, megabytes) = (counted.0 as f64, text.len() as f64 / 1e6);
        eprintln!("{file}: {:.2} M rows/s, {:.0} MB/s", rows / seconds / 1e6, megabytes / seconds);
    }
}

#[test]
#[ignore = "a measurement"]
fn csv_rows_per_second() {
    let mut text = String::from("class,name,id,status,criticality,memory_mb,site\n");
    for n in 0..1_000_000 {
        let (criticality, memory_mb, site) = (n % 5, n * 7 % 65_536, n % 9);
        text.push_str(&format!("Server,host-{n:07},h{n},operational,{criticality},{memory_mb},fra-{site}\n"));
    }
    measure("items.csv", &text);
    let mut text = String::from("source,type,target,group,needs\n");
    (0..1_000_000).for_each(|n| text.push_str(&format!("h{n},depends_on,h{},web,\n", n * 31 % 999_983)));
    measure("relationships.csv", &text);
}

#[test]
#[ignore = "a measurement"]
fn ndjson_rows_per_second() {
    let line = |n: usize| {
        let (criticality, memory_mb) = (n % 5, n * 7 % 65_536);
        format!(
            "{{\"id\":\"h{n}\",\"class\":\"Server\",\"name\":\"host-{n:07}\",\"status\":\"operational\",\
             \"attributes\":{{\"criticality\":{criticality},\"memory_mb\":{memory_mb}}}}}\n"
        )
    };
    measure("items.ndjson", &(0..500_000).map(line).collect::<String>());
}
