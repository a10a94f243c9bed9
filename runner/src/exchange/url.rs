//! The URL that a request is for.

use http::request::Parts;
use http::{Version, header};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The absolute URL of a request, `None` if it names no host, or several, or one that no URL can have.
pub(super) fn url(head: &Parts) -> Option<String> {
    let mut named = head.headers.get_all(header::HOST).iter();
    let (named, another) = (named.next(), named.next());
    if another.is_some() {
        // RFC 9112 3.2: refused, or two readers of this request could take it for different ones.
        return None;
    }
    let host = match (head.uri.authority(), named) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host.to_str().ok()?,
        (None, None) if head.version == Version::HTTP_11 => return None,
        (None, None) => "localhost",
    };
    if !is_host_and_port(host) {
        return None;
    }
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    // `OPTIONS *` is about the server as a whole; URLs have no such path.
    let path = if path.starts_with('/') { path } else { "/" };
    Some(format!("http://{host}{path}"))
}

/// Whether every reader of URLs (<https://url.spec.whatwg.org/#host-parsing>) takes this for a host, and a port if it has one.
/// What only some of them take, as numbers in place of an address or `%`, is not. Neither are credentials.
fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((address, rest)) => {
            return address.parse::<Ipv6Addr>().is_ok()
                && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    is_port(port) && is_name_or_address(host)
}

fn is_port(text: &str) -> bool {
    text.is_empty() || (text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok())
}

fn is_name_or_address(host: &str) -> bool {
    let labels = host.strip_suffix('.').unwrap_or(host);
    let last = labels.rsplit('.').next().unwrap_or_default();
    if is_number(last) {
        return labels.parse::<Ipv4Addr>().is_ok();
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte);
    !labels.is_empty() && labels.bytes().all(allowed) && (!is_encoded(labels) || is_decoded(labels))
}

/// Whether a part of this host is in Punycode.
fn is_encoded(host: &str) -> bool {
    host.split('.').any(|label| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--")))
}

fn is_decoded(host: &str) -> bool {
    url::Url::parse(&format!("http://{host}/")).is_ok()
}

/// Whether a host whose last part this is counts as an address.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(uri: &str, hosts: &[&str], version: Version) -> Option<String> {
        let mut request = http::Request::builder().uri(uri).version(version);
        for host in hosts {
            request = request.header("host", *host);
        }
        url(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn urls_are_absolute() {
        let v11 = Version::HTTP_11;
        assert_eq!(url_of("/a?b", &["x:1"], v11).as_deref(), Some("http://x:1/a?b"));
        assert_eq!(url_of("http://y/a", &["x"], v11).as_deref(), Some("http://y/a"));
        assert_eq!(url_of("*", &["x"], v11).as_deref(), Some("http://x/"));
        assert_eq!(url_of("/", &[], Version::HTTP_10).as_deref(), Some("http://localhost/"));
        assert_eq!(url_of("/", &[], v11), None);
        assert_eq!(url_of("/", &["x", "x"], v11), None);
        assert_eq!(url_of("http://y/", &["x", "y"], v11), None);
        assert_eq!(url_of("http://user:secret@y/", &["y"], v11), None);
    }

    #[test]
    fn hosts_are_those_that_every_reader_of_urls_takes() {
        for host in [
            "x",
            "x:1",
            "x:",
            "x:65535",
            "a.b.",
            "A-b_c.localhost:8080",
            "127.0.0.1",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:80",
            "[::ffff:1.2.3.4]",
            "xn--bcher-kva.example",
            "1.2.3.x",
            "0xg",
        ] {
            assert!(is_host_and_port(host), "{host}");
        }
        for host in [
            "",
            ":80",
            ".",
            "a b",
            "a/b",
            "x:99999",
            "x:1:2",
            "x:-1",
            "x:+1",
            "1.2.3.4.5",
            "999.1.1.1",
            "1.2.3",
            "0x7f",
            "127.1",
            "1.2.3.4.5.",
            "[::g]",
            "[::1",
            "[::1]x",
            "[::1]:x",
            "a@b",
            "user:pw@x",
            "a%20b",
            "a\\b",
            "a?b",
            "a#b",
            "a<b",
            "\u{e9}",
            "xn--a",
            "x.XN--a.y",
        ] {
            assert!(!is_host_and_port(host), "{host}");
        }
    }
}
