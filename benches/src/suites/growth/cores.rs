//! More processors: a thread on each, all with the same host and application.

use crate::measure::{cpu, stack};
use crate::report::{Column, Plot, Samples, Table};
use crate::suites::Context;
use crate::suites::lines::{lines, plot};
use anyhow::{Result, anyhow};
use end_to_end::program::repository;
use runner::{App, Host, Session};
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Processors, as far as there are so many.
const CORES: [usize; 4] = [1, 2, 4, 8];

/// How long one measurement takes.
const DURATION: Duration = Duration::from_millis(500);

/// Applications of `examples`.
const EXAMPLES: [&str; 2] = ["hello", "json-api"];
/// The request.
const URL: &str = "http://localhost/products/2";

/// What a sample is of.
const RATE: &str = "rate";

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)> {
    if !context.wants("growth", "cores") {
        return Ok(Default::default());
    }
    let there = std::thread::available_parallelism().map_or(1, usize::from);
    let cores: Vec<usize> = CORES.into_iter().filter(|cores| *cores <= there).collect();
    let mut apps = Vec::new();
    for engine in context.engines.clone() {
        let host = Host::new(engine.config())?;
        for name in EXAMPLES {
            let entry = repository().join("examples").join(name).join("app.js");
            let app = host.load_bytes(name, wizerjs::build(&engine.build_options(entry))?.bytes)?;
            apps.push((format!("{}, {name}", engine.name), app));
        }
    }
    context.rounds("growth, processors", samples, |_, samples, _| {
        for (who, app) in &apps {
            for &cores in &cores {
                match rate(app, cores) {
                    Ok(rate) => samples.add(&case(cores), who, RATE, "1/s", rate),
                    Err(error) => samples.fail(&case(cores), who, &error),
                }
            }
        }
        Ok(())
    })?;
    let who: Vec<String> = apps.into_iter().map(|(who, _)| who).collect();
    let columns: Vec<Column> = who.iter().map(|who| Column::new(&format!("{who}, requests/s"), who, RATE)).collect();
    let cases: Vec<String> = cores.iter().copied().map(case).collect();
    let table = samples.table("More processors: a thread on each, without HTTP", &cases, &columns);
    let lines = lines(samples, &who, &cores, case, RATE);
    let plot = plot(
        "growth-processors",
        "More processors",
        "requests a second, without HTTP",
        "processors",
        "processors",
        lines,
    );
    Ok((vec![table], plot.into_iter().collect()))
}

fn case(cores: usize) -> String {
    if cores == 1 { "1 processor".to_owned() } else { format!("{cores} processors") }
}

/// Requests a second of so many threads together.
fn rate(app: &App, cores: usize) -> Result<f64> {
    let together = Barrier::new(cores);
    let rates = std::thread::scope(|scope| {
        let start = |processor: usize| {
            let thread = std::thread::Builder::new().stack_size(stack::STACK_BYTES);
            let together = &together;
            thread.spawn_scoped(scope, move || {
                // Everybody comes to the barrier, or nobody would go on.
                let stays = cpu::stay_on(processor);
                together.wait();
                stays?;
                requests(app)
            })
        };
        let threads = (0..cores).map(start).collect::<std::io::Result<Vec<_>>>()?;
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?)
            .collect::<Result<Vec<f64>>>()
    })?;
    Ok(rates.into_iter().sum())
}

fn requests(app: &App) -> Result<f64> {
    let message = Session::get(URL);
    let (start, mut requests) = (Instant::now(), 0_u64);
    while start.elapsed() < DURATION {
        app.session()?.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
        requests += 1;
    }
    Ok(requests as f64 / start.elapsed().as_secs_f64())
}
