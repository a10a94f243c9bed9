//! Two applications side by side, of which one is hostile: what the other still gets.

use anyhow::{Context, Result, bail, ensure};
use end_to_end::http::{Connection, Request};
use end_to_end::program::program;
use end_to_end::server::Server;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How long one application is hostile, and the other asked.
const TIME: Duration = Duration::from_secs(2);

/// `any`: what is sent to this machine has to be held until nobody answers there.
const LIMITS: [&str; 8] =
    ["--timeout", "1s", "--client-timeout", "1s", "--max-instances", "16", "--allow-outbound", "any"];

/// Connections of the hostile application's clients.
const CONNECTIONS: usize = 8;

/// Part of the answers without a hostile neighbour that there have to be with one: they share two processors with the
/// clients of both and with whatever else this machine does.
const PART: u64 = 8;

/// How often that is tried: the machine may do something else just then. What is wrong with the host is wrong every time.
const ATTEMPTS: usize = 3;

const GOOD: &str = r#"export default { fetch: () => new Response("good") };"#;

const HOSTILE: &str = r#"
const ways = {
    "/loop": () => { for (;;); },
    "/memory": () => { const kept = []; for (;;) kept.push(new Uint8Array(1 << 20).fill(1)); },
    "/log": () => { for (;;) console.log("x".repeat(10000)); },
    "/microtasks": async () => {
        for (;;) {
            for (let i = 0; i < 10000; i++) await null;
            await new Promise((resolve) => setTimeout(resolve));
        }
    },
    "/body": (request) => request.text(),
    "/bodies": async () => {
        const body = new Uint8Array(20 << 20);
        const send = () => fetch("http://127.0.0.1:9/", { method: "POST", body }).catch(() => {});
        await Promise.all(Array.from({ length: 32 }, send));
    },
};
export default { async fetch(request) { return new Response(await ways[new URL(request.url).pathname](request)); } };
"#;

/// A guest that makes its table as large as it can, over and over.
const TABLE: &str = r#"(module
  (table $t 1 funcref)
  (memory (export "memory") 4)
  (func (export "allocate") (param i32 i32) (result i32) (i32.const 65536))
  (func (export "handle_request") (param i32 i32) (result i32)
    (loop $again
      (drop (table.grow $t (ref.null func) (i32.const 1000000)))
      (br_if $again (i32.lt_u (table.size $t) (i32.const 2000000000))))
    (i32.const 0))
  (func (export "resume") (param i32 i32) (result i32) (i32.const 0)))"#;

fn build(folder: &Path, name: &str, source: &str) -> Result<()> {
    let sources = tempfile::tempdir()?;
    let entry = sources.path().join("app.js");
    std::fs::write(&entry, source)?;
    let mut build = program("wizerjs")?;
    let output = build.arg("build").arg(entry).arg("-o").arg(folder.join(format!("{name}.wasm"))).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn neighbours(args: &[&str]) -> Result<(tempfile::TempDir, Server)> {
    let folder = tempfile::tempdir()?;
    build(folder.path(), "good", GOOD)?;
    build(folder.path(), "hostile", HOSTILE)?;
    std::fs::write(folder.path().join("table.wasm"), wat::parse_str(TABLE)?)?;
    let server = Server::start(folder.path(), args)?;
    Ok((folder, server))
}

/// Ask the good application for so long; how often it answered. Every answer has to be the right one.
fn asked_for(server: &Server, time: Duration) -> Result<u64> {
    let mut connection = server.connect()?;
    let started = Instant::now();
    let mut answers = 0;
    while started.elapsed() < time {
        let response = connection.send(&Request::get("/good/"))?;
        ensure!(response.text() == "good", "answer {answers}: {} {}", response.status, response.text());
        answers += 1;
    }
    Ok(answers)
}

/// Keep asking for `path` until told to stop; answers of any kind, and connections that end, are all the same.
fn harass(server: &Server, path: &str, stop: &AtomicBool, asked: &AtomicU64) {
    while !stop.load(Relaxed) {
        let Ok(mut connection) = server.connect() else { continue };
        if connection.set_patience(TIME).is_err() {
            continue;
        }
        asked.fetch_add(1, Relaxed);
        let _ = match path.ends_with("/body") {
            true => slow_body(&mut connection, path),
            false => connection.send(&Request::get(path)).map(drop),
        };
    }
}

fn slow_body(connection: &mut Connection, path: &str) -> Result<()> {
    connection.write_head(&Request::post(path, ""), Some(1000))?;
    connection.write(b"a")?;
    connection.read_head().map(drop)
}

/// What the good application gets while clients keep asking the hostile one for `path`.
fn beside(server: &Server, path: &str) -> Result<u64> {
    let (stop, asked) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| harass(server, path, &stop, &asked));
        }
        let begun = Instant::now();
        while asked.load(Relaxed) < CONNECTIONS as u64 && begun.elapsed() < TIME {
            std::thread::sleep(Duration::from_millis(10));
        }
        let answers = asked_for(server, TIME);
        stop.store(true, Relaxed);
        answers
    })
}

#[test]
fn a_hostile_application_is_the_misfortune_of_its_own_clients() -> Result<()> {
    let (_folder, server) = neighbours(&LIMITS)?;
    asked_for(&server, TIME / 4)?;
    for way in ["loop", "memory", "log", "microtasks", "body", "bodies"].map(|way| format!("/hostile/{way}")) {
        check(&server, &way)?;
    }
    check(&server, "/table/")?;
    let peak = server.peak_bytes()?;
    ensure!(peak < PEAK_MAX_BYTES, "{peak} bytes of memory at its peak");
    let (status, _) = server.stop()?;
    ensure!(status.success(), "{status}");
    Ok(())
}

fn check(server: &Server, path: &str) -> Result<()> {
    let mut seen = String::new();
    for _ in 0..ATTEMPTS {
        let control = asked_for(server, TIME)?;
        let answers = beside(server, path).with_context(|| path.to_owned())?;
        seen = format!("{path}: {answers} answers, {control} without");
        println!("{seen}");
        if answers > control / PART {
            return Ok(());
        }
    }
    bail!(seen)
}

/// 16 instances of 256 MiB, and the program itself.
const PEAK_MAX_BYTES: u64 = 5 << 30;

#[test]
fn clients_that_send_a_byte_now_and_then_take_no_instance_from_others() -> Result<()> {
    const INSTANCES: usize = 512;
    let (_folder, server) = neighbours(&[])?;
    asked_for(&server, TIME / 4)?;
    let mut slow = Vec::new();
    for _ in 0..INSTANCES {
        let mut connection = server.connect()?;
        connection.write_head(&Request::post("/hostile/body", ""), Some(1000))?;
        connection.write(b"a")?;
        slow.push(connection);
    }
    for request in 0..50 {
        let response = server.get("/good/")?;
        ensure!(response.text() == "good", "request {request}: {} {}", response.status, response.text());
    }
    // Those that gave way were told so.
    let mut gave_way = 0;
    for connection in &mut slow {
        connection.set_patience(Duration::from_millis(1))?;
        gave_way += usize::from(connection.read_head().is_ok_and(|response| response.status == 408));
    }
    ensure!((1..INSTANCES / 2).contains(&gave_way), "{gave_way} gave way");
    Ok(())
}

#[test]
fn clients_and_requests_have_their_own_time_limits() -> Result<()> {
    let folder = tempfile::tempdir()?;
    build(folder.path(), "hostile", HOSTILE)?;
    let endless = r#"export default { fetch() {
        const pull = async (controller) => {
            await new Promise((resolve) => setTimeout(resolve, 50));
            controller.enqueue(new TextEncoder().encode("more "));
        };
        return new Response(new ReadableStream({ pull }));
    } };"#;
    build(folder.path(), "endless", endless)?;
    let server = Server::start(folder.path(), &["--client-timeout", "1s", "--total-timeout", "2s"])?;
    let mut connection = server.connect()?;
    slow_body_answer(&mut connection, 408)?;
    let mut silent = server.connect()?;
    silent.write(b"GET / HTTP/1.1\r\nhost: ")?;
    ensure!(silent.read_head().is_err(), "a head that did not end was answered");
    let mut endless = server.connect()?;
    endless.write_head(&Request::get("/endless/"), None)?;
    ensure!(endless.read_head()?.status == 200);
    let begun = Instant::now();
    while endless.read_chunk().is_ok_and(|chunk| chunk.is_some()) {
        ensure!(begun.elapsed() < 20 * TIME, "it goes on");
    }
    Ok(())
}

fn slow_body_answer(connection: &mut Connection, status: u16) -> Result<()> {
    connection.write_head(&Request::post("/hostile/body", ""), Some(1000))?;
    connection.write(b"a")?;
    let response = connection.read_head()?;
    ensure!(response.status == status, "{}", response.status);
    Ok(())
}
