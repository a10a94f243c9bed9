//! The engines: commands that run a file, and ours.

use super::ours::Ours;
use super::scripts::Script;
use crate::measure::process;
use crate::report::{Samples, Table};
use crate::suites::Context;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::cell::OnceCell;
use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

/// How long a script may run: Octane's slowest tests take a minute in the slowest engine.
const PATIENCE: Duration = Duration::from_secs(300);

/// An engine under test.
pub(super) struct Engine {
    /// What it is called in tables.
    pub name: String,
    kind: Kind,
}

enum Kind {
    /// Words in front of the file's name; the first may be `env` with variables.
    Command(Vec<OsString>),
    /// Made when it is used first: it reserves address space.
    Ours(crate::measure::engine::EngineUnderTest, OnceCell<Ours>),
}

/// Ours first, then those of others that can be installed. For each of the others the reason is in the report.
pub(super) fn all(context: &mut Context, samples: &mut Samples) -> Result<Vec<Engine>> {
    let ours = context
        .engines
        .iter()
        .map(|engine| Engine { name: engine.name.clone(), kind: Kind::Ours(engine.clone(), OnceCell::new()) });
    let mut engines: Vec<Engine> = ours.collect();
    let peers = &mut context.peers;
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let node = peers.node().map(|path| vec![path.into_os_string()]);
    let bun = peers.bun().map(|path| vec![path.into_os_string()]);
    let deno =
        peers.deno().map(|path| [vec![path.into_os_string()], words(&["run", "--quiet", "--no-config"])].concat());
    let quickjs = peers.quickjs().map(|folder| {
        let script = super::scripts::source("quickjs.py");
        vec!["python3".into(), script.into_os_string(), folder.into_os_string()]
    });
    let gjs = peers.debian("gjs");
    let with = |words: &[&str], command: &Result<Vec<OsString>>| match command {
        Ok(command) => Ok([words.iter().map(OsString::from).collect(), command.clone()].concat()),
        Err(error) => Err(anyhow::anyhow!("{error:#}")),
    };
    let commands = [
        ("node", with(&[], &node)),
        (super::BASE, with(&[], &node).map(|words| [words, vec!["--jitless".into()]].concat())),
        ("bun", with(&[], &bun)),
        ("bun, no JIT", with(&["env", "BUN_JSC_useJIT=0"], &bun)),
        ("deno", deno),
        ("quickjs-ng", quickjs),
        ("gjs", with(&[], &gjs)),
        ("gjs, no JIT", with(&["env", "GJS_DISABLE_JIT=1"], &gjs)),
    ];
    for (name, command) in commands {
        match command {
            Ok(words) => engines.push(Engine { name: name.to_owned(), kind: Kind::Command(words) }),
            Err(error) => samples.fail("all", name, &error),
        }
    }
    Ok(engines)
}

/// The commands, as they are run.
pub(super) fn table(engines: &[Engine]) -> Table {
    let row = |engine: &Engine| {
        let how = match &engine.kind {
            Kind::Command(words) => {
                let mut command = Command::new(words.first().cloned().unwrap_or_default());
                format!("`{}`", process::shown(command.args(words.iter().skip(1)).arg("FILE")))
            }
            Kind::Ours(..) => "in process, as `runner` has it: `Host`, `App`, `Session`".to_owned(),
        };
        vec![engine.name.clone(), how]
    };
    Table {
        title: "Engines".to_owned(),
        head: vec![String::new(), "command".to_owned()],
        rows: engines.iter().map(row).collect(),
        notes: Vec::new(),
    }
}

impl Engine {
    /// Ours, if it is one.
    pub(super) fn ours(&self) -> Option<Result<&Ours>> {
        match &self.kind {
            Kind::Command(_) => None,
            Kind::Ours(engine, made) => Some(match made.get() {
                Some(ours) => Ok(ours),
                None => Ours::new(engine).map(|ours| made.get_or_init(|| ours)),
            }),
        }
    }

    /// Run a script in a new process, or in a fresh instance, and give what it says.
    pub(super) fn run(&self, script: &Script) -> Result<Value> {
        if let Some(ours) = self.ours() {
            return ours?.first(script);
        }
        let Kind::Command(words) = &self.kind else { bail!("neither") };
        let (program, arguments) = words.split_first().context("no words")?;
        let mut command = Command::new(program);
        command.args(arguments).arg(script.command_line()?);
        parsed(&process::output(&mut command, PATIENCE)?)
    }
}

/// The last line that a script wrote.
fn parsed(output: &str) -> Result<Value> {
    let line = output.trim_end().lines().next_back().context("it printed nothing")?;
    let value: Value = serde_json::from_str(line).with_context(|| format!("it printed {line:?}"))?;
    match value["error"].as_str() {
        Some(error) => bail!("{error}"),
        None => Ok(value),
    }
}
