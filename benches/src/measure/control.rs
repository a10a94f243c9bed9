//! The control: a server that does nothing but HTTP, measured in every round. Its rate is what can be reached at all, its
//! 99th percentile how much else the machine does.

use super::{cpu, load};
use crate::report::Samples;
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The argument that makes the program such a server.
pub const ARGUMENT: &str = "bare-server";

/// Requests in flight.
const CONCURRENCY: usize = 8;

/// How long a round takes.
const DURATION: Duration = Duration::from_millis(300);

/// The server's process, killed when dropped.
#[derive(Debug)]
pub struct Control {
    child: Child,
    address: SocketAddr,
}

impl Control {
    /// Start one on the server's processor.
    ///
    /// # Errors
    /// It does not start.
    pub fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = cpu::on(cpu::SERVER, || Ok(command.arg(ARGUMENT).stdout(Stdio::piped()).spawn()?))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("piped")?).read_line(&mut line)?;
        let address = line.trim().parse().context("the control does not say where it listens")?;
        Ok(Self { child, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Measure it for a round.
    ///
    /// # Errors
    /// It does not answer.
    pub fn round(&self, samples: &mut Samples) -> Result<()> {
        let seen = cpu::on(cpu::CLIENT, || load::run(self.address, &load::get("/"), CONCURRENCY, DURATION))?;
        samples.add_control(seen.per_second(), seen.quantile_us(0.99));
        Ok(())
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Be that server: with the settings of a single-threaded host, on a port that is its first line of output.
///
/// # Errors
/// No port can be had.
pub fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let service = service_fn(answer);
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

/// The answer of `examples/hello`.
async fn answer(_: Request<hyper::body::Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = Full::new(Bytes::from_static(b"Hello from a fresh engine!\n"));
    Ok(Response::builder().header("content-type", "text/plain;charset=UTF-8").body(body).unwrap_or_default())
}
