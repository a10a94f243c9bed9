//! Reading a module named on the command line.

use anyhow::{Context, Result};
use std::io::Read;
use std::path::Path;

/// A module and what to call it in messages.
pub(crate) struct Input {
    /// The path, or `<stdin>`.
    pub(crate) name: String,
    /// The binary module: text format has been assembled.
    pub(crate) bytes: Vec<u8>,
}

/// Read a module in binary or text format from a file, or from stdin for `-`.
pub(crate) fn read_module(path: &Path) -> Result<Input> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "<stdin>".to_string() } else { path.display().to_string() };
    let mut bytes = Vec::new();
    if is_stdin {
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read stdin")?;
    } else {
        bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    }
    let is_binary = bytes.starts_with(b"\0asm");
    let is_named_text = path.extension().is_some_and(|extension| extension == "wat");
    let starts_like_text = bytes.trim_ascii_start().starts_with(b"(") || bytes.trim_ascii_start().starts_with(b";;");
    if !is_binary && (is_named_text || starts_like_text) {
        bytes = assemble(&bytes, path).with_context(|| format!("{name}: not valid text format"))?;
    }
    Ok(Input { name, bytes })
}

fn assemble(text: &[u8], path: &Path) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(text)?;
    wat::parse_str(text).map_err(|mut error| {
        error.set_path(path);
        anyhow::Error::from(error)
    })
}
