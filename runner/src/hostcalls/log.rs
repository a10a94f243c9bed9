//! Console lines and diagnostics of guests: prefixed, without control characters, bounded.

use super::message;
use crate::neutral::neutralized;
use crate::state::{RequestState, Sink};
use engine_abi::{Diagnostic, HOST_MODULE, Level, Message, import};
use engine_source_map::Thrown;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use wasmtime::{Caller, Linker};

pub(super) fn add_to(linker: &mut Linker<RequestState>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOST_MODULE,
        import::LOG,
        |mut caller: Caller<'_, RequestState>, level: i32, ptr: i32, len: i32| {
            let Some((bytes, state)) = message(&mut caller, ptr, len) else { return Ok(()) };
            let level = Level::from_code(level).unwrap_or(Level::Info);
            match &mut state.sink {
                Sink::Stdout { lost } => {
                    let line = String::from_utf8_lossy(bytes);
                    // What is not text is written as it is.
                    let line = match line {
                        Cow::Borrowed(text) => state.app.places.mapped(text).into_owned().into_bytes(),
                        Cow::Owned(_) => bytes.to_vec(),
                    };
                    console(&[&line[..], b"\n"].concat(), level, lost);
                }
                Sink::Http { .. } => log(bytes, level, state),
            }
            state.sink.check()
        },
    )?;
    linker.func_wrap(HOST_MODULE, import::REPORT, |mut caller: Caller<'_, RequestState>, ptr: i32, len: i32| {
        match message(&mut caller, ptr, len).map(|(bytes, state)| (Diagnostic::decode(bytes), state)) {
            Some((Ok(diagnostic), state)) => report(&diagnostic, state),
            _ => caller.data().app.shared.metrics.malformed_messages.add_one(),
        }
    })?;
    Ok(())
}

/// The console of a command is its standard output, and for warnings and errors its standard error, as it wrote them.
fn console(line: &[u8], level: Level, lost: &mut Option<std::io::Error>) {
    let written = match level {
        Level::Debug | Level::Info => std::io::stdout().write_all(line),
        // If this is lost there is nobody to be told.
        Level::Warn | Level::Error => return drop(std::io::stderr().write_all(line)),
    };
    if let Err(error) = written {
        lost.get_or_insert(error);
    }
}

/// Log what a guest wrote, its places mapped.
pub(super) fn log(bytes: &[u8], level: Level, state: &mut RequestState) {
    let app = Arc::clone(&state.app);
    let text = String::from_utf8_lossy(&bytes[..allowed(bytes.len(), state)]);
    log_lines(&app.places.mapped(&text), level, state);
}

/// Log a text line by line.
fn log_lines(text: &str, level: Level, state: &mut RequestState) {
    let text = &text[..text.floor_char_boundary(allowed(text.len(), state))];
    for line in text.lines() {
        state.log_bytes = state.log_bytes.saturating_sub(line.len() + 1);
        event(level, &state.app.name, &neutralized(line));
    }
}

/// How many of so many bytes the request may still log; that some are dropped is counted.
fn allowed(len: usize, state: &RequestState) -> usize {
    if len > state.log_bytes {
        state.app.shared.metrics.dropped_log_lines.add_one();
    }
    len.min(state.log_bytes)
}

fn event(level: Level, app: &str, line: &str) {
    match level {
        Level::Debug => tracing::debug!(target: "guest", app, "{line}"),
        Level::Info => tracing::info!(target: "guest", app, "{line}"),
        Level::Warn => tracing::warn!(target: "guest", app, "{line}"),
        Level::Error => tracing::error!(target: "guest", app, "{line}"),
    }
}

fn report(diagnostic: &Diagnostic<'_>, state: &mut RequestState) {
    let app = Arc::clone(&state.app);
    let thrown = app.places.thrown(Thrown {
        file: diagnostic.file.to_owned(),
        line: diagnostic.line,
        column: diagnostic.column,
        stack: diagnostic.stack.to_owned(),
    });
    let mut text = String::new();
    if !thrown.file.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, "{}:{}:{}: ", thrown.file, thrown.line, thrown.column);
    }
    text.push_str(&app.places.mapped(diagnostic.message));
    for line in app.places.excerpt(&thrown).lines() {
        let _ = write!(text, "\n  {line}");
    }
    for frame in thrown.stack.lines() {
        let _ = write!(text, "\n    {frame}");
    }
    log_lines(&text, diagnostic.level, state);
    state.keep_report(text.lines().map(|line| neutralized(line) + "\n").collect());
}
