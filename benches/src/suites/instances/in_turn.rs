//! Many applications, each asked after all others: over HTTP from a folder, and in process, where what instances do is seen.

use crate::measure::cpu;
use crate::measure::engine::EngineUnderTest;
use crate::measure::load::{self, Until};
use crate::measure::server::{self, Server};
use crate::report::{Plot, Samples, Table, shown};
use crate::suites::Context;
use crate::suites::lines::{lines, plot};
use crate::suites::tenants::{self, Template};
use anyhow::{Result, anyhow, ensure};
use runner::{App, Host, Session};
use std::time::Duration;

/// Numbers of applications.
const COUNTS: [usize; 5] = [1, 100, 200, 1_000, 10_000];
/// Those of a short run.
const QUICK_COUNTS: [usize; 3] = [1, 100, 1_000];

/// Requests in flight.
const CONCURRENCY: usize = 8;
/// How long one measurement takes, at least: every application is asked.
const DURATION: Duration = Duration::from_millis(500);

/// Requests in process, at least.
const REQUESTS: usize = 5_000;

/// What a sample over HTTP is of, and its unit.
const OVER_HTTP: [(&str, &str); 7] = [
    ("first request, p50", "µs"),
    ("first request, p99", "µs"),
    ("rate", "1/s"),
    ("p50", "µs"),
    ("p99", "µs"),
    ("cpu", "µs"),
    ("PSS", "MB"),
];
/// The same in process.
const IN_PROCESS: [(&str, &str); 4] =
    [("in process, cpu", "µs"), ("made", "instances"), ("reused", "instances"), ("taken over", "instances")];

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)> {
    if !context.wants("instances", "in turn") {
        return Ok(Default::default());
    }
    let engines = context.engines.clone();
    let counts: &[usize] = if context.quick { &QUICK_COUNTS } else { &COUNTS };
    let mut drawn = Vec::new();
    for engine in &engines {
        let template = Template::new(engine)?;
        over_http(context, engine, &template, counts, samples)?;
        for &count in counts {
            eprintln!("instances, {count} applications in turn, in process");
            if let Err(error) = in_process(engine, &template, count, samples) {
                samples.fail(&case(count), &engine.name, &error);
            }
        }
        for what in ["rate", "first request, p50"] {
            let of_engine = lines(samples, std::slice::from_ref(&engine.name), counts, case, what);
            drawn.extend(of_engine.into_iter().map(|(who, points)| (format!("{who}, {what}"), points)));
        }
    }
    let axis = "requests a second; µs of a first request";
    let plot = plot("instances-in-turn", "Applications in turn", axis, "applications", "applications", drawn);
    Ok((tables(&engines, counts, samples), plot.into_iter().collect()))
}

fn case(count: usize) -> String {
    format!("{count} in turn")
}

fn requests(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|index| load::get(&format!("/{}/", tenants::name(index)))).collect()
}

/// A folder for each number, all served during all rounds.
fn over_http(
    context: &mut Context,
    engine: &EngineUnderTest,
    template: &Template,
    counts: &[usize],
    samples: &mut Samples,
) -> Result<()> {
    let mut running = Vec::new();
    for &count in counts {
        eprintln!("  a folder of {count} applications");
        let folder = template.folder(context, count)?;
        let address = server::free_address()?;
        let mut command = engine.serve(folder.path(), address)?;
        // The engine is loaded, and an instance was made, by an application that is asked for no more.
        let engine_is_there = folder.path().join("first.wasm");
        std::fs::write(&engine_is_there, template.artifact(0))?;
        let log = server::log_file(&context.work, &format!("in turn {count}"))?;
        let server = Server::start(&mut command, address, &load::get("/first/"), &log)?;
        let once = Until { elapsed: Duration::ZERO, answers: count as u64 };
        let first = cpu::on(cpu::CLIENT, || load::in_turn(address, &requests(count), 1, once))?;
        samples.add(&case(count), &engine.name, OVER_HTTP[0].0, "µs", first.quantile_us(0.5));
        samples.add(&case(count), &engine.name, OVER_HTTP[1].0, "µs", first.quantile_us(0.99));
        running.push((count, server, folder));
    }
    context.rounds("instances, in turn", samples, |_, samples, _| {
        for (count, server, _) in &running {
            if samples.error(&case(*count), &engine.name).is_none()
                && let Err(error) = turn(*count, server, engine, samples)
            {
                samples.fail(&case(*count), &engine.name, &error);
            }
        }
        Ok(())
    })
}

fn turn(count: usize, server: &Server, engine: &EngineUnderTest, samples: &mut Samples) -> Result<()> {
    let until = Until { elapsed: DURATION, answers: count as u64 };
    let load = || load::in_turn(server.address(), &requests(count), CONCURRENCY, until);
    let (seen, cost_us) = load::with_cost(server.id(), load)?;
    let values = [
        seen.per_second(),
        seen.quantile_us(0.5),
        seen.quantile_us(0.99),
        cost_us,
        cpu::memory_of(server.id())? as f64 / 1e6,
    ];
    for ((what, unit), value) in OVER_HTTP.into_iter().skip(2).zip(values) {
        samples.add(&case(count), &engine.name, what, unit, value);
    }
    Ok(())
}

/// On this thread, by its processor time: what others do on a busy machine is not in it.
fn in_process(engine: &EngineUnderTest, template: &Template, count: usize, samples: &mut Samples) -> Result<()> {
    let host = Host::new(engine.config())?;
    let load = |index| host.load_bytes(&tenants::name(index), template.artifact(index));
    let apps = (0..count).map(load).collect::<Result<Vec<App>>>()?;
    let message = Session::get("http://localhost/");
    let ask = |app: &App| -> Result<()> {
        let response = app.session()?.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
        ensure!(response.status() == 200, "{}", response.status());
        Ok(())
    };
    // Twice each: what can be kept is kept, and the pages that are written to are known.
    apps.iter().cycle().take((count * 2).max(1_000)).try_for_each(ask)?;
    let metrics = host.metrics();
    let counters = [&metrics.instances_created, &metrics.instances_reused, &metrics.instances_taken_over];
    let before = counters.map(|counter| counter.get());
    let requests = REQUESTS.max(count);
    let start = processor_time();
    apps.iter().cycle().take(requests).try_for_each(ask)?;
    let spent = processor_time() - start;
    let [made, reused, taken] = std::array::from_fn(|at| (counters[at].get() - before[at]) as f64);
    let values = [spent.as_secs_f64() * 1e6 / requests as f64, made, reused, taken];
    for ((what, unit), value) in IN_PROCESS.into_iter().zip(values) {
        samples.add(&case(count), &engine.name, what, unit, value);
    }
    Ok(())
}

/// Processor time of this thread so far.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn tables(engines: &[EngineUnderTest], counts: &[usize], samples: &Samples) -> Vec<Table> {
    let table = |engine: &EngineUnderTest| {
        let row = |&count: &usize| {
            let cell = |what: &str| samples.median(&case(count), &engine.name, what).map_or("–".to_owned(), shown);
            let quantities = OVER_HTTP.iter().chain(&IN_PROCESS);
            std::iter::once(shown(count as f64)).chain(quantities.map(|(what, _)| cell(what))).collect()
        };
        let error = |&count: &usize| Some(format!("{count}: {}", samples.error(&case(count), &engine.name)?));
        let unit = |(what, unit): &(&str, &str)| format!("{what}, {unit}");
        Table {
            title: format!("{}: applications in turn, concurrency {CONCURRENCY}", engine.name),
            head: std::iter::once("applications".to_owned())
                .chain(OVER_HTTP.iter().chain(&IN_PROCESS).map(unit))
                .collect(),
            rows: counts.iter().map(row).collect(),
            notes: counts.iter().filter_map(error).collect(),
        }
    };
    engines.iter().map(table).collect()
}
