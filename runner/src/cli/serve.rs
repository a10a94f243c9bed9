//! `runner serve`: an application behind HTTP.

use super::options::Hosting;
use super::{program, source};
use anyhow::{Context, Result, bail};
use option_values as values;
use runner::{Config, Deployed, Folder, Host, Limits, Router};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

/// Workers per processor: guests that compute leave them, so more would only take turns on one processor.
const WORKERS_PER_CPU: usize = 1;

/// Instances at the same time, at most: each takes some 6 GiB of the 128 TiB of address space that a process has.
const INSTANCES_MAX: usize = 16_384;

/// Threads that serve, at most.
const WORKERS_MAX: usize = 1024;

/// Applications in memory, at most.
const LOADED_APPS_MAX: usize = 10_000_000;

/// Serve applications over HTTP until SIGINT or SIGTERM, which let open requests end unless it comes twice; the address is the first line of output.
/// An artifact that is replaced answers from then on; SIGHUP has files looked at where the system does not tell of them
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Artifact of `wizerjs build`, an entry file (.js, .mjs) that is built first, or a folder of artifacts: each is served
    /// as http://NAME.localhost/ and under /NAME/
    path: PathBuf,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "RUNNER_ADDR", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// Time that a request may take; of one that streams, between two pieces of its body
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = values::duration)]
    timeout: Duration,
    /// Time that a request may take in all, however much its body moves
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = values::duration)]
    total_timeout: Duration,
    /// Time that a client may take to send the head of a request, and that it may fall behind 500 bytes a second with a body
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = values::duration)]
    client_timeout: Duration,
    /// Requests handled at the same time; further ones wait
    #[arg(long, value_name = "COUNT", default_value = "512", value_parser = values::count::<INSTANCES_MAX>)]
    max_instances: usize,
    /// Threads that serve [default: one per processor]
    #[arg(long, value_name = "COUNT", value_parser = values::count::<WORKERS_MAX>)]
    workers: Option<usize>,
    /// Make and drop an instance for every request instead of keeping and resetting instances
    #[arg(long)]
    fresh_instances: bool,
    /// Memory that instances kept for the next requests may have to themselves [default: an eighth of what the system has]
    #[arg(long, value_name = "BYTES", value_parser = values::bytes)]
    max_kept_memory: Option<u64>,
    /// Applications of a folder that are kept in memory; further ones take the place of those not used for longest
    #[arg(long, value_name = "COUNT", default_value = "10000", value_parser = values::count::<LOADED_APPS_MAX>)]
    max_loaded_apps: usize,
    /// Say in error responses what happened
    #[arg(long)]
    dev: bool,
    #[command(flatten)]
    programs: program::Options,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(args: Args) -> Result<ExitCode> {
    allow_many_files();
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = runner::runtime(args.workers.unwrap_or(cpus * WORKERS_PER_CPU)).context("cannot start threads")?;
    let served = runtime.block_on(async { tokio::spawn(serve(args)).await.context("the server panicked")? });
    // Requests that did not end while draining end with the process.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS)
}

/// Let this process have as many files open as the system allows: each connection is one, and the image of each application
/// with much data. The usual limit is lower for the sake of programs that use `select`.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    // Where it is not allowed, what is beyond the limit is refused, and what can do without is done without.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

async fn serve(args: Args) -> Result<()> {
    let config = args.hosting.config(Some(args.timeout), args.path.is_dir());
    let limits = Limits {
        instances: args.max_instances,
        total_time: args.total_timeout,
        client_time: args.client_timeout,
        kept_bytes: args.max_kept_memory.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
        ..config.limits
    };
    let program_limits = limits.clone();
    let host = Host::new(Config { limits, fresh_instances: args.fresh_instances, dev: args.dev, ..config })?;
    let (router, followed) = tokio::task::block_in_place(|| router(&host, &args, program_limits))?;
    let listener = TcpListener::bind(args.addr).await.with_context(|| format!("cannot listen on {}", args.addr))?;
    let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    let hangups = signal(SignalKind::hangup())?;
    super::print(&format!("http://{}", listener.local_addr()?))?;
    let stop = Notify::new();
    let asked_twice = async {
        asked_to_stop(&mut signals).await;
        stop.notify_one();
        asked_to_stop(&mut signals).await;
    };
    tokio::select! {
        served = runner::serve(listener, router, stop.notified()) => served,
        () = followed.look_at_hangup(hangups) => Ok(()),
        () = asked_twice => bail!("stopped before the requests that were still open had ended"),
    }
}

/// What is read again when its file is replaced.
enum Followed {
    One(Deployed),
    Folder(Folder),
    Nothing,
}

impl Followed {
    /// Look at the files at every SIGHUP.
    async fn look_at_hangup(&self, mut hangups: Signal) {
        while hangups.recv().await.is_some() {
            let looked = match self {
                Self::One(deployed) => {
                    let deployed = deployed.clone();
                    tokio::task::spawn_blocking(move || deployed.look()).await.map_err(anyhow::Error::from)
                }
                Self::Folder(folder) => folder.look(),
                Self::Nothing => Ok(()),
            };
            if let Err(error) = looked {
                tracing::error!(target: "runner", "{error:#}");
            }
        }
        std::future::pending().await
    }
}

fn router(host: &Host, args: &Args, limits: Limits) -> Result<(Router, Followed)> {
    if let Some(program) = args.programs.program(&args.path, &args.hosting, limits, &[])? {
        let router = Router::answering(host, move |request| {
            let program = program.clone();
            async move { program.answer(request).await }
        });
        return Ok((router, Followed::Nothing));
    }
    if args.path.is_dir() {
        let folder = Folder::open(host.clone(), &args.path, args.max_loaded_apps)?;
        folder.follow()?;
        return Ok((folder.clone().into(), Followed::Folder(folder)));
    }
    if source::is_source(&args.path) {
        return Ok((source::load(host, &args.path, &args.hosting)?.into(), Followed::Nothing));
    }
    let deployed = Deployed::open(host.clone(), &args.path)?;
    Ok((deployed.clone().into(), Followed::One(deployed)))
}

async fn asked_to_stop([interrupt, terminate]: &mut [Signal; 2]) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
