//! The applications, in the forms in which hosts take them.

use crate::measure::engine::EngineUnderTest;
use crate::measure::{load, process};
use crate::suites::bundle::{self, Shape, source};
use crate::suites::{Context, component};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// All of them; `benches/serving/apps` has their sources.
pub(in crate::suites) const NAMES: [&str; 4] = ["hello", "json", "page", "react"];

/// How long componentize-js and the compiler of Wasmtime may take.
const COMPONENTIZING: Duration = Duration::from_secs(300);

/// An application, bundled.
pub(in crate::suites) struct Application {
    pub name: &'static str,
    /// What clients send.
    pub request: Vec<u8>,
    /// The body that has to come back.
    pub expected: Vec<u8>,
    folder: PathBuf,
}

impl Application {
    /// Bundle the application, and have Node.js say what it answers.
    pub(in crate::suites) fn new(context: &mut Context, name: &'static str) -> Result<Self> {
        let folder = context.work.join("serving");
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let application = source("serving/apps").join(format!("{name}.js"));
        for (form, shape) in [("fetch", Shape::Module), ("starling", Shape::Module), ("script", Shape::Script)] {
            let entry = source("serving").join(format!("{form}.js"));
            let output = folder.join(format!("{name}.{form}.js"));
            bundle::bundle(&mut context.peers, &entry, &output, shape, &[("application", application.clone())])?;
        }
        let body = body(name);
        let request = body.as_ref().map_or_else(|| load::get("/"), |body| load::post("/", body));
        let mut made = Self { name, request, expected: Vec::new(), folder };
        made.expected = made.answer(context, &body.unwrap_or_default())?;
        Ok(made)
    }

    /// Whether it is asked with GET.
    pub(in crate::suites) fn is_get(&self) -> bool {
        self.request.starts_with(b"GET ")
    }

    /// A module with a handler of `fetch`.
    pub(in crate::suites) fn module(&self) -> PathBuf {
        self.file("fetch.js")
    }

    /// A script that leaves functions.
    pub(in crate::suites) fn script(&self) -> PathBuf {
        self.file("script.js")
    }

    /// A file beside the bundles.
    pub(in crate::suites) fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    /// An artifact for an engine of ours.
    pub(in crate::suites) fn artifact(&self, engine: &EngineUnderTest, warm_up: bool) -> Result<PathBuf> {
        let mut options = engine.build_options(self.module());
        if warm_up {
            options.warm_up.push(self.warm_up()?);
        }
        let kind = if warm_up { "warm.wasm" } else { "wasm" };
        let path = self.file(kind);
        std::fs::write(&path, wizerjs::build(&options)?.bytes)?;
        Ok(path)
    }

    /// The request as a warm-up request of a build.
    fn warm_up(&self) -> Result<wizerjs::application::WarmUp> {
        let method = if self.is_get() { "GET /" } else { "POST /" };
        let mut warm_up: wizerjs::application::WarmUp = method.parse().map_err(anyhow::Error::msg)?;
        if let Some(body) = body(self.name) {
            warm_up.set_body(body.into_bytes()).map_err(anyhow::Error::msg)?;
        }
        Ok(warm_up)
    }

    /// A component of StarlingMonkey, compiled by Wasmtime. Made once for a source.
    pub(in crate::suites) fn component(&self, context: &mut Context) -> Result<PathBuf> {
        let [bundle, made, compiled] = ["starling.js", "component.wasm", "component.cwasm"].map(|end| self.file(end));
        let made_of = self.file("component.js");
        if compiled.is_file() && is_same(&bundle, &made_of) {
            return Ok(compiled);
        }
        process::output(&mut component::componentize(context, &bundle, &made)?, COMPONENTIZING)?;
        process::output(&mut component::compile(context, &made, &compiled)?, COMPONENTIZING)?;
        std::fs::copy(bundle, made_of)?;
        Ok(compiled)
    }

    /// What the application answers, by Node.js.
    fn answer(&self, context: &mut Context, body: &str) -> Result<Vec<u8>> {
        let script = std::fs::read_to_string(self.script())?;
        let asked = self.file("answer.js");
        let body = serde_json::Value::from(body);
        std::fs::write(&asked, format!("{script}\nprocess.stdout.write(respond({body}));process.exit();\n"))?;
        let answer = process::output(Command::new(context.peers.node()?).arg(asked), COMPONENTIZING)?;
        if answer.is_empty() {
            bail!("Node.js answers nothing for {}", self.name);
        }
        Ok(answer.into_bytes())
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((std::fs::read(one), std::fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

/// The body that an application is sent, if it is: 2 KB of JSON.
fn body(name: &str) -> Option<String> {
    let row =
        |i: usize| format!(r#"{{"id":{i},"team":"team {}","score":{},"tags":["a","b{}"]}}"#, i % 5, i * 7 % 100, i % 3);
    let rows: Vec<String> = (0..36).map(row).collect();
    (name == "json").then(|| format!(r#"{{"rows":[{}]}}"#, rows.join(",")))
}
