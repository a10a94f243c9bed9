//! `runner dev`: an application that is built anew when a file of it changes, behind HTTP.

mod advice;
mod browser;
mod builder;
mod environment;
mod interest;
mod keys;
mod latest;
mod page;

use super::log::DEV;
use super::options::Hosting;
use super::style::Style;
use advice::Advice;
use anyhow::{Context, Result};
use builder::{Builder, Change};
use keys::Key;
use latest::Latest;
use runner::{Config, Host, Router};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use wizerjs::settings::Project;

/// Threads that serve one person.
const WORKERS: usize = 4;

/// Build an application, serve it, and build it anew when a file of it changes; the address is the first line of output
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Entry file: JavaScript, TypeScript or JSX [default: the one that `wizerjs.toml` names]
    entry: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "RUNNER_ADDR", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// Open it in a browser
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(args: Args) -> Result<ExitCode> {
    let runtime = runner::runtime(WORKERS).context("cannot start threads")?;
    let served = runtime.block_on(async { tokio::spawn(serve(args)).await.context("the server panicked")? });
    // What is still open ends with the process: the person in front of it wants it to.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve(args: Args) -> Result<()> {
    let project = Project::find(args.entry.as_deref())?;
    project.entry(args.entry.as_deref())?;
    let host = Host::new(Config { dev: true, ..args.hosting.config(None, false) })?;
    let listener = TcpListener::bind(args.addr).await.with_context(|| format!("cannot listen on {}", args.addr))?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    super::print(&url)?;

    let latest = Latest::default();
    let (changes, changed) = mpsc::channel();
    let (terminal, keys) = keys::start()?;
    if terminal.is_some() {
        tracing::info!(target: DEV, "{}", Style::of_stderr().dim("o opens a browser, r builds, c clears, q ends"));
    }
    let advice = Advice::new(args.entry.clone(), args.hosting.clone());
    let builder = Builder::new(args.entry, args.hosting, &project, host.clone(), latest.clone())?;
    builder.start(changes.clone(), changed)?;
    if args.open {
        browser::open(&url);
    }
    let router = Router::answering(&host, move |request| latest::answer(latest.clone(), advice.clone(), request));
    let [interrupt, terminate] = &mut signals;
    let served = tokio::select! {
        served = runner::serve(listener, router, std::future::pending()) => served,
        () = obey(keys, &url, &changes) => Ok(()),
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    // Gives the terminal back as it was.
    drop(terminal);
    served
}

/// Do what keys ask for, until one asks for the end.
async fn obey(mut keys: UnboundedReceiver<Key>, url: &str, changes: &mpsc::Sender<Change>) {
    while let Some(key) = keys.recv().await {
        match key {
            Key::Open => browser::open(url),
            // Without a builder there is nothing to be asked.
            Key::Rebuild => drop(changes.send(Change::Asked)),
            Key::Clear => keys::clear(),
            Key::Quit => return,
        }
    }
    std::future::pending().await
}
