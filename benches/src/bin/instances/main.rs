//! What it costs to have instances of applications of any number and size: applications in turn, resets of requests that
//! write much, first instances of large applications. In process, on one thread; every time stands beside a control.
//!
//!     cargo run --release --bin instances [SUITE…]

mod difference;
mod in_turn;
mod process;
mod reset;

use anyhow::{Result, bail};
use benches::measure::stack::on_large_stack;
use clap::Parser;

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
    on_large_stack(move || args.suites.iter().try_for_each(|suite| measure(suite)))
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
