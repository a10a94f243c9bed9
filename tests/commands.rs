//! Every folder of `tests/commands/` is what somebody has in a folder, and `session.txt`, what they type there and see:
//!
//! ```text
//! $ wizerjs build app.js -q -o app.wasm
//! $ runner run app.wasm -- one two
//! what it wrote to standard output
//! ! what it wrote to standard error
//! ? 3 (its exit code, if that is not 0)
//! ```
//!
//! Each line is run by `sh` in a copy of the folder, in which files in WebAssembly's text format have been assembled.
//! `BLESS=1` writes what was seen.

use anyhow::{Context, Result, ensure};
use end_to_end::program::{repository, shell};
use end_to_end::{cases, exchange};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// Command lines that do not end are a failure, not a wait.
const PATIENCE: &str = "180";

fn main() -> Result<()> {
    cases::run(&repository().join("tests/commands"), run)
}

fn run(case: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    copy(case, folder.path())?;
    let expected = fs::read_to_string(case.join("session.txt")).context("session.txt")?;
    let mut seen = String::new();
    for line in expected.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let mut command = shell(&["timeout", "--kill-after=5", PATIENCE, "sh", "-c", line])?;
        let output = command.current_dir(folder.path()).stdin(Stdio::null()).output()?;
        writeln!(seen, "$ {line}")?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            writeln!(seen, "{}", without_measures(line))?;
        }
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            writeln!(seen, "! {}", without_measures(&exchange::stable_line(line)))?;
        }
        match output.status.code() {
            Some(0) => {}
            Some(code) => writeln!(seen, "? {code}")?,
            None => writeln!(seen, "? {}", output.status)?,
        }
    }
    cases::compare(&case.join("session.txt"), &seen)
}

/// Copy a folder, and assemble what is in text format.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().context("a name")?);
        if path.is_dir() {
            fs::create_dir(&target)?;
            copy(&path, &target)?;
        } else if path.extension().is_some_and(|extension| extension == "wat") {
            let wasm = wat::parse_file(&path).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
            fs::write(target.with_extension("wasm"), wasm)?;
        } else {
            fs::copy(&path, target)?;
        }
    }
    ensure!(to.is_dir(), "{} is no folder", to.display());
    Ok(())
}

/// Times, sizes, places and digests depend on the machine and on the engine: `1.5 KB` becomes `_ KB`.
fn without_measures(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let is_measure = |index: usize, word: &str| {
        let before = if index == 0 { "" } else { words[index - 1] };
        let unit = words.get(index + 1).map_or("", |next| next.trim_end_matches([',', ':']));
        let is_measured = before == "byte" || ["B", "KB", "MB", "ms", "pages", "bytes"].contains(&unit);
        is_measured && word.parse::<f64>().is_ok()
    };
    let stable = words.iter().enumerate().map(|(index, word)| {
        let number = word.trim_end_matches([')', ',', ';']);
        if is_measure(index, number) || is_digest(number) { word.replace(number, "_") } else { (*word).to_owned() }
    });
    stable.collect::<Vec<_>>().join(" ")
}

/// Whether this is a digest as messages show it: its first 16 hexadecimal digits.
fn is_digest(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
