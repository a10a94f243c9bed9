//! Processors: staying on one, and the time a process spent on them.

use anyhow::{Context, Result, ensure};
use core_affinity::CoreId;
use std::time::Duration;

/// Keep the calling thread, and what it starts from now on, on one processor.
///
/// # Errors
/// There is no such processor.
pub fn stay_on(processor: usize) -> Result<()> {
    ensure!(core_affinity::set_for_current(CoreId { id: processor }), "cannot run on processor {processor}");
    Ok(())
}

/// Processor time of a process so far, user and system.
///
/// # Errors
/// It is gone.
pub fn time_of(process: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is the name in parentheses; utime and stime are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(") ").context("stat")?.1.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}
