//! Exchanges as they are written in a case's `exchange.txt`:
//!
//! ```text
//! > POST /path
//! > name: value
//! >
//! > the body
//! < 200
//! < content-type: text/plain
//! <
//! < the body
//! ```
//!
//! A blank line separates exchanges; `date` is left out of responses. Lines of bodies are joined with `\n`, and a body
//! that ends in a newline ends in an empty line.

use crate::http::{Request, Response};
use anyhow::{Context, Result};

/// The requests of a file.
///
/// # Errors
/// A request without a request line.
pub fn requests(text: &str) -> Result<Vec<Request>> {
    text.split("\n\n").filter(|block| block.contains('>')).map(request).collect()
}

fn request(block: &str) -> Result<Request> {
    let mut lines =
        block.lines().filter_map(|line| line.strip_prefix('>')).map(|line| line.strip_prefix(' ').unwrap_or(line));
    let line = lines.next().context("an exchange without a request")?;
    let (method, target) = line.split_once(' ').with_context(|| format!("not METHOD TARGET: {line:?}"))?;
    let mut request = Request { method: method.into(), target: target.into(), ..Request::default() };
    for header in lines.by_ref().take_while(|line| !line.is_empty()) {
        let (name, value) = header.split_once(": ").with_context(|| format!("not a header: {header:?}"))?;
        request = request.header(name, value);
    }
    request.body = lines.collect::<Vec<_>>().join("\n").into_bytes();
    Ok(request)
}

/// The text of an exchange.
pub fn write(request: &Request, response: &Response) -> String {
    let mut out = format!("> {} {}\n", request.method, request.target);
    section(&mut out, '>', &request.headers, &request.body);
    out.push_str(&format!("< {}\n", response.status));
    let headers: Vec<_> = response.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
    section(&mut out, '<', &headers, &response.body);
    out
}

fn section(out: &mut String, mark: char, headers: &[(String, String)], body: &[u8]) {
    for (name, value) in headers {
        out.push_str(&format!("{mark} {name}: {value}\n"));
    }
    if !body.is_empty() {
        out.push_str(&format!("{mark}\n"));
        for line in String::from_utf8_lossy(body).split('\n') {
            out.push_str(format!("{mark} {line}").trim_end());
            out.push('\n');
        }
    }
}

/// A log line without what differs between runs: when it was written, and how long the request took.
pub fn stable_line(line: &str) -> String {
    let is_time = |word: &str| word.ends_with('Z') && word.starts_with("20") && word.contains('T');
    let is_duration =
        |word: &str| word.trim_end_matches(',').strip_prefix("ms=").is_some_and(|ms| ms.parse::<u64>().is_ok());
    let words =
        line.split(' ').enumerate().filter(|(index, word)| !(is_duration(word) || *index == 0 && is_time(word)));
    words.map(|(_, word)| word).collect::<Vec<_>>().join(" ").trim_start().to_owned()
}
