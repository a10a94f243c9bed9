//! Every folder of `tests/serve/` is an application, what was asked of it and what it answered and logged:
//! `app.js`, `exchange.txt`, `log.txt` (absent: nothing), `args.txt` (absent: none; one argument a line), `build.txt`
//! (present: the artifact that `wizerjs build` with these arguments makes is served).
//! `BLESS=1` writes what was seen.

use anyhow::{Context, Result, ensure};
use end_to_end::program::{program, repository};
use end_to_end::server::Server;
use end_to_end::{cases, exchange};
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    cases::run(&repository().join("tests/serve"), run)
}

fn run(case: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let lines = |name: &str| fs::read_to_string(case.join(name)).ok();
    let served = match lines("build.txt") {
        Some(arguments) => build(case, &arguments, folder.path())?,
        None => case.join("app.js"),
    };
    let args = lines("args.txt").unwrap_or_default();
    let server = Server::start(&served, &args.lines().collect::<Vec<_>>())?;
    let expected = fs::read_to_string(case.join("exchange.txt")).context("exchange.txt")?;
    let mut seen = Vec::new();
    for request in exchange::requests(&expected)? {
        let response = server.send(&request)?;
        seen.push(exchange::write(&request, &response));
    }
    let (status, log) = server.stop()?;
    ensure!(status.success(), "{status}: {log}");
    cases::compare(&case.join("exchange.txt"), &seen.join("\n"))?;
    cases::compare(&case.join("log.txt"), &stable(&log))
}

/// Build the case's application with these arguments, one a line, of which the last is the name of the artifact.
fn build(case: &Path, arguments: &str, folder: &Path) -> Result<PathBuf> {
    let name = arguments.lines().last().context("build.txt is empty")?;
    let mut build = program("wizerjs")?;
    build.current_dir(folder).arg("build").arg(case.join("app.js")).args(arguments.lines());
    let output = build.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(folder.join(name))
}

/// Log lines without what differs between runs: their time, and how long things took.
fn stable(log: &str) -> String {
    log.lines().map(|line| format!("{}\n", exchange::stable_line(line))).collect()
}
