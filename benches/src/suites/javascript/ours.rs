//! Our engine, with instances as `runner` makes and keeps them, on this thread.

use super::scripts::Script;
use crate::measure::engine::EngineUnderTest;
use anyhow::{Context, Result, anyhow, ensure};
use http_body_util::BodyExt;
use runner::{App, Config, Host, Limits, Session};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use wizerjs::application::Baked;

/// What a request may take: Octane's tests are one request each.
const WALL_TIME: Duration = Duration::from_secs(300);

/// Bytes of an instance. Octane's largest tests need more than the 256 MiB of a request.
const MEMORY_BYTES: usize = 1 << 30;

/// Instances at the same time: one is in use, one kept.
const INSTANCES: usize = 4;

/// An engine with the two ways of handling requests.
pub(super) struct Ours {
    engine: EngineUnderTest,
    fresh: Host,
    kept: Host,
    /// Applications by name of the case.
    apps: RefCell<BTreeMap<String, Apps>>,
}

/// One workload, built and loaded.
#[derive(Clone)]
struct Apps {
    fresh: App,
    kept: App,
    warmed_up: App,
}

/// One request to a kept instance.
pub(super) struct Kept {
    /// What the workload says.
    pub said: Value,
    /// From taking an instance until it is back, reset.
    pub request: Duration,
}

impl Ours {
    pub(super) fn new(engine: &EngineUnderTest) -> Result<Self> {
        let limits =
            Limits { wall_time: WALL_TIME, memory_bytes: MEMORY_BYTES, instances: INSTANCES, ..Limits::default() };
        let config = Config { limits, ..engine.config() };
        Ok(Self {
            engine: engine.clone(),
            fresh: Host::new(Config { fresh_instances: true, ..config.clone() })?,
            kept: Host::new(config)?,
            apps: RefCell::default(),
        })
    }

    /// Run a workload in a fresh instance, and give what it says.
    pub(super) fn first(&self, script: &Script) -> Result<Value> {
        Ok(request(&self.apps(script)?.fresh, &path(&script.parameters))?.said)
    }

    /// Run a workload in an instance that was used before and brought back.
    pub(super) fn kept(&self, script: &Script, warmed_up: bool, parameters: &Value) -> Result<Kept> {
        let apps = self.apps(script)?;
        request(if warmed_up { &apps.warmed_up } else { &apps.kept }, &path(parameters))
    }

    fn apps(&self, script: &Script) -> Result<Apps> {
        if let Some(apps) = self.apps.borrow().get(&script.case) {
            return Ok(apps.clone());
        }
        let entry = script.application()?;
        let plain = self.build(entry.clone(), false)?;
        let load = |host: &Host, bytes: &[u8]| host.load_bytes(&script.case, bytes.to_vec());
        let (fresh, kept) = (load(&self.fresh, &plain)?, load(&self.kept, &plain)?);
        // Only workloads that are run often are worth warming up.
        let warmed_up = match script.parameters["runs"].is_null() {
            true => kept.clone(),
            false => load(&self.kept, &self.build(entry, true)?)?,
        };
        let apps = Apps { fresh, kept, warmed_up };
        self.apps.borrow_mut().insert(script.case.clone(), apps.clone());
        Ok(apps)
    }

    fn build(&self, entry: PathBuf, warm_up: bool) -> Result<Vec<u8>> {
        let mut options = self.engine.build_options(entry);
        if warm_up {
            options.allow_baked.push(Baked::Clock);
            options.warm_up.push("GET /?runs=1".parse().map_err(anyhow::Error::msg)?);
        }
        Ok(wizerjs::build(&options)?.bytes)
    }
}

/// The path that hands parameters to [`Script::application`].
fn path(parameters: &Value) -> String {
    let mut path = String::from("/?");
    for (name, value) in parameters.as_object().into_iter().flatten() {
        let _ = write!(path, "{name}={value}&");
    }
    path
}

fn request(app: &App, path: &str) -> Result<Kept> {
    let message = Session::get(&format!("http://localhost{path}"));
    let start = Instant::now();
    let mut session = app.session()?;
    let response = session.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
    drop(session);
    let request = start.elapsed();
    let status = response.status();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let body = runtime.block_on(response.into_body().collect()).context("no body")?.to_bytes();
    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&body));
    Ok(Kept { said: serde_json::from_slice(&body)?, request })
}
