//! wptserve on the loopback interface.

use anyhow::{Context, Result, ensure};
use end_to_end::http::{Connection, Request};
use end_to_end::program::repository;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The server of the tests' files; it ends with this process, whose end closes its standard input.
pub(crate) struct WebServer {
    child: Child,
    address: SocketAddr,
}

impl WebServer {
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let mut child = Command::new("python3")
            .arg(repository().join("tests/wpt/serve.py"))
            .arg(folder.join("tests"))
            .env("PYTHONPATH", folder.join("python"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("python3 cannot be started")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("piped")?).read_line(&mut line)?;
        let port = line.trim().parse().context("wptserve did not start: its error is above")?;
        Ok(Self { child, address: (Ipv4Addr::LOCALHOST, port).into() })
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A script as the server gives it, which may be generated or have parts replaced.
    pub(crate) fn script(&self, path: &str) -> Result<String> {
        let mut connection = Connection::open(self.address)?;
        let response = connection.send(&Request::get(path).header("connection", "close"))?;
        ensure!(response.status == 200, "GET {path}: {}", response.status);
        String::from_utf8(response.body).with_context(|| format!("{path} is not UTF-8"))
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
