//! Standard error that nobody reads, or nobody reads any more: requests are answered, and what was lost is counted.

use anyhow::{Context, Result, ensure};
use end_to_end::http::Request;
use end_to_end::server::Server;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

/// Logs some 100 KB for each request.
const TALKER: &str = r#"export default { fetch() {
    for (let i = 0; i < 100; i++) console.log(String(i).padEnd(1000, "."));
    return new Response("said");
} };"#;

/// Together some 4 MB of log, more than pipes and queues hold.
const REQUESTS: usize = 40;

fn talker(folder: &tempfile::TempDir) -> Result<PathBuf> {
    let path = folder.path().join("app.js");
    std::fs::write(&path, TALKER)?;
    Ok(path)
}

fn ask(server: &Server) -> Result<()> {
    let mut connection = server.connect()?;
    for request in 0..REQUESTS {
        let response = connection.send(&Request::get("/"))?;
        ensure!(response.text() == "said", "request {request}: {}", response.status);
    }
    Ok(())
}

#[test]
fn a_log_that_nobody_reads_stops_nobody_and_says_what_it_lost() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (server, mut stderr) = Server::start_unread(&talker(&folder)?, &[])?;
    ask(&server)?;
    let reader = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).map(|_| log)
    });
    ask(&server)?;
    let (status, _) = server.stop()?;
    ensure!(status.success(), "{status}");
    let log = reader.join().ok().context("the reader")??;
    let lost = log.lines().find_map(|line| line.split_once("dropped_log_lines=")?.1.strip_suffix(')'));
    let lost: usize =
        lost.with_context(|| format!("nothing about lost lines: {}", &log[log.len().min(2000)..]))?.parse()?;
    let written = log.lines().filter(|line| line.starts_with("info app | ")).count();
    ensure!(lost > 0 && lost + written <= 2 * REQUESTS * 100, "{lost} lines lost, {written} written");
    Ok(())
}

#[test]
fn a_log_that_nobody_reads_any_more_stops_nobody() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (server, stderr) = Server::start_unread(&talker(&folder)?, &[])?;
    let mut stderr = BufReader::new(stderr);
    server.get("/")?;
    stderr.read_line(&mut String::new())?;
    drop(stderr);
    ask(&server)?;
    ask(&server)?;
    let (status, _) = server.stop()?;
    ensure!(status.success(), "{status}");
    Ok(())
}
