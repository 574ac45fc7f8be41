//! The stream of commits: everything from a position on, once, in order.

use super::bench;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A listener to `/api/v1/events` that resumes after a position.
fn listen(url: &str, after: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
    let request = format!("GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\nlast-event-id: {after}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the request goes out");
    BufReader::new(stream)
}

/// Ids of the next `count` events.
fn ids(events: &mut BufReader<TcpStream>, count: usize) -> Vec<u64> {
    let (mut found, mut line) = (Vec::new(), String::new());
    while found.len() < count && events.read_line(&mut line).is_ok_and(|n| n > 0) {
        found.extend(line.trim().strip_prefix("id: ").and_then(|id| id.parse::<u64>().ok()));
        line.clear();
    }
    found
}

#[test]
fn commits_are_streamed_and_resumed_after_the_last_one_seen() {
    let bench = bench();
    bench.run(["create", "Server", "name=a"]).ended(0);
    let before = bench.json(["list"])["position"].as_u64().expect("a position");
    let server = bench.serve();
    let mut events = listen(&server.url, &before.to_string());
    for name in ["b", "c", "d"] {
        bench.run(["create", "Server", &format!("name={name}")]).ended(0);
    }
    assert_eq!(ids(&mut events, 3), [before + 1, before + 2, before + 3]);
    drop(events);
    assert_eq!(ids(&mut listen(&server.url, &(before + 1).to_string()), 2), [before + 2, before + 3]);
    let mut answer = String::new();
    listen(&server.url, &(before + 9).to_string()).read_line(&mut answer).expect("an answer");
    assert!(answer.contains("400"), "what is not there yet is not waited for in silence: {answer}");
}
