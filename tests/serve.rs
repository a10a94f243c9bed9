//! Every folder of `tests/serve/` is an application, what was asked of it and what it answered and logged:
//! `app.js`, `exchange.txt`, `log.txt` (absent: nothing), `args.txt` (absent: none; one argument a line).
//! `BLESS=1` writes what was seen.

use anyhow::{Context, Result, ensure};
use end_to_end::exchange;
use end_to_end::program::{program, repository};
use end_to_end::server::Server;
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::Path;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let folder = repository().join("tests/serve");
    let mut trials = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || run(&path).map_err(|error| Failed::from(format!("{error:#}")))));
    }
    ensure!(!trials.is_empty(), "no cases in {}", folder.display());
    compile_engine()?;
    libtest_mimic::run(&arguments, trials).exit()
}

/// Have the engine compiled before any case, so that no log tells of it.
fn compile_engine() -> Result<()> {
    let output = program("runner")?.arg("compile").arg(repository().join("examples/hello/app.js")).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn run(case: &Path) -> Result<()> {
    let args = fs::read_to_string(case.join("args.txt")).unwrap_or_default();
    let server = Server::start(&case.join("app.js"), &args.lines().collect::<Vec<_>>())?;
    let expected = fs::read_to_string(case.join("exchange.txt")).context("exchange.txt")?;
    let mut seen = Vec::new();
    for request in exchange::requests(&expected)? {
        let response = server.send(&request)?;
        seen.push(exchange::write(&request, &response));
    }
    let (status, log) = server.stop()?;
    ensure!(status.success(), "{status}: {log}");
    compare(&case.join("exchange.txt"), &seen.join("\n"))?;
    compare(&case.join("log.txt"), &stable(&log))
}

/// Log lines without what differs between runs: their time, and how long things took.
fn stable(log: &str) -> String {
    log.lines().map(|line| format!("{}\n", exchange::stable_line(line))).collect()
}

fn compare(path: &Path, seen: &str) -> Result<()> {
    if std::env::var_os("BLESS").is_some() {
        return match seen {
            "" if !path.exists() => Ok(()),
            _ => Ok(fs::write(path, seen)?),
        };
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    ensure!(
        expected == seen,
        "{}:\n--- expected\n{expected}\n--- seen\n{seen}\n(BLESS=1 accepts what was seen)",
        path.display()
    );
    Ok(())
}
