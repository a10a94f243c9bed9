//! Deploying: from a changed source to the first byte of the new version; and what a build makes.

mod build;

use super::{Context, component};
use crate::measure::engine::EngineUnderTest;
use crate::measure::server::{self, Server};
use crate::measure::{load, process};
use crate::report::{Column, Plot, Samples, Shape, Suite, shown};
use anyhow::{Context as _, Result, bail};
use end_to_end::program::program;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a build may take: componentize-js and its compiler take half a minute.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a server may keep the old version.
const OLD_MAX: Duration = Duration::from_secs(15);
/// Between two requests for it.
const ATTEMPTS: Duration = Duration::from_micros(300);
/// How long a server that watches is left alone before its source changes: watchers start after servers do.
const SETTLED: Duration = Duration::from_millis(1500);

const TIME: &str = "new version";
const CASE: &str = "hello";

/// A way to get a new version to clients.
struct Way {
    name: String,
    is_ours: bool,
    /// Where the application is asked for.
    path: &'static str,
    /// What has to be done when the source has changed, apart from starting anew.
    publish: Step<()>,
    /// The server.
    serve: Step<Command>,
    /// Whether it has to be started anew.
    restarts: bool,
}

/// Something done with the folder of the application and the server's address.
type Step<T> = Box<dyn Fn(&mut Context, &Path, SocketAddr) -> Result<T>>;

/// Measure all ways.
pub(super) fn measure(context: &mut Context) -> Result<Suite> {
    let mut samples = Samples::default();
    let ways: Vec<Way> = all(context).into_iter().filter(|way| context.wants("deploy", &way.name)).collect();
    context.rounds("deploy", &mut samples, |context, samples, _| {
        for way in &ways {
            if samples.error(CASE, &way.name).is_none() {
                match turn(context, way) {
                    Ok(time) => samples.add(CASE, &way.name, TIME, "ms", time.as_secs_f64() * 1e3),
                    Err(error) => samples.fail(CASE, &way.name, &error),
                }
            }
        }
        Ok(())
    })?;
    let columns: Vec<Column> = ways.iter().map(|way| Column::new(&way.name, &way.name, TIME)).collect();
    let mut table = samples.table("From a changed source to the first byte of the new version, ms", &[CASE], &columns);
    // A way a row.
    let cells = table.rows.pop().unwrap_or_default();
    table.rows = table.head.iter().cloned().zip(cells).skip(1).map(|(name, cell)| vec![name, cell]).collect();
    table.head = vec![String::new(), "ms".to_owned()];
    let plots = plot(&ways, &samples).into_iter().collect();
    let mut tables = vec![table];
    tables.extend(build::measure(context, &mut samples)?);
    Ok(Suite { name: "deploy", title: "Deploying", about: about(), headline: None, tables, plots, samples })
}

fn about() -> Vec<String> {
    vec![
        "A server answers with version 1. Its source is changed, what has to be built is built, the server is started anew if it does not watch; the time ends with the first answer of version 2 to a client that asks all the time."
            .to_owned(),
    ]
}

fn turn(context: &mut Context, way: &Way) -> Result<Duration> {
    // Where watchers look for nothing else.
    let folder = tempfile::Builder::new().prefix("deploy-").tempdir_in(&context.work)?;
    let folder = folder.path();
    let address = server::free_address()?;
    write(folder, 1)?;
    (way.publish)(context, folder, address)?;
    let log = server::log_file(&context.work, &format!("deploy {}", way.name))?;
    let mut command = (way.serve)(context, folder, address)?;
    let mut server = Some(Server::start(&mut command, address, &load::get(way.path), &log)?);
    if !way.restarts {
        std::thread::sleep(SETTLED);
    }
    let started = Instant::now();
    write(folder, 2)?;
    (way.publish)(context, folder, address)?;
    if way.restarts {
        drop(server.take());
        let mut command = (way.serve)(context, folder, address)?;
        server = Some(Server::start(&mut command, address, &load::get(way.path), &log)?);
    }
    let time = until_new(address, way.path, started)?;
    drop(server);
    Ok(time)
}

/// When version 2 answers.
fn until_new(address: SocketAddr, path: &str, started: Instant) -> Result<Duration> {
    let asked = Instant::now();
    while asked.elapsed() < OLD_MAX {
        match load::ask(address, &load::get(path), PATIENCE) {
            // `runner dev` adds to pages, not to plain text.
            Ok(answer) if answer == text(2).as_bytes() => return Ok(started.elapsed()),
            _ => std::thread::sleep(ATTEMPTS),
        }
    }
    bail!("the old version is still there after {} s", OLD_MAX.as_secs())
}

fn text(version: u32) -> String {
    format!("version {version}")
}

/// Write the application.
fn write(folder: &Path, version: u32) -> Result<()> {
    let handler = format!("() => new Response(\"{}\")", text(version));
    std::fs::write(
        folder.join("starling.js"),
        format!("addEventListener('fetch', (event) => event.respondWith(({handler})()));\n"),
    )?;
    Ok(std::fs::write(folder.join("app.js"), format!("export default {{ fetch: {handler} }};\n"))?)
}

fn all(context: &Context) -> Vec<Way> {
    let mut ways: Vec<Way> = context.engines.iter().flat_map(ours).collect();
    ways.push(watching("deno serve --watch", |context, folder, address| {
        let mut command = Command::new(context.peers.deno()?);
        command.args(["serve", "--quiet", "--no-config", "--watch", "--host", "127.0.0.1"]);
        command.args(["--port", &address.port().to_string()]).arg(folder.join("app.js"));
        Ok(command)
    }));
    ways.push(watching("bun --hot", |context, folder, address| {
        let mut command = Command::new(context.peers.bun()?);
        command.env("BUN_PORT", address.port().to_string()).arg("--hot").arg(folder.join("app.js"));
        Ok(command)
    }));
    ways.push(watching("workerd serve --watch", |context, folder, address| {
        let config = folder.join("config.capnp");
        std::fs::write(
            &config,
            super::serving::hosts::workerd_config(
                "modules = [(name = \"worker\", esModule = embed \"app.js\")]",
                address,
            ),
        )?;
        let mut command = Command::new(context.peers.workerd()?);
        command.args(["serve", "--watch"]).arg(config);
        Ok(command)
    }));
    ways.push(starling());
    ways
}

/// One that looks for changes by itself.
fn watching(name: &str, serve: impl Fn(&mut Context, &Path, SocketAddr) -> Result<Command> + 'static) -> Way {
    Way {
        name: name.to_owned(),
        is_ours: false,
        path: "/",
        publish: Box::new(|_, _, _| Ok(())),
        serve: Box::new(serve),
        restarts: false,
    }
}

fn ours(engine: &EngineUnderTest) -> [Way; 3] {
    let engine_args = engine.arguments();
    let built = || -> Step<()> {
        let engine_args = engine_args.clone();
        Box::new(move |_, folder, _| {
            std::fs::create_dir_all(folder.join("apps"))?;
            let mut command = program("wizerjs")?;
            command.arg("build").arg(folder.join("app.js")).args(&engine_args);
            process::output(command.arg("-o").arg(folder.join("apps/app.wasm")), PATIENCE)?;
            Ok(())
        })
    };
    let serve = |what: &'static [&'static str], place: &'static str| -> Step<Command> {
        let engine_args = engine_args.clone();
        Box::new(move |_, folder, address| {
            let mut command = program("runner")?;
            command.args(what).arg(folder.join(place)).args(["--quiet", "--addr", &address.to_string()]);
            command.args(&engine_args);
            Ok(command)
        })
    };
    let way = |how: &str, path, publish, serve, restarts| Way {
        name: format!("{}, {how}", engine.name),
        is_ours: true,
        path,
        publish,
        serve,
        restarts,
    };
    [
        way("built, started anew", "/", built(), serve(&["serve"], "apps/app.wasm"), true),
        way("built, into a folder", "/app/", built(), serve(&["serve"], "apps"), false),
        way("runner dev", "/", Box::new(|_, _, _| Ok(())), serve(&["dev"], "app.js"), false),
    ]
}

/// StarlingMonkey: a component is made and compiled, and the server started anew.
fn starling() -> Way {
    Way {
        name: "componentize-js, wasmtime serve anew".to_owned(),
        is_ours: false,
        path: "/",
        publish: Box::new(|context, folder, _| {
            let made = folder.join("app.wasm");
            let mut componentize = component::componentize(context, &folder.join("starling.js"), &made)?;
            process::output(&mut componentize, PATIENCE).context("componentize-js")?;
            process::output(&mut component::compile(context, &made, &folder.join("app.cwasm"))?, PATIENCE)?;
            Ok(())
        }),
        serve: Box::new(|context, folder, address| component::serve(context, &folder.join("app.cwasm"), address)),
        restarts: true,
    }
}

fn plot(ways: &[Way], samples: &Samples) -> Option<Plot> {
    let bar = |way: &Way| Some((way.name.clone(), samples.median(CASE, &way.name, TIME)?, way.is_ours));
    let mut bars: Vec<_> = ways.iter().filter_map(bar).collect();
    bars.sort_by(|one, other| one.1.total_cmp(&other.1));
    let says: Vec<String> =
        bars.iter().filter(|bar| bar.2).map(|bar| format!("{}: {} ms", bar.0, shown(bar.1))).collect();
    (!says.is_empty()).then(|| Plot {
        name: "deploy".to_owned(),
        title: "From a changed source to the first byte of the new version".to_owned(),
        axis: "milliseconds, shorter is better".to_owned(),
        says: format!("{}.", says.join(", ")),
        shape: Shape::Bars(bars),
    })
}
