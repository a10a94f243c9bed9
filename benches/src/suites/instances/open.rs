//! Memory of open requests, which wait for a timer.

use super::sized;
use crate::measure::server::{self, Server};
use crate::measure::{cpu, load};
use crate::report::{Plot, Samples, Table, shown};
use crate::suites::Context;
use anyhow::{Context as _, Result};
use end_to_end::program::program;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

/// Requests that are open at the same time.
const OPEN: usize = 100;

/// How long a server has used no processor when all of them wait: ten of the ticks that its time is counted in.
const STILL: Duration = Duration::from_millis(100);

/// What a sample is of.
const PRIVATE: &str = "private memory of an open request";

pub(super) fn measure(context: &mut Context, samples: &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)> {
    if !context.wants("instances", "open") {
        return Ok(Default::default());
    }
    let engines = context.engines.clone();
    for (name, bytes) in sized::SIZES {
        eprintln!("instances, {OPEN} open requests, {name} of data");
        for engine in &engines {
            let artifact = context.work.join(format!("open-{bytes}.wasm"));
            std::fs::write(&artifact, sized::artifact(engine, bytes, &context.work)?)?;
            match one(context, &artifact, &engine.arguments()) {
                Ok(bytes) => samples.add(&case(name), &engine.name, PRIVATE, "MB", bytes / 1e6),
                Err(error) => samples.fail(&case(name), &engine.name, &error),
            }
        }
    }
    let columns: Vec<_> = engines.iter().map(|engine| (engine.name.clone(), PRIVATE)).collect();
    let cell = |case: &str, who: &str| samples.median(case, who, PRIVATE).map_or("–".to_owned(), shown);
    let rows = sized::SIZES.map(|(name, _)| {
        let case = case(name);
        let cells: Vec<String> = columns.iter().map(|(who, _)| cell(&case, who)).collect();
        std::iter::once(case).chain(cells).collect()
    });
    let notes = sized::SIZES.iter().flat_map(|(name, _)| {
        columns.iter().filter_map(|(who, _)| Some(format!("{who}: {}", samples.error(&case(name), who)?)))
    });
    let table = Table {
        title: format!("Private memory of an open request, MB: {OPEN} of them, over HTTP"),
        head: std::iter::once(String::new()).chain(columns.iter().map(|(who, _)| who.clone())).collect(),
        notes: notes.collect(),
        rows: rows.to_vec(),
    };
    Ok((vec![table], Vec::new()))
}

fn case(size: &str) -> String {
    format!("{size} of data, open")
}

/// Bytes that one open request has to itself.
fn one(context: &Context, artifact: &Path, engine: &[std::ffi::OsString]) -> Result<f64> {
    let address = server::free_address()?;
    let mut command = program("runner")?;
    command.arg("serve").arg(artifact).args(["--quiet", "--addr", &address.to_string()]).args(engine);
    let log = server::log_file(&context.work, "open")?;
    let server = Server::start(&mut command, address, &load::get("/"), &log)?;
    let before = cpu::private_memory_of(server.id())?;
    let open = (0..OPEN)
        .map(|_| {
            let mut stream = TcpStream::connect(address).context("cannot connect")?;
            stream.write_all(&load::get("/wait"))?;
            Ok(stream)
        })
        .collect::<Result<Vec<_>>>()?;
    let mut spent = cpu::time_of(server.id())?;
    loop {
        std::thread::sleep(STILL);
        let now = cpu::time_of(server.id())?;
        if now == spent {
            break;
        }
        spent = now;
    }
    let after = cpu::private_memory_of(server.id())?;
    drop(open);
    Ok(after.saturating_sub(before) as f64 / OPEN as f64)
}
