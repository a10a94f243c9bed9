//! HTTP/1.1 as bytes on a socket, so that tests see what was sent and not what a client library made of it.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a test waits for the other side before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request of a test.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers beside `host` and `content-length`.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Request {
    /// GET of a path.
    pub fn get(target: &str) -> Self {
        Self { method: "GET".into(), target: target.into(), ..Self::default() }
    }

    /// POST of a body to a path.
    pub fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { method: "POST".into(), target: target.into(), body: body.into(), ..Self::default() }
    }

    /// With another header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// A response as it came, its body decoded from chunks.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| &value[..])
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is kept alive.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    /// Connect.
    ///
    /// # Errors
    /// Nobody listens.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), host: address.to_string() })
    }

    /// Wait this long for the other side, instead of a minute.
    ///
    /// # Errors
    /// The socket is broken.
    pub fn set_patience(&self, patience: Duration) -> Result<()> {
        Ok(self.stream.get_ref().set_read_timeout(Some(patience))?)
    }

    /// Write a request's head: `length` is that of its body, `None` for one in chunks.
    ///
    /// # Errors
    /// The other side is gone.
    pub fn write_head(&mut self, request: &Request, length: Option<usize>) -> Result<()> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", request.method, request.target, self.host);
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match length {
            Some(0) if request.method == "GET" => {}
            Some(length) => head.push_str(&format!("content-length: {length}\r\n")),
            None => head.push_str("transfer-encoding: chunked\r\n"),
        }
        self.write(head.as_bytes())?;
        self.write(b"\r\n")
    }

    /// Write bytes as they are.
    ///
    /// # Errors
    /// The other side is gone.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.get_mut().write_all(bytes)?)
    }

    /// Write a chunk of a body; an empty one ends it.
    ///
    /// # Errors
    /// The other side is gone.
    pub fn write_chunk(&mut self, bytes: &[u8]) -> Result<()> {
        self.write(format!("{:x}\r\n", bytes.len()).as_bytes())?;
        self.write(bytes)?;
        self.write(b"\r\n")
    }

    /// A handle for writing from another thread.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn writer(&self) -> Result<TcpStream> {
        Ok(self.stream.get_ref().try_clone()?)
    }

    /// Send a whole request and read the whole response.
    ///
    /// # Errors
    /// No complete response came.
    pub fn send(&mut self, request: &Request) -> Result<Response> {
        self.write_head(request, Some(request.body.len()))?;
        self.write(&request.body)?;
        self.read_response(&request.method)
    }

    /// Read a whole response to a request with this method.
    ///
    /// # Errors
    /// No complete response came.
    pub fn read_response(&mut self, method: &str) -> Result<Response> {
        let mut response = self.read_head()?;
        if method == "HEAD" || matches!(response.status, 204 | 304) {
            return Ok(response);
        }
        if response.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.read_chunk()? {
                response.body.extend(chunk);
            }
        } else if let Some(length) = response.header("content-length") {
            response.body = vec![0; length.parse()?];
            self.stream.read_exact(&mut response.body)?;
        } else {
            self.stream.read_to_end(&mut response.body)?;
        }
        Ok(response)
    }

    /// Read the head of a response.
    ///
    /// # Errors
    /// None came, or it is not HTTP.
    pub fn read_head(&mut self) -> Result<Response> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.with_context(|| format!("not a status line: {status_line:?}"))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(Response { status, headers, body: Vec::new() });
            }
            let (name, value) = line.split_once(": ").with_context(|| format!("not a header: {line:?}"))?;
            headers.push((name.to_lowercase(), value.to_owned()));
        }
    }

    /// Read a chunk of a body, `None` at its end.
    ///
    /// # Errors
    /// The body was cut off.
    pub fn read_chunk(&mut self) -> Result<Option<Vec<u8>>> {
        let length = usize::from_str_radix(&self.line()?, 16)?;
        let mut chunk = vec![0; length];
        self.stream.read_exact(&mut chunk)?;
        self.line()?;
        Ok(if length == 0 { None } else { Some(chunk) })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the connection was closed");
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}
