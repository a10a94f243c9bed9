//! A failure with its place in the source.

use engine_source_map::{excerpt, position_of};
use std::fmt;

/// A failure with its place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// File, as [`engine_abi::Module::name`] or as the user wrote it; empty if unknown.
    pub file: String,
    /// Line and column from 1, the column in UTF-16 code units as in JavaScript stacks.
    pub position: Option<(u32, u32)>,
    /// Cause and remedy, in one line.
    pub message: String,
    /// The lines of the source around [`Located::position`], with a caret under it; empty if there are none to show.
    pub excerpt: String,
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
            excerpt: String::new(),
            details: String::new(),
        }
    }

    /// An error at a byte offset of a file's text.
    pub fn at(file: &str, text: &str, offset: usize, message: String) -> Self {
        let position = position_of(text, offset);
        let excerpt = excerpt(text, position.0, position.1);
        Self { file: file.to_owned(), position: Some(position), message, excerpt, details: String::new() }
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
        if !self.excerpt.is_empty() {
            write!(f, "\n{}", self.excerpt)?;
        }
        if !self.details.is_empty() {
            write!(f, "\n{}", self.details)?;
        }
        Ok(())
    }
}
