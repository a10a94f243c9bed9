//! What goes over the wire when an application stands between a client and another server: framing, bodies that
//! break off, and a lot at once.

use anyhow::{Context, Result};
use end_to_end::program::repository;
use end_to_end::server::Server;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// A server of fixed answers, one connection a thread, each for one request.
struct Upstream {
    address: SocketAddr,
}

impl Upstream {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(stream));
            }
        });
        Ok(Self { address })
    }

    fn origin(&self) -> String {
        format!("ORIGIN=http://{}", self.address)
    }
}

fn answer(stream: TcpStream) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let target = head.split(' ').nth(1).context("a target")?.to_owned();
    let (fields, body) = response(&target, &head);
    let mut stream = reader.into_inner();
    stream.write_all(format!("HTTP/1.1 {fields}\r\nconnection: close\r\n\r\n").as_bytes())?;
    Ok(stream.write_all(&body)?)
}

/// Status line and fields, and the body as it is sent.
fn response(target: &str, head: &str) -> (String, Vec<u8>) {
    match target {
        "/twice" => ("200 OK\r\ncontent-length: 5\r\ncontent-length: 5".to_owned(), b"twice".to_vec()),
        "/echo" => (format!("200 OK\r\ncontent-length: {}", head.len()), head.as_bytes().to_vec()),
        "/plain" => ("200 OK\r\ncontent-length: 5".to_owned(), b"plain".to_vec()),
        _ => ("404 Not Found\r\ncontent-length: 0".to_owned(), Vec::new()),
    }
}

fn served(app: &str) -> Result<(Upstream, Server)> {
    let upstream = Upstream::start()?;
    let server = Server::start(&repository().join(app), &["--env", &upstream.origin()])?;
    Ok((upstream, server))
}

/// Fetch, HTTP-network-or-cache fetch, step 8.6; RFC 9110 §8.6.
#[test]
fn lengths_are_said_where_they_must_be_and_tolerated_where_they_may_be() -> Result<()> {
    let (_upstream, server) = served("tests/wire/app.js")?;
    for (method, said) in [("POST", true), ("PUT", true), ("DELETE", false), ("GET", false)] {
        let head = server.get(&format!("/send/{method}"))?.text();
        assert_eq!(head.contains("\r\ncontent-length: 0\r\n"), said, "{head}");
    }
    let response = server.get("/pass/twice")?;
    assert_eq!((response.status, response.header("content-length"), &response.text()[..]), (200, Some("5"), "twice"));
    Ok(())
}

/// The status line as it came, and what followed until the connection was closed.
fn raw(server: &Server, path: &str) -> Result<(String, String)> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (line, rest) = text.split_once("\r\n").with_context(|| format!("no status line: {text:?}"))?;
    Ok((line.to_owned(), rest.to_owned()))
}

/// RFC 9112 §8: what was sent stays sent, and the missing last chunk says that something is missing.
#[test]
fn a_body_that_breaks_off_keeps_what_it_had() -> Result<()> {
    let (_upstream, server) = served("tests/wire/app.js")?;
    for path in ["/own/stalls", "/own/throws", "/own/text"] {
        let (line, rest) = raw(&server, path)?;
        assert_eq!(line, "HTTP/1.1 200 OK", "{path}");
        assert!(rest.ends_with("\r\n\r\n5\r\npiece\r\n"), "{path}: {rest:?}");
    }
    let (_, log) = server.stop()?;
    for path in ["/own/stalls", "/own/throws", "/own/text"] {
        let lines: Vec<_> = log.lines().filter(|line| line.contains(path) && line.contains("method=GET")).collect();
        assert_eq!(lines.len(), 1, "{log}");
        assert!(lines[0].contains("status=200"), "{log}");
    }
    Ok(())
}

#[test]
fn thousands_of_timers_run_at_once() -> Result<()> {
    let (_upstream, server) = served("tests/wire/app.js")?;
    assert_eq!(server.get("/own/timers")?.text(), "9000");
    Ok(())
}
