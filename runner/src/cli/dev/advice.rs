//! What warming up would bring: measured once, after a request that took long.

use super::super::log::DEV;
use super::super::options::Hosting;
use super::super::source::build;
use super::environment;
use anyhow::{Context, Result, ensure};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use runner::{App, Beside, Config, Host, Limits};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use wizerjs::application::WarmUp;
use wizerjs::settings::Project;

/// A request that takes longer is worth the two builds of the measurement.
const SLOW: Duration = Duration::from_millis(20);

/// Requests that are measured; their middle counts.
const MEASURED: usize = 5;

/// Part of its time that a request has to be left with if warming up is worth a word.
const WORTH_A_WORD: f64 = 0.8;

/// Advises once. Cheap to clone.
#[derive(Clone)]
pub(super) struct Advice(Arc<Inner>);

struct Inner {
    entry: Option<PathBuf>,
    hosting: Hosting,
    is_given: AtomicBool,
}

impl Advice {
    pub(super) fn new(entry: Option<PathBuf>, hosting: Hosting) -> Self {
        Self(Arc::new(Inner { entry, hosting, is_given: AtomicBool::new(false) }))
    }

    /// Think about a request that took so long. What its handler asks others for cannot be warmed up, and only GET may be
    /// asked again.
    pub(super) fn consider(&self, method: &Method, uri: &Uri, status: StatusCode, took: Duration) {
        let is_worth_it = *method == Method::GET && status == StatusCode::OK && took >= SLOW;
        if !is_worth_it || self.0.is_given.swap(true, Relaxed) {
            return;
        }
        let inner = Arc::clone(&self.0);
        let target = uri.path_and_query().map(|target| target.as_str().to_owned()).unwrap_or_default();
        let run = move || {
            if let Err(error) = inner.give(&target) {
                tracing::debug!(target: "runner", "GET {target} cannot be warmed up: {error:#}");
            }
        };
        if let Err(error) = std::thread::Builder::new().name("advice".into()).spawn(run) {
            tracing::debug!(target: "runner", "no thread for advice: {error}");
        }
    }
}

impl Inner {
    fn give(&self, target: &str) -> Result<()> {
        let request: WarmUp = format!("GET {target}").parse().map_err(anyhow::Error::msg)?;
        let project = Project::find(self.entry.as_deref())?;
        let mut options = build::with_engine(project.options(project.entry(self.entry.as_deref())?), &self.hosting);
        ensure!(!options.warm_up.contains(&request), "it is warmed up already, when it is not developed");
        options.bundle.development = true;
        // What it logs was logged by the request itself.
        let config = self.hosting.config(None, false);
        let host = Host::new(Config { limits: Limits { log_bytes: 0, ..config.limits }, ..config })?;
        let env = environment::read(&project.folder, project.settings.env_names())?;
        let mut measure = |warm_up: Vec<WarmUp>| {
            options.warm_up = warm_up;
            let built = wizerjs::build(&options)?;
            let beside = Beside { map: None, env: env.clone() };
            time(&host.load_bytes_beside("advice", built.bytes, beside)?, target)
        };
        let (cold, warm) = (measure(Vec::new())?, measure(vec![request])?);
        if warm < cold * WORTH_A_WORD {
            let (cold, warm) = (cold * 1e3, warm * 1e3);
            tracing::info!(
                target: DEV,
                "GET {target} takes {cold:.1} ms; warmed up it would take {warm:.1} ms: in wizerjs.toml, \
                 [[warm-up]] request = \"GET {target}\""
            );
        }
        Ok(())
    }
}

/// Seconds that a request takes, without the network.
fn time(app: &App, target: &str) -> Result<f64> {
    let runtime = runner::runtime(1).context("cannot start threads")?;
    let mut times = Vec::new();
    for _ in 0..MEASURED {
        let request = Request::get(target).header("host", "localhost").body(Empty::<bytes::Bytes>::new())?;
        let start = Instant::now();
        let response = runtime.block_on(app.handle(request));
        ensure!(response.status() == StatusCode::OK, "it answers {} without headers", response.status());
        runtime.block_on(response.into_body().collect())?;
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    runtime.shutdown_background();
    Ok(times[MEASURED / 2])
}
