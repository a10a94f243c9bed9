//! What it costs to have instances of applications of any number and size: applications in turn, resets of requests that
//! write much, first instances of large applications. In process, on one thread; every time stands beside a control.
//!
//!     cargo run --release --bin instances [SUITE…]

mod difference;
mod in_turn;
mod process;
mod reset;

use anyhow::{Context, Result, bail};
use clap::Parser;
use std::time::Duration;

/// Bytes of stack of the measuring thread: guests run on it.
const STACK_BYTES: usize = 24 << 20;

#[derive(Parser)]
struct Args {
    /// What to measure: in-turn, reset, difference, process [default: all].
    suites: Vec<String>,
}

fn main() -> Result<()> {
    let mut args = Args::parse();
    if args.suites.is_empty() {
        args.suites = ["in-turn", "reset", "difference", "process"].map(str::to_owned).into();
    }
    let measure = move || args.suites.iter().try_for_each(|suite| measure(suite));
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(measure)?;
    thread.join().ok().context("the measurement panicked")?
}

fn measure(suite: &str) -> Result<()> {
    match suite {
        "in-turn" => in_turn::measure(),
        "reset" => reset::measure(),
        "difference" => difference::measure(),
        "process" => process::measure(),
        unknown => bail!("no suite {unknown}"),
    }
}

/// A quantile of times, in microseconds. Sorts them.
fn quantile(times: &mut [Duration], q: f64) -> f64 {
    times.sort_unstable();
    times.get(((times.len().saturating_sub(1)) as f64 * q) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
