//! A `runner serve` or `runner dev` process and what it says.

use crate::http::{Connection, Request, Response};
use crate::program::{engine_args, program};
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// A served application; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// `runner serve PATH --addr 127.0.0.1:0 ARGS`, once it has said where it listens.
    ///
    /// # Errors
    /// The process ends before that; the error holds what it wrote to standard error.
    pub fn start(path: &Path, args: &[&str]) -> Result<Self> {
        let (server, stderr) = Self::start_unread(path, args)?;
        Ok(server.reading(stderr))
    }

    /// `runner dev --addr 127.0.0.1:0 ARGS` in this folder, once it has said where it listens.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_dev(folder: &Path, args: &[&str]) -> Result<Self> {
        let mut command = program("runner")?;
        command.arg("dev").args(["--addr", "127.0.0.1:0"]).args(engine_args()).args(args).current_dir(folder);
        let (server, stderr) = Self::of(command)?;
        Ok(server.reading(stderr))
    }

    /// Read its standard error until it ends.
    fn reading(mut self, mut stderr: ChildStderr) -> Self {
        self.log = Some(std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        }));
        self
    }

    /// As [`Server::start`], with its standard error, which nobody reads.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_unread(path: &Path, args: &[&str]) -> Result<(Self, ChildStderr)> {
        let mut command = program("runner")?;
        command.arg("serve").arg(path).args(["--addr", "127.0.0.1:0"]).args(engine_args()).args(args);
        Self::of(command)
    }

    /// A command that serves, once it has said where it listens, with its standard error, which nobody reads.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn of(mut command: Command) -> Result<(Self, ChildStderr)> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut stderr = child.stderr.take().context("piped")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("piped")?).read_line(&mut line)?;
        match line.trim_end().strip_prefix("http://").and_then(|address| address.trim_end_matches('/').parse().ok()) {
            Some(address) => Ok((Self { child, address, log: None }, stderr)),
            None => {
                let _ = child.kill();
                let status = child.wait()?;
                let mut log = String::new();
                let _ = stderr.read_to_string(&mut log);
                anyhow::bail!("the first line was {line:?}, {status}: {log}")
            }
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Most memory that it has had so far, in bytes.
    ///
    /// # Errors
    /// It is gone.
    pub fn peak_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? << 10)
    }

    /// A new connection to it.
    ///
    /// # Errors
    /// It cannot be reached.
    pub fn connect(&self) -> Result<Connection> {
        Connection::open(self.address)
    }

    /// One request on a connection of its own.
    ///
    /// # Errors
    /// No complete response came.
    pub fn send(&self, request: &Request) -> Result<Response> {
        self.connect()?.send(request)
    }

    /// GET of a path.
    ///
    /// # Errors
    /// As [`Server::send`].
    pub fn get(&self, path: &str) -> Result<Response> {
        self.send(&Request::get(path))
    }

    /// Send a signal to it.
    ///
    /// # Errors
    /// It is gone.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(Pid::from_child(&self.child), signal)?)
    }

    /// Ask it to stop, and give how it ended and its log, unless that is not read here.
    ///
    /// # Errors
    /// It was gone already.
    pub fn stop(self) -> Result<(ExitStatus, String)> {
        self.signal(Signal::TERM)?;
        self.ended()
    }

    /// Wait until it ends, and give how it ended and its log, unless that is not read here.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn ended(mut self) -> Result<(ExitStatus, String)> {
        let status = self.child.wait()?;
        let log = self.log.take().map(|log| log.join().unwrap_or_default()).unwrap_or_default();
        Ok((status, log))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
