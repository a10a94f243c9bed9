//! The scripts that engines run: workloads, bundled where they have imports.

use super::Context;
use crate::suites::bundle::{self, Shape};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

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
    bundle::source("javascript").join(name)
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
    let folder = folder(context)?;
    let path = folder.join(format!("{case}.js"));
    let entry_file = folder.join(format!("{case}.entry.js"));
    std::fs::write(&entry_file, entry)?;
    bundle::bundle(&mut context.peers, &entry_file, &path, Shape::Script, &[])?;
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
