//! What does not depend on how fast a machine is or what else it does: sizes, pages that a request writes to, page faults,
//! wasm instructions.
//! The bounds are what was reached; whoever needs more says why where the bound is raised.

use anyhow::{Context, Result, anyhow, ensure};
use benches::measure::engine::EngineUnderTest;
use benches::measure::faults::minor_faults;
use benches::measure::instructions::Counter;
use benches::measure::stack::on_large_stack;
use end_to_end::program::repository;
use runner::{Config, Host, Session};
use std::sync::{Mutex, PoisonError};
use wizerjs::BuildOptions;

/// Requests before counting: the pages that an instance writes to are known after them.
const WARM_UP: u64 = 100;

const REQUESTS: u64 = 1000;

/// Page faults of the process during all these requests, at most: other threads have some.
const FAULTS_MAX: u64 = REQUESTS / 20;

/// An example, and what it may cost.
struct Bounds {
    name: &'static str,
    /// `--warm-up` of its build.
    warm_up: Option<&'static str>,
    /// Bytes of the artifact.
    bytes: usize,
    /// Pages restored after a request.
    pages: usize,
}

const BOUNDS: [Bounds; 4] = [
    // One more than before applications were bundled: the module has a binding more, and what is allocated straddles pages
    // elsewhere.
    Bounds { name: "hello", warm_up: None, bytes: 8_200, pages: 26 },
    Bounds { name: "hello", warm_up: Some("GET /products/2"), bytes: 12_000, pages: 18 },
    Bounds { name: "json-api", warm_up: None, bytes: 500_000, pages: 40 },
    Bounds { name: "page", warm_up: Some("GET /products/2"), bytes: 250_000, pages: 105 },
];

/// Page faults are counted for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn artifacts_and_requests_stay_within_their_bounds() -> Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    on_large_stack(|| BOUNDS.iter().try_for_each(|bounds| check(bounds).context(bounds.name)))
}

fn check(bounds: &Bounds) -> Result<()> {
    let mut options = BuildOptions::new(repository().join("examples").join(bounds.name).join("app.js"));
    if let Some(warm_up) = bounds.warm_up {
        options.warm_up.push(warm_up.parse().map_err(anyhow::Error::msg)?);
    }
    let artifact = wizerjs::build(&options)?.bytes;
    println!("{}: {} bytes", bounds.name, artifact.len());
    ensure!(artifact.len() <= bounds.bytes, "{} bytes, more than {}", artifact.len(), bounds.bytes);

    let app = Host::new(Config::default())?.load_bytes(bounds.name, artifact)?;
    let message = Session::get("http://localhost/products/2");
    let mut faults = 0;
    for request in 0..WARM_UP + REQUESTS {
        if request == WARM_UP {
            faults = minor_faults();
        }
        let mut session = app.session()?;
        session.handle_sync(&message).map_err(|outcome| anyhow!("{outcome}"))?;
        let pages = session.reset()?.pages;
        ensure!(pages <= bounds.pages, "{pages} pages written to, more than {}", bounds.pages);
        ensure!(pages > 0, "the reset noticed nothing");
    }
    let faults = minor_faults() - faults;
    println!("{}: {faults} page faults in {REQUESTS} requests", bounds.name);
    ensure!(faults <= FAULTS_MAX, "{faults} page faults in {REQUESTS} requests, more than {FAULTS_MAX}");
    Ok(())
}

/// A handler and the instructions that a request to it may take in a kept instance that was warmed up: what was reached and
/// two in a hundred, for where an engine's data happen to lie.
const INSTRUCTIONS: [(&str, &str, u64); 5] = [
    ("hello", "export default { fetch: () => new Response('Hello!') };", 90_000),
    (
        "headers",
        "export default { fetch: () => new Response('x', { headers: { 'content-type': 'text/plain' } }) };",
        148_000,
    ),
    ("async", "export default { async fetch() { return new Response('x'); } };", 101_000),
    ("url", "export default { fetch: (request) => new Response(new URL(request.url).pathname) };", 131_000),
    ("json", "export default { fetch: () => Response.json({ a: 1, b: [1, 2, 3] }) };", 97_000),
];

#[test]
fn requests_take_no_more_instructions_than_they_did() -> Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let check_all = || {
        let counter = Counter::new(EngineUnderTest::embedded())?;
        for (name, source, bound) in INSTRUCTIONS {
            let count = counter.request(source, true).context(name)?;
            println!("{name}: {count} instructions");
            ensure!(count <= bound, "{name}: {count} instructions, more than {bound}");
        }
        Ok(())
    };
    on_large_stack(check_all)
}
