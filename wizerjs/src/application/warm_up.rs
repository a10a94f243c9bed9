//! Requests that an application answers while it is built.

use engine_abi::{Body, Request};
use std::str::FromStr;

/// Host and scheme of made-up requests.
const ORIGIN: &str = "http://localhost";

/// A request that the application answers before its state is captured: `METHOD /path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmUp {
    method: String,
    path: String,
}

impl WarmUp {
    pub(crate) fn url(&self) -> String {
        format!("{ORIGIN}{}", self.path)
    }

    /// What the engine is told; `url` is [`WarmUp::url`].
    pub(crate) fn message<'a>(&'a self, url: &'a str) -> Request<'a> {
        // The headers that every client sends.
        let headers: Vec<(&[u8], &[u8])> =
            vec![(b"host", b"localhost"), (b"user-agent", b"wizerjs"), (b"accept", b"*/*")];
        Request { method: &self.method, url, headers, body: Body::Empty, received_ns: 0, env: Vec::new() }
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
            Ok(Self { method: method.to_owned(), path: path.to_owned() })
        } else {
            Err(expected())
        }
    }
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
}
