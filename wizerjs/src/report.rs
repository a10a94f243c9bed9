//! The report of a snapshot: what was captured, as JSON in a file of its own (`--report`).

use crate::initialize::{Compiled, Options, RefusedMemory, Run, Timing};
use crate::inspect::{self, MemoryUse};
use crate::record::{Initialization, VERSION};
use crate::snapshot::{Module, Snapshot};
use anyhow::{Context, Result};
use serde::Serialize;
use std::time::Duration;

/// Everything about one snapshot.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// Name and version of this program.
    pub tool: String,
    /// Bytes of the module that was initialized.
    pub input_bytes: u64,
    /// Bytes of the snapshot.
    pub output_bytes: u64,
    /// What happened during initialization.
    pub initialization: Initialization,
    /// Memories of the snapshot.
    pub memories: Vec<MemoryUse>,
    /// Remarks for the user.
    pub warnings: Vec<String>,
    /// Where the time went. The only part that differs from run to run, and not in the snapshot.
    pub milliseconds: Milliseconds,
}

/// Durations in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Milliseconds {
    /// Instrumenting, and compiling or loading machine code.
    pub prepare: f64,
    /// Initialization itself.
    pub run: f64,
    /// Reading the state.
    pub capture: f64,
    /// Whether machine code was loaded, not compiled.
    pub is_cached: bool,
}

impl Report {
    /// What is known before the snapshot is written. `capture` is the time that reading the state took.
    pub fn of(module: &Module<'_>, options: &Options, run: &Run, snapshot: &Snapshot<'_>, capture: Duration) -> Self {
        let Run { timing: Timing { prepare, run: initialize }, compiled, .. } = run;
        let milliseconds = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
        Self {
            version: VERSION,
            tool: format!("wizerjs {}", env!("CARGO_PKG_VERSION")),
            input_bytes: module.bytes().len() as u64,
            output_bytes: 0,
            initialization: Initialization::of(module, options, run, snapshot),
            memories: Vec::new(),
            warnings: run.refused_memory.iter().map(refused).collect(),
            milliseconds: Milliseconds {
                prepare: milliseconds(*prepare),
                run: milliseconds(*initialize),
                capture: milliseconds(capture),
                is_cached: *compiled == Compiled::Cached,
            },
        }
    }

    /// Add what is known of the written snapshot: its size, and what its memories hold.
    pub fn finish(&mut self, output_bytes: u64, snapshot: &Snapshot<'_>) {
        self.output_bytes = output_bytes;
        self.memories = (0u32..).zip(&snapshot.memories).map(|(index, image)| MemoryUse::of(index, image)).collect();
        self.warnings.extend(inspect::warnings(&self.memories));
    }

    /// The report as a file.
    ///
    /// # Errors
    /// None that a report made by [`Report::of`] can cause.
    pub fn to_json(&self) -> Result<String> {
        let mut text = serde_json::to_string_pretty(self).context("cannot write the report")?;
        text.push('\n');
        Ok(text)
    }
}

/// The warning that a snapshot would be another with more memory.
fn refused(refused: &RefusedMemory) -> String {
    format!("{refused}: the snapshot may be another with more (--max-memory)")
}
