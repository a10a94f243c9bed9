//! Whether an application was loaded, and in what words it was not.

use super::baked;
use super::error::BuildError;
use super::options::BuildOptions;
use super::warm_up::WarmUp;
use crate::deadline::TimeLimit;
use crate::guest::{Host, Noticed};
use crate::neutral::neutral;
use crate::source::{Located, Sources};
use engine_abi::{Kind, Level, Load};

/// How the call ended, if it did not trap.
pub(super) enum Ending {
    /// The engine returned this code.
    Returned(i32),
    /// The engine has no room for the sources.
    TooLarge,
}

/// The two ways to register a handler.
const HANDLERS: &str = "  export default { fetch(request, env, ctx) { return new Response('hello'); } };
or
  addEventListener('fetch', event => event.respondWith(new Response('hello')));";

/// Most lines of a stack that are shown.
const SHOWN_MAX_LINES: usize = 20;

/// Of a longer stack, the lines that are shown from its beginning; the others are its end.
const SHOWN_FIRST_LINES: usize = 12;

/// Whether the application was loaded.
pub(super) fn judge(
    ending: wasmtime::Result<Ending>,
    host: &Host,
    sources: &Sources,
    options: &BuildOptions,
) -> Result<(), BuildError> {
    let failures = failures(host, sources);
    let returned = match ending {
        Ok(Ending::Returned(code)) => Load::from_code(code),
        Ok(Ending::TooLarge) => return Err(whole(sources, "the sources do not fit into the engine's memory")),
        Err(trap) if trap.downcast_ref::<TimeLimit>().is_some() => {
            let warm_up = options.warm_up.iter().map(WarmUp::name).collect();
            return Err(BuildError::Timeout { entry: sources.entry.clone(), limit: options.init_timeout, warm_up });
        }
        Err(_) if !failures.is_empty() => None,
        Err(trap) => return Err(crashed(trap, host)),
    };
    match returned {
        _ if !failures.is_empty() => Err(BuildError::Application(failures)),
        Some(Load::Ready) if options.warm_up.is_empty() => Ok(()),
        Some(Load::Ready) => refuse_baked(host, sources, options),
        Some(Load::Failed) => Err(whole(sources, "the engine could not load it and gave no reason")),
        None => Err(BuildError::Engine(anyhow::anyhow!("the engine answered with a code that has no meaning"))),
    }
}

/// Warm-up requests read what a snapshot fixes, and nobody said that it is meant.
fn refuse_baked(host: &Host, sources: &Sources, options: &BuildOptions) -> Result<(), BuildError> {
    let reads = baked::of(host);
    let refused = baked::refused(&reads, &options.allow_baked).into_iter().map(|(read, message)| match &read.place {
        Some(noticed) => Located { message, ..located(noticed, sources) },
        None => Located::whole_file(&sources.entry, &message),
    });
    let refused: Vec<_> = refused.collect();
    if refused.is_empty() { Ok(()) } else { Err(BuildError::Application(refused)) }
}

fn whole(sources: &Sources, message: &str) -> BuildError {
    BuildError::Application(vec![Located::whole_file(&sources.entry, message)])
}

/// The engine trapped, and nothing that the application did explains it.
fn crashed(trap: wasmtime::Error, host: &Host) -> BuildError {
    let words = neutral(host.last_words.trim());
    let words = if words.is_empty() { String::new() } else { format!("\nits last words: {words}") };
    // The stack is left out: it names functions of the engine, which are no help to the author of an application.
    let cause = trap.root_cause();
    BuildError::Engine(anyhow::anyhow!("the engine crashed while loading the application: {cause}{words}"))
}

/// Everything that stands in the way of a snapshot.
fn failures(host: &Host, sources: &Sources) -> Vec<Located> {
    let errors = host.diagnostics.iter().filter(|noticed| noticed.level == Level::Error);
    let mut failures: Vec<Located> = errors.map(|noticed| located(noticed, sources)).collect();
    let explained = host.diagnostics.iter().any(|noticed| noticed.kind == Kind::Forbidden);
    if !explained {
        let forbidden = host.forbidden.iter().map(|what| {
            let message = format!("{what} cannot be done while the application is loaded; move it into the handler");
            Located::whole_file(&sources.entry, &neutral(&message))
        });
        failures.extend(forbidden);
    }
    failures
}

fn located(noticed: &Noticed, sources: &Sources) -> Located {
    let position = (noticed.line > 0).then_some((noticed.line, noticed.column.max(1)));
    let excerpt = sources.map.excerpt(&noticed.file, noticed.line, noticed.column.max(1));
    let file = if noticed.file.is_empty() { &sources.entry } else { &noticed.file };
    let (message, details) = match noticed.kind {
        Kind::NoHandler => (
            "no handler is registered, so there is nothing to serve; register one in either way:".to_owned(),
            HANDLERS.to_owned(),
        ),
        _ => (neutral(&noticed.message), stack(&noticed.stack)),
    };
    Located { file: neutral(file), position, message, excerpt, details }
}

/// A JavaScript stack, a frame a line: `function@file:line:column` becomes `    at function (file:line:column)`.
fn stack(stack: &str) -> String {
    // The first `@`: packages have one in their names.
    let lines = stack.lines().filter(|line| !line.is_empty()).map(|line| match line.split_once('@') {
        _ if line.trim_start().starts_with("at ") => line.to_owned(),
        Some(("", place)) => format!("    at {place}"),
        Some((function, place)) => format!("    at {function} ({place})"),
        None => line.to_owned(),
    });
    neutral(&shortened(lines.collect()).join("\n"))
}

/// Without the middle of what is too long to read: recursion gives a hundred equal frames.
fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let hidden = lines.len().saturating_sub(SHOWN_MAX_LINES);
    if hidden > 0 {
        let more = format!("    … {} more", hidden + 1);
        lines.splice(SHOWN_FIRST_LINES..SHOWN_FIRST_LINES + hidden + 1, [more]);
    }
    lines
}
