//! `benches SUITE`: measures, beside what people would use instead, and writes a report that anyone can rerun.
//!
//!     cargo run --release -p benches -- all --quick

use anyhow::{Context as _, Result, ensure};
use benches::measure::engine::EngineUnderTest;
use benches::measure::stack::on_large_stack;
use benches::measure::{control, usage};
use benches::peers::Peers;
use benches::report::{Machine, Report};
use benches::suites::{Context, Measure, SUITES};
use clap::Parser;
use end_to_end::program::{repository, target_folder};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Rounds, where the number is not given: the fewest of which a median says something.
const ROUNDS: usize = 5;
/// The same for a short run.
const QUICK_ROUNDS: usize = 2;

/// Measure, and write target/bench/report.{json,html,md}.
#[derive(Parser)]
struct Args {
    /// `all`, or one suite: serving, start, deploy, javascript, instances, growth, instructions
    suite: String,
    /// A run of some minutes: fewer rounds and cases
    #[arg(long)]
    quick: bool,
    /// How often each contender is measured, in turn with the others [default: 5, with --quick 2]
    #[arg(long)]
    rounds: Option<usize>,
    /// Only cases whose PART/NAME contains this, such as kernels/ or octane/Richards
    #[arg(long, default_value = "")]
    only: String,
    /// An engine to measure: a file, or `embedded`. Several are compared
    #[arg(long = "engine", env = "TEST_ENGINE", default_value = "embedded")]
    engines: Vec<PathBuf>,
    /// Write the measured part of README.md too; not after a noisy or short run
    #[arg(long)]
    readme: bool,
    /// Where the report is written [default: target/bench]
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some(control::ARGUMENT) => control::serve(),
        Some(usage::ARGUMENT) => usage::wait(std::env::args_os().skip(2)),
        _ => {
            let args = Args::parse();
            on_large_stack(move || run(args))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<()> {
    let suites = chosen(&args.suite)?;
    let bench = target_folder()?.join("bench");
    let folder = args.out.unwrap_or_else(|| bench.clone());
    let work = bench.join("work");
    for folder in [&folder, &work] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut context = Context {
        quick: args.quick,
        rounds: args.rounds.unwrap_or(if args.quick { QUICK_ROUNDS } else { ROUNDS }),
        only: args.only,
        engines: EngineUnderTest::all(args.engines),
        peers: Peers::new(bench.join("peers")),
        work,
    };
    let started = Instant::now();
    let mut report = Report {
        machine: Machine::this(),
        quick: args.quick,
        command: command_line(),
        seconds: 0.0,
        peers: Vec::new(),
        suites: Vec::new(),
    };
    for (name, measure) in suites {
        eprintln!("{name}");
        report.suites.push(measure(&mut context).with_context(|| format!("suite {name}"))?);
        report.peers = context.peers.rows();
        report.seconds = started.elapsed().as_secs_f64();
        // After each: what was measured stays if the next one fails.
        report.write(&folder)?;
    }
    println!("{}", folder.join("report.md").display());
    if args.readme {
        report.write_readme(repository())?;
    }
    Ok(())
}

fn chosen(name: &str) -> Result<Vec<(&'static str, Measure)>> {
    let chosen: Vec<_> = SUITES.into_iter().filter(|suite| name == "all" || suite.0 == name).collect();
    let names = SUITES.map(|suite| suite.0).join(", ");
    ensure!(!chosen.is_empty(), "no suite {name:?}: all, {names}");
    Ok(chosen)
}

/// The command that repeats the run.
fn command_line() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    format!("cargo run --release -p benches -- {}", arguments.join(" "))
}
