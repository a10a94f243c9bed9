//! More workers than processors: 1 to 4 threads that serve, on one processor.

use crate::measure::load;
use crate::measure::server::{self, Server};
use crate::report::{Column, Plot, Samples, Table};
use crate::suites::Context;
use crate::suites::lines::{lines, plot};
use anyhow::Result;
use end_to_end::program::repository;
use std::time::Duration;

/// Workers.
const WORKERS: [usize; 4] = [1, 2, 3, 4];

/// Requests in flight.
const CONCURRENCY: [usize; 2] = [8, 64];

/// How long one measurement takes.
const DURATION: Duration = Duration::from_millis(500);

/// What a sample is of, and its unit.
const QUANTITIES: [(&str, &str); 4] = [("rate", "1/s"), ("p50", "µs"), ("p99", "µs"), ("cpu", "µs")];

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)> {
    if !context.wants("growth", "workers") {
        return Ok(Default::default());
    }
    let mut running = Vec::new();
    let mut who = Vec::new();
    for engine in context.engines.clone() {
        let artifact = context.work.join("workers.wasm");
        let entry = repository().join("examples/hello/app.js");
        std::fs::write(&artifact, wizerjs::build(&engine.build_options(entry))?.bytes)?;
        for workers in WORKERS {
            let address = server::free_address()?;
            let mut command = engine.serve(&artifact, address)?;
            command.args(["--workers", &workers.to_string()]);
            let log = server::log_file(&context.work, &format!("workers {workers}"))?;
            running.push((workers, engine.name.clone(), Server::start(&mut command, address, &load::get("/"), &log)?));
        }
        who.extend(CONCURRENCY.map(|concurrency| named(&engine.name, concurrency)));
    }
    context.rounds("growth, workers", samples, |_, samples, _| {
        for (workers, engine, server) in &running {
            for concurrency in CONCURRENCY {
                let who = named(engine, concurrency);
                if let Err(error) = turn(server, &case(*workers), &who, concurrency, samples) {
                    samples.fail(&case(*workers), &who, &error);
                }
            }
        }
        Ok(())
    })?;
    let columns: Vec<Column> = who
        .iter()
        .flat_map(|who| QUANTITIES.map(|(what, unit)| Column::new(&format!("{who}: {what}, {unit}"), who, what)))
        .collect();
    let cases = WORKERS.map(case);
    let table = samples.table("More workers on one processor, hello over HTTP", &cases, &columns);
    let plots = [("rate", "requests a second"), ("p99", "µs, 99th percentile")].map(|(what, axis)| {
        let lines = lines(samples, &who, &WORKERS, case, what);
        plot(
            &format!("growth-workers-{what}"),
            &format!("More workers on one processor: {what}"),
            axis,
            "workers",
            "workers",
            lines,
        )
    });
    Ok((vec![table], plots.into_iter().flatten().collect()))
}

fn named(engine: &str, concurrency: usize) -> String {
    format!("{engine}, concurrency {concurrency}")
}

fn case(workers: usize) -> String {
    if workers == 1 { "1 worker".to_owned() } else { format!("{workers} workers") }
}

fn turn(server: &Server, case: &str, who: &str, concurrency: usize, samples: &mut Samples) -> Result<()> {
    let load = || load::run(server.address(), &load::get("/"), concurrency, DURATION);
    let (seen, cost_us) = load::with_cost(server.id(), load)?;
    let values = [seen.per_second(), seen.quantile_us(0.5), seen.quantile_us(0.99), cost_us];
    for ((what, unit), value) in QUANTITIES.into_iter().zip(values) {
        samples.add(case, who, what, unit, value);
    }
    Ok(())
}
