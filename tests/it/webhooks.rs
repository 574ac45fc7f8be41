//! Webhooks, told by a server as a user runs it, to a receiver that keeps what it hears.

use super::bench;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a receiver works out with its secret, as the Standard Webhooks specification says.
fn signature(secret: &str, id: &str, timestamp_s: i64, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    let message = [format!("{id}.{timestamp_s}.").as_bytes(), body].concat();
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key), &message);
    Some(format!("v1,{}", STANDARD.encode(tag)))
}

/// One request as it came: headers by lower-case name, and the body.
struct Heard {
    headers: Vec<(String, String)>,
    body: String,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

/// Listens, answers with a status that can be changed, and keeps what it heard.
#[derive(Clone)]
struct Receiver {
    url: String,
    status: Arc<AtomicU16>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Receiver {
    fn new() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
        let receiver = Receiver { url, status: Arc::new(AtomicU16::new(204)), heard: Arc::default() };
        let own = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                own.take(stream);
            }
        });
        receiver
    }
    fn take(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let (mut headers, mut line) = (Vec::new(), String::new());
        while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
            if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
            }
            line.clear();
        }
        let mut heard = Heard { headers, body: String::new() };
        let length = heard.header("content-length").parse().unwrap_or(0);
        let _ = reader.by_ref().take(length).read_to_string(&mut heard.body);
        let status = self.status.load(Ordering::Relaxed);
        let answer = format!("HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let _ = reader.get_mut().write_all(answer.as_bytes());
        self.heard.lock().expect("whole").push(heard);
    }
    /// Names of the items created, as told so far, each event once; waits until there are `count`.
    fn created(&self, count: usize) -> Vec<String> {
        let started = Instant::now();
        loop {
            let mut ids = std::collections::BTreeSet::new();
            let mut names = Vec::new();
            for heard in self.heard.lock().expect("whole").iter() {
                let event = heard.json();
                if ids.insert(heard.header("webhook-id").to_owned()) {
                    let items = event["data"]["items"].as_array().cloned().unwrap_or_default();
                    let created = items.iter().filter(|i| i["change"] == "created");
                    names.extend(created.filter_map(|i| i["name"].as_str().map(str::to_owned)));
                }
            }
            if names.len() >= count || started.elapsed() > Duration::from_secs(20) {
                return names;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

const ALLOW: [&str; 2] = ["--outbound-allow", "127.0.0.1"];

#[test]
fn a_webhook_is_told_in_order_and_goes_on_after_a_crash() {
    let (bench, receiver) = (bench(), Receiver::new());
    bench.run(["init"]).ended(0);
    let mut server = bench.serve_with(&ALLOW);
    let made =
        bench.run(["webhook", "create", "ops", &receiver.url, "--class", "Server", "--kind", "item-created"]);
    let secret = made.ended(0).out.trim().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    bench.run(["create", "Server", "name=a"]).ended(0);
    bench.run(["create", "Database", "name=not asked for"]).ended(0);
    bench.run(["create", "Server", "name=b"]).ended(0);
    assert_eq!(receiver.created(2), ["a", "b"]);
    {
        let heard = receiver.heard.lock().expect("whole");
        let (id, at) = (heard[0].header("webhook-id"), heard[0].header("webhook-timestamp"));
        let expected = signature(&secret, id, at.parse().expect("seconds"), heard[0].body.as_bytes());
        assert_eq!(Some(heard[0].header("webhook-signature")), expected.as_deref());
        assert_eq!(heard[0].header("content-type"), "application/cloudevents+json; charset=utf-8");
        let event = heard[0].json();
        assert_eq!((&event["specversion"], &event["type"]), (&"1.0".into(), &"cmdb.commit".into()));
        assert_eq!(event["data"]["kinds"]["item created"], 1, "{event:#}");
    }
    // Nobody is there when these happen: the server is killed, and the commands write on their own.
    server.kill();
    bench.run(["create", "Server", "name=c"]).ended(0);
    bench.run(["create", "Server", "name=d"]).ended(0);
    let _server = bench.serve_with(&ALLOW);
    assert_eq!(receiver.created(4), ["a", "b", "c", "d"]);
    let deliveries = bench.json(["webhook", "deliveries", "ops"]);
    assert_eq!(deliveries["deliveries"][0]["status"], 204, "{deliveries:#}");
    for words in [["webhook", "list"], ["export", "--json"], ["log", "--json"]] {
        let ran = bench.run(words).ended(0);
        assert!(!ran.out.contains(&secret[6..]), "the secret is shown by {words:?}");
    }
    bench.run(["webhook", "remove", "ops"]).ended(0);
    bench.run(["webhook", "show", "ops"]).ended(2).says("there is no webhook");
}

#[test]
fn a_receiver_that_fails_is_seen_to_fail_and_gets_everything_later() {
    let (bench, receiver) = (bench(), Receiver::new());
    bench.run(["init"]).ended(0);
    let _server = bench.serve_with(&ALLOW);
    receiver.status.store(500, Ordering::Relaxed);
    bench.run(["webhook", "create", "ops", &receiver.url]).ended(0);
    bench.run(["create", "Server", "name=a"]).ended(0);
    let started = Instant::now();
    while bench.json(["webhook", "show", "ops"])["state"] != "failing" {
        assert!(started.elapsed() < Duration::from_secs(20), "the failure shows");
    }
    bench.run(["webhook", "test", "ops"]).ended(1).says("answered 500");
    receiver.status.store(200, Ordering::Relaxed);
    bench.run(["create", "Server", "name=b"]).ended(0);
    // Not only when its time has come, but when somebody says so.
    bench.run(["webhook", "resume", "ops"]).ended(0);
    assert_eq!(receiver.created(2), ["a", "b"]);
    bench.run(["webhook", "test", "ops"]).ended(0).says("answered 200");
    let before = bench.run(["webhook", "rotate", "ops"]).ended(0).out;
    bench.run(["webhook", "test", "ops"]).ended(0);
    let heard = receiver.heard.lock().expect("whole");
    let last = heard.last().expect("the test");
    let signatures: Vec<&str> = last.header("webhook-signature").split(' ').collect();
    assert_eq!(signatures.len(), 2, "the secret before signs along");
    let at = last.header("webhook-timestamp").parse().expect("seconds");
    let new = signature(before.trim(), last.header("webhook-id"), at, last.body.as_bytes());
    assert_eq!(Some(signatures[0]), new.as_deref());
}

#[test]
fn a_webhook_reaches_no_address_within_unless_it_is_allowed() {
    let (bench, receiver) = (bench(), Receiver::new());
    bench.run(["init"]).ended(0);
    bench.run(["webhook", "create", "ops", &receiver.url]).ended(3).says("not a public address");
    bench.run(["webhook", "create", "ops", "http://[::ffff:127.0.0.1]:80/"]).ended(3);
    bench.run(["webhook", "create", "ops", "ftp://example.org/"]).ended(2).says("neither http");
    bench.run(["webhook", "create", "ops", "http://me:secret@example.org/"]).ended(2).says("password");
    // A name is looked at when it is resolved, which may be another time.
    let named = receiver.url.replace("127.0.0.1", "localhost");
    bench.run(["webhook", "create", "ops", &named]).ended(0);
    bench.run(["webhook", "test", "ops"]).ended(1).says("not a public address");
    assert!(receiver.heard.lock().expect("whole").is_empty());
    bench.run(["--outbound-allow", "127.0.0.0/8", "webhook", "test", "ops"]).ended(0);
    bench.run(["--outbound-allow", "everything", "webhook", "test", "ops"]).ended(2).says("no network");
}
