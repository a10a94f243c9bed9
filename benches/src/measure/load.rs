//! A closed loop of HTTP/1.1 clients on one thread that never sleeps: sockets are asked in turn until one has an answer.
//!
//! A client that sleeps has to be woken by the server, which on a virtual machine is a quarter of a small request's time on
//! the server's side, and which a server at full load does not pay, because its clients never get to sleep. So a sleeping
//! client measures itself. This one needs a processor of its own.

use super::cpu;
use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longest latency that is told apart, in nanoseconds: 60 s.
const MAX_NS: u64 = 60_000_000_000;

/// How long all clients together may get no answer: a server that hangs is an error, not a low number.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Bytes of an answer, head and body, at most.
const ANSWER_MAX: usize = 1 << 20;

/// Headers of an answer, at most.
const HEADERS_MAX: usize = 64;

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

/// A GET request for `path`.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// A POST request of JSON to `path`.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n");
    format!("{head}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// One request, and the body of its answer.
///
/// # Errors
/// No complete answer came within `patience`, or not 200.
pub fn ask(address: SocketAddr, request: &[u8], patience: Duration) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    let mut piece = [0; 1 << 16];
    loop {
        let read = stream.read(&mut piece)?;
        ensure!(read > 0, "the connection ended");
        answer.extend_from_slice(&piece[..read]);
        if let Some(length) = answer_bytes(&answer)? {
            let head = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap_or(0);
            return Ok(answer[head + 4..length].to_vec());
        }
    }
}

/// When a load ends: when both are reached.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// Time since the first request.
    pub elapsed: Duration,
    /// Answers.
    pub answers: u64,
}

/// Let a server be loaded from the clients' processor: what was seen, and the microseconds of processor time that the process
/// and those that it started spent on an answer.
///
/// # Errors
/// Those of `load`; the process is gone.
pub fn with_cost(process: u32, load: impl FnOnce() -> Result<Seen> + Send) -> Result<(Seen, f64)> {
    let before = cpu::time_of(process)?;
    let seen = cpu::on(cpu::CLIENT, load)?;
    let spent = cpu::time_of(process)?.saturating_sub(before);
    let cost_us = spent.as_secs_f64() * 1e6 / seen.latency_ns.len() as f64;
    Ok((seen, cost_us))
}

/// Send `request` over so many kept-alive connections for so long, each the next one when it has the answer to the last.
///
/// # Errors
/// A connection fails, an answer is not 200 or none comes.
pub fn run(address: SocketAddr, request: &[u8], connections: usize, duration: Duration) -> Result<Seen> {
    in_turn(address, &[request], connections, Until { elapsed: duration, answers: 0 })
}

/// As [`run`], with several requests, which all connections together send one after the other, again and again.
///
/// # Errors
/// As [`run`].
pub fn in_turn(address: SocketAddr, requests: &[impl AsRef<[u8]>], connections: usize, until: Until) -> Result<Seen> {
    ensure!(!requests.is_empty(), "no request to send");
    let mut requests = requests.iter().map(AsRef::as_ref).cycle();
    let mut next = || requests.next().unwrap_or_default();
    let mut clients = (0..connections).map(|_| Client::connect(address)).collect::<Result<Vec<_>>>()?;
    let mut latency_ns = Histogram::new_with_bounds(1, MAX_NS, 3)?;
    let started = Instant::now();
    for client in &mut clients {
        client.send(next())?;
    }
    let mut last_answer = started;
    while !clients.is_empty() {
        let mut at = 0;
        while let Some(client) = clients.get_mut(at) {
            at += 1;
            if client.has_answer()? {
                last_answer = Instant::now();
                latency_ns.record((last_answer - client.sent).as_nanos() as u64)?;
                if last_answer - started < until.elapsed || latency_ns.len() < until.answers {
                    client.send(next())?;
                } else {
                    at -= 1;
                    clients.swap_remove(at);
                }
            }
        }
        ensure!(last_answer.elapsed() < SILENCE_MAX, "no answer for {} s", SILENCE_MAX.as_secs());
    }
    Ok(Seen { latency_ns, elapsed: last_answer - started })
}

/// A connection with one request on its way.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Bytes of the answer so far.
    filled: usize,
    sent: Instant,
}

impl Client {
    fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, buffer: vec![0; ANSWER_MAX], filled: 0, sent: Instant::now() })
    }

    fn send(&mut self, request: &[u8]) -> Result<()> {
        self.filled = 0;
        self.sent = Instant::now();
        let mut rest = request;
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::hint::spin_loop(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Take what has come, and say whether that is all of the answer.
    fn has_answer(&mut self) -> Result<bool> {
        match self.stream.read(&mut self.buffer[self.filled..]) {
            Ok(0) => bail!("the server closed a connection after {} bytes of an answer", self.filled),
            Ok(read) => self.filled += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let length = answer_bytes(&self.buffer[..self.filled])?;
        ensure!(length.is_none_or(|length| length == self.filled), "more bytes than one answer has");
        Ok(length.is_some())
    }
}

/// Length of the answer that `bytes` begins with, head and body; `None` if not all of it is there.
fn answer_bytes(bytes: &[u8]) -> Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes)? else { return Ok(None) };
    let status = response.code.unwrap_or(0);
    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&bytes[head..]).lines().next().unwrap_or_default());
    let value = |name: &str| response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    if let Some(length) = value("content-length") {
        let end = head + std::str::from_utf8(length.value)?.trim().parse::<usize>()?;
        return Ok((end <= bytes.len()).then_some(end));
    }
    ensure!(value("transfer-encoding").is_some(), "an answer without length");
    chunks_end(bytes, head)
}

/// Where the chunks end that begin at `at`.
fn chunks_end(bytes: &[u8], mut at: usize) -> Result<Option<usize>> {
    while at < bytes.len() {
        let size = httparse::parse_chunk_size(&bytes[at..]).map_err(|_| anyhow::anyhow!("no size of a chunk"))?;
        let httparse::Status::Complete((line, size)) = size else { return Ok(None) };
        at += line + size as usize + 2;
        if size == 0 {
            return Ok((at <= bytes.len()).then_some(at));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::{Until, answer_bytes, get, in_turn};
    use std::io::{Read, Write};
    use std::time::Duration;

    #[test]
    fn the_end_of_an_answer_is_found() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc";
        assert_eq!(answer_bytes(whole).unwrap(), Some(whole.len()));
        assert_eq!(answer_bytes(&whole[..whole.len() - 1]).unwrap(), None);
        assert_eq!(answer_bytes(&whole[..10]).unwrap(), None);
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        assert_eq!(answer_bytes(chunked).unwrap(), Some(chunked.len()));
        for end in 0..chunked.len() {
            assert_eq!(answer_bytes(&chunked[..end]).unwrap(), None, "{end}");
        }
        assert!(answer_bytes(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(answer_bytes(b"HTTP/1.1 200 OK\r\n\r\nuntil the end").is_err());
    }

    #[test]
    fn every_connection_is_answered() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let mut answered = 0;
            let mut streams: Vec<_> = (0..3).map(|_| listener.accept().unwrap().0).collect();
            while !streams.is_empty() {
                streams.retain_mut(|stream| {
                    let mut request = [0; 1024];
                    let is_open = stream.read(&mut request).unwrap() > 0;
                    if is_open {
                        // In two pieces, as answers come.
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-").unwrap();
                        stream.write_all(b"length: 2\r\n\r\nok").unwrap();
                        answered += 1;
                    }
                    is_open
                });
            }
            answered
        });
        let until = Until { elapsed: Duration::from_millis(20), answers: 100 };
        let seen = in_turn(address, &[get("/a"), get("/b")], 3, until).unwrap();
        assert_eq!(seen.latency_ns.len(), server.join().unwrap());
        assert!(seen.latency_ns.len() >= 100 && seen.elapsed >= until.elapsed);
    }
}
