//! Builds: the whole process, with the engine's code in the cache.

use anyhow::{Context, Result, ensure};
use benches::measure::times::quantile_us;
use end_to_end::program::{program, repository};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Builds measured.
const BUILDS: usize = 30;

/// Measure the build of `hello`, and as a control a process that does nothing.
pub(crate) fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("hello.wasm");
    let source = repository().join("examples/hello/app.js");
    println!("{:44} {:>9} {:>9} {:>9}", "whole process, ms", "min", "p50", "bytes");
    let help = |command: &mut Command| {
        command.arg("--version");
    };
    row("wizerjs --version (control)", help, None)?;
    for (name, extra) in [("wizerjs build hello", None), ("wizerjs build hello --compress", Some("--compress"))] {
        let build = |command: &mut Command| {
            command.arg("build").arg(&source).arg("-o").arg(&output).args(extra);
        };
        row(name, build, Some(&output))?;
    }
    Ok(())
}

fn row(name: &str, arguments: impl Fn(&mut Command), output: Option<&Path>) -> Result<()> {
    let mut times = Vec::with_capacity(BUILDS);
    for _ in 0..=BUILDS {
        times.push(timed(&arguments)?);
    }
    // The first one may have compiled the engine.
    let times = &mut times[1..];
    let bytes = output.map(std::fs::metadata).transpose()?.map_or(String::new(), |file| file.len().to_string());
    println!("{name:44} {:9.1} {:9.1} {bytes:>9}", quantile_us(times, 0.0) / 1e3, quantile_us(times, 0.5) / 1e3);
    Ok(())
}

fn timed(arguments: &impl Fn(&mut Command)) -> Result<Duration> {
    let mut command = program("wizerjs")?;
    arguments(&mut command);
    let start = Instant::now();
    let done = command.output().context("wizerjs")?;
    let elapsed = start.elapsed();
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(elapsed)
}
