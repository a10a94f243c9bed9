//! Packages of npm, and Node.js, which brings the program that installs them.

use anyhow::{Result, anyhow};
use end_to_end::node::Node;
use end_to_end::program::repository;
use std::path::{Path, PathBuf};

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

fn fetch(folder: &Path, name: &str) -> Result<Node> {
    Node::fetch_into(&source(name), &folder.join("npm").join(name))?.map_err(|reason| anyhow!(reason))
}
