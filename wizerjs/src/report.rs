//! What a snapshot captured, as JSON: in a file of its own (`--report`), and in part inside of the snapshot.

use crate::initialize::{Compiled, Options, Run, Timing};
use crate::inspect::{self, MemoryUse};
use crate::snapshot::{Module, Reference, Snapshot, Value, changed_globals};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Name of the custom section that holds [`Initialization`] as JSON.
pub const SECTION: &str = "wizerjs.snapshot";

/// Version of the JSON layout; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

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

/// What happened during initialization; the same for the same input, and kept inside of the snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Initialization {
    /// [`VERSION`].
    pub version: u32,
    /// Imported functions that were called.
    pub host_calls: Vec<HostCall>,
    /// What was read of the world.
    pub reads: WorldReads,
    /// Globals whose value changed.
    pub globals_changed: Vec<ChangedGlobal>,
    /// Tables that were written to.
    pub tables_changed: Vec<ChangedTable>,
    /// Data segments that were dropped.
    pub data_dropped: Vec<u32>,
    /// Element segments that were dropped.
    pub elements_dropped: Vec<u32>,
}

/// Calls of one imported function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCall {
    /// Import module name.
    pub module: String,
    /// Import name.
    pub name: String,
    /// How often it was called by name; calls through tables are not counted.
    pub count: u64,
}

/// What a module read of the world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldReads {
    /// How often the wall clock was read.
    pub wall_clock: u64,
    /// How often the monotonic clock was read.
    pub monotonic_clock: u64,
    /// Bytes of entropy.
    pub random_bytes: u64,
    /// Names of environment variables that were granted, if the environment was read.
    pub environment: Vec<String>,
}

/// A global whose value changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedGlobal {
    /// Its index.
    pub index: u32,
    /// Its value, as in the text format.
    pub value: String,
}

/// A table that was written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedTable {
    /// Its index.
    pub index: u32,
    /// Its entries.
    pub entries: u64,
    /// How many of them are null.
    pub null: u64,
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
            warnings: Vec::new(),
            milliseconds: Milliseconds {
                prepare: milliseconds(*prepare),
                run: milliseconds(*initialize),
                capture: milliseconds(capture),
                is_cached: *compiled == Compiled::Cached,
            },
        }
    }

    /// The section to put into the snapshot.
    pub fn section(&self) -> (String, Vec<u8>) {
        // Strings and integers only: nothing that JSON cannot hold.
        (SECTION.to_string(), serde_json::to_vec(&self.initialization).unwrap_or_default())
    }

    /// Add what is known of the written snapshot: its size, and what its memories hold.
    pub fn finish(&mut self, output_bytes: u64, snapshot: &Snapshot<'_>) {
        self.output_bytes = output_bytes;
        self.memories = (0u32..).zip(&snapshot.memories).map(|(index, image)| MemoryUse::of(index, image)).collect();
        self.warnings = inspect::warnings(&self.memories);
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

impl Initialization {
    fn of(module: &Module<'_>, options: &Options, run: &Run, snapshot: &Snapshot<'_>) -> Self {
        let Snapshot { tables, dropped_data, dropped_elements, import_calls, .. } = snapshot;
        let host_calls: Vec<HostCall> = import_calls
            .iter()
            .map(|call| HostCall { module: call.module.clone(), name: call.name.clone(), count: call.count })
            .collect();
        let reads_environment = host_calls.iter().any(|call| call.name == "environ_get");
        let granted = options.wasi.as_ref().filter(|_| reads_environment).map(|wasi| wasi.env.as_slice());
        Self {
            version: VERSION,
            reads: WorldReads {
                wall_clock: run.reads.wall_clock,
                monotonic_clock: run.reads.monotonic_clock,
                random_bytes: run.reads.random_bytes,
                environment: granted.unwrap_or_default().iter().map(|(name, _)| name.clone()).collect(),
            },
            host_calls,
            globals_changed: changed_globals_of(module, snapshot),
            tables_changed: (0u32..)
                .zip(tables)
                .filter_map(|(index, image)| {
                    let entries = &image.as_ref()?.entries;
                    let null = entries.iter().filter(|entry| **entry == Reference::Null).count() as u64;
                    Some(ChangedTable { index, entries: entries.len() as u64, null })
                })
                .collect(),
            data_dropped: dropped_data.iter().copied().collect(),
            elements_dropped: dropped_elements.iter().copied().collect(),
        }
    }
}

fn changed_globals_of(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Vec<ChangedGlobal> {
    (0u32..)
        .zip(changed_globals(module, snapshot))
        .filter_map(|(index, value)| Some(ChangedGlobal { index, value: text(value?) }))
        .collect()
}

/// A value as in the text format; floats by their bits, which is all that JSON readers agree on.
fn text(value: Value) -> String {
    match value {
        Value::I32(value) => format!("i32 {value}"),
        Value::I64(value) => format!("i64 {value}"),
        Value::F32(bits) => format!("f32 {bits:#010x}"),
        Value::F64(bits) => format!("f64 {bits:#018x}"),
        Value::V128(bits) => format!("v128 {bits:#034x}"),
        Value::Ref(Reference::Null) => "null".to_string(),
        Value::Ref(Reference::Function(index)) => format!("function {index}"),
        Value::Ref(Reference::I31(value)) => format!("i31 {value}"),
    }
}
