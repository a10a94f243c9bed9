//! The log: on standard error, for people or as JSON.

use super::stderr::Stderr;
use super::style::Style;
use std::fmt::{self, Write};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The target of what `runner dev` says to the person in front of it.
pub(super) const DEV: &str = "dev";

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// How the log is written, on standard error
    #[arg(long, global = true, value_enum, default_value = "text")]
    log_format: Format,
    /// What is logged, as `info` or `runner=debug,guest=warn`
    #[arg(long, global = true, env = "RUNNER_LOG", default_value = "info,guest=debug")]
    log_level: String,
    /// Log errors only
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Format {
    Text,
    Json,
}

impl Options {
    /// Start logging to `stderr`.
    pub(super) fn start(&self, stderr: Stderr) {
        let level = if self.quiet { "error" } else { &self.log_level };
        let builder = tracing_subscriber::fmt().with_writer(stderr).with_env_filter(EnvFilter::new(level));
        match self.log_format {
            Format::Text => builder.with_ansi(false).event_format(Text { style: Style::of_stderr() }).init(),
            Format::Json => builder.json().flatten_event(true).init(),
        }
    }
}

/// One event a line: `level app: message (field=value, …)`. Guests' own lines have a bar instead of the colon; what `runner
/// dev` says is its message alone.
struct Text {
    style: Style,
}

impl Text {
    /// What `runner dev` says, which may have several lines.
    fn dev(&self, writer: &mut Writer<'_>, level: Level, message: &str) -> fmt::Result {
        match level {
            Level::ERROR => writeln!(writer, "{} {}", self.style.error("error:"), self.style.lines(message)),
            _ => writeln!(writer, "{message}"),
        }
    }
}

/// Parts of an event.
#[derive(Default)]
struct Parts {
    app: String,
    message: String,
    others: String,
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to strings does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "app" => write!(self.app, "{value:?}"),
            name => {
                let comma = if self.others.is_empty() { "" } else { ", " };
                write!(self.others, "{comma}{name}={value:?}")
            }
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut parts = Parts::default();
        event.record(&mut parts);
        if event.metadata().target() == DEV {
            return self.dev(&mut writer, *event.metadata().level(), &parts.message);
        }
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        write!(writer, "{level}")?;
        let separator = if event.metadata().target() == "guest" { " |" } else { ":" };
        let message = self.style.lines(&parts.message);
        match parts.app.is_empty() {
            true => write!(writer, "{separator} {message}")?,
            false => write!(writer, " {}{separator} {message}", parts.app)?,
        }
        match parts.others.is_empty() {
            true => writeln!(writer),
            false => writeln!(writer, " ({})", parts.others),
        }
    }
}
