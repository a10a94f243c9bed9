//! Build tool.
