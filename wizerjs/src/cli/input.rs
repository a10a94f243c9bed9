//! Reading a module named on the command line.

use anyhow::{Context, Result};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes of a file that one thread reads at a time: where a file is in memory already, most of the time to read it goes into
/// making the pages that it is copied to.
const CHUNK_BYTES: usize = 1 << 20;

/// Bytes of the largest file that memory is taken for at once; no module has more.
const WHOLE_MAX_BYTES: u64 = 1 << 30;

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
        bytes = read_file(path).with_context(|| format!("cannot read {name}"))?;
    }
    let is_binary = bytes.starts_with(b"\0asm");
    let is_named_text = path.extension().is_some_and(|extension| extension == "wat");
    let starts_like_text = bytes.trim_ascii_start().starts_with(b"(") || bytes.trim_ascii_start().starts_with(b";;");
    if !is_binary && (is_named_text || starts_like_text) {
        bytes = assemble(&bytes, path).with_context(|| format!("{name}: not valid text format"))?;
    }
    Ok(Input { name, bytes })
}

/// All of a file, by all threads if it is of a module's size. A larger one is read as long as there is memory.
fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let len = if metadata.is_file() && metadata.len() <= WHOLE_MAX_BYTES { metadata.len() } else { 0 };
    // Fresh zeros are pages that the kernel makes at the first write, so each reading thread makes its own.
    let mut bytes = vec![0; len as usize];
    let read = |(index, chunk): (usize, &mut [u8])| file.read_exact_at(chunk, (index * CHUNK_BYTES) as u64);
    bytes.par_chunks_mut(CHUNK_BYTES).enumerate().try_for_each(read)?;
    if len > 0 {
        file.seek(SeekFrom::Start(len))?;
    }
    // The rest: all of a file whose size is unknown, and what was appended meanwhile.
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn assemble(text: &[u8], path: &Path) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(text)?;
    wat::parse_str(text).map_err(|mut error| {
        error.set_path(path);
        anyhow::Error::from(error)
    })
}
