//! What an engine finds around it while it loads an application: the state of its imports, and the imports of
//! [`engine_abi::HOST_MODULE`].

use super::{memory, wasi};
use crate::progress::Observer;
use engine_abi::{Diagnostic, HOST_MODULE, HostError, Kind, Level, Message, Operation, import};
use std::sync::Arc;
use wasmtime::{Caller, Linker, Module, ResourceLimiter, Result};

/// Most diagnostics that are kept; nobody reads more.
const DIAGNOSTICS_MAX: usize = 100;

/// Longest text of a diagnostic that is kept, in bytes.
const TEXT_MAX_BYTES: usize = 64 << 10;

/// Most bytes that the top level may write to the console.
const CONSOLE_MAX_BYTES: usize = 1 << 20;

/// Most table elements: the engine's function table has some thousands.
const TABLE_MAX_ELEMENTS: usize = 1 << 20;

/// WASI's number of the wall clock.
const CLOCK_REALTIME: i32 = 0;

/// A [`Diagnostic`] that outlives the call that reported it.
#[derive(Clone, Debug)]
pub(crate) struct Noticed {
    pub(crate) level: Level,
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) stack: String,
}

/// The state behind an engine's imports.
pub(crate) struct Host {
    observer: Arc<dyn Observer>,
    clock_s: u64,
    entropy: blake3::OutputReader,
    memory_max_bytes: u64,
    console_left_bytes: usize,
    pub(crate) diagnostics: Vec<Noticed>,
    /// What was asked for and may not be done, in words.
    pub(crate) forbidden: Vec<String>,
    /// Last of what was written to standard error, for when the engine dies.
    pub(crate) last_words: String,
}

impl Host {
    pub(super) fn new(observer: Arc<dyn Observer>, clock_s: u64, memory_max_bytes: u64) -> Self {
        Self {
            observer,
            clock_s,
            entropy: blake3::Hasher::new_derive_key(wasi::ENTROPY_CONTEXT).finalize_xof(),
            memory_max_bytes,
            console_left_bytes: CONSOLE_MAX_BYTES,
            diagnostics: Vec::new(),
            forbidden: Vec::new(),
            last_words: String::new(),
        }
    }

    /// What a clock says: the wall clock a fixed time, every other one the beginning.
    pub(super) fn clock_ns(&self, clock: i32) -> u64 {
        const NS_PER_S: u64 = 1_000_000_000;
        if clock == CLOCK_REALTIME { self.clock_s.saturating_mul(NS_PER_S) } else { 0 }
    }

    /// The next of the fixed entropy.
    pub(super) fn entropy(&mut self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }

    /// Remember a call that is not answered.
    pub(super) fn refused(&mut self, what: &str) {
        if self.forbidden.len() < DIAGNOSTICS_MAX && !self.forbidden.iter().any(|known| known == what) {
            self.forbidden.push(shortened(what));
        }
    }

    /// Output of the guest to a standard stream.
    pub(super) fn write(&mut self, level: Level, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        if level == Level::Error {
            self.last_words.push_str(&text);
            let excess = self.last_words.len().saturating_sub(TEXT_MAX_BYTES);
            self.last_words.drain(..self.last_words.ceil_char_boundary(excess));
        }
        for line in text.lines() {
            self.console(level, line);
        }
    }

    fn console(&mut self, level: Level, line: &str) {
        let Some(left) = self.console_left_bytes.checked_sub(line.len() + 1) else {
            if self.console_left_bytes > 0 {
                self.observer.console(Level::Warn, "(more output than 1 MB; the rest is dropped)");
                self.console_left_bytes = 0;
            }
            return;
        };
        self.console_left_bytes = left;
        self.observer.console(level, line);
    }

    fn notice(&mut self, diagnostic: &Diagnostic<'_>) {
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.push(Noticed {
                level: diagnostic.level,
                kind: diagnostic.kind,
                message: shortened(diagnostic.message),
                file: shortened(diagnostic.file),
                line: diagnostic.line,
                column: diagnostic.column,
                stack: shortened(diagnostic.stack),
            });
        }
    }
}

fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(TEXT_MAX_BYTES)].to_owned()
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        Ok(desired as u64 <= self.memory_max_bytes)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        Ok(desired <= TABLE_MAX_ELEMENTS)
    }
}

/// Everything that `module` may import.
pub(super) fn linker(engine: &wasmtime::Engine, module: &Module) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    wasi::define(&mut linker, module)?;
    let wrong_state = HostError::WrongState.code();
    linker.func_wrap(HOST_MODULE, import::RESPONSE_HEAD, move |_: i32, _: i32| wrong_state)?;
    linker.func_wrap(HOST_MODULE, import::RESPONSE_CHUNK, move |_: i32, _: i32| wrong_state)?;
    linker.func_wrap(HOST_MODULE, import::RESPONSE_END, move |_: i32| wrong_state)?;
    linker.func_wrap(HOST_MODULE, import::START_OPERATION, start_operation)?;
    linker.func_wrap(HOST_MODULE, import::CANCEL_OPERATION, |_: i32| ())?;
    linker.func_wrap(HOST_MODULE, import::LOG, log)?;
    linker.func_wrap(HOST_MODULE, import::REPORT, report)?;
    Ok(linker)
}

/// No operation may be started: the snapshot could not hold it.
fn start_operation(mut guest: Caller<'_, Host>, pointer: i32, len: i32) -> i32 {
    let what = match memory::bytes(&mut guest, pointer, len).map(Operation::decode) {
        Some(Ok(Operation::Fetch { method, url, .. })) => format!("fetch: {method} {url}"),
        Some(Ok(Operation::Timer { .. })) => "a timer".to_owned(),
        Some(Ok(Operation::ReadBody { .. } | Operation::WriteFetchBody { .. })) => "a body".to_owned(),
        Some(Err(_)) | None => return HostError::Malformed.code(),
    };
    guest.data_mut().refused(&what);
    HostError::Forbidden.code()
}

fn log(mut guest: Caller<'_, Host>, level: i32, pointer: i32, len: i32) {
    let Some(bytes) = memory::bytes(&mut guest, pointer, len) else { return };
    let line = String::from_utf8_lossy(bytes).into_owned();
    guest.data_mut().console(Level::from_code(level).unwrap_or(Level::Info), &line);
}

fn report(mut guest: Caller<'_, Host>, pointer: i32, len: i32) -> Result<()> {
    let bytes = memory::bytes(&mut guest, pointer, len).map(<[u8]>::to_vec);
    let Some(bytes) = bytes else { wasmtime::bail!("the engine reported something outside of its memory") };
    match Diagnostic::decode(&bytes) {
        Ok(diagnostic) => guest.data_mut().notice(&diagnostic),
        Err(malformed) => wasmtime::bail!("the engine's report: {malformed}"),
    }
    Ok(())
}
