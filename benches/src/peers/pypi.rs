//! Wheels of PyPI.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with what is in a wheel. It is complete when it is there.
pub(super) fn install(folder: &Path, name: &str, version: &str, sha256: &str) -> Result<PathBuf> {
    let folder = folder.join("pypi");
    let complete = folder.join(format!("{name}-{version}"));
    if complete.is_dir() {
        return Ok(complete);
    }
    std::fs::create_dir_all(&folder)?;
    let partial = tempfile::tempdir_in(&folder)?;
    let requirements = partial.path().join("requirements.txt");
    std::fs::write(&requirements, format!("{name}=={version} --hash=sha256:{sha256}\n"))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]);
    pip.arg("--target").arg(partial.path().join("wheel")).arg("-r").arg(&requirements);
    let output = pip.output().context("cannot start python3")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let reason = errors.lines().find(|line| line.starts_with("ERROR")).or_else(|| errors.lines().next_back());
    ensure!(output.status.success(), "pip: {}", reason.unwrap_or("no reason"));
    std::fs::rename(partial.path().join("wheel"), &complete)?;
    Ok(complete)
}
