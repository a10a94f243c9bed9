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
    /// The top level or a warm-up request was still running at the limit.
    Timeout {
        /// Entry file.
        entry: String,
        /// The limit, of processor time.
        limit: Duration,
        /// Warm-up requests, as `METHOD /path`.
        warm_up: Vec<String>,
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
            Self::Timeout { entry, limit, warm_up } => {
                let running = match warm_up.as_slice() {
                    [] => "the top level was".to_owned(),
                    requests => format!("the top level and the warm-up requests ({}) were", requests.join(", ")),
                };
                write!(
                    f,
                    "{entry}: {running} still running after {} s of processor time; look for an endless loop, or raise \
                     --init-timeout",
                    limit.as_secs_f64()
                )
            }
            Self::Engine(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for BuildError {}
