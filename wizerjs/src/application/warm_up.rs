//! Requests that an application answers while it is built.

use engine_abi::{Body, Request};
use std::str::FromStr;

/// Host and scheme of made-up requests.
const ORIGIN: &str = "http://localhost";

/// The headers that every client sends; one of the same name that the user gives takes the place of its default.
const DEFAULT_HEADERS: [(&str, &str); 3] = [("host", "localhost"), ("user-agent", "wizerjs"), ("accept", "*/*")];

/// A request that the application answers before its state is captured: `METHOD /path`, headers, and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmUp {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl WarmUp {
    /// Add a header, `NAME: VALUE`.
    ///
    /// # Errors
    /// It is none that can be sent.
    pub fn add_header(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = header(text)?;
        self.headers.push((name, value));
        Ok(())
    }

    /// Give it a body.
    ///
    /// # Errors
    /// It has one already, or its method allows none.
    pub fn set_body(&mut self, body: Vec<u8>) -> Result<(), String> {
        if ["GET", "HEAD"].contains(&self.method.as_str()) {
            return Err(format!("a {} request has no body", self.method));
        }
        if !self.body.is_empty() {
            return Err(format!("{} has a body already", self.name()));
        }
        self.body = body;
        Ok(())
    }

    pub(crate) fn url(&self) -> String {
        format!("{ORIGIN}{}", self.path)
    }

    /// What the engine is told; `url` is [`WarmUp::url`].
    pub(crate) fn message<'a>(&'a self, url: &'a str) -> Request<'a> {
        let is_given = |name: &str| self.headers.iter().any(|(given, _)| given == name);
        let defaults = DEFAULT_HEADERS.into_iter().filter(|(name, _)| !is_given(name));
        let given = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = defaults.chain(given).map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        let body = if self.body.is_empty() { Body::Empty } else { Body::Complete(&self.body) };
        Request { method: &self.method, url, headers, body, received_ns: 0, env: Vec::new() }
    }

    /// `METHOD /path`, as in a report.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl FromStr for WarmUp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a method and a path, as 'GET /'".to_owned();
        let (method, path) = text.trim().split_once(' ').ok_or_else(expected)?;
        let path = path.trim_start();
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_path = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        if is_method && is_path {
            Ok(Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() })
        } else {
            Err(expected())
        }
    }
}

/// A header's name in lower case, and its value: <https://www.rfc-editor.org/rfc/rfc9110#section-5.5>
fn header(text: &str) -> Result<(String, String), String> {
    let expected = || "expected a header, as 'content-type: application/json'".to_owned();
    let (name, value) = text.split_once(':').ok_or_else(expected)?;
    let value = value.trim_matches([' ', '\t']);
    let is_name = !name.is_empty() && name.bytes().all(is_token);
    let is_value = value.chars().all(|c| c == '\t' || !c.is_ascii_control());
    if is_name && is_value { Ok((name.to_ascii_lowercase(), value.to_owned())) } else { Err(expected()) }
}

/// Whether a byte may be part of a header's name: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_and_a_path() {
        let request: WarmUp = "GET /a?b=c".parse().unwrap();
        assert_eq!((request.url().as_str(), request.name().as_str()), ("http://localhost/a?b=c", "GET /a?b=c"));
        for wrong in ["", "GET", "/", "get /", "GET a", "GET http://x/", "GET /a b", " /", "GET /\u{e9}"] {
            assert!(wrong.parse::<WarmUp>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn headers_and_a_body() {
        let mut request: WarmUp = "POST /".parse().unwrap();
        request.add_header("Content-Type:  text/plain ").unwrap();
        request.add_header("accept: text/html").unwrap();
        request.set_body(b"body".to_vec()).unwrap();
        let message = request.message("http://localhost/");
        assert_eq!(message.body, Body::Complete(b"body"));
        let headers: Vec<_> = message.headers.iter().map(|(name, value)| (str(name), str(value))).collect();
        let expected =
            [("host", "localhost"), ("user-agent", "wizerjs"), ("content-type", "text/plain"), ("accept", "text/html")];
        assert_eq!(headers, expected);
        for wrong in ["", "a", ": b", "a b: c", "a: b\r\nc: d", "\u{e9}: b"] {
            assert!(request.add_header(wrong).is_err(), "{wrong}");
        }
        assert!(request.set_body(Vec::new()).is_err(), "a second body");
        assert!("GET /".parse::<WarmUp>().unwrap().set_body(b"x".to_vec()).is_err());
    }

    fn str(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }
}
