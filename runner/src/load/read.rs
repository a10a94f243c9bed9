//! Reading an artifact from disk.

use crate::errors::in_words;
use anyhow::{Context, Result, ensure};
use engine_artifact::ARTIFACT_MAX_BYTES;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The bytes of a file, if it is a file and not too large.
pub(crate) fn read_artifact(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| anyhow::anyhow!(in_words(&error)))?;
    let metadata = file.metadata()?;
    ensure!(!metadata.is_dir(), "a folder, not a file");
    let mut bytes = Vec::new();
    file.take(ARTIFACT_MAX_BYTES as u64 + 1).read_to_end(&mut bytes).context("cannot read")?;
    ensure!(bytes.len() <= ARTIFACT_MAX_BYTES, "larger than {} MiB", ARTIFACT_MAX_BYTES >> 20);
    ensure!(!bytes.is_empty(), "empty");
    Ok(bytes)
}
