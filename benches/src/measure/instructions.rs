//! Wasm instructions of a request: a number that no machine and no other load changes.

use super::engine::EngineUnderTest;
use anyhow::{Context, Result, anyhow, ensure};
use runner::{Config, Host, Limits, Session};
use wizerjs::application::Baked;

/// Instances at the same time: one is used.
const INSTANCES: usize = 2;

/// Requests before one is counted: the first one is handled by a new instance, the others by the same, brought back.
const BEFORE: usize = 2;

/// Counts instructions of requests.
pub struct Counter {
    host: Host,
    engine: EngineUnderTest,
}

/// Turns of the loop whose difference gives one turn.
const TURNS: u64 = 500;

impl Counter {
    /// One for an engine, which is compiled for it: some ten seconds, once.
    ///
    /// # Errors
    /// No host can be made.
    pub fn new(engine: EngineUnderTest) -> Result<Self> {
        let limits = Limits { instances: INSTANCES, ..Limits::default() };
        let config = Config { limits, counts_instructions: true, ..engine.config() };
        Ok(Self { host: Host::new(config)?, engine })
    }

    /// Instructions of a request to a kept instance of an application with this source.
    ///
    /// # Errors
    /// It cannot be built, does not answer, or does not take the same number for the same request.
    pub fn request(&self, source: &str, warm_up: bool) -> Result<u64> {
        let folder = tempfile::tempdir()?;
        let entry = folder.path().join("app.js");
        std::fs::write(&entry, source)?;
        let mut options = self.engine.build_options(entry);
        if warm_up {
            // An event has a time.
            options.allow_baked.push(Baked::Clock);
            options.warm_up.push("GET /".parse().map_err(anyhow::Error::msg)?);
        }
        let app = self.host.load_bytes("counted", wizerjs::build(&options)?.bytes)?;
        let message = Session::get("http://localhost/");
        let mut counts = Vec::new();
        for _ in 0..=BEFORE + 1 {
            let mut session = app.session()?;
            let before = session.instructions().context("the host counts no instructions")?;
            let response = session.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
            ensure!(response.status() == 200, "{}", response.status());
            counts.push(session.instructions().context("the host counts no instructions")? - before);
        }
        let [.., one, other] = counts[..] else { return Err(anyhow!("nothing was counted")) };
        ensure!(one == other, "{one} instructions, and {other} for the same request");
        Ok(other)
    }

    /// Instructions of one turn of `for (let i = 0; i < n; i++) { BODY }`, that of the loop included, after `setup`.
    ///
    /// # Errors
    /// As [`Counter::request`].
    pub fn turn(&self, setup: &str, body: &str, warm_up: bool) -> Result<u64> {
        let source = |turns: u64| {
            format!(
                "{setup}\nlet sink;\nasync function work(n) {{ for (let i = 0; i < n; i++) {{ {body} }} }}\n\
                 export default {{ async fetch() {{ await work({turns}); return new Response(null); }} }};\n"
            )
        };
        // A hundred turns in both: code that runs often is prepared for that once.
        let (few, many) = (self.request(&source(100), warm_up)?, self.request(&source(100 + TURNS), warm_up)?);
        Ok(many.saturating_sub(few) / TURNS)
    }
}
