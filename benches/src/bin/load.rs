//! How long answers take over HTTP: many connections ask one question after the other, and what an answer took
//! beyond the engine's own time (`elapsed_us`) is told apart.
//!
//! `load ADDRESS --connections 16 --seconds 5 PATH…`, for example `load 127.0.0.1:7070 '/api/v1/dependents?ref=…&limit=100'`.
//! A path that begins with `POST ` and has a body after it (`POST /api/v1/impact {"roots":["a"]}`) is posted.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// One answer: what it took in all, and in the engine.
struct Taken {
    wall_us: u64,
    engine_us: u64,
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(2)
        }
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn run(mut args: Vec<String>) -> Outcome<()> {
    let connections: usize = option(&mut args, "--connections")?.unwrap_or(16);
    let seconds: u64 = option(&mut args, "--seconds")?.unwrap_or(5);
    if args.len() < 2 {
        return Err("load ADDRESS [--connections N] [--seconds N] PATH…".into());
    }
    let (address, paths) = (args[0].clone(), &args[1..]);
    let end = Instant::now() + Duration::from_secs(seconds);
    let started = Instant::now();
    let taken: Vec<Taken> = std::thread::scope(|scope| -> Outcome<Vec<Taken>> {
        let asking: Vec<_> = (0..connections)
            .map(|nth| (nth, address.clone()))
            .map(|(nth, address)| scope.spawn(move || ask(&address, paths, nth, end)))
            .collect();
        let mut all = Vec::new();
        for one in asking {
            all.extend(one.join().map_err(|_| "a connection stopped")??);
        }
        Ok(all)
    })?;
    let rate = taken.len() as f64 / started.elapsed().as_secs_f64();
    println!("{} answers on {connections} connections, {rate:.0}/s; microseconds:", taken.len());
    report("wall", taken.iter().map(|t| t.wall_us));
    report("engine", taken.iter().map(|t| t.engine_us));
    report("beyond", taken.iter().map(|t| t.wall_us.saturating_sub(t.engine_us)));
    Ok(())
}

fn option<T: std::str::FromStr>(args: &mut Vec<String>, name: &str) -> Outcome<Option<T>> {
    let Some(at) = args.iter().position(|a| a == name).filter(|at| at + 1 < args.len()) else {
        return Ok(None);
    };
    let value = args.drain(at..at + 2).nth(1).unwrap_or_default();
    value.parse().map(Some).map_err(|_| format!("{name} {value} is not a number").into())
}

fn report(what: &str, values: impl Iterator<Item = u64>) {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    let share = |percent: usize| {
        values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or(0)
    };
    println!(
        "{what:>7}: p50 {:>7}  p90 {:>7}  p99 {:>7}  max {:>7}",
        share(50),
        share(90),
        share(99),
        share(100)
    );
}

/// Asks the paths in turn, beginning with the `nth`, until `end`.
fn ask(address: &str, paths: &[String], nth: usize, end: Instant) -> Outcome<Vec<Taken>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(1 << 16, stream.try_clone()?);
    let mut writer = stream;
    let mut taken = Vec::new();
    for path in paths.iter().cycle().skip(nth % paths.len()) {
        if Instant::now() >= end {
            break;
        }
        let request = match path.strip_prefix("POST ").and_then(|rest| rest.split_once(' ')) {
            Some((path, body)) => format!(
                "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ),
            None => format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n"),
        };
        let started = Instant::now();
        writer.write_all(request.as_bytes())?;
        let body = answer(&mut reader)?;
        let wall_us = started.elapsed().as_micros() as u64;
        taken.push(Taken { wall_us, engine_us: engine_us(&body) });
    }
    Ok(taken)
}

/// The body of a 200 with a length.
fn answer(reader: &mut impl BufRead) -> Outcome<Vec<u8>> {
    let (mut line, mut status, mut length) = (String::new(), String::new(), None);
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err("the server closed the connection".into());
        }
        let text = line.trim();
        if status.is_empty() {
            status = text.to_owned();
        } else if text.is_empty() {
            break;
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = Some(value.trim().parse::<usize>()?);
        }
    }
    let mut body = vec![0; length.ok_or("an answer without a length")?];
    reader.read_exact(&mut body)?;
    if !status.contains(" 200 ") {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(body)
}

/// The number after the last `"elapsed_us":`, 0 if there is none.
fn engine_us(body: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(&body[body.len().saturating_sub(64)..]).into_owned();
    let after = text.rsplit_once("\"elapsed_us\":").map_or("", |(_, after)| after);
    after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}
