//! What is wrong with a file of settings, and where.

use crate::application::BuildError;
use crate::source::{Located, SETTINGS_FILE};

/// How alike two names are, from 0 to 1, if one may have been meant by the other; as on the command line.
const ALIKE: f64 = 0.7;

/// The text in which things have their places.
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
}

impl Place<'_> {
    /// An error at a byte of the text.
    pub(super) fn at(&self, offset: usize, message: String) -> BuildError {
        BuildError::Source(vec![Located::at(SETTINGS_FILE, self.text, offset, message)])
    }

    /// An error of the reader of TOML.
    pub(super) fn wrong(&self, error: &toml::de::Error) -> BuildError {
        let message = error.message();
        let message = unknown_key(message).unwrap_or_else(|| message.lines().collect::<Vec<_>>().join(", "));
        self.at(error.span().map_or(0, |span| span.start), message)
    }
}

/// What serde says of an unknown key, in this program's words: "unknown field `a`, expected one of `b`, `c`".
fn unknown_key(message: &str) -> Option<String> {
    let mut names = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let unknown = names.next()?;
    let mut known: Vec<&str> = names.collect();
    known.sort_unstable();
    let likeness = |name: &&str| strsim::jaro(unknown, name);
    let nearest = known.iter().copied().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    Some(match nearest.filter(|name| likeness(name) > ALIKE) {
        Some(nearest) => format!("no key is called '{unknown}'; is it '{nearest}'?"),
        None => format!("no key is called '{unknown}'; there are {}", known.join(", ")),
    })
}
