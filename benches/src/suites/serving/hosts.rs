//! The hosts: what is started for an application, and what it isolates.

use super::application::Application;
use crate::measure::engine::EngineUnderTest;
use crate::measure::process;
use crate::peers::Package;
use crate::suites::bundle::source;
use crate::suites::{Context, component};
use anyhow::Result;
use end_to_end::program::program;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The command that serves an application at an address.
type Start = Box<dyn Fn(&mut Context, &Application, SocketAddr) -> Result<Command>>;

/// How long an engine may take to compile: some ten seconds of two processors, more beside other work.
const COMPILING: Duration = Duration::from_secs(600);

/// A way to serve.
pub(in crate::suites) struct Host {
    pub name: String,
    /// What is made for each request.
    pub new: &'static str,
    /// What a request cannot reach.
    pub isolated: &'static str,
    /// Whether it is ours.
    pub is_ours: bool,
    pub command: Start,
}

impl Host {
    fn peer(
        name: &str,
        new: &'static str,
        isolated: &'static str,
        command: impl Fn(&mut Context, &Application, SocketAddr) -> Result<Command> + 'static,
    ) -> Self {
        Self { name: name.to_owned(), new, isolated, is_ours: false, command: Box::new(command) }
    }
}

const NOTHING: &str = "nothing";
const NONE: &str = "none from another";
const WHOLE: &str = "all state of others";

/// Every host: ours, those that keep everything, those that make something new for each request.
pub(in crate::suites) fn all(context: &Context) -> Vec<Host> {
    let mut hosts: Vec<Host> = context.engines.iter().flat_map(ours).collect();
    hosts.push(Host::peer("deno", NOTHING, NONE, deno));
    hosts.push(Host::peer("bun", NOTHING, NONE, bun));
    hosts.push(node("node", NOTHING, NONE, "reused", &[]));
    hosts.push(node("node --jitless", NOTHING, NONE, "reused", &["--jitless"]));
    hosts.push(Host::peer("workerd", NOTHING, "applications from each other", |context, application, address| {
        workerd(context, application, address, false)
    }));
    hosts.push(node("node:vm", "context", "globals", "context", &[]));
    hosts.push(node("worker_threads", "isolate, thread", "the heap", "worker", &[]));
    hosts.push(Host::peer("isolated-vm, snapshot", "isolate", "the heap", isolated));
    hosts.push(Host::peer("workerd, workerLoader", "isolate", "the heap", |context, application, address| {
        workerd(context, application, address, true)
    }));
    hosts.push(Host::peer("wasmtime serve, StarlingMonkey", "instance", WHOLE, starling));
    hosts
}

/// Hosts whose start is of interest: of ways that one program has, one.
pub(in crate::suites) fn that_start(context: &Context) -> Vec<Host> {
    let ours = context.engines.iter().flat_map(|engine| {
        let from_artifact =
            ours(engine).into_iter().next().map(|host| Host { name: format!("{}, artifact", engine.name), ..host });
        from_artifact.into_iter().chain([from_source(engine)])
    });
    let variants = ["node:vm", "worker_threads", "workerd, workerLoader"];
    let peers = all(context).into_iter().filter(|host| !host.is_ours && !variants.contains(&host.name.as_str()));
    ours.chain(peers).collect()
}

/// Ours, given the source of an application.
fn from_source(engine: &EngineUnderTest) -> Host {
    let engine = engine.clone();
    Host {
        name: format!("{}, source", engine.name),
        new: "instance",
        isolated: WHOLE,
        is_ours: true,
        command: Box::new(move |_, application, address| engine.serve(&application.module(), address)),
    }
}

/// Ours: what `runner serve` can be told.
fn ours(engine: &EngineUnderTest) -> Vec<Host> {
    let variant = |how: &str, warm_up: bool, arguments: &'static [&'static str]| {
        let engine = engine.clone();
        Host {
            name: format!("{}, {how}", engine.name),
            new: "instance",
            isolated: WHOLE,
            is_ours: true,
            command: Box::new(move |_, application, address| {
                let artifact = application.artifact(&engine, warm_up)?;
                let runner = |subcommand: &str| {
                    let mut command = program("runner")?;
                    command.arg(subcommand).arg(&artifact).args(engine.arguments());
                    anyhow::Ok(command)
                };
                // The engine's machine code is in the cache from then on.
                process::output(&mut runner("compile")?, COMPILING)?;
                let mut command = runner("serve")?;
                command.args(["--addr", &address.to_string()]).args(arguments);
                Ok(command)
            }),
        }
    };
    vec![
        variant("kept", false, &["--quiet"]),
        variant("warmed up", true, &["--quiet"]),
        variant("warmed up, with its log", true, &[]),
        variant("warmed up, --workers 1", true, &["--quiet", "--workers", "1"]),
        variant("--fresh-instances", false, &["--quiet", "--fresh-instances"]),
    ]
}

fn deno(context: &mut Context, application: &Application, address: SocketAddr) -> Result<Command> {
    let mut command = Command::new(context.peers.deno()?);
    command.args(["serve", "--quiet", "--no-config", "--host", "127.0.0.1", "--port", &address.port().to_string()]);
    command.arg(application.module());
    Ok(command)
}

fn bun(context: &mut Context, application: &Application, address: SocketAddr) -> Result<Command> {
    let mut command = Command::new(context.peers.bun()?);
    // It serves what a module exports as default, if that has `fetch`.
    command.env("BUN_PORT", address.port().to_string()).env("NODE_ENV", "production").arg(application.module());
    Ok(command)
}

fn node(
    name: &str,
    new: &'static str,
    isolated: &'static str,
    way: &'static str,
    flags: &'static [&'static str],
) -> Host {
    Host::peer(name, new, isolated, move |context, application, address| {
        let mut command = Command::new(context.peers.node()?);
        command.args(flags).arg(source("serving/node.cjs")).arg(way).arg(application.script());
        command.arg(address.port().to_string());
        Ok(command)
    })
}

fn isolated(context: &mut Context, application: &Application, address: SocketAddr) -> Result<Command> {
    let modules = context.peers.get(Package::NpmCompiled("isolated-vm"))?;
    let mut command =
        (node("isolated-vm", "", "", "isolate", &["--no-node-snapshot"]).command)(context, application, address)?;
    command.env("NODE_PATH", modules);
    Ok(command)
}

fn starling(context: &mut Context, application: &Application, address: SocketAddr) -> Result<Command> {
    let compiled = application.component(context)?;
    component::serve(context, &compiled, address)
}

/// The date whose behaviour workerd is to have; it knows none that is later than itself.
const COMPATIBILITY: &str = "2026-11-01";

fn workerd(
    context: &mut Context,
    application: &Application,
    address: SocketAddr,
    with_loader: bool,
) -> Result<Command> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let module = name(&application.module());
    let worker = if with_loader {
        std::fs::copy(source("serving/workerd-loader.js"), application.file("loader.js"))?;
        let loader = name(&application.file("loader.js"));
        format!(
            "modules = [(name = \"worker\", esModule = embed \"{loader}\"), \
             (name = \"application-source\", text = embed \"{module}\")], \
             bindings = [(name = \"LOADER\", workerLoader = ())]"
        )
    } else {
        format!("modules = [(name = \"worker\", esModule = embed \"{module}\")]")
    };
    let config = application.file(if with_loader { "loader.capnp" } else { "capnp" });
    std::fs::write(&config, workerd_config(&worker, address))?;
    let mut command = Command::new(context.peers.workerd()?);
    // The loader is experimental.
    command.arg("serve").args(with_loader.then_some("--experimental")).arg(config);
    Ok(command)
}

/// The configuration of one worker.
pub(in crate::suites) fn workerd_config(worker: &str, address: SocketAddr) -> String {
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\
         const config :Workerd.Config = (\n\
         \x20 services = [(name = \"main\", worker = ({worker}, compatibilityDate = \"{COMPATIBILITY}\"))],\n\
         \x20 sockets = [(name = \"http\", address = \"{address}\", http = (), service = \"main\")]\n\
         );\n"
    )
}
