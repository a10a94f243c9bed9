//! Builds, whole processes: time, peak memory, and the size of what comes out.

use crate::measure::usage;
use crate::report::{Samples, Table, shown};
use crate::suites::Context;
use crate::suites::component;
use crate::suites::serving::application::Application;
use anyhow::{Context as _, Result};
use end_to_end::program::program;
use std::path::Path;
use std::process::Command;

/// What is built: the least, and 580 KB of React.
const APPLICATIONS: [&str; 2] = ["hello", "react"];

/// What a sample is of, and its unit.
const QUANTITIES: [(&str, &str); 4] = [("wall", "ms"), ("cpu", "ms"), ("peak memory", "MB"), ("output", "KB")];

/// A command that makes a file of an application.
struct Builder {
    name: &'static str,
    /// Whether it takes so long that once is enough.
    is_costly: bool,
    command: fn(&mut Context, &Application, &Path) -> Result<Command>,
}

const BUILDERS: [Builder; 6] = [
    Builder { name: "wizerjs --version (nothing is built)", is_costly: false, command: |_, _, _| nothing() },
    Builder { name: "wizerjs build", is_costly: false, command: |_, app, output| ours(app, output, &[]) },
    Builder {
        name: "wizerjs build --compress",
        is_costly: false,
        command: |_, app, output| ours(app, output, &["--compress"]),
    },
    Builder {
        name: "wizerjs build, the first on a machine",
        is_costly: true,
        command: |context, app, output| first(context, app, output),
    },
    Builder { name: "componentize-js", is_costly: true, command: componentize },
    Builder { name: "wasmtime compile of its component", is_costly: true, command: compile },
];

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<Vec<Table>> {
    let mut applications = Vec::new();
    for name in APPLICATIONS {
        if context.wants("deploy/build", name) {
            applications.push(Application::new(context, name)?);
        }
    }
    if applications.is_empty() {
        return Ok(Vec::new());
    }
    let quick = context.quick;
    context.rounds("builds", samples, |context, samples, round| {
        for application in &applications {
            for builder in &BUILDERS {
                let case = case(application.name);
                if samples.error(&case, builder.name).is_none()
                    && !(builder.is_costly && (quick || round > 0))
                    && let Err(error) = turn(context, application, builder, samples)
                {
                    samples.fail(&case, builder.name, &error);
                }
            }
        }
        Ok(())
    })?;
    Ok(applications.iter().map(|application| table(application.name, samples)).collect())
}

fn case(application: &str) -> String {
    format!("build of {application}")
}

fn turn(context: &mut Context, application: &Application, builder: &Builder, samples: &mut Samples) -> Result<()> {
    let output = application.file("built");
    let _ = std::fs::remove_file(&output);
    let command = (builder.command)(context, application, &output)?;
    let usage = usage::of(&command, Path::new("/dev/null"))?;
    let bytes = std::fs::metadata(&output).map_or(f64::NAN, |file| file.len() as f64);
    let values = [usage.wall_ms, usage.cpu_ms, usage.peak_bytes as f64 / 1e6, bytes / 1e3];
    for ((what, unit), value) in QUANTITIES.into_iter().zip(values) {
        samples.add(&case(application.name), builder.name, what, unit, value);
    }
    Ok(())
}

fn nothing() -> Result<Command> {
    let mut command = program("wizerjs")?;
    command.arg("--version");
    Ok(command)
}

fn ours(application: &Application, output: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = program("wizerjs")?;
    command.arg("build").arg(application.module()).args(arguments).arg("-o").arg(output);
    Ok(command)
}

/// With nothing in the cache: the engine is compiled.
fn first(context: &Context, application: &Application, output: &Path) -> Result<Command> {
    let cache = context.work.join("empty-cache");
    let _ = std::fs::remove_dir_all(&cache);
    let mut command = ours(application, output, &[])?;
    command.env("XDG_CACHE_HOME", cache);
    Ok(command)
}

fn componentize(context: &mut Context, application: &Application, output: &Path) -> Result<Command> {
    component::componentize(context, &application.file("starling.js"), output)
}

fn compile(context: &mut Context, application: &Application, output: &Path) -> Result<Command> {
    let made = application.file("component.wasm");
    if !made.is_file() {
        application.component(context).context("no component")?;
    }
    component::compile(context, &made, output)
}

fn table(application: &str, samples: &Samples) -> Table {
    let case = case(application);
    let row = |builder: &Builder| {
        let cell = |(what, _): &(&str, &str)| samples.median(&case, builder.name, what).map_or("–".to_owned(), shown);
        std::iter::once(builder.name.to_owned()).chain(QUANTITIES.iter().map(cell)).collect()
    };
    let error = |builder: &Builder| Some(format!("{}: {}", builder.name, samples.error(&case, builder.name)?));
    let unit = |(what, unit): &(&str, &str)| format!("{what}, {unit}");
    Table {
        title: format!("Build of {application}, whole processes"),
        head: std::iter::once(String::new()).chain(QUANTITIES.iter().map(unit)).collect(),
        rows: BUILDERS.iter().map(row).collect(),
        notes: BUILDERS.iter().filter_map(error).collect(),
    }
}
