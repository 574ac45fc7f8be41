//! What only a socket shows: silent and slow clients, binding, stopping.

use crate::server::Server;
use cmdb_server::serve::{HEAD_BYTES_MAX, HEAD_DEADLINE};
use cmdb_server::{ServeOptions, serve};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Serves on a free port; dropping the sender stops it.
fn listen(
    server: &Server,
) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<cmdb_core::Result<()>>) {
    let (bound, address) = std::sync::mpsc::channel();
    let mut options = ServeOptions::new(([127, 0, 0, 1], 0).into());
    options.bound = Some(Box::new(move |address| bound.send(address).unwrap()));
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move { drop(stopped.await) };
    let serving = server.runtime.spawn(serve(server.app.clone(), options, shutdown));
    (address.recv().unwrap(), stop, serving)
}

fn talk(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_request_over_a_socket_and_a_graceful_end() {
    let server = Server::with_shop();
    let (address, stop, serving) = listen(&server);
    let answer = talk(
        address,
        "GET /api/v1/dependents?ref=pdu1&limit=0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"count\":8"), "{answer}");
    let streamed = talk(
        address,
        "GET /api/v1/dependents?ref=pdu1&limit=all HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(
        streamed.contains("transfer-encoding: chunked") && streamed.contains("\"depth\":3"),
        "{streamed}"
    );
    // One that idles does not hold up the end.
    let _idle = TcpStream::connect(address).unwrap();
    let started = Instant::now();
    drop(stop);
    server.runtime.block_on(serving).unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_body_where_none_is_needed_does_not_end_the_connection() {
    let server = Server::new();
    let (address, _stop, _serving) = listen(&server);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let head = "POST /api/v1/verify HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // The end of an empty body comes a moment later, as it does from clients that send in chunks.
    std::thread::sleep(Duration::from_millis(200));
    stream
        .write_all(b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
}

#[test]
fn what_is_no_request_is_answered_with_a_problem_too() {
    let server = Server::new();
    let (address, _stop, _serving) = listen(&server);
    // Not a byte more, since what is left unread when a connection closes may take the answer with it.
    let mut long = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ".to_owned();
    long.push_str(&"x".repeat(HEAD_BYTES_MAX - long.len()));
    for (request, status, code) in [
        (long.as_str(), "431", "request.head-too-large"),
        ("this is no HTTP\r\n\r\n", "400", "request.malformed"),
    ] {
        let answer = talk(address, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&problem["code"], problem["status"].to_string()), (&json!(code), status.to_owned()));
        assert!(answer.contains("content-type: application/problem+json"), "{answer}");
    }
}

#[test]
fn silent_and_slow_clients_are_closed() {
    let server = Server::new();
    let (address, _stop, _serving) = listen(&server);
    let silent = TcpStream::connect(address).unwrap();
    let mut slow = TcpStream::connect(address).unwrap();
    let mut body = TcpStream::connect(address).unwrap();
    slow.write_all(b"GET / HT").unwrap();
    body.write_all(b"POST /api/v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        .unwrap();
    let started = Instant::now();
    let mut text = String::new();
    for mut stream in [&silent, &slow, &body] {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.read_to_string(&mut text).unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(20) && HEAD_DEADLINE < Duration::from_secs(15));
    assert!(text.contains("408 Request Timeout"), "{text}");
}

#[test]
fn an_open_door_is_refused_until_somebody_is_known() {
    let server = Server::new();
    let serve_on_all = || {
        let options = ServeOptions::new(([0, 0, 0, 0], 0).into());
        server.runtime.block_on(serve(server.app.clone(), options, async {}))
    };
    assert_eq!(serve_on_all().unwrap_err().code(), "serve.open-door");
    server.post("/api/v1/tokens", json!({ "role": "admin" })).expect(201);
    serve_on_all().unwrap();
}
