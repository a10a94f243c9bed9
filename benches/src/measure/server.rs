//! A server under test: a process on a processor of its own, from its start to its first answer to its end.

use super::{cpu, load};
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until its first answer: one of ours may compile an engine first.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two attempts to reach a server that starts. Starts are told apart by milliseconds.
const ATTEMPTS: Duration = Duration::from_micros(300);

/// A running server, killed with what it started when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    first_answer: Duration,
}

/// A free port of 127.0.0.1, until somebody takes it.
///
/// # Errors
/// There is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Server {
    /// Start a command that will listen on `address`, on the server's processor, and wait until it answers `request` with 200.
    /// What it says goes to the file `log`.
    ///
    /// # Errors
    /// It ends before, or does not answer in time; the error has the last line that it wrote.
    pub fn start(command: &mut Command, address: SocketAddr, request: &[u8], log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let file = File::create(log).with_context(|| log.display().to_string())?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let started = Instant::now();
        let child = cpu::on(cpu::SERVER, || Ok(command.spawn()?)).with_context(|| format!("cannot start {name}"))?;
        let mut server = Self { child, address, first_answer: Duration::ZERO };
        loop {
            match load::ask(address, request, PATIENCE) {
                Ok(_) => break,
                Err(error) if started.elapsed() > PATIENCE => {
                    bail!("{name} did not answer: {error}{}", last_line(log));
                }
                Err(_) => std::thread::sleep(ATTEMPTS),
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("{name} ended, {status}{}", last_line(log));
            }
        }
        server.first_answer = started.elapsed();
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// From its start to its first answer.
    pub fn first_answer(&self) -> Duration {
        self.first_answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it started may outlive it.
        for id in cpu::tree(self.id()).unwrap_or_default() {
            let _ = i32::try_from(id).ok().and_then(Pid::from_raw).map(|id| kill_process(id, Signal::KILL));
        }
        let _ = self.child.wait();
    }
}

/// The last line of a log, as the end of a message.
fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    line.map(|line| format!(": {line}")).unwrap_or_default()
}

/// A file for what a server says.
///
/// # Errors
/// The folder cannot be made.
pub fn log_file(folder: &Path, name: &str) -> Result<PathBuf> {
    let folder = folder.join("logs");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    Ok(folder.join(format!("{name}.log")))
}

#[cfg(test)]
mod tests {
    use super::{Server, free_address};
    use crate::measure::load::get;
    use std::process::Command;

    #[test]
    fn a_server_that_ends_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such port >&2; exit 3"]);
        let error = Server::start(&mut command, free_address().unwrap(), &get("/"), &log).unwrap_err();
        assert_eq!(error.to_string(), "sh ended, exit status: 3: no such port");
    }
}
