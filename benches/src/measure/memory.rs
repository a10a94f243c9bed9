//! Memory of this process.

use anyhow::{Context, Result};

/// Anonymous memory of this process that is resident, in bytes; copies of pages of files are in it.
///
/// # Errors
/// The system does not say.
pub fn anonymous_bytes() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("RssAnon")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
