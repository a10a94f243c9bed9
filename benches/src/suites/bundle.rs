//! esbuild, which makes one file of a workload and the packages that it imports.

use crate::measure::process;
use crate::peers::{Package, Peers};
use anyhow::{Context, Result};
use end_to_end::program::repository;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the bundle is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A module.
    Module,
    /// A script that leaves globals.
    Script,
}

/// Bundle `entry` into `output`, with `aliases` as names of imports and the files that they are.
pub(super) fn bundle(
    peers: &mut Peers,
    entry: &Path,
    output: &Path,
    shape: Shape,
    aliases: &[(&str, PathBuf)],
) -> Result<()> {
    let packages = peers.get(Package::Npm("workloads"))?;
    let mut esbuild = Command::new(packages.join("@esbuild/linux-x64/bin/esbuild"));
    esbuild.arg(entry).arg(format!("--outfile={}", output.display())).env("NODE_PATH", &packages).args([
        "--bundle",
        "--platform=neutral",
        "--main-fields=browser,module,main",
        "--conditions=browser",
        "--define:process.env.NODE_ENV=\"production\"",
        "--log-level=error",
    ]);
    esbuild.arg(match shape {
        Shape::Module => "--format=esm",
        Shape::Script => "--format=iife",
    });
    esbuild.args(aliases.iter().map(|(name, path)| format!("--alias:{name}={}", path.display())));
    process::output(&mut esbuild, PATIENCE).with_context(|| format!("cannot bundle {}", entry.display()))?;
    Ok(())
}

/// A file of this crate.
pub(super) fn source(name: &str) -> PathBuf {
    repository().join("benches").join(name)
}
