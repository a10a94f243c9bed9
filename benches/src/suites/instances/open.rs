//! Memory of open requests, which wait for a timer.

use super::sized;
use crate::measure::engine::EngineUnderTest;
use crate::measure::server::{self, Server};
use crate::measure::{cpu, load};
use crate::report::{Column, Plot, Samples, Table};
use crate::suites::Context;
use anyhow::{Context as _, Result};
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
            match one(context, &artifact, engine) {
                Ok(bytes) => samples.add(&case(name), &engine.name, PRIVATE, "MB", bytes / 1e6),
                Err(error) => samples.fail(&case(name), &engine.name, &error),
            }
        }
    }
    let columns: Vec<Column> = engines.iter().map(|engine| Column::new(&engine.name, &engine.name, PRIVATE)).collect();
    let title = format!("Private memory of an open request, MB: {OPEN} of them, over HTTP");
    let table = samples.table(&title, &sized::SIZES.map(|(name, _)| case(name)), &columns);
    Ok((vec![table], Vec::new()))
}

fn case(size: &str) -> String {
    format!("{size} of data, open")
}

/// Bytes that one open request has to itself.
fn one(context: &Context, artifact: &Path, engine: &EngineUnderTest) -> Result<f64> {
    let address = server::free_address()?;
    let mut command = engine.serve(artifact, address)?;
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
