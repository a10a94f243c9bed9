//! Builds the application again and again, on a thread of its own.

use super::super::log::DEV;
use super::super::options::Hosting;
use super::super::source::build;
use super::super::style::Style;
use super::environment;
use super::interest::Interest;
use super::latest::Latest;
use anyhow::{Context, Result};
use runner::{App, Beside, Host, Watch};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use wizerjs::application::BuildReport;
use wizerjs::settings::Project;

/// How long nothing has to change before what did is built: an editor may write a file in steps.
const QUIET: Duration = Duration::from_millis(5);

/// How long changes may go on before they are built all the same.
const RESTLESS_MAX: Duration = Duration::from_millis(200);

/// Why a build is to be made.
#[derive(Debug)]
pub(super) enum Change {
    /// A file was written, came or went.
    File(PathBuf),
    /// Somebody asked for it.
    Asked,
}

/// Builds an application whenever something of it has changed.
pub(super) struct Builder {
    entry: Option<PathBuf>,
    hosting: Hosting,
    host: Host,
    latest: Latest,
    watch: Watch,
    interest: Interest,
    /// What was said last of the environment.
    said: String,
}

/// A build that went well.
struct Fresh {
    app: App,
    report: BuildReport,
    interest: Interest,
}

impl Builder {
    /// # Errors
    /// Files cannot be watched.
    pub(super) fn new(
        entry: Option<PathBuf>,
        hosting: Hosting,
        project: &Project,
        host: Host,
        latest: Latest,
    ) -> Result<Self> {
        let watch = Watch::new()?;
        watch.tree(&project.folder);
        Ok(Self { entry, hosting, host, latest, watch, interest: Interest::Anything, said: String::new() })
    }

    /// Build, and build again when something `changed`, which `changes` are told of.
    ///
    /// # Errors
    /// The system allows no more threads.
    pub(super) fn start(mut self, changes: mpsc::Sender<Change>, changed: mpsc::Receiver<Change>) -> Result<()> {
        self.watch.clone().start(move |path| changes.send(Change::File(path)).is_ok())?;
        let run = move || {
            self.build(None);
            while let Some(cause) = self.next(&changed) {
                self.build(cause.as_deref());
            }
        };
        std::thread::Builder::new().name("builder".into()).spawn(run).map(drop).context("cannot start a thread")
    }

    /// Wait until something has changed and nothing changes any more: what it was, if it was a file. `None`: nothing ever
    /// will.
    fn next(&self, changed: &mpsc::Receiver<Change>) -> Option<Option<PathBuf>> {
        let cause = loop {
            match changed.recv().ok()? {
                Change::Asked => break None,
                Change::File(path) if self.interest.is_in(&path) => break Some(path),
                Change::File(_) => {}
            }
        };
        let restless = Instant::now() + RESTLESS_MAX;
        while changed.recv_timeout(QUIET).is_ok() && Instant::now() < restless {}
        Some(cause)
    }

    /// Build, and serve it if it went well.
    fn build(&mut self, cause: Option<&Path>) {
        let started = Instant::now();
        match self.fresh() {
            Ok(Fresh { app, report, interest }) => {
                for folder in interest.folders() {
                    self.watch.folder(folder);
                }
                self.interest = interest;
                self.latest.built(app);
                say_built(&report, cause, started.elapsed());
            }
            Err(error) => {
                self.interest = Interest::Anything;
                let message = format!("{error:#}");
                if self.latest.failed(&message) {
                    tracing::error!(target: DEV, "{message}");
                }
            }
        }
    }

    fn fresh(&mut self) -> Result<Fresh> {
        let project = Project::find(self.entry.as_deref())?;
        let entry = project.entry(self.entry.as_deref())?;
        let env = environment::read(&project.folder, project.settings.env_names())?;
        self.say_missing(&project, &env);
        let name = build::name(&entry);
        let mut options = build::with_engine(project.options(entry), &self.hosting);
        options.bundle.development = true;
        // They take longer than everything else together, and what they are for is not needed here.
        options.warm_up.clear();
        let built = build::build(options)?;
        let names = built.report.modules.iter().map(|module| module.name.as_str());
        let interest = Interest::in_files(&project.folder, names);
        let app = self.host.load_bytes_beside(&name, built.bytes, Beside { map: built.source_map, env })?;
        Ok(Fresh { app, report: built.report, interest })
    }

    /// Say, once, which variables the settings name and nothing gives a value.
    fn say_missing(&mut self, project: &Project, env: &[(String, String)]) {
        let is_missing = |name: &&str| !self.hosting.has_variable(name) && !env.iter().any(|(given, _)| given == name);
        let missing: Vec<&str> = project.settings.env_names().filter(is_missing).collect();
        let said = missing.join(", ");
        if !missing.is_empty() && said != self.said {
            tracing::warn!(target: DEV, "without a value: {said}; .env can give it");
        }
        self.said = said;
    }
}

fn say_built(report: &BuildReport, cause: Option<&Path>, elapsed: Duration) {
    let ms = elapsed.as_secs_f64() * 1e3;
    let (modules, bytes) = (report.modules.len(), report.artifact_bytes);
    let file = cause.and_then(Path::file_name).map(|name| wizerjs::neutral_line(&name.to_string_lossy()));
    let cause = file.map(|file| format!("{file} changed: ")).unwrap_or_default();
    let plural = if modules == 1 { "" } else { "s" };
    let text = format!("{cause}built in {ms:.0} ms: {modules} module{plural}, {:.1} KB", bytes as f64 / 1e3);
    tracing::info!(target: DEV, ms, modules, bytes, "{}", Style::of_stderr().dim(text));
}
