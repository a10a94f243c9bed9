//! Why a module or its state cannot be snapshotted.

use std::fmt;

/// Why a module or its state cannot be snapshotted. Each is one line: cause, place, remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The input is a component.
    Component,
    /// The input is not a valid core module.
    Invalid {
        /// What the validator found.
        message: String,
        /// Where, in bytes from the start of the module.
        offset: usize,
    },
    /// State would come from outside of the module.
    ImportedState {
        /// `memory`, `table` or `global`.
        kind: &'static str,
        /// Import module name.
        module: String,
        /// Import name.
        name: String,
    },
    /// A memory that other threads may be writing to.
    SharedMemory {
        /// Which memory.
        place: String,
    },
    /// A reference that no constant expression can make again.
    Reference {
        /// Which global, table entry or element segment.
        place: String,
        /// What kind of reference.
        kind: &'static str,
    },
    /// A reference to a function of another module or of the host.
    ForeignFunction {
        /// Which global or table entry.
        place: String,
    },
    /// GC objects that initializers make were changed by an instruction.
    ChangedObject {
        /// Which global, table or element segment holds objects.
        place: String,
        /// The instruction that ran.
        instruction: &'static str,
    },
    /// A table grew beyond what a module may declare.
    TableSize {
        /// Which table.
        place: String,
        /// Its entries at the snapshot point.
        entries: u64,
    },
    /// Added instructions made a part of the module larger than an engine takes.
    Instrumentation(String),
    /// Which operands a frame of this function has is not told apart: it stands in several `if`s with parameters.
    Operands(String),
    /// The function that resumes a frame is larger than an engine takes.
    Continuation {
        /// The frame's function.
        place: String,
        /// Bytes that its continuation would have.
        bytes: usize,
    },
    /// An export that was to be removed or renamed is not there, or the request contradicts itself.
    Exports(String),
    /// The rewritten module is not valid: a defect of this tool.
    Defect(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Component => f.write_str("is a component: only core modules can be snapshotted"),
            Self::Invalid { message, offset } => write!(f, "is not a valid module: {message} (at offset {offset:#x})"),
            Self::ImportedState { kind, module, name } => write!(
                f,
                "imports the {kind} `{module}`.`{name}`: a snapshot can only hold state that the module defines itself"
            ),
            Self::SharedMemory { place } => {
                write!(f, "{place} is shared: other threads could change it while it is captured")
            }
            Self::Reference { place, kind } => {
                write!(f, "{place} holds a non-null {kind} at the snapshot point: clear it before initialization ends")
            }
            Self::ForeignFunction { place } => {
                write!(f, "{place} holds a function of another module at the snapshot point: clear it first")
            }
            Self::ChangedObject { place, instruction } => write!(
                f,
                "{place} holds GC objects and initialization ran `{instruction}`: changed objects cannot be captured"
            ),
            Self::TableSize { place, entries } => write!(
                f,
                "{place} has {entries} entries at the snapshot point: a module may declare at most {}",
                super::MAX_TABLE_ENTRIES
            ),
            Self::Operands(place) => write!(
                f,
                "{place} stands in several `if`s with parameters at the snapshot point, and Wasmtime does not show which of \
                 them it has used: stop at another call"
            ),
            Self::Continuation { place, bytes } => write!(
                f,
                "{place} stands in loops at the snapshot point: to be resumed it would take {bytes} bytes, more than engines \
                 take: stop at another call"
            ),
            Self::Instrumentation(message) => write!(f, "cannot be instrumented: {message}"),
            Self::Exports(message) => f.write_str(message),
            Self::Defect(message) => write!(f, "the rewritten module is not valid, a defect of wizerjs: {message}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<wasmparser::Error> for Error {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid { message: error.message().to_string(), offset: error.offset() }
    }
}
