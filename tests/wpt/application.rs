//! A test as an application.

use crate::web_server::WebServer;
use anyhow::Result;
use end_to_end::program::repository;
use std::fmt::Write;
use std::fs;

/// What `// META:` lines say.
pub(crate) struct Meta {
    pub(crate) scripts: Vec<String>,
    pub(crate) variants: Vec<String>,
    pub(crate) is_long: bool,
    /// Kinds of global objects that the test is for; empty stands for the usual ones.
    globals: Vec<String>,
}

impl Meta {
    pub(crate) fn read(source: &str) -> Self {
        let values = |name: &str| -> Vec<String> {
            let prefix = format!("// META: {name}=");
            source.lines().filter_map(|line| line.strip_prefix(&prefix)).map(|value| value.trim().to_owned()).collect()
        };
        let mut variants = values("variant");
        if variants.is_empty() {
            variants.push(String::new());
        }
        Self {
            scripts: values("script"),
            variants,
            is_long: values("timeout").iter().any(|timeout| timeout == "long"),
            globals: values("global").iter().flat_map(|list| list.split(',').map(str::to_owned)).collect(),
        }
    }

    /// Whether the test is for something else than pages.
    pub(crate) fn is_for_workers(&self) -> bool {
        const OURS: [&str; 3] = ["worker", "dedicatedworker", "jsshell"];
        self.globals.is_empty() || self.globals.iter().any(|global| OURS.contains(&global.as_str()))
    }
}

/// The source of an application that runs the test at `path`, a variant of it being in the `query`.
pub(crate) fn application(server: &WebServer, path: &str, query: &str) -> Result<String> {
    let test = server.script(path)?;
    let mut helpers = Vec::new();
    for script in Meta::read(&test).scripts {
        helpers.push(server.script(&resolve(path, &script))?);
    }
    let constants = [
        ("HARNESS", server.script("/resources/testharness.js")?),
        ("HELPERS", helpers.join("\n;\n")),
        ("TEST", test),
        ("PATH", format!("{path}{query}")),
    ];
    let mut source = String::new();
    for (name, value) in constants {
        writeln!(source, "const {name} = {};", serde_json::to_string(&value)?)?;
    }
    source += &fs::read_to_string(repository().join("tests/wpt/run.js"))?;
    Ok(source)
}

/// The path of a script that the test at `path` names.
fn resolve(path: &str, name: &str) -> String {
    if name.starts_with('/') {
        return name.to_owned();
    }
    let mut segments: Vec<&str> = path.split('/').collect();
    segments.pop();
    for segment in name.split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    segments.join("/")
}
