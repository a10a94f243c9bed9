//! Why a build failed.

use std::fmt;
use std::time::Duration;

/// Why a build failed. `Display` is everything a person needs: place, cause, remedy, the line itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The source files: missing, unreadable, not JavaScript, naming something that is not there.
    Source(Box<Located>),
    /// The application, while its top level was evaluated. At least one.
    Application(Vec<Located>),
    /// The top level was still being evaluated at the limit.
    Timeout {
        /// Entry file.
        entry: String,
        /// The limit.
        limit: Duration,
    },
    /// The engine: missing, foreign, or unable to go on.
    Engine(anyhow::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(located) => located.fmt(f),
            Self::Application(all) => {
                for (index, located) in all.iter().enumerate() {
                    if index > 0 {
                        f.write_str("\n")?;
                    }
                    located.fmt(f)?;
                }
                Ok(())
            }
            Self::Timeout { entry, limit } => write!(
                f,
                "{entry}: the top level was still running after {} s; look for an endless loop, or raise --init-timeout",
                limit.as_secs_f64()
            ),
            Self::Engine(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for BuildError {}

/// A failure with its place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// File, as [`engine_abi::Module::name`] or as the user wrote it; empty if unknown.
    pub file: String,
    /// Line and column from 1, the column in UTF-16 code units as in JavaScript stacks.
    pub position: Option<(u32, u32)>,
    /// Cause and remedy, in one line.
    pub message: String,
    /// The source line that [`Located::position`] names, empty if there is none to show.
    pub line: String,
    /// What follows: the JavaScript stack, or examples; empty if nothing does.
    pub details: String,
}

impl Located {
    /// An error about a file as a whole.
    pub fn whole_file(file: &str, message: &str) -> Self {
        Self {
            file: file.to_owned(),
            position: None,
            message: message.to_owned(),
            line: String::new(),
            details: String::new(),
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
            if let Some((line, column)) = self.position {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)?;
        if let Some((line, column)) = self.position.filter(|_| !self.line.is_empty()) {
            write!(f, "\n{}", crate::source::excerpt(&self.line, line, column))?;
        }
        if !self.details.is_empty() {
            write!(f, "\n{}", self.details)?;
        }
        Ok(())
    }
}
