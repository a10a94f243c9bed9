//! What it costs to start: an instance for a request, an application for its first request, an artifact from its source.
//! Without HTTP, on one thread; `http` measures with it.
//!
//!     cargo run --release --bin start

mod applications;
mod build;
mod instance;

use anyhow::{Context, Result};
use clap::Parser;
use end_to_end::program::repository;
use runner::{Config, Host};
use std::path::{Path, PathBuf};
use std::time::Duration;
use wizerjs::engine::EngineChoice;

/// Bytes of stack of the measuring thread: guests run on it.
const STACK_BYTES: usize = 24 << 20;

#[derive(Parser)]
struct Args {
    /// Applications to measure requests of.
    apps: Vec<PathBuf>,
    /// Engine to measure instead of the embedded one.
    #[arg(long)]
    engine: Option<PathBuf>,
    /// Applications that are loaded one after the other.
    #[arg(long, default_value_t = 10_000)]
    applications: usize,
}

fn main() -> Result<()> {
    let mut args = Args::parse();
    if args.apps.is_empty() {
        args.apps =
            ["hello", "json-api", "page"].map(|name| repository().join("examples").join(name).join("app.js")).into();
    }
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || measure(&args))?;
    thread.join().ok().context("the measurement panicked")?
}

fn measure(args: &Args) -> Result<()> {
    let engine = args.engine.as_deref();
    instance::measure(&args.apps, engine)?;
    println!();
    applications::measure(args.applications, engine)?;
    println!();
    build::measure()
}

/// The engine that builds use.
fn choice(engine: Option<&Path>) -> EngineChoice {
    engine.map_or(EngineChoice::Embedded, |path| EngineChoice::File(path.to_owned()))
}

/// A host that knows that engine.
fn host(engine: Option<&Path>, fresh_instances: bool) -> Result<Host> {
    let engines = engine.map(Path::to_owned).into_iter().collect();
    Host::new(Config { fresh_instances, engines, ..Config::default() })
}

/// A quantile of times, in microseconds. Sorts them.
fn quantile(times: &mut [Duration], q: f64) -> f64 {
    times.sort_unstable();
    times.get(((times.len().saturating_sub(1)) as f64 * q) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
