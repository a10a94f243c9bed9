//! What it costs to start: an instance for a request, an application for its first request, an artifact from its source.
//! Without HTTP, on one thread; `http` measures with it.
//!
//!     cargo run --release --bin start

mod applications;
mod build;
mod instance;

use anyhow::Result;
use benches::measure::stack::on_large_stack;
use clap::Parser;
use end_to_end::program::repository;
use runner::{Config, Host};
use std::path::{Path, PathBuf};
use wizerjs::engine::EngineChoice;

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
    on_large_stack(move || measure(&args))
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
