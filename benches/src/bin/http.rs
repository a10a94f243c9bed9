//! Requests over HTTP: the server on one processor, the clients on another, beside a bare hyper server that answers
//! the same bytes without any guest.
//!
//!     cargo run --release --bin http

use anyhow::Result;
use benches::measure::control::{self, Control};
use benches::measure::{cpu, load};
use clap::Parser;
use end_to_end::server::Server;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Parser)]
struct Args {
    /// Applications to serve.
    #[arg(default_values_os_t = [PathBuf::from("examples/hello/app.js")])]
    apps: Vec<PathBuf>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// More arguments for `runner serve`, one each.
    #[arg(long = "arg", allow_hyphen_values = true)]
    args: Vec<String>,
}

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(control::ARGUMENT) {
        return control::serve();
    }
    let args = Args::parse();
    let duration = Duration::from_secs(args.seconds);
    println!(
        "{:28} {:>5} {:>10} {:>9} {:>9} {:>12} {:>7}",
        "", "conc.", "req/s", "p50 µs", "p99 µs", "cpu µs/req", "ratio"
    );
    let extra: Vec<&str> = args.args.iter().map(String::as_str).collect();
    for concurrency in [1, 8] {
        let control = Control::start()?;
        let name = "bare hyper (control)";
        let control = measure(name, control.address(), control.id(), concurrency, duration, None)?;
        for app in &args.apps {
            let server = cpu::on(cpu::SERVER, || Server::start(app, &extra))?;
            let name = app.parent().and_then(|folder| folder.file_name()).unwrap_or(app.as_os_str()).to_string_lossy();
            measure(&name, server.address(), server.id(), concurrency, duration, Some(control))?;
        }
    }
    Ok(())
}

/// Measure one server and print its row; gives its requests per second.
fn measure(
    name: &str,
    address: SocketAddr,
    process: u32,
    concurrency: usize,
    duration: Duration,
    control: Option<f64>,
) -> Result<f64> {
    let run = |duration| cpu::on(cpu::CLIENT, || load::run(address, &load::get("/"), concurrency, duration));
    run(duration / 4)?;
    let before = cpu::time_of(process)?;
    let seen = run(duration)?;
    let cpu_us = (cpu::time_of(process)? - before).as_secs_f64() * 1e6 / seen.latency_ns.len() as f64;
    let rate = seen.per_second();
    println!(
        "{name:28} {concurrency:5} {rate:10.0} {:9.1} {:9.1} {cpu_us:12.1} {:>7}",
        seen.quantile_us(0.5),
        seen.quantile_us(0.99),
        control.map_or("1".to_owned(), |control| format!("{:.3}", rate / control)),
    );
    Ok(rate)
}
