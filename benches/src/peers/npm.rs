//! Packages of npm, and Node.js, which brings the program that installs them.

use crate::measure::process;
use anyhow::{Context, Result, anyhow};
use end_to_end::node::Node;
use end_to_end::program::repository;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long a package may take to compile: a minute or two, more on a busy machine.
const COMPILING: Duration = Duration::from_secs(900);

/// Where the lock files are.
fn source(name: &str) -> PathBuf {
    repository().join("benches/peers").join(name)
}

/// The packages of a lock file that are asked for by name, with their versions.
pub(super) fn versions(name: &str) -> String {
    let manifest = std::fs::read(source(name).join("package.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let packages = manifest["dependencies"].as_object().into_iter().flatten();
    let packages: Vec<String> =
        packages.map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default())).collect();
    format!("{} (npm)", packages.join(", "))
}

/// `node_modules` of a lock file.
pub(super) fn install(folder: &Path, name: &str) -> Result<PathBuf> {
    Ok(fetch(folder, name)?.folder().join("node_modules"))
}

/// The program `node`.
pub(super) fn install_node(folder: &Path) -> Result<PathBuf> {
    // It comes with whatever is installed from npm.
    Ok(fetch(folder, "workloads")?.program())
}

/// `node_modules` of a lock file with one package that is compiled, for [`install_node`]'s Node.js: by the `node-gyp` of npm,
/// with the headers that came with it. Packages' own scripts would first look for compiled ones elsewhere.
pub(super) fn install_compiled(folder: &Path, name: &str) -> Result<PathBuf> {
    let modules = install(folder, name)?;
    let package = modules.join(name);
    let complete = package.join("complete");
    if complete.is_file() {
        return Ok(modules);
    }
    let node = install_node(folder)?;
    let root = node.parent().and_then(Path::parent).context("no folder of Node.js")?;
    let gyp = root.join("lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js");
    let mut command = Command::new(&node);
    command.arg(gyp).args(["rebuild", "--release", "--jobs=max"]).arg(format!("--nodedir={}", root.display()));
    process::output(command.current_dir(&package), COMPILING).with_context(|| format!("cannot compile {name}"))?;
    std::fs::write(complete, "")?;
    Ok(modules)
}

fn fetch(folder: &Path, name: &str) -> Result<Node> {
    Node::fetch_into(&source(name), &folder.join("npm").join(name))?.map_err(|reason| anyhow!(reason))
}
