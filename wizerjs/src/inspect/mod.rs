//! Explain a finished file.
