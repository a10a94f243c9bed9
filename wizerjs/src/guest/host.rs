//! What an engine finds around it while it loads an application: the state of its imports, and the imports of
//! [`engine_abi::HOST_MODULE`].

use super::unreported::Unreported;
use super::wasi;
use crate::progress::Observer;
use engine_abi::{Diagnostic, HOST_MODULE, HostError, Kind, Level, Message, Operation, import};
use engine_wasi::World;
use std::sync::Arc;
use wasmtime::{Caller, Linker, Module, ResourceLimiter, Result};

/// Most diagnostics of one level that are kept; nobody reads more. A level of its own, so that no number of warnings keeps
/// an error out.
const DIAGNOSTICS_MAX: usize = 100;

/// Longest text of a diagnostic that is kept, in bytes.
const TEXT_MAX_BYTES: usize = 64 << 10;

/// Most bytes that the top level may write to the console.
const CONSOLE_MAX_BYTES: usize = 1 << 20;

/// Most table elements: the engine's function table has some thousands.
const TABLE_MAX_ELEMENTS: usize = 1 << 20;

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
    /// How often the same was reported of the same place.
    pub(crate) count: u64,
}

impl Noticed {
    /// The diagnostic, of which no more text is kept than anybody reads.
    fn first(diagnostic: &Diagnostic<'_>) -> Self {
        Self {
            level: diagnostic.level,
            kind: diagnostic.kind,
            message: shortened(diagnostic.message).to_owned(),
            file: shortened(diagnostic.file).to_owned(),
            line: diagnostic.line,
            column: diagnostic.column,
            stack: shortened(diagnostic.stack).to_owned(),
            count: 1,
        }
    }

    /// Whether the diagnostic says the same of the same place.
    fn is_of(&self, diagnostic: &Diagnostic<'_>) -> bool {
        (self.line, self.column, self.level, self.kind)
            == (diagnostic.line, diagnostic.column, diagnostic.level, diagnostic.kind)
            && self.file == shortened(diagnostic.file)
            && self.message == shortened(diagnostic.message)
    }
}

/// The state behind an engine's imports.
pub(crate) struct Host {
    observer: Arc<dyn Observer>,
    /// What the wall clock says, in seconds since 1970.
    pub(super) clock_s: u64,
    /// What is left of the fixed entropy.
    pub(super) entropy: blake3::OutputReader,
    memory_max_bytes: u64,
    console_left_bytes: usize,
    pub(crate) diagnostics: Vec<Noticed>,
    /// Warnings beyond those that are kept.
    pub(crate) dropped_warnings: u64,
    /// What was read without a report.
    pub(crate) unreported: Unreported,
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
            dropped_warnings: 0,
            unreported: Unreported::default(),
            forbidden: Vec::new(),
            last_words: String::new(),
        }
    }

    /// Remember a call that is not answered.
    pub(super) fn note_refused(&mut self, what: &str) {
        if self.forbidden.len() < DIAGNOSTICS_MAX && !self.forbidden.iter().any(|known| known == what) {
            self.forbidden.push(shortened(what).to_owned());
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
        self.unreported.reported(diagnostic.kind);
        if let Some(known) = self.diagnostics.iter_mut().find(|known| known.is_of(diagnostic)) {
            known.count += 1;
        } else if self.diagnostics.iter().filter(|known| known.level == diagnostic.level).count() < DIAGNOSTICS_MAX {
            self.diagnostics.push(Noticed::first(diagnostic));
        } else if diagnostic.level != Level::Error {
            self.dropped_warnings += 1;
        }
    }
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_MAX_BYTES)]
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
    engine_wasi::define(&mut linker, module)?;
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

/// Bytes of the guest, `None` if there are none at that place.
fn bytes<'a>(guest: &'a mut Caller<'_, Host>, pointer: i32, len: i32) -> Option<&'a [u8]> {
    let memory = Host::memory(guest)?;
    let start = pointer.cast_unsigned() as usize;
    memory.data(guest).get(start..start + len.cast_unsigned() as usize)
}

/// No operation may be started: the snapshot could not hold it.
fn start_operation(mut guest: Caller<'_, Host>, pointer: i32, len: i32) -> i32 {
    let what = match bytes(&mut guest, pointer, len).map(Operation::decode) {
        Some(Ok(Operation::Fetch { method, url, .. })) => format!("fetch: {method} {url}"),
        Some(Ok(Operation::Timer { .. })) => "a timer".to_owned(),
        Some(Ok(Operation::ReadBody { .. } | Operation::WriteFetchBody { .. })) => "a body".to_owned(),
        Some(Err(_)) | None => return HostError::Malformed.code(),
    };
    guest.data_mut().note_refused(&what);
    HostError::Forbidden.code()
}

fn log(mut guest: Caller<'_, Host>, level: i32, pointer: i32, len: i32) {
    let Some(bytes) = bytes(&mut guest, pointer, len) else { return };
    let line = String::from_utf8_lossy(bytes).into_owned();
    guest.data_mut().console(Level::from_code(level).unwrap_or(Level::Info), &line);
}

fn report(mut guest: Caller<'_, Host>, pointer: i32, len: i32) -> Result<()> {
    let bytes = bytes(&mut guest, pointer, len).map(<[u8]>::to_vec);
    let Some(bytes) = bytes else { wasmtime::bail!("the engine reported something outside of its memory") };
    match Diagnostic::decode(&bytes) {
        Ok(diagnostic) => guest.data_mut().notice(&diagnostic),
        Err(malformed) => wasmtime::bail!("the engine's report: {malformed}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    fn diagnostic(level: Level, message: &str, line: u32) -> Diagnostic<'_> {
        Diagnostic { level, kind: Kind::ClockRead, message, file: "app.js", line, column: 1, stack: "" }
    }

    #[test]
    fn the_same_is_counted_and_an_error_always_kept() {
        let mut host = Host::new(Arc::new(Silent), 0, 0);
        for _ in 0..300 {
            host.notice(&diagnostic(Level::Warn, "the clock", 7));
        }
        assert_eq!(host.diagnostics.iter().map(|noticed| noticed.count).collect::<Vec<_>>(), [300]);
        for line in 100..400 {
            host.notice(&diagnostic(Level::Warn, "the clock", line));
        }
        host.notice(&diagnostic(Level::Error, "the reason", 8));
        assert_eq!(host.diagnostics.last().map(|noticed| noticed.message.as_str()), Some("the reason"));
        assert_eq!((host.diagnostics.len(), host.dropped_warnings), (DIAGNOSTICS_MAX + 1, 201));
    }
}
