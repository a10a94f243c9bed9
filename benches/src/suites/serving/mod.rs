//! Serving: requests over HTTP, the server on one processor and the client on the other.

pub(super) mod application;
pub(super) mod hosts;
mod tables;

use super::Context;
use crate::measure::control::{self, Control};
use crate::measure::server::{self, Server};
use crate::measure::{cpu, load, process, wrk};
use crate::report::{CONTROL, Samples, Suite, Table};
use anyhow::{Result, ensure};
use application::Application;
use hosts::Host;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

/// Requests in flight.
const CONCURRENCY: [usize; 3] = [1, 8, 64];
/// The one at which processor time is counted, ratios are taken and `wrk` runs.
const MAIN: usize = 8;

/// How long one measurement takes.
const DURATION: Duration = Duration::from_millis(500);
const QUICK_DURATION: Duration = Duration::from_millis(250);
/// How long a server runs before it is measured: a JIT compiles what is hot in that time.
const WARM_UP: Duration = Duration::from_millis(1500);
const QUICK_WARM_UP: Duration = Duration::from_millis(500);
/// Seconds of `wrk`, which counts whole ones.
const WRK_SECONDS: u64 = 1;

/// How long an answer may take while what is right is looked at.
const PATIENCE: Duration = Duration::from_secs(30);

/// Applications of a short run.
const QUICK: [&str; 2] = ["hello", "json"];

/// Measure every application under every host.
pub(super) fn measure(context: &mut Context) -> Result<Suite> {
    let mut samples = Samples::default();
    let wrk = context.peers.debian("wrk").ok();
    let mut tables = Vec::new();
    let mut plots = Vec::new();
    for name in application::NAMES {
        if context.wants("serving", name) && (!context.quick || QUICK.contains(&name)) {
            let application = Application::new(context, name)?;
            let hosts = hosts::all(context);
            let commands = one(context, &application, &hosts, wrk.as_deref(), &mut samples)?;
            if tables.is_empty() {
                tables.push(commands);
            }
            tables.push(tables::table(name, &hosts, &samples));
            plots.extend(tables::plot(name, &hosts, &samples));
        }
    }
    let headline = Some(tables::headline(&hosts::all(context), &samples));
    Ok(Suite { name: "serving", title: "Serving", about: about(), headline, tables, plots, samples })
}

fn about() -> Vec<String> {
    [
        "The server has one processor, the client another. The client never sleeps; `wrk`, which does, is beside it. All servers of an application run during all rounds and are measured in turn. `cpu` is processor time a request of the server's processes, PSS their memory after the last round.",
        "The column `new` says what is made for each request, the next one what a request cannot reach of others. A server that makes nothing new keeps whatever a request left: caches, globals, half-done work.",
        "No server writes a log, except the row of ours that says so: it does by default.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A contender that runs.
struct Running {
    name: String,
    address: SocketAddr,
    process: u32,
    command: String,
    _server: Option<Server>,
}

/// Measure one application under all hosts, and give the commands that served it.
fn one(
    context: &mut Context,
    application: &Application,
    hosts: &[Host],
    wrk: Option<&[OsString]>,
    samples: &mut Samples,
) -> Result<Table> {
    let bare = Control::start()?;
    let mut running = Vec::new();
    if application.name == "hello" {
        let name = CONTROL.to_owned();
        let command = format!("benches {}", control::ARGUMENT);
        running.push(Running { name, address: bare.address(), process: bare.id(), command, _server: None });
    }
    for host in hosts {
        eprintln!("  starting {} for {}", host.name, application.name);
        match start(context, application, host) {
            Ok(server) => running.push(server),
            Err(error) => samples.fail(application.name, &host.name, &error),
        }
    }
    let quick = context.quick;
    let duration = if quick { QUICK_DURATION } else { DURATION };
    context.rounds(&format!("serving {}", application.name), samples, |_, samples, round| {
        for server in &running {
            if samples.error(application.name, &server.name).is_some() {
                continue;
            }
            let warm_up = if quick { QUICK_WARM_UP } else { WARM_UP };
            let warmed_up = if round > 0 { Ok(()) } else { warm(server, application, warm_up) };
            if let Err(error) = warmed_up.and_then(|()| turn(server, application, duration, wrk, samples)) {
                samples.fail(application.name, &server.name, &error);
            }
        }
        Ok(())
    })?;
    for server in &running {
        if let Ok(bytes) = cpu::memory_of(server.process) {
            samples.add(application.name, &server.name, "PSS", "MB", bytes as f64 / 1e6);
        }
    }
    let row = |server: Running| vec![server.name, format!("`{}`", server.command)];
    Ok(Table {
        title: format!("Commands, for {}", application.name),
        head: vec![String::new(), "command".to_owned()],
        rows: running.into_iter().map(row).collect(),
        notes: Vec::new(),
    })
}

/// Start a host, and see that it gives what it should.
fn start(context: &mut Context, application: &Application, host: &Host) -> Result<Running> {
    let address = server::free_address()?;
    let mut command = (host.command)(context, application, address)?;
    let log = server::log_file(&context.work, &format!("{} {}", application.name, host.name))?;
    let server = Server::start(&mut command, address, &application.request, &log)?;
    let answer = load::ask(address, &application.request, PATIENCE)?;
    ensure!(
        answer == application.expected,
        "answers {} bytes that are not the {} expected",
        answer.len(),
        application.expected.len()
    );
    let command = process::shown(&command);
    Ok(Running { name: host.name.clone(), address, process: server.id(), command, _server: Some(server) })
}

fn warm(server: &Running, application: &Application, duration: Duration) -> Result<()> {
    cpu::on(cpu::CLIENT, || load::run(server.address, &application.request, MAIN, duration))?;
    Ok(())
}

/// One round of one server.
fn turn(
    server: &Running,
    application: &Application,
    duration: Duration,
    wrk: Option<&[OsString]>,
    samples: &mut Samples,
) -> Result<()> {
    let (case, who) = (application.name, &server.name);
    for concurrency in CONCURRENCY {
        let load = || load::run(server.address, &application.request, concurrency, duration);
        let (seen, cost_us) = load::with_cost(server.process, load)?;
        let mut add = |what: &str, unit, value| samples.add(case, who, &format!("{concurrency}: {what}"), unit, value);
        add("rate", "1/s", seen.per_second());
        add("p50", "µs", seen.quantile_us(0.5));
        add("p99", "µs", seen.quantile_us(0.99));
        if concurrency == MAIN {
            add("cpu", "µs", cost_us);
        }
    }
    // It asks for `/` with GET.
    if let Some(wrk) = wrk.filter(|_| application.is_get()) {
        samples.add(case, who, "wrk", "1/s", wrk::rate(wrk, server.address, MAIN, WRK_SECONDS)?);
    }
    Ok(())
}
