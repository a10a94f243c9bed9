//! Many applications in one process: memory of each, and the first request to one that was never touched.

use crate::{choice, host};
use anyhow::{Result, bail, ensure};
use benches::measure::memory::anonymous_bytes;
use benches::measure::times::quantile_us;
use http_body_util::BodyExt;
use runner::{App, Folder, Found, Session};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use wizerjs::BuildOptions;

/// What stands for the name of the application in the artifact that the others are made from.
const PLACEHOLDER: &str = "tenant-00000000";

/// Measure with `count` applications.
pub(crate) fn measure(count: usize, engine: Option<&Path>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    make(folder.path(), count, engine)?;
    println!("{count} applications in a folder, never touched; each is read from disk and answers a request:");
    // The engine is loaded, and instances have been made, before the first of them comes.
    let host = host(engine, false)?;
    let first = Folder::open(host.clone(), folder.path(), count)?;
    for index in 0..10 {
        first_request(&first, index)?;
    }
    let tenants = Folder::open(host, folder.path(), count)?;
    println!("{:44} {:>9} {:>9} {:>9} {:>12} {:>12}", "", "p50 µs", "p99 µs", "max µs", "anon KB each", "own KB each");
    let mut loaded = 0;
    for upto in [count.min(1_000), count] {
        if upto == loaded {
            continue;
        }
        let anonymous = anonymous_bytes()?;
        let mut times = Vec::with_capacity(upto - loaded);
        for index in loaded..upto {
            times.push(first_request(&tenants, index)?);
        }
        let each = anonymous_bytes()?.saturating_sub(anonymous) as f64 / (upto - loaded) as f64 / 1e3;
        let own = App::memory_bytes(&loaded_app(&tenants, loaded)?) as f64 / 1e3;
        println!(
            "{:44} {:9.0} {:9.0} {:9.0} {each:12.1} {own:12.1}",
            format!("first requests to {}", upto - loaded),
            quantile_us(&mut times, 0.5),
            quantile_us(&mut times, 0.99),
            quantile_us(&mut times, 1.0),
        );
        loaded = upto;
    }
    ensure!(tenants.loaded() == count, "all are in memory");
    let mut times = (0..count).map(|index| first_request(&tenants, index)).collect::<Result<Vec<_>>>()?;
    let (p50, p99) = (quantile_us(&mut times, 0.5), quantile_us(&mut times, 0.99));
    println!("{:44} {p50:9.0} {p99:9.0}", format!("second requests to {count}, in the same order"));
    Ok(())
}

/// Artifacts of `count` applications that differ in the text they answer with.
fn make(folder: &Path, count: usize, engine: Option<&Path>) -> Result<()> {
    let entry = folder.join("app.js");
    std::fs::write(
        &entry,
        format!("const name = '{PLACEHOLDER}';\nexport default {{ fetch: () => new Response(name) }};\n"),
    )?;
    let mut options = BuildOptions::new(&entry);
    options.engine = choice(engine);
    let template = wizerjs::build(&options)?.bytes;
    std::fs::remove_file(entry)?;
    let places: Vec<usize> =
        (0..template.len()).filter(|&at| template[at..].starts_with(PLACEHOLDER.as_bytes())).collect();
    ensure!(!places.is_empty(), "the text is in the artifact");
    for index in 0..count {
        let mut bytes = template.clone();
        for &at in &places {
            bytes[at..at + PLACEHOLDER.len()].copy_from_slice(name(index).as_bytes());
        }
        let mut file = File::create(folder.join(format!("{}.wasm", name(index))))?;
        file.write_all(&bytes)?;
        // Out of the page cache: it is to be read from disk.
        file.sync_data()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    }
    Ok(())
}

fn name(index: usize) -> String {
    format!("tenant-{index:08}")
}

fn loaded_app(folder: &Folder, index: usize) -> Result<App> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    match runtime.block_on(folder.get(&name(index))) {
        Found::App(app) => Ok(app),
        Found::Loading | Found::Nothing | Found::Broken => bail!("no application {}", name(index)),
    }
}

/// Load an application if it is not loaded, and have it answer.
fn first_request(folder: &Folder, index: usize) -> Result<Duration> {
    let message = Session::get("http://localhost/");
    let start = Instant::now();
    let app = loaded_app(folder, index)?;
    let mut session = app.session()?;
    let response = session.handle_sync(&message).map_err(|outcome| anyhow::anyhow!("{outcome}"))?;
    let elapsed = start.elapsed();
    let body =
        tokio::runtime::Builder::new_current_thread().build()?.block_on(response.into_body().collect())?.to_bytes();
    ensure!(body == name(index).as_bytes(), "tenant {index} answers {body:?}");
    Ok(elapsed)
}
