//! `cargo run -p runner` and `cargo test --workspace` share what they compile.

use anyhow::{Context, Result, ensure};
use end_to_end::program::repository;
use std::collections::BTreeSet;
use std::process::Command;

/// Dependencies with their versions and features, as cargo resolves them for a command with these arguments.
fn dependencies(args: &[&str]) -> Result<BTreeSet<String>> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--prefix", "none", "--format", "{p} [{f}]"]).args(args);
    let output = tree.current_dir(repository()).output().context("cannot run cargo")?;
    ensure!(output.status.success(), "{tree:?}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect())
}

/// Features that only tests' dependencies turn on would have Wasmtime compiled twice, which takes minutes. What differs
/// here belongs beside the others of its kind in the manifests of `wizerjs` and `runner`.
#[test]
fn running_needs_nothing_that_testing_compiles_otherwise() -> Result<()> {
    let running = dependencies(&["--package", "runner", "--edges", "normal,build"])?;
    let testing = dependencies(&["--workspace", "--edges", "normal,build,dev"])?;
    assert!(running.iter().any(|dependency| dependency.starts_with("wasmtime v")), "{running:#?}");
    let other: Vec<_> = running.difference(&testing).collect();
    assert!(other.is_empty(), "for `cargo run -p runner` alone: {other:#?}");
    Ok(())
}

/// Who embeds the build tool's library without its bundler has nothing of that to compile.
#[test]
fn the_bundler_is_a_feature() -> Result<()> {
    let of = |args: &[&str]| dependencies(&[&["--package", "wizerjs", "--edges", "normal,build"], args].concat());
    let (with, without) = (of(&[])?, of(&["--no-default-features"])?);
    for name in ["rolldown", "oxc_parser", "oxc_resolver"] {
        let is_in = |all: &BTreeSet<String>| all.iter().any(|dependency| dependency.starts_with(&format!("{name} v")));
        assert!(is_in(&with) && !is_in(&without), "{name}: {}, without the feature {}", is_in(&with), is_in(&without));
    }
    assert!(without.len() + 100 < with.len(), "{} of {} dependencies are left", without.len(), with.len());
    Ok(())
}
