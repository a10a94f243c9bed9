//! The record of an initialization, which a snapshot keeps as JSON in a section of its own.

use crate::initialize::{Options, Run};
use crate::snapshot::{Module, Reference, Snapshot, Value, changed_globals};
use serde::{Deserialize, Serialize};

/// Name of the custom section that holds [`Initialization`] as JSON.
pub const SECTION: &str = engine_artifact::SNAPSHOT_SECTION;

/// Version of the JSON layout; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

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
    /// The call at which the run was stopped, and which the snapshot makes first; `None` if it returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<StoppedAt>,
}

/// A call at which a run was stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedAt {
    /// The call, as it was named.
    pub call: String,
    /// Functions on the call stack, by index, the innermost first.
    pub functions: Vec<u32>,
    /// Locals of these functions.
    pub locals: u64,
    /// Operands of these functions.
    pub operands: u64,
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

impl Initialization {
    /// The record of a run of `module` that ended at `snapshot`.
    pub fn of(module: &Module<'_>, options: &Options, run: &Run, snapshot: &Snapshot<'_>) -> Self {
        let Snapshot { tables, dropped_data, dropped_elements, import_calls, frames, .. } = snapshot;
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
            stopped_at: options.at.as_ref().map(|call| StoppedAt {
                call: call.to_string(),
                functions: frames.iter().map(|frame| frame.function).collect(),
                locals: frames.iter().map(|frame| frame.locals() as u64).sum(),
                operands: frames.iter().map(|frame| frame.operands() as u64).sum(),
            }),
        }
    }

    /// The section to put into the snapshot.
    pub fn section(&self) -> (String, Vec<u8>) {
        // Strings and integers only: nothing that JSON cannot hold.
        (SECTION.to_string(), serde_json::to_vec(self).unwrap_or_default())
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
