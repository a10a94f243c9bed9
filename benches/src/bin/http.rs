//! Requests over HTTP: the server on one processor, the clients on another, beside a bare hyper server that answers
//! the same bytes without any guest.
//!
//!     cargo run --release --bin http

use anyhow::{Context, Result};
use benches::{cpu, load};
use bytes::Bytes;
use clap::Parser;
use end_to_end::server::Server;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Processor of the server under test.
const SERVER_PROCESSOR: usize = 0;
/// Processor of the clients.
const CLIENT_PROCESSOR: usize = 1;

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
    /// Be the bare server.
    #[arg(long, hide = true)]
    bare: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if args.bare {
        return bare();
    }
    let duration = Duration::from_secs(args.seconds);
    println!(
        "{:28} {:>5} {:>10} {:>9} {:>9} {:>12} {:>7}",
        "", "conc.", "req/s", "p50 µs", "p99 µs", "cpu µs/req", "ratio"
    );
    let extra: Vec<&str> = args.args.iter().map(String::as_str).collect();
    for concurrency in [1, 8] {
        cpu::stay_on(SERVER_PROCESSOR)?;
        let mut child = Command::new(std::env::current_exe()?).arg("--bare").stdout(Stdio::piped()).spawn()?;
        cpu::stay_on(CLIENT_PROCESSOR)?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("piped")?).read_line(&mut line)?;
        let control = measure("bare hyper (control)", line.trim().parse()?, child.id(), concurrency, duration, None);
        child.kill()?;
        child.wait()?;
        let control = control?;
        for app in &args.apps {
            cpu::stay_on(SERVER_PROCESSOR)?;
            let server = Server::start(app, &extra)?;
            cpu::stay_on(CLIENT_PROCESSOR)?;
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
    load::get(address, "/", concurrency, duration / 4)?;
    let before = cpu::time_of(process)?;
    let seen = load::get(address, "/", concurrency, duration)?;
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

/// A server that does nothing but HTTP, with the settings of a single-threaded host.
fn bare() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let service = service_fn(|_: Request<hyper::body::Incoming>| async {
                    let body = Full::new(Bytes::from_static(b"Hello from a fresh engine!\n"));
                    Ok::<_, Infallible>(
                        Response::builder()
                            .header("content-type", "text/plain;charset=UTF-8")
                            .body(body)
                            .unwrap_or_default(),
                    )
                });
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}
