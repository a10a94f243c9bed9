//! Colours, where a terminal reads what is said.

use anstyle::{AnsiColor, Style as Ansi};
use std::fmt::Display;
use std::io::IsTerminal;

/// How parts of a line are told apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    is_coloured: bool,
}

impl Style {
    /// What standard error can show. <https://no-color.org>
    pub(super) fn of_stderr() -> Self {
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { is_coloured: std::io::stderr().is_terminal() && !is_refused }
    }

    /// Lines of what went wrong: frames of packages matter less.
    pub(super) fn lines(self, text: &str) -> String {
        let styled = text.lines().map(|line| match engine_source_map::is_frame_of_package(line) {
            true => self.dim(line),
            false => line.to_owned(),
        });
        styled.collect::<Vec<_>>().join("\n")
    }

    /// What matters less.
    pub(super) fn dim(self, text: impl Display) -> String {
        self.styled(Ansi::new().dimmed(), text)
    }

    /// The word for what went wrong.
    pub(super) fn error(self, text: impl Display) -> String {
        self.styled(AnsiColor::Red.on_default().bold(), text)
    }

    /// The status of a response: green for an answer, yellow for the client's mistake, red for the application's.
    pub(super) fn status(self, status: u16) -> String {
        let color = match status {
            500.. => AnsiColor::Red,
            400.. => AnsiColor::Yellow,
            _ => AnsiColor::Green,
        };
        self.styled(color.on_default(), status)
    }

    fn styled(self, style: Ansi, text: impl Display) -> String {
        if self.is_coloured { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}
