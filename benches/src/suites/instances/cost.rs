//! A request in process: take an instance, call it, bring it back.

use super::sized;
use crate::measure::engine::EngineUnderTest;
use crate::measure::faults::minor_faults;
use crate::measure::times::quantile_us;
use crate::report::{Plot, Samples, Table, shown};
use crate::suites::Context;
use crate::suites::lines::{self, Line};
use anyhow::{Result, anyhow};
use end_to_end::program::repository;
use runner::{App, Config, Host, Limits, Session};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Applications of `examples`.
const EXAMPLES: [&str; 3] = ["hello", "json-api", "page"];
/// The request, which builds with `--warm-up` have handled too.
const PATH: &str = "/products/2";

/// Instances at the same time: one is in use, one kept.
const INSTANCES: usize = 4;

/// Requests before a measurement: the pages that are written to are known after them, and measured ones, to kept instances.
const KEPT_REQUESTS: [usize; 2] = [100, 500];
/// The same, to new ones.
const NEW_REQUESTS: [usize; 2] = [5, 50];

/// What a sample is of, and its unit.
const QUANTITIES: [(&str, &str); 8] = [
    ("take", "µs"),
    ("call", "µs"),
    ("reset", "µs"),
    ("all", "µs"),
    ("p99", "µs"),
    ("pages", "pages"),
    ("runs", "runs"),
    ("faults", "faults"),
];
/// Bytes of an application's own.
const DIFFERENCE: &str = "difference";

/// An application in one of the ways to have instances of it.
struct Contender {
    case: String,
    way: String,
    app: App,
    requests: [usize; 2],
    is_kept: bool,
}

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)> {
    let mut contenders = Vec::new();
    for engine in context.engines.clone() {
        for name in EXAMPLES.iter().filter(|name| context.wants("instances", name)) {
            contenders.extend(of_example(&engine, name)?);
        }
        for (name, bytes) in sized::SIZES {
            if context.wants("instances", name) {
                contenders.extend(of_size(context, &engine, name, bytes)?);
            }
        }
    }
    if contenders.is_empty() {
        return Ok(Default::default());
    }
    for one in &contenders {
        samples.add(&one.case, &one.way, DIFFERENCE, "KB", one.app.memory_bytes() as f64 / 1e3);
    }
    context.rounds("instances, in process", samples, |_, samples, _| {
        for one in &contenders {
            if samples.error(&one.case, &one.way).is_none()
                && let Err(error) = turn(one, samples)
            {
                samples.fail(&one.case, &one.way, &error);
            }
        }
        Ok(())
    })?;
    Ok((vec![table(&contenders, samples)], plot(&contenders, samples).into_iter().collect()))
}

/// A host that keeps instances.
fn kept(engine: &EngineUnderTest) -> Result<Host> {
    Host::new(Config { limits: limits(), ..engine.config() })
}

fn limits() -> Limits {
    Limits { instances: INSTANCES, ..Limits::default() }
}

/// Hosts of the ways: kept, new and one that can be kept, new from the pool.
fn ways(engine: &EngineUnderTest) -> Result<[(&'static str, Host); 3]> {
    let none_kept = Limits { kept_bytes: Some(0), ..limits() };
    Ok([
        ("kept", kept(engine)?),
        ("new", Host::new(Config { limits: none_kept, ..engine.config() })?),
        ("--fresh-instances", Host::new(Config { limits: limits(), fresh_instances: true, ..engine.config() })?),
    ])
}

fn of_example(engine: &EngineUnderTest, name: &str) -> Result<Vec<Contender>> {
    let entry: PathBuf = repository().join("examples").join(name).join("app.js");
    let mut options = engine.build_options(entry);
    let plain = wizerjs::build(&options)?.bytes;
    options.warm_up.push(format!("GET {PATH}").parse().map_err(anyhow::Error::msg)?);
    let warmed_up = wizerjs::build(&options)?.bytes;
    let mut contenders = of_artifact(engine, name, &plain)?;
    contenders.insert(1, contender(engine, name, "warmed up", &kept(engine)?, &warmed_up)?);
    Ok(contenders)
}

fn of_size(context: &Context, engine: &EngineUnderTest, name: &str, bytes: usize) -> Result<Vec<Contender>> {
    of_artifact(engine, &format!("{name} of data"), &sized::artifact(engine, bytes, &context.work)?)
}

fn of_artifact(engine: &EngineUnderTest, case: &str, artifact: &[u8]) -> Result<Vec<Contender>> {
    ways(engine)?.iter().map(|(way, host)| contender(engine, case, way, host, artifact)).collect()
}

fn contender(engine: &EngineUnderTest, case: &str, way: &str, host: &Host, artifact: &[u8]) -> Result<Contender> {
    let is_kept = matches!(way, "kept" | "warmed up");
    Ok(Contender {
        case: case.to_owned(),
        way: format!("{}, {way}", engine.name),
        app: host.load_bytes(case, artifact.to_vec())?,
        requests: if is_kept { KEPT_REQUESTS } else { NEW_REQUESTS },
        is_kept,
    })
}

fn turn(one: &Contender, samples: &mut Samples) -> Result<()> {
    let message = Session::get(&format!("http://localhost{PATH}"));
    let [before, measured] = one.requests;
    // Touched from end to end, so that keeping times costs no page faults.
    let mut times: [Vec<Duration>; 4] = std::array::from_fn(|_| vec![Duration::MAX; before + measured]);
    times.iter_mut().for_each(Vec::clear);
    let (mut faults, mut report) = (0, runner::ResetReport::default());
    for request in 0..before + measured {
        if request == before {
            times.iter_mut().for_each(Vec::clear);
            faults = minor_faults();
        }
        let start = Instant::now();
        let mut session = one.app.session()?;
        let taken = Instant::now();
        let response = session.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
        let called = Instant::now();
        if one.is_kept && request == before {
            report = session.reset()?;
        }
        drop(session);
        let reset = Instant::now();
        drop(response);
        for (times, time) in times.iter_mut().zip([taken - start, called - taken, reset - called, reset - start]) {
            times.push(time);
        }
    }
    let faults = (minor_faults() - faults) as f64 / measured as f64;
    let [take, call, reset, all] = times.each_mut().map(|times| quantile_us(times, 0.5));
    let p99 = quantile_us(&mut times[3], 0.99);
    let values = [take, call, reset, all, p99, report.pages as f64, report.runs as f64, faults];
    for ((quantity, unit), value) in QUANTITIES.into_iter().zip(values) {
        samples.add(&one.case, &one.way, quantity, unit, value);
    }
    Ok(())
}

fn table(contenders: &[Contender], samples: &Samples) -> Table {
    let row = |one: &Contender| {
        let cell = |what: &str| samples.median(&one.case, &one.way, what).map_or("–".to_owned(), shown);
        let texts = [one.case.clone(), one.way.clone(), cell(DIFFERENCE)];
        texts.into_iter().chain(QUANTITIES.iter().map(|(what, _)| cell(what))).collect()
    };
    let head = ["", "instance", "difference KB", "take µs", "call µs", "reset or drop µs", "all µs", "all, p99 µs"];
    let head = head.into_iter().chain(["pages reset", "in runs", "page faults"]);
    let error = |one: &Contender| Some(format!("{}, {}: {}", one.case, one.way, samples.error(&one.case, &one.way)?));
    Table {
        title: "A request without HTTP".to_owned(),
        head: head.map(str::to_owned).collect(),
        rows: contenders.iter().map(row).collect(),
        notes: contenders.iter().filter_map(error).collect(),
    }
}

/// A new instance, a kept one, over the size of the difference.
fn plot(contenders: &[Contender], samples: &Samples) -> Option<Plot> {
    let mut lines: Vec<Line> = Vec::new();
    for one in contenders.iter().filter(|one| one.case.ends_with(" of data")) {
        let median = |what| samples.median(&one.case, &one.way, what);
        let Some((size, time)) = median(DIFFERENCE).zip(median("all")) else { continue };
        match lines.iter_mut().find(|line| line.0 == one.way) {
            Some(line) => line.1.push((size, time)),
            None => lines.push((one.way.clone(), vec![(size, time)])),
        }
    }
    let title = "A request without HTTP: take an instance, call it, bring it back";
    let over = "KB that the application has in memory and the engine has not";
    lines::plot("instances-difference", title, "µs", over, "difference", lines)
}
