//! Options that say how applications are hosted, for every subcommand that hosts one.

use option_values as values;
use runner::{Config, Limits, Rule};
use std::path::PathBuf;
use std::time::Duration;

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Hosting {
    /// Environment variable of the application; can be repeated
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = values::variable)]
    env: Vec<(String, String)>,
    /// Memory that one instance may have: its memories, tables, and bodies that wait to be sent
    #[arg(long, value_name = "BYTES", default_value = "256MiB", value_parser = values::bytes)]
    max_memory: u64,
    /// Memory that all instances together may have beyond their images [default: three quarters of what the system has]
    #[arg(long, value_name = "BYTES", value_parser = values::bytes)]
    max_total_memory: Option<u64>,
    /// Where requests may be sent to: any, public (what all of the Internet can reach), none, HOST, HOST:PORT or *.HOST; can
    /// be repeated [default: any; for a folder of applications: public]
    #[arg(long, value_name = "RULE")]
    allow_outbound: Vec<Rule>,
    /// Engine to use instead of the embedded one: a wasm file
    #[arg(long, value_name = "PATH")]
    pub(crate) engine: Option<PathBuf>,
    /// Folder with further engines, found by digest; can be repeated
    #[arg(long, value_name = "DIR")]
    engine_dir: Vec<PathBuf>,
    /// Folder for compiled code [default: the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
}

impl Hosting {
    /// Variables that the command line gives.
    pub(super) fn variables(&self) -> &[(String, String)] {
        &self.env
    }

    /// Whether the command line gives this variable.
    #[cfg(feature = "build")]
    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.env.iter().any(|(given, _)| given == name)
    }

    /// `several`: applications of several owners are hosted, who may not see what is private to this machine.
    pub(crate) fn config(&self, wall_time: Option<Duration>, several: bool) -> Config {
        let outbound = match (self.allow_outbound.is_empty(), several) {
            (false, _) => self.allow_outbound.clone(),
            (true, true) => vec![Rule::Public],
            (true, false) => vec![Rule::Any],
        };
        let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let (memory_bytes, total_memory_bytes) = (bytes(self.max_memory), self.max_total_memory.map(bytes));
        let limits = Limits { memory_bytes, total_memory_bytes, ..Limits::default() };
        Config {
            limits: Limits { wall_time: wall_time.unwrap_or(limits.wall_time), ..limits },
            outbound: outbound.into(),
            env: self.env.clone(),
            engines: self.engine.iter().chain(&self.engine_dir).cloned().collect(),
            cache_dir: self.cache_dir.clone(),
            ..Config::default()
        }
    }
}
