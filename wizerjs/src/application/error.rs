//! Why a build failed.

use crate::source::Located;
use std::fmt;
use std::time::Duration;

/// Why a build failed. `Display` is everything a person needs: place, cause, remedy, the line itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The source files: missing, unreadable, not JavaScript, naming something that is not there. At least one.
    Source(Vec<Located>),
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
            Self::Source(all) | Self::Application(all) => {
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
