//! What a whole process takes: time and peak memory.
//!
//! The kernel counts the peak of a process from that of the one that started it, so a process of its own, which is small,
//! starts the command and waits for it.

use super::process;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The argument that makes the program such a process; standard input, the command and its arguments follow.
pub const ARGUMENT: &str = "run-measured";

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// One process, from start to end.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// Milliseconds until it ended.
    pub wall_ms: f64,
    /// Milliseconds of processors.
    pub cpu_ms: f64,
    /// Most memory that was resident, in bytes.
    pub peak_bytes: u64,
}

/// Run a command to its end, with a file as its standard input.
///
/// # Errors
/// It fails, or takes too long.
pub fn of(command: &Command, stdin: &Path) -> Result<Usage> {
    let mut waiting = Command::new(std::env::current_exe()?);
    waiting.arg(ARGUMENT).arg(stdin).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => waiting.env(name, value),
            None => waiting.env_remove(name),
        };
    }
    Ok(serde_json::from_str(&process::output(&mut waiting, PATIENCE)?)?)
}

/// Be that process, and print what the command took as a line of JSON.
///
/// # Errors
/// The command fails.
pub fn wait(mut arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let stdin = File::open(arguments.next().context("no standard input")?)?;
    let program = arguments.next().context("no command")?;
    let mut command = Command::new(&program);
    command.args(arguments).stdin(stdin).stdout(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    let mut status = 0;
    let id = libc::pid_t::try_from(child.id())?;
    // SAFETY: `id` is a child of ours that nobody has waited for; the two pointers are to live values of the right type.
    let waited = unsafe { libc::wait4(id, &raw mut status, 0, usage.as_mut_ptr()) };
    let wall = started.elapsed();
    // The child is gone already: this only tells the standard library.
    let _ = child.try_wait();
    ensure!(waited == id && status == 0, "{} failed (status {status:#x})", program.display());
    // SAFETY: all zero is a valid value, and the kernel filled it in.
    let usage = unsafe { usage.assume_init() };
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    let peak_bytes = u64::try_from(usage.ru_maxrss)? << 10;
    let usage =
        Usage { wall_ms: wall.as_secs_f64() * 1e3, cpu_ms: ms(usage.ru_utime) + ms(usage.ru_stime), peak_bytes };
    println!("{}", serde_json::to_string(&usage)?);
    Ok(())
}
