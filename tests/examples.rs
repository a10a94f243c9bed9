//! The examples do what their comments and the README say.

use anyhow::{Context, Result};
use end_to_end::http::{Connection, Request};
use end_to_end::program::{program, repository};
use end_to_end::server::Server;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Instant;

fn example(name: &str) -> PathBuf {
    repository().join("examples").join(name).join("app.js")
}

fn serve(name: &str, args: &[&str]) -> Result<Server> {
    Server::start(&example(name), args)
}

#[test]
fn hello_answers() -> Result<()> {
    let response = serve("hello", &[])?.get("/")?;
    assert_eq!((response.status, &response.text()[..]), (200, "Hello from a fresh engine!\n"));
    assert_eq!(response.header("content-type"), Some("text/plain;charset=UTF-8"));
    Ok(())
}

#[test]
fn no_request_sees_what_another_counted() -> Result<()> {
    let server = serve("counter", &[])?;
    let mut connection = server.connect()?;
    for _ in 0..50 {
        assert_eq!(connection.send(&Request::get("/"))?.text(), "1\n");
    }
    thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut connection = server.connect()?;
                    for _ in 0..50 {
                        assert_eq!(connection.send(&Request::get("/"))?.text(), "1\n");
                    }
                    Ok(())
                })
            })
            .collect();
        clients.into_iter().try_for_each(|client| client.join().expect("a client panicked"))
    })
}

#[test]
fn json_api_routes_over_state_from_build_time() -> Result<()> {
    let server = serve("json-api", &[])?;
    let product = server.get("/products/2")?;
    assert_eq!(product.text(), r#"{"id":2,"name":"Product 2","tag":"coffee","cents":137}"#);
    assert_eq!(product.header("content-type"), Some("application/json"));
    let list = server.get("/products?tag=mate&limit=1")?;
    assert_eq!(list.text(), r#"{"total":250,"products":[{"id":4,"name":"Product 4","tag":"mate","cents":211}]}"#);
    let total = server.send(&Request::post("/total", r#"{"ids":[1,2,3]}"#))?;
    assert_eq!(total.text(), r#"{"count":3,"cents":411}"#);
    let missing = server.get("/products/1001")?;
    assert_eq!((missing.status, &missing.text()[..]), (404, r#"{"error":"no product 1001"}"#));
    let nowhere = server.get("/nowhere")?;
    assert_eq!((nowhere.status, &nowhere.text()[..]), (404, r#"{"error":"nothing at GET /nowhere"}"#));
    let broken = server.send(&Request::post("/total", "{"))?;
    assert_eq!(broken.status, 500);
    let (_, log) = server.stop()?;
    assert!(log.contains("TypeError: the body is not JSON"), "{log}");
    assert!(log.contains("respond.js:"), "the stack names the file: {log}");
    assert!(log.contains("Caused by: SyntaxError"), "the cause is logged: {log}");
    Ok(())
}

/// POST `megabytes` of lower case in chunks and check that as many come back in upper case, while they are sent.
fn shout(connection: &mut Connection, megabytes: usize) -> Result<()> {
    let request = Request::post("/", "").header("content-type", "text/plain");
    connection.write_head(&request, None)?;
    let mut writer = connection.writer()?;
    let sender = thread::spawn(move || -> std::io::Result<()> {
        let chunk = [b"10000\r\n", [b'q'; 0x10000].as_slice(), b"\r\n"].concat();
        for _ in 0..megabytes * 16 {
            writer.write_all(&chunk)?;
        }
        writer.write_all(b"0\r\n\r\n")
    });
    let head = connection.read_head()?;
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/plain")));
    let mut received = 0;
    while let Some(chunk) = connection.read_chunk()? {
        assert!(chunk.iter().all(|&byte| byte == b'Q'));
        received += chunk.len();
    }
    assert_eq!(received, megabytes << 20);
    sender.join().expect("the sender panicked")?;
    Ok(())
}

#[test]
fn a_body_streams_through_in_less_memory_than_it_has_bytes() -> Result<()> {
    // Some 170 MiB are reached after as many megabytes, when collections of garbage have found their rhythm, and 1 GB
    // needs no more. A body that is kept would cost all of it.
    const BODY_MEGABYTES: usize = 400;
    const PEAK_MAX_KIB: u64 = 256 << 10;
    let server = serve("streaming", &[])?;
    shout(&mut server.connect()?, BODY_MEGABYTES)?;
    let peak_kib = server.peak_bytes()? >> 10;
    assert!(peak_kib < PEAK_MAX_KIB, "{BODY_MEGABYTES} MB of body took {peak_kib} KiB");
    Ok(())
}

/// An origin that answers one connection after the other with what it was asked, until the listener is gone.
fn origin() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().take(16) {
            let _ = stream.map_err(anyhow::Error::from).and_then(|stream| echo(&stream));
        }
    });
    Ok(port)
}

fn echo(stream: &std::net::TcpStream) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request_line = String::new();
    reader.read_line(&mut request_line)?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse()?;
        }
        chunked |= line == "transfer-encoding: chunked";
        if line.is_empty() {
            break;
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let mut chunk = vec![0; usize::from_str_radix(size.trim_end(), 16)? + 2];
            reader.read_exact(&mut chunk)?;
            if chunk.len() == 2 {
                break;
            }
            body.extend(&chunk[..chunk.len() - 2]);
        }
    } else {
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
    }
    let answer = format!("{} {}", request_line.trim_end(), String::from_utf8_lossy(&body));
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 203 Origin\r\nx-origin: yes\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    )?;
    Ok(())
}

#[test]
fn proxy_forwards_both_ways() -> Result<()> {
    let variable = format!("ORIGIN=http://127.0.0.1:{}", origin()?);
    let server = serve("proxy", &["--env", &variable])?;
    let response = server.send(&Request::post("/a/b?c=d", "some body"))?;
    assert_eq!(response.status, 203);
    assert_eq!(response.header("x-origin"), Some("yes"));
    assert_eq!(response.header("via"), Some("1.1 proxy-example"));
    assert_eq!(response.text(), "POST /a/b?c=d HTTP/1.1 some body");
    assert_eq!(server.get("/")?.text(), "GET / HTTP/1.1 ");
    Ok(())
}

#[test]
fn proxy_says_what_it_needs() -> Result<()> {
    let response = serve("proxy", &[])?.get("/")?;
    assert_eq!((response.status, &response.text()[..]), (500, "start me with --env ORIGIN=http://host:port\n"));
    Ok(())
}

/// What a request of `search-index` takes, in milliseconds.
struct Search {
    first: f64,
    last: f64,
    artifact_kb: f64,
}

/// Build the example, with its `app.js` changed, and ask it so often.
fn search(change: impl Fn(String) -> String, options: &[&str], requests: usize) -> Result<Search> {
    let folder = tempfile::tempdir()?;
    for file in ["app.js", "documents.js", "index.js"] {
        let text = fs::read_to_string(repository().join("examples/search-index").join(file))?;
        fs::write(folder.path().join(file), if file == "app.js" { change(text) } else { text })?;
    }
    let artifact = folder.path().join("search.wasm");
    let mut build = program("wizerjs")?;
    let built = build.arg("build").arg(folder.path().join("app.js")).arg("-o").arg(&artifact).args(options).output()?;
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let server = Server::start(&artifact, &[])?;
    let mut connection = server.connect()?;
    let mut times = Vec::new();
    let mut first_answer = None;
    for _ in 0..requests {
        let start = Instant::now();
        let response = connection.send(&Request::get(SEARCH))?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(response.status, 200, "{}", response.text());
        let answer: serde_json::Value = serde_json::from_slice(&response.body)?;
        assert_eq!((&answer["documents"], answer["results"].as_array().map(Vec::len)), (&2000.into(), Some(10)));
        assert_eq!(&answer, first_answer.get_or_insert_with(|| answer.clone()));
    }
    let artifact_kb = fs::metadata(&artifact)?.len() as f64 / 1e3;
    Ok(Search { first: times[0], last: times[requests - 1], artifact_kb })
}

/// A search of `search-index`.
const SEARCH: &str = "/?q=bebe+namubula";

/// The index that is built at top level is there from the first request; one that is built on first use is built by every
/// request, as each starts where the build ended. `BLESS=1` writes what was measured to the example's README.
#[test]
fn a_search_index_is_built_once() -> Result<()> {
    let lazily = |text: String| {
        let text = text.replace("const index = build(documents);", "let index;");
        text.replace("search(index, query", "search((index ??= build(documents)), query")
    };
    let warm_up = ["--warm-up", &format!("GET {SEARCH}")];
    let rows = [
        ("built at top level", search(|text| text, &[], 100)?),
        ("the same, warmed up by a search", search(|text| text, &warm_up, 100)?),
        ("built on first use", search(lazily, &[], 2)?),
    ];
    let [(_, once), _, (_, lazy)] = &rows;
    assert!(once.first * 4.0 < lazy.first && once.last * 4.0 < lazy.last, "the index is built by requests");
    if std::env::var_os("BLESS").is_some() {
        let mut table = "| the index | first request | a later one | artifact |\n|---|--:|--:|--:|\n".to_owned();
        for (name, Search { first, last, artifact_kb }) in &rows {
            table += &format!("| {name} | {first:.1} ms | {last:.1} ms | {artifact_kb:.0} KB |\n");
        }
        let path = repository().join("examples/search-index/README.md");
        let text = fs::read_to_string(&path)?;
        let (before, rest) = text.split_once(MARKS[0]).context("no table")?;
        let (_, after) = rest.split_once(MARKS[1]).context("no end of the table")?;
        fs::write(path, [before, MARKS[0], &table, MARKS[1], after].concat())?;
    }
    Ok(())
}

/// What a table in a README stands between.
const MARKS: [&str; 2] = ["<!-- written by the test -->\n", "<!-- end -->\n"];

#[test]
fn the_embedding_host_runs() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let artifact = folder.path().join("hello.wasm");
    let built = program("wizerjs")?.arg("build").arg(example("hello")).arg("-o").arg(&artifact).output()?;
    assert!(built.status.success(), "{built:?}");
    let output = program("embed")?.arg(&artifact).stdin(Stdio::null()).output()?;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "200 OK\nHello from a fresh engine!\n");
    assert!(output.status.success(), "{output:?}");
    Ok(())
}
