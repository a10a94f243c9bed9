//! CGI, RFC 3875: a request as environment variables, and the head that a program writes before its answer.

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
    TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{StatusCode, Version};

/// Bytes of a head, at most.
pub(super) const HEAD_MAX_BYTES: usize = 64 << 10;

/// Meta-variables of a request (section 4.1).
pub(super) fn variables(head: &Parts) -> Vec<(String, String)> {
    let uri = &head.uri;
    let header = |name: HeaderName| head.headers.get(name).map(text);
    let host = header(HOST).or_else(|| uri.authority().map(ToString::to_string)).unwrap_or_default();
    let (name, port) = host.rsplit_once(':').unwrap_or((&host, "80"));
    let mut variables: Vec<(String, String)> = [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("SERVER_SOFTWARE", concat!("runner/", env!("CARGO_PKG_VERSION"))),
        ("SERVER_PROTOCOL", if head.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" }),
        ("SERVER_NAME", name),
        ("SERVER_PORT", port),
        ("REQUEST_METHOD", head.method.as_str()),
        ("REQUEST_URI", uri.path_and_query().map_or("/", |path| path.as_str())),
        ("SCRIPT_NAME", ""),
        ("PATH_INFO", &decoded(uri.path())),
        ("QUERY_STRING", uri.query().unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (variable, name) in [("CONTENT_LENGTH", CONTENT_LENGTH), ("CONTENT_TYPE", CONTENT_TYPE)] {
        variables.extend(header(name).map(|value| (variable.to_owned(), value)));
    }
    for name in head.headers.keys() {
        // `Proxy` would be what many programs take for the proxy of their own requests.
        let is_hidden =
            [CONTENT_LENGTH, CONTENT_TYPE, AUTHORIZATION, PROXY_AUTHORIZATION].contains(name) || name == "proxy";
        if !is_hidden {
            let values: Vec<String> = head.headers.get_all(name).iter().map(text).collect();
            let variable = format!("HTTP_{}", name.as_str().to_ascii_uppercase().replace('-', "_"));
            variables.push((variable, values.join(if name == "cookie" { "; " } else { ", " })));
        }
    }
    variables
}

/// A request's variables as the beginning of standard input: <https://python.ca/scgi/protocol.txt>. `None` if the length of
/// its body is not known, which SCGI needs.
pub(super) fn scgi(variables: &[(String, String)], body_bytes: Option<u64>) -> Option<Vec<u8>> {
    const LENGTH: &str = "CONTENT_LENGTH";
    let mut headers = format!("{LENGTH}\0{}\0SCGI\x001\0", body_bytes?);
    for (name, value) in variables.iter().filter(|(name, _)| name != LENGTH) {
        // A variable holds no NUL, as in an environment.
        headers.push_str(&format!("{name}\0{}\0", value.replace('\0', "")));
    }
    Some(format!("{}:{headers},", headers.len()).into_bytes())
}

/// Bytes of a request's body, as its head says.
pub(super) fn body_bytes(head: &Parts) -> Option<u64> {
    match head.headers.get(CONTENT_LENGTH) {
        Some(length) => text(length).parse().ok(),
        // A request that says nothing of a body has none.
        None => (!head.headers.contains_key(TRANSFER_ENCODING)).then_some(0),
    }
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// A path, its escapes replaced. A NUL would end a variable, so those stay.
fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = path.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|&byte| byte != 0) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// A head that a program wrote.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// The head that `written` begins with, and how many bytes it takes; `None` if it is not complete.
pub(super) fn head(written: &[u8]) -> Option<Result<(Head, usize), &'static str>> {
    let mut lines = Vec::new();
    let mut start = 0;
    loop {
        let len = written[start..].iter().position(|&byte| byte == b'\n')?;
        let line = &written[start..start + len];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        start += len + 1;
        if line.is_empty() {
            return Some(parse(&lines).map(|head| (head, start)));
        }
        lines.push(line);
    }
}

fn parse(lines: &[&[u8]]) -> Result<Head, &'static str> {
    let mut head = Head { status: StatusCode::OK, headers: HeaderMap::new() };
    let mut has_status = false;
    for line in lines {
        let colon = line.iter().position(|&byte| byte == b':').ok_or("a line of its head has no colon")?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"status") {
            let code = value.split(|&byte| byte == b' ').next().unwrap_or_default();
            head.status = StatusCode::from_bytes(code).map_err(|_| "its status is no number of three digits")?;
            has_status = true;
            continue;
        }
        let name = HeaderName::from_bytes(name).map_err(|_| "the name of a header is none")?;
        let value = HeaderValue::from_bytes(value).map_err(|_| "the value of a header is none")?;
        head.headers.append(name, value);
    }
    if head.headers.contains_key(http::header::LOCATION) && !has_status {
        head.status = StatusCode::FOUND;
    }
    if head.status.is_informational() {
        return Err("its status is not that of a response");
    }
    // How a body is sent is the server's affair.
    for name in [http::header::CONNECTION, TRANSFER_ENCODING] {
        head.headers.remove(name);
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_becomes_variables() {
        let request = http::Request::post("/a%20b/%00?q=1&r=%20")
            .header("host", "example.com:8080")
            .header("content-type", "text/plain")
            .header("content-length", "5")
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .header("x-one-two", "3")
            .header("authorization", "secret")
            .header("proxy", "evil")
            .body(())
            .expect("a request");
        let variables = variables(&request.into_parts().0);
        let get = |name: &str| variables.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        for (name, value) in [
            ("REQUEST_METHOD", "POST"),
            ("SERVER_NAME", "example.com"),
            ("SERVER_PORT", "8080"),
            ("PATH_INFO", "/a b/%00"),
            ("QUERY_STRING", "q=1&r=%20"),
            ("REQUEST_URI", "/a%20b/%00?q=1&r=%20"),
            ("CONTENT_TYPE", "text/plain"),
            ("CONTENT_LENGTH", "5"),
            ("HTTP_COOKIE", "a=1; b=2"),
            ("HTTP_X_ONE_TWO", "3"),
            ("HTTP_HOST", "example.com:8080"),
        ] {
            assert_eq!(get(name), Some(value), "{name}");
        }
        for name in ["HTTP_AUTHORIZATION", "HTTP_PROXY", "HTTP_CONTENT_TYPE"] {
            assert_eq!(get(name), None, "{name}");
        }
    }

    #[test]
    fn scgi_is_a_netstring_that_begins_with_the_length() {
        let variables =
            [("CONTENT_LENGTH", "9"), ("A", "b\0c")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(scgi(&variables, Some(5)).as_deref(), Some(&b"29:CONTENT_LENGTH\x005\0SCGI\x001\0A\0bc\0,"[..]));
        assert_eq!(scgi(&variables, None), None);
    }

    #[test]
    fn the_length_of_a_body_is_what_its_head_says() {
        let length = |name: &str, value: &str| {
            body_bytes(&http::Request::post("/").header(name, value).body(()).expect("a request").into_parts().0)
        };
        assert_eq!(length("content-length", "12"), Some(12));
        assert_eq!(length("accept", "*/*"), Some(0));
        assert_eq!(length("transfer-encoding", "chunked"), None);
    }

    #[test]
    fn a_head_ends_at_an_empty_line() {
        let written = b"Status: 404 Not Found\r\nContent-Type: text/plain\nX-A: 1\r\nX-A: 2\n\nbody";
        let (found, len) = head(written).expect("complete").expect("right");
        assert_eq!((found.status, &written[len..]), (StatusCode::NOT_FOUND, &b"body"[..]));
        assert_eq!(found.headers.get_all("x-a").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert!(head(b"Content-Type: text/plain\n").is_none());
        assert!(head(b"").is_none());
        let (redirect, _) = head(b"Location: /there\n\n").expect("complete").expect("right");
        assert_eq!(redirect.status, StatusCode::FOUND);
        for wrong in [&b"no head\n\n"[..], b"Status: x\n\n", b"Status: 100\n\n", b"\x01: a\n\n", b"a: \x01\n\n"] {
            assert!(head(wrong).expect("complete").is_err(), "{wrong:?}");
        }
    }
}
