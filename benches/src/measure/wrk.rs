//! `wrk`, the load generator that people use. It sleeps while it waits, and the server has to wake it.

use super::{cpu, process};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

/// How long it may take beyond its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Requests per second of GET `/` over so many connections, by a `wrk` with these words in front. It counts whole seconds.
///
/// # Errors
/// It fails, or the answers do.
pub fn rate(words: &[OsString], address: SocketAddr, connections: usize, seconds: u64) -> Result<f64> {
    let (program, arguments) = words.split_first().context("no words")?;
    let mut command = Command::new(program);
    command.args(arguments).args(["--threads", "1", "--connections", &connections.to_string()]);
    command.args(["--duration", &format!("{seconds}s"), &format!("http://{address}/")]);
    let output = cpu::on(cpu::CLIENT, || process::output(&mut command, PATIENCE + Duration::from_secs(seconds)))?;
    rate_in(&output)
}

fn rate_in(output: &str) -> Result<f64> {
    anyhow::ensure!(!output.contains("Non-2xx"), "wrk got other answers than 200");
    let rate = output.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    rate.and_then(|rate| rate.trim().parse().ok()).context("wrk gives no rate")
}

#[cfg(test)]
mod tests {
    use super::rate_in;

    #[test]
    fn the_rate_is_found() {
        assert_eq!(rate_in("  8 requests in 1s\nRequests/sec:   1234.50\nTransfer/sec: 1MB\n").unwrap(), 1234.5);
        assert!(rate_in("  Non-2xx or 3xx responses: 3\nRequests/sec: 3\n").is_err());
        assert!(rate_in("").is_err());
    }
}
