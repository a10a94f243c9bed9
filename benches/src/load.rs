//! A closed loop of HTTP/1.1 clients: each sends its next request when it has the answer to the last.

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest latency that is told apart, in nanoseconds: 10 s.
const MAX_NS: u64 = 10_000_000_000;

/// What a load saw.
#[derive(Debug)]
pub struct Seen {
    /// Latencies in nanoseconds.
    pub latency_ns: Histogram<u64>,
    /// From first request to last answer.
    pub elapsed: Duration,
}

impl Seen {
    /// Answers per second.
    pub fn per_second(&self) -> f64 {
        self.latency_ns.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// A quantile of the latency in microseconds.
    pub fn quantile_us(&self, quantile: f64) -> f64 {
        self.latency_ns.value_at_quantile(quantile) as f64 / 1000.0
    }
}

/// GET `path` over `connections` kept-alive connections for so long. Every answer must be as long as the first.
///
/// # Errors
/// A connection fails or an answer is of another length.
pub fn get(address: SocketAddr, path: &str, connections: usize, duration: Duration) -> Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").into_bytes();
    runtime.block_on(async {
        let started = Instant::now();
        let clients: Vec<_> = (0..connections)
            .map(|_| tokio::task::spawn(client(address, request.clone(), started + duration)))
            .collect();
        let mut latency_ns = Histogram::new_with_bounds(1, MAX_NS, 3)?;
        for client in clients {
            latency_ns.add(client.await??)?;
        }
        Ok(Seen { latency_ns, elapsed: started.elapsed() })
    })
}

async fn client(address: SocketAddr, request: Vec<u8>, until: Instant) -> Result<Histogram<u64>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 1 << 20];
    stream.write_all(&request).await?;
    let answer_bytes = first_answer(&mut stream, &mut buffer).await?;
    let mut latency_ns = Histogram::new_with_bounds(1, MAX_NS, 3)?;
    while Instant::now() < until {
        let sent = Instant::now();
        stream.write_all(&request).await?;
        stream.read_exact(&mut buffer[..answer_bytes]).await?;
        latency_ns.record(sent.elapsed().as_nanos() as u64)?;
        ensure!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..answer_bytes]));
    }
    Ok(latency_ns)
}

/// Read an answer and give its length in bytes, head and body.
async fn first_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        ensure!(read > 0, "closed");
        filled += read;
        let text = String::from_utf8_lossy(&buffer[..filled]);
        if let Some(end) = text.find("\r\n\r\n") {
            let length: Option<usize> =
                text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let total = end + 4 + length.context("an answer without length")?;
            if filled >= total {
                return Ok(total);
            }
        }
    }
}
