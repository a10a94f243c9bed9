//! The ways in which a module does not reach the snapshot point.

use super::call_point::CallPoint;
use super::imports::UnprovidedImport;
use super::limits::RefusedMemory;
use super::stack::StackError;
use crate::deadline::TimeLimit;
use crate::neutral::neutral_line;
use crate::snapshot::{self, ImportCalls};
use std::fmt;
use std::time::Duration;
use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// Why a module could not be initialized.
#[derive(Debug)]
pub enum Error {
    /// The module, or its state at the snapshot point, cannot be snapshotted.
    Snapshot(snapshot::Error),
    /// None of these functions is exported.
    NoFunction(Vec<String>),
    /// The initialization function takes parameters or gives results.
    InitFunctionType(String),
    /// The export is not a function of the needed type.
    FunctionType {
        /// Its name.
        name: String,
        /// What is wrong.
        cause: String,
    },
    /// An import that nobody provides was called.
    UnprovidedImport {
        /// Import module name.
        module: String,
        /// Import name.
        name: String,
        /// Functions on the stack.
        backtrace: Backtrace,
    },
    /// The module stopped itself.
    Exit(i32),
    /// The module trapped.
    Trap {
        /// In words.
        cause: String,
        /// Functions on the stack.
        backtrace: Backtrace,
    },
    /// It took more processor time than it may.
    Timeout(Duration),
    /// The module imports no function of which this is a call.
    UnknownCall {
        /// The call.
        call: CallPoint,
        /// Some of the functions that it imports.
        imports: Vec<String>,
        /// Whether the function is there, and only the number is none.
        is_number_wrong: bool,
    },
    /// The call at which the run was to be stopped was not made.
    NotCalled {
        /// The call.
        call: CallPoint,
        /// How the run ended, if it did not return.
        cause: Option<Box<Error>>,
        /// Which calls were made instead.
        calls: Vec<ImportCalls>,
    },
    /// The call stack cannot be captured.
    Stack(StackError),
    /// A file or folder that the module opened is open at the call.
    OpenDescriptor {
        /// The call.
        call: CallPoint,
        /// The descriptor.
        descriptor: i32,
        /// What was opened, as the module named it.
        path: String,
    },
    /// It failed, and had asked for more memory than it may use.
    WithoutMemory {
        /// How it failed.
        cause: Box<Error>,
        /// What it asked for.
        refused: RefusedMemory,
    },
    /// It failed, and had written something to its standard error, which nobody saw.
    Said {
        /// How it failed.
        cause: Box<Error>,
        /// The last of what it wrote.
        stderr: String,
    },
    /// Wasmtime could not compile the module.
    Compile(String),
    /// Linking, the file system, or whatever else the caller's own code ran into.
    Other(anyhow::Error),
}

/// Functions on the stack, the innermost first, as the name section calls them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backtrace(pub Vec<String>);

impl Backtrace {
    fn of(error: &wasmtime::Error) -> Self {
        let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Self::default() };
        let name = |frame: &wasmtime::FrameInfo| match frame.func_name() {
            Some(name) => name.to_string(),
            None => format!("<function {}>", frame.func_index()),
        };
        Self(backtrace.frames().iter().map(name).collect())
    }
}

impl Error {
    /// The error that a call into wasm ended with.
    pub(super) fn from_run(error: wasmtime::Error) -> Self {
        if let Some(import) = error.downcast_ref::<UnprovidedImport>() {
            let UnprovidedImport { module, name } = import.clone();
            return Self::UnprovidedImport { module, name, backtrace: Backtrace::of(&error) };
        }
        if let Some(&I32Exit(code)) = error.downcast_ref() {
            return Self::Exit(code);
        }
        if let Some(&TimeLimit(limit)) = error.downcast_ref() {
            return Self::Timeout(limit);
        }
        if let Some(stack) = error.downcast_ref::<StackError>() {
            return Self::Stack(stack.clone());
        }
        let backtrace = Backtrace::of(&error);
        let cause = match error.downcast_ref::<Trap>() {
            Some(trap) => trap.to_string(),
            None => error.root_cause().to_string(),
        };
        Self::Trap { cause, backtrace }
    }
}

impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|name| write!(f, "\n  at {name}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(error) => error.fmt(f),
            Self::NoFunction(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "exports no function {}: name one with --init-func", names.join(" or "))
            }
            Self::InitFunctionType(name) => write!(
                f,
                "the initialization function `{name}` takes parameters or gives results: it must have type [] -> []"
            ),
            Self::FunctionType { name, cause } => write!(f, "cannot call the export `{name}`: {cause}"),
            Self::UnprovidedImport { module, name, backtrace } => write!(
                f,
                "called the import `{module}`.`{name}` during initialization, which nothing provides{}{backtrace}",
                if module.starts_with("wasi_") { " (--allow-wasi does)" } else { "" }
            ),
            Self::Exit(code) => write!(f, "exited with code {code} during initialization instead of returning"),
            Self::Trap { cause, backtrace } => write!(f, "failed during initialization: {cause}{backtrace}"),
            Self::Timeout(limit) => {
                write!(f, "was not initialized within {limit:?} of processor time: raise --init-timeout")
            }
            Self::UnknownCall { call, is_number_wrong: true, .. } => {
                write!(f, "there is no call `{call}`: a COUNT is a number from 1 on, and an FD is a number")
            }
            Self::UnknownCall { call, imports, .. } => {
                let imports = if imports.is_empty() { "nothing".to_string() } else { imports.join(", ") };
                write!(
                    f,
                    "imports no function for `{call}`: name MODULE.NAME[:COUNT], wasi:NAME[:COUNT] or fd_NAME:FD; \
                     it imports {imports}"
                )
            }
            Self::NotCalled { call, cause, calls } => {
                write!(f, "did not make the call `{call}`, {}", Calls(calls))?;
                match cause.as_deref() {
                    None => f.write_str(", and returned")?,
                    Some(Self::Exit(code)) => write!(f, ", and exited with code {code}")?,
                    Some(cause) => return write!(f, ": {cause}"),
                }
                f.write_str(if calls.is_empty() {
                    ": name another call"
                } else {
                    ": name one of those, or another COUNT"
                })
            }
            Self::Stack(error) => error.fmt(f),
            Self::OpenDescriptor { call, descriptor, path } => write!(
                f,
                "has `{}` open at `{call}`, as descriptor {descriptor}: close it first, or stop at another call",
                neutral_line(path)
            ),
            Self::WithoutMemory { cause, refused } => write!(f, "{cause}\n  {refused}: raise --max-memory"),
            Self::Said { cause, stderr } => {
                write!(f, "{cause}\n  standard error of the module:")?;
                stderr.lines().try_for_each(|line| write!(f, "\n  | {}", neutral_line(line)))
            }
            Self::Compile(message) => write!(f, "cannot be compiled: {message}"),
            Self::Other(error) => write!(f, "{error:#}"),
        }
    }
}

/// Calls, in words.
struct Calls<'a>(&'a [ImportCalls]);

impl fmt::Display for Calls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("and no other by name");
        }
        f.write_str("but ")?;
        let last = self.0.len() - 1;
        self.0.iter().enumerate().try_for_each(|(position, ImportCalls { module, name, count })| {
            let separator = match position {
                0 => "",
                _ if position == last => " and ",
                _ => ", ",
            };
            write!(f, "{separator}`{module}.{name}` ({count})")
        })
    }
}

impl std::error::Error for Error {}

impl From<snapshot::Error> for Error {
    fn from(error: snapshot::Error) -> Self {
        Self::Snapshot(error)
    }
}

/// The error that a call into wasm ended with.
impl From<wasmtime::Error> for Error {
    fn from(error: wasmtime::Error) -> Self {
        Self::from_run(error)
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => Self::Other(error),
        }
    }
}
