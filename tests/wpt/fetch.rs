//! The tests and their server, which are not part of this repository.

use anyhow::{Context, Result, bail, ensure};
use end_to_end::program::{repository, target_folder};
use std::path::PathBuf;
use std::process::Command;

/// How `fetch.sh` ends when a registry cannot be reached.
const UNREACHABLE: i32 = 75;

/// Where the tests are, downloaded at most once; or why that is impossible here.
pub(crate) fn fetch() -> Result<Result<PathBuf, String>> {
    let folder = target_folder()?.join("wpt");
    let output = Command::new("sh")
        .arg(repository().join("tests/wpt/fetch.sh"))
        .arg(&folder)
        .output()
        .context("sh cannot be started")?;
    let log = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => {}
        Some(UNREACHABLE) => return Ok(Err(log.lines().last().unwrap_or("no reason").to_owned())),
        _ => bail!("fetch.sh, {}: {log}", output.status),
    }
    ensure!(folder.join("tests/resources/testharness.js").is_file(), "no testharness.js in {}", folder.display());
    Ok(Ok(folder))
}
