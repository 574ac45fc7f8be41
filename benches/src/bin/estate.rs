//! `estate --nodes N --seed S --out DIR` writes items.csv and relationships.csv for experiments with the CLI.

use cmdb_benches::estate::{Estate, NODES_MIN};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

const USAGE: &str = "usage: estate [--nodes N] [--seed S] --out DIR";

struct Options {
    nodes: u32,
    seed: u64,
    out: PathBuf,
}

fn main() -> ExitCode {
    let report = match parse(std::env::args().skip(1)) {
        Ok(options) => write_estate(&options).map_err(|error| format!("{}: {error}", options.out.display())),
        Err(problem) => Err(format!("{problem}\n{USAGE}")),
    };
    let (code, line) = match report {
        Ok(line) => (ExitCode::SUCCESS, line),
        Err(line) => (ExitCode::from(2), line),
    };
    // Nothing is left to say if standard error is gone.
    let _ = writeln!(io::stderr(), "{line}");
    code
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let (mut nodes, mut seed, mut out) = (100_000, 42, None);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or(format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--nodes" => nodes = number(&value)?,
            "--seed" => seed = number(&value)?,
            "--out" => out = Some(PathBuf::from(value)),
            _ => return Err(format!("unknown option {flag}")),
        }
    }
    if !(NODES_MIN..1 << 28).contains(&nodes) {
        return Err(format!("--nodes is from {NODES_MIN} to {}", (1u32 << 28) - 1));
    }
    Ok(Options { nodes, seed, out: out.ok_or("--out is missing")? })
}

fn number<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{text} is not a number"))
}

fn write_estate(options: &Options) -> io::Result<String> {
    let estate = Estate::new(options.nodes, options.seed);
    fs::create_dir_all(&options.out)?;
    write_file(&options.out.join("items.csv"), |out| estate.write_items_csv(out))?;
    write_file(&options.out.join("relationships.csv"), |out| estate.write_relationships_csv(out))?;
    Ok(format!("{} items, {} relationships", estate.nodes(), estate.edges.len()))
}

fn write_file(path: &Path, body: impl Fn(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    body(&mut out)?;
    out.flush()
}
