//! What goes over the wire when an application stands between a client and another server: encoded bodies, framing, reason
//! phrases, bodies that break off, and more at once than the host allows.

use anyhow::{Context, Result};
use end_to_end::http::{Request, Response};
use end_to_end::program::repository;
use end_to_end::server::Server;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// 10,500 times the letter x, in the two codings.
const DECODED_BYTES: usize = 10_500;
const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x01\x0d\0\0\0\xc2\xa0\xda\x8fo\x0e7\xa0\0\0\0\0\0\0\0\0\0\0\xfe\x0c\x15\x27\x94\xd1\x04)\0\0";
const ZLIB: &[u8] =
    b"x\xda\xed\xc1\x01\x0d\0\0\0\xc2\xa0\xda\x8fo\x0e7\xa0\0\0\0\0\0\0\0\0\0\0\xfe\x0c\xc5\xdb\x3a\xfe";
/// Not decoded by anybody here.
const OPAQUE: &[u8] = b"\x0b\x02\x80opaque\x03";

/// A server of fixed answers, one connection a thread, each for one request.
struct Upstream {
    address: SocketAddr,
    /// Most requests that were open at the same time.
    peak: Arc<AtomicUsize>,
}

impl Upstream {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (open, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let peak_of_all = peak.clone();
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (open, peak) = (open.clone(), peak.clone());
                thread::spawn(move || {
                    peak.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let _ = answer(stream, &open);
                });
            }
        });
        Ok(Self { address, peak: peak_of_all })
    }

    fn origin(&self) -> String {
        format!("ORIGIN=http://{}", self.address)
    }
}

fn answer(stream: TcpStream, open: &AtomicUsize) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let target = head.split(' ').nth(1).context("a target")?.to_owned();
    let is_head = head.starts_with("HEAD ");
    if target == "/plain" {
        // Long enough for others to arrive, were they sent.
        thread::sleep(Duration::from_millis(5));
    }
    let (fields, body) = response(&target, &head);
    open.fetch_sub(1, Ordering::SeqCst);
    let mut stream = reader.into_inner();
    stream.write_all(format!("HTTP/1.1 {fields}\r\nconnection: close\r\n\r\n").as_bytes())?;
    if !is_head {
        stream.write_all(&body)?;
    }
    Ok(())
}

/// Status line and fields, and the body as it is sent.
fn response(target: &str, head: &str) -> (String, Vec<u8>) {
    let coded = |coding: &str, bytes: &[u8]| {
        (format!("200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {}", bytes.len()), bytes.to_vec())
    };
    match target {
        "/gzip" => coded("gzip", GZIP),
        "/x-gzip" => coded("x-gzip", GZIP),
        "/deflate" => coded("deflate", ZLIB),
        "/br" => coded("br", OPAQUE),
        "/two" => coded("br, gzip", OPAQUE),
        "/unknown" => coded("x-unknown", OPAQUE),
        "/empty" => coded("gzip", b""),
        "/identity" => (format!("200 OK\r\ncontent-length: {DECODED_BYTES}"), vec![b'x'; DECODED_BYTES]),
        "/chunked" => {
            let fields = "200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked".to_owned();
            (fields, [format!("{:x}\r\n", GZIP.len()).as_bytes(), GZIP, b"\r\n0\r\n\r\n"].concat())
        }
        "/nothing" => {
            ("200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked".to_owned(), b"0\r\n\r\n".to_vec())
        }
        "/not-modified" => ("304 Not Modified\r\ncontent-encoding: gzip\r\netag: \"a\"".to_owned(), Vec::new()),
        "/part" => {
            let (range, bytes) = ("content-range: bytes 10-19/45", &GZIP[10..20]);
            (format!("206 Partial Content\r\ncontent-encoding: gzip\r\n{range}\r\ncontent-length: 10"), bytes.to_vec())
        }
        "/twice" => ("200 OK\r\ncontent-length: 5\r\ncontent-length: 5".to_owned(), b"twice".to_vec()),
        "/phrase" => ("299 Foo Bar\r\ncontent-length: 1".to_owned(), b"p".to_vec()),
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

/// What a client sees of the body: how it is encoded, how long it was said to be, and its bytes.
fn body(response: &Response) -> (u16, Option<&str>, Option<&str>, &[u8]) {
    (response.status, response.header("content-encoding"), response.header("content-length"), &response.body)
}

/// RFC 9110 §8.4, §8.6: the fields describe the bytes that come with them.
#[test]
fn the_proxy_passes_on_what_it_gets() -> Result<()> {
    let (_upstream, server) = served("examples/proxy/app.js")?;
    for (path, coding, bytes) in [
        ("/gzip", "gzip", GZIP),
        ("/x-gzip", "x-gzip", GZIP),
        ("/deflate", "deflate", ZLIB),
        ("/br", "br", OPAQUE),
        ("/two", "br, gzip", OPAQUE),
        ("/unknown", "x-unknown", OPAQUE),
    ] {
        let response = server.get(path)?;
        assert_eq!(body(&response), (200, Some(coding), Some(&bytes.len().to_string()[..]), bytes), "{path}");
        assert_eq!(response.header("via"), Some("1.1 proxy-example"));
    }
    let response = server.get("/identity")?;
    assert_eq!(body(&response), (200, None, Some("10500"), &[b'x'; DECODED_BYTES][..]));
    let response = server.get("/chunked")?;
    assert_eq!(body(&response), (200, Some("gzip"), None, GZIP));
    assert_eq!(response.header("transfer-encoding"), Some("chunked"));
    assert_eq!(server.get("/empty")?.body, b"");
    let response = server.get("/part")?;
    assert_eq!(body(&response), (206, Some("gzip"), Some("10"), &GZIP[10..20]));
    assert_eq!(server.get("/not-modified")?.status, 304);
    let head = server.send(&Request { method: "HEAD".into(), ..Request::get("/gzip") })?;
    assert_eq!(body(&head), (200, Some("gzip"), Some("45"), &b""[..]));
    Ok(())
}

#[test]
fn a_body_that_was_looked_at_is_decoded_and_one_that_was_not_is_as_it_came() -> Result<()> {
    let (_upstream, server) = served("tests/wire/app.js")?;
    let decoded = &[b'x'; DECODED_BYTES][..];
    for path in ["gzip", "x-gzip", "deflate", "chunked"] {
        for how in ["pass", "renamed"] {
            let response = server.get(&format!("/{how}/{path}"))?;
            assert!(response.header("content-encoding").is_some(), "{how} {path}");
            assert_eq!(response.body, if path == "deflate" { ZLIB } else { GZIP }, "{how} {path}");
        }
        for how in ["text", "clone", "tee", "piped"] {
            let response = server.get(&format!("/{how}/{path}"))?;
            assert_eq!((response.status, response.header("content-encoding")), (200, None), "{how} {path}");
            assert_eq!(response.body, decoded, "{how} {path}");
        }
    }
    for (how, path) in [("text", "empty"), ("clone", "empty"), ("text", "nothing"), ("tee", "nothing")] {
        assert_eq!(server.get(&format!("/{how}/{path}"))?.body, b"", "{how} {path}");
    }
    Ok(())
}

/// Fetch, HTTP-network-or-cache fetch, step 8.6; RFC 9110 §8.6.
#[test]
fn lengths_are_said_where_they_must_be_and_tolerated_where_they_may_be() -> Result<()> {
    let (_upstream, server) = served("tests/wire/app.js")?;
    for (method, said) in [("POST", true), ("PUT", true), ("DELETE", false), ("GET", false)] {
        let head = server.get(&format!("/send/{method}"))?.text();
        assert_eq!(head.contains("\r\ncontent-length: 0\r\n"), said, "{head}");
        // Only what is decoded for `text()` is asked for.
        assert!(head.contains("\r\naccept-encoding: gzip, deflate\r\n"), "{head}");
    }
    let response = server.get("/pass/twice")?;
    assert_eq!(body(&response), (200, None, Some("5"), &b"twice"[..]));
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

/// RFC 9112 §4: the phrase is the sender's, and may be empty.
#[test]
fn reason_phrases_travel_both_ways() -> Result<()> {
    let (_upstream, server) = served("tests/wire/app.js")?;
    assert_eq!(raw(&server, "/pass/phrase")?.0, "HTTP/1.1 299 Foo Bar");
    assert_eq!(raw(&server, "/own/phrase")?.0, "HTTP/1.1 299 Foo Bar");
    assert_eq!(raw(&server, "/own/unnamed")?.0, "HTTP/1.1 299 ");
    assert_eq!(raw(&server, "/pass/plain")?.0, "HTTP/1.1 200 OK");
    assert_eq!(server.get("/status/phrase")?.text(), "299 Foo Bar");
    assert_eq!(server.get("/status/plain")?.text(), "200 OK");
    Ok(())
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
fn what_is_too_much_at_once_waits() -> Result<()> {
    let (upstream, server) = served("tests/wire/app.js")?;
    assert_eq!(server.get("/many")?.text(), "100");
    let peak = upstream.peak.load(Ordering::SeqCst);
    assert!((2..=32).contains(&peak), "{peak} at once");
    assert_eq!(server.get("/own/timers")?.text(), "9000");
    Ok(())
}

#[test]
fn async_iterables_are_bodies() -> Result<()> {
    let (_upstream, server) = served("tests/wire/app.js")?;
    assert_eq!(server.get("/own/iterable")?.text(), "one two");
    Ok(())
}
