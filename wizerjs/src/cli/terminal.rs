//! What a person at the terminal sees while a build goes on.

use super::Common;
use engine_abi::Level;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use wizerjs::progress::Observer;

/// Time between two pictures of the progress display.
const TICK: Duration = Duration::from_millis(100);

/// Shows progress and console output on stderr.
pub(crate) struct Terminal {
    common: Common,
    spinner: Mutex<Option<ProgressBar>>,
}

impl Terminal {
    pub(crate) fn new(common: Common) -> Self {
        Self { common, spinner: Mutex::new(None) }
    }

    fn replace(&self, spinner: Option<ProgressBar>) {
        let mut current = self.spinner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = std::mem::replace(&mut *current, spinner) {
            old.finish_and_clear();
        }
    }
}

impl Observer for Terminal {
    fn compiling(&self, engine: &str) {
        // The display hides itself where stderr is not a terminal.
        if self.common.quiet {
            return;
        }
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} compiling {msg} (once on this machine) {elapsed}") {
            spinner.set_style(style);
        }
        spinner.set_message(engine.to_owned());
        spinner.enable_steady_tick(TICK);
        self.replace(Some(spinner));
    }

    fn compiled(&self) {
        self.replace(None);
    }

    fn console(&self, level: Level, line: &str) {
        let line = wizerjs::neutral_line(line);
        let name = match level {
            Level::Debug => "debug",
            Level::Info => "log",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        self.common.say(format_args!("console.{name}: {line}"));
    }
}
