//! Which tests there are, running one, and comparing it with what is expected.

use crate::application::{Meta, application};
use crate::expectations::{Expectations, HARNESS};
use crate::score::Score;
use crate::web_server::WebServer;
use anyhow::{Context, Result, bail, ensure};
use end_to_end::http::Request;
use end_to_end::program::{engine_args, program, target_folder};
use end_to_end::server::Server;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// Tests of the test command; the others are run with `--include-ignored`.
const FAST: [&str; 13] = [
    "FileAPI/",
    "console/",
    "dom/",
    "encoding/streams/",
    "hr-time/",
    "html/",
    "performance-timeline/",
    "streams/",
    "url/",
    "user-timing/",
    "webidl/",
    "webmessaging/",
    "WebCryptoAPI/digest/",
];

/// Time for a test that is not marked as long, and for one that is: six times what browsers have, because this
/// is an interpreter.
const TIMEOUTS: [&str; 2] = ["60s", "360s"];

/// More than the longest of them: it is the server that says that a test took too long.
const PATIENCE: Duration = Duration::from_secs(400);

/// How many differences of a test are shown.
const SHOWN: usize = 20;

/// One file in one of its variants.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    file: String,
    variant: String,
    is_long: bool,
}

impl Case {
    pub(crate) fn name(&self) -> String {
        format!("{}{}", self.file, self.variant)
    }

    pub(crate) fn is_fast(&self) -> bool {
        FAST.iter().any(|prefix| self.file.starts_with(prefix))
    }

    fn folder(&self) -> &str {
        self.file.split('/').next().unwrap_or_default()
    }
}

/// All tests, and what was seen of them.
pub(crate) struct Suite {
    root: PathBuf,
    server: WebServer,
    expectations: BTreeMap<String, Expectations>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    score: Score,
    /// Failures by folder, test and subtest, with messages.
    failures: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
}

impl Suite {
    /// The suite in what `fetch` gave.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let root = folder.join("tests");
        let mut expectations = BTreeMap::new();
        for entry in fs::read_dir(&root)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            expectations.insert(name.clone(), Expectations::read(&name)?);
        }
        Ok(Self { root, server: WebServer::start(folder)?, expectations, seen: Mutex::default() })
    }

    /// Every test that is run, in order.
    pub(crate) fn cases(&self) -> Result<Vec<Case>> {
        let mut cases = Vec::new();
        for path in test_files(&self.root)? {
            let file = path.strip_prefix(&self.root)?.to_string_lossy().into_owned();
            let meta = Meta::read(&fs::read_to_string(&path)?);
            let folder = file.split('/').next().unwrap_or_default();
            if !meta.is_for_workers() || self.expectations[folder].why_skipped(&file).is_some() {
                continue;
            }
            let case = |variant| Case { file: file.clone(), variant, is_long: meta.is_long };
            cases.extend(meta.variants.into_iter().map(case));
        }
        cases.sort_by_key(Case::name);
        Ok(cases)
    }

    /// Run a test; an error if it did anything else than what is expected.
    pub(crate) fn run(&self, case: &Case) -> Result<()> {
        let mut results = Results::default();
        if let Err(error) = self.results(case).and_then(|answer| results.read(&answer)) {
            results.failed.insert(HARNESS.to_owned(), format!("{error:#}"));
        }
        let failed: BTreeSet<String> = results.failed.keys().cloned().collect();
        let expected = self.expectations[case.folder()].failures(&case.name());
        {
            let mut seen = self.seen.lock().expect("no thread panics while it holds this");
            seen.score.add(case.folder(), results.passed, results.passed + results.failures);
            let failures = seen.failures.entry(case.folder().to_owned()).or_default();
            failures.insert(case.name(), results.failed.clone());
        }
        let mut unexpected: Vec<String> = expected.difference(&failed).map(|name| format!("passed: {name}")).collect();
        let new = results.failed.iter().filter(|(name, _)| !expected.contains(*name));
        unexpected.extend(new.map(|(name, message)| format!("failed: {name}: {message}")));
        let count = unexpected.len();
        unexpected.truncate(SHOWN);
        let accepted = count == 0 || std::env::var_os("BLESS").is_some();
        ensure!(accepted, "{count} unexpected:\n{}\n(BLESS=1 accepts what was seen)", unexpected.join("\n"));
        Ok(())
    }

    /// Build the test as an application, serve it and ask it.
    fn results(&self, case: &Case) -> Result<Value> {
        let folder = tempfile::tempdir()?;
        let (entry, artifact) = (folder.path().join("test.js"), folder.path().join("test.wasm"));
        fs::write(&entry, application(&self.server, &format!("/{}", case.file), &case.variant)?)?;
        let built =
            program("wizerjs")?.args(["build", "-q", "-o"]).arg(&artifact).arg(&entry).args(engine_args()).output()?;
        ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let server = Server::start(&artifact, &["--timeout", TIMEOUTS[usize::from(case.is_long)]])?;
        let mut connection = server.connect()?;
        connection.set_patience(PATIENCE)?;
        let response = connection.send(&Request::get("/").header("wpt-origin", &self.server.origin()));
        match response {
            Ok(response) if response.status == 200 => Ok(serde_json::from_slice(&response.body)?),
            Ok(response) => bail!("status {}: {}", response.status, server.stop()?.1),
            Err(error) => Err(error),
        }
    }

    /// Say the score, and write what was seen where that was asked for.
    pub(crate) fn finish(&self) -> Result<()> {
        let seen = self.seen.lock().expect("no thread panics while it holds this");
        println!("{}", seen.score);
        let folder = target_folder()?.join("wpt");
        fs::write(folder.join("score.json"), serde_json::to_string_pretty(&seen.score.json())?)?;
        fs::write(folder.join("failures.json"), serde_json::to_string_pretty(&seen.failures)?)?;
        if std::env::var_os("BLESS").is_none() {
            return Ok(());
        }
        let mut expectations = self.expectations.clone();
        for (folder, tests) in &seen.failures {
            let expectations = expectations.entry(folder.clone()).or_default();
            tests.iter().for_each(|(test, failures)| expectations.accept(test, failures.keys().cloned().collect()));
        }
        expectations.iter().try_for_each(|(folder, expectations)| expectations.write(folder))
    }
}

/// What a test answered.
#[derive(Default)]
struct Results {
    passed: usize,
    failures: usize,
    /// Messages by subtest.
    failed: BTreeMap<String, String>,
}

impl Results {
    fn read(&mut self, answer: &Value) -> Result<()> {
        let tests = answer["tests"].as_array().with_context(|| format!("no results: {answer}"))?;
        for test in tests {
            if test[1] == 0 {
                self.passed += 1;
            } else {
                self.fail(test[0].as_str().unwrap_or_default(), test[2].as_str().unwrap_or("no message"));
            }
        }
        match answer["harness"].as_str() {
            Some(message) => self.fail(HARNESS, message),
            None if tests.is_empty() => self.fail(HARNESS, "no subtests"),
            None => {}
        }
        Ok(())
    }

    fn fail(&mut self, name: &str, message: &str) {
        self.failures += 1;
        self.failed.insert(name.to_owned(), message.to_owned());
    }
}

fn test_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".any.js") {
                files.push(path);
            }
        }
    }
    Ok(files)
}
