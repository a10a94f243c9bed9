//! The scripts that engines run: workloads, bundled where they have imports.

use super::Context;
use crate::measure::process;
use crate::peers::Package;
use anyhow::{Context as _, Result};
use end_to_end::program::repository;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long esbuild may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A workload: a script that leaves a function `benchmark(parameters)`, which gives an object or a promise of one.
#[derive(Debug)]
pub(super) struct Script {
    /// Its name.
    pub case: String,
    /// Its file.
    pub path: PathBuf,
    /// What it is called with.
    pub parameters: Value,
}

impl Script {
    /// A script that calls the workload by itself and prints one line, for engines that run a file.
    pub(super) fn command_line(&self) -> Result<PathBuf> {
        let [prelude, epilogue] = ["prelude.js", "epilogue.js"].map(|name| std::fs::read_to_string(source(name)));
        let workload = std::fs::read_to_string(&self.path)?;
        let parameters = &self.parameters;
        let text = format!("{}\n{workload}\nglobalThis.benchmarkParameters = {parameters};\n{}", prelude?, epilogue?);
        let path = self.path.with_extension("main.js");
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// A module with a handler that calls the workload with the parameters of the query, for ours.
    pub(super) fn application(&self) -> Result<PathBuf> {
        let name = self.path.file_name().context("a script has a name")?.to_string_lossy();
        let text = format!(
            "import './{name}';\n\
             export default {{\n\
             \x20 async fetch(request) {{\n\
             \x20   const entries = [...new URL(request.url).searchParams].map(([key, value]) => [key, Number(value)]);\n\
             \x20   return new Response(JSON.stringify(await benchmark(Object.fromEntries(entries))));\n\
             \x20 }},\n\
             }};\n"
        );
        let path = self.path.with_extension("application.js");
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

/// A file of `benches/javascript`.
pub(super) fn source(name: &str) -> PathBuf {
    repository().join("benches/javascript").join(name)
}

/// Names of the files in a folder of `benches/javascript`, without endings, sorted.
pub(super) fn names(folder: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(source(folder))? {
        names.push(entry?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// Bundle a module, whose imports are files of `benches/javascript` and packages, into a script.
pub(super) fn bundle(context: &mut Context, case: &str, entry: &str, parameters: Value) -> Result<Script> {
    let packages = context.peers.get(Package::Npm("workloads"))?;
    let folder = folder(context)?;
    let path = folder.join(format!("{case}.js"));
    let entry_file = folder.join(format!("{case}.entry.js"));
    std::fs::write(&entry_file, entry)?;
    let mut esbuild = Command::new(packages.join("@esbuild/linux-x64/bin/esbuild"));
    esbuild.arg(&entry_file).arg(format!("--outfile={}", path.display())).env("NODE_PATH", &packages).args([
        "--bundle",
        "--format=iife",
        "--platform=neutral",
        "--main-fields=browser,module,main",
        "--conditions=browser",
        "--define:process.env.NODE_ENV=\"production\"",
        "--log-level=error",
    ]);
    process::output(&mut esbuild, PATIENCE).with_context(|| format!("cannot bundle {case}"))?;
    Ok(Script { case: case.to_owned(), path, parameters })
}

/// A script that is written as it is.
pub(super) fn plain(context: &Context, case: &str, text: &str, parameters: Value) -> Result<Script> {
    let path = folder(context)?.join(format!("{case}.js"));
    std::fs::write(&path, text)?;
    Ok(Script { case: case.to_owned(), path, parameters })
}

fn folder(context: &Context) -> Result<PathBuf> {
    let folder = context.work.join("javascript");
    std::fs::create_dir_all(&folder).with_context(|| shown(&folder))?;
    Ok(folder)
}

fn shown(path: &Path) -> String {
    format!("cannot make {}", path.display())
}
