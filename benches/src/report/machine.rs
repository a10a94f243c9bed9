//! What a machine is, as far as numbers depend on it.

use serde::Serialize;
use std::process::Command;

/// A machine at a time.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// Model of the processors.
    pub processor: String,
    /// How many of them this process may use.
    pub processors: usize,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Kernel and its version.
    pub kernel: String,
    /// Distribution.
    pub system: String,
    /// Day and time, UTC.
    pub date: String,
    /// Commit of this repository, with `+` if it was changed.
    pub commit: String,
    /// Load average of the last minute when the run began.
    pub load: f64,
}

impl Machine {
    /// This one, now.
    pub fn this() -> Self {
        let changed = !said_by("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
        let commit = said_by("git", &["rev-parse", "--short=12", "HEAD"]) + if changed { "+" } else { "" };
        Self {
            processor: value_in("/proc/cpuinfo", "model name", ':'),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: kilobytes(&value_in("/proc/meminfo", "MemTotal", ':')) << 10,
            kernel: text_of("/proc/sys/kernel/osrelease"),
            system: value_in("/etc/os-release", "PRETTY_NAME", '=').trim_matches('"').to_owned(),
            date: said_by("date", &["-u", "+%Y-%m-%d %H:%M"]),
            commit,
            load: load(),
        }
    }
}

/// Load average of the last minute.
pub(super) fn load() -> f64 {
    text_of("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(f64::NAN)
}

fn text_of(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// What follows `key` in a file of lines.
fn value_in(path: &str, key: &str, separator: char) -> String {
    let text = text_of(path);
    let value = text.lines().filter_map(|line| line.split_once(separator)).find(|(name, _)| name.trim() == key);
    value.map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn kilobytes(text: &str) -> u64 {
    text.trim_end_matches(" kB").parse().unwrap_or(0)
}

/// The first line that a command says; empty if there is none.
fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(end_to_end::program::repository()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
