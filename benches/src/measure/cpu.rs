//! Processors: staying on one, and the time that processes spent on them.

use anyhow::{Context, Result, ensure};
use core_affinity::CoreId;
use std::time::Duration;

/// Processor of the server under test.
pub const SERVER: usize = 0;
/// Processor of its clients.
pub const CLIENT: usize = 1;

/// Do `work` on one processor, in a thread of its own; processes that it starts stay there too.
///
/// # Errors
/// There is no such processor, or those of `work`.
pub fn on<T: Send>(processor: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let pinned = move || {
        stay_on(processor)?;
        work()
    };
    std::thread::scope(|scope| scope.spawn(pinned).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Keep this thread on one processor from now on.
///
/// # Errors
/// There is no such processor.
pub fn stay_on(processor: usize) -> Result<()> {
    ensure!(core_affinity::set_for_current(CoreId { id: processor }), "cannot run on processor {processor}");
    Ok(())
}

/// Processor time of a process and of those that it started, so far, user and system.
///
/// # Errors
/// It is gone.
pub fn time_of(process: u32) -> Result<Duration> {
    let mut ticks = 0;
    for id in tree(process)? {
        // One that ended meanwhile is counted for its parent.
        let Ok(fields) = stat(id) else { continue };
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).context("stat");
        ticks += number(UTIME)? + number(STIME)?;
    }
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// Memory of a process and of those that it started, in bytes: what is shared counts in parts (PSS).
///
/// # Errors
/// It is gone.
pub fn memory_of(process: u32) -> Result<u64> {
    sum_of_maps(process, &["Pss:"])
}

/// Memory that no other process than a process and those that it started has, in bytes.
///
/// # Errors
/// It is gone.
pub fn private_memory_of(process: u32) -> Result<u64> {
    sum_of_maps(process, &["Private_Clean:", "Private_Dirty:"])
}

/// Sum of lines of `smaps_rollup`, of a process and of those that it started.
fn sum_of_maps(process: u32, lines: &[&str]) -> Result<u64> {
    let mut bytes = 0;
    for id in tree(process)? {
        let Ok(rollup) = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")) else { continue };
        for name in lines {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name)).context("smaps_rollup")?;
            bytes += line.trim().trim_end_matches(" kB").parse::<u64>()? << 10;
        }
    }
    Ok(bytes)
}

// Places among the fields that follow the name in `/proc/ID/stat`.
const PARENT: usize = 1;
const UTIME: usize = 11;
const STIME: usize = 12;

/// The fields of `/proc/ID/stat` that follow the name in parentheses.
fn stat(process: u32) -> Result<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields = stat.rsplit_once(") ").context("stat")?.1;
    Ok(fields.split(' ').map(str::to_owned).collect())
}

/// A process and all that came from it and are still there.
///
/// # Errors
/// It is gone.
pub fn tree(root: u32) -> Result<Vec<u32>> {
    stat(root)?;
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let parent = stat(id).ok().and_then(|fields| fields.get(PARENT)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (id, parent)));
    }
    let mut tree = vec![root];
    let mut at = 0;
    while let Some(parent) = tree.get(at).copied() {
        tree.extend(parents.iter().filter(|one| one.1 == parent).map(|one| one.0));
        at += 1;
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::{memory_of, private_memory_of, time_of, tree};
    use std::process::{Command, Stdio};

    #[test]
    fn children_of_children_count() {
        let mut shell = Command::new("sh");
        let mut child = shell.args(["-c", "(read x) ; true"]).stdin(Stdio::piped()).spawn().unwrap();
        while tree(child.id()).unwrap().len() < 2 {
            std::thread::yield_now();
        }
        assert!(tree(std::process::id()).unwrap().len() >= 3);
        let private = private_memory_of(child.id()).unwrap();
        assert!(private > 0 && private <= memory_of(child.id()).unwrap());
        assert!(time_of(child.id()).is_ok());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(time_of(child.id()).is_err());
    }
}
