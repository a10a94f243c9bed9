//! The URL that a request is for.

use http::request::Parts;
use http::uri::Authority;
use http::{Version, header};

/// The absolute URL of a request, `None` if it names no valid host.
pub(super) fn url(head: &Parts) -> Option<String> {
    let host = match (head.uri.authority(), head.headers.get(header::HOST)) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host.to_str().ok().filter(|host| host.parse::<Authority>().is_ok())?,
        (None, None) if head.version == Version::HTTP_11 => return None,
        (None, None) => "localhost",
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    // `OPTIONS *` is about the server as a whole; URLs have no such path.
    let path = if path.starts_with('/') { path } else { "/" };
    Some(format!("http://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(uri: &str, host: Option<&str>, version: Version) -> Option<String> {
        let mut request = http::Request::builder().uri(uri).version(version);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        url(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn urls_are_absolute() {
        let v11 = Version::HTTP_11;
        assert_eq!(url_of("/a?b", Some("x:1"), v11).as_deref(), Some("http://x:1/a?b"));
        assert_eq!(url_of("http://y/a", Some("x"), v11).as_deref(), Some("http://y/a"));
        assert_eq!(url_of("*", Some("x"), v11).as_deref(), Some("http://x/"));
        assert_eq!(url_of("/", None, Version::HTTP_10).as_deref(), Some("http://localhost/"));
        assert_eq!(url_of("/", None, v11), None);
        assert_eq!(url_of("/", Some("a b"), v11), None);
        assert_eq!(url_of("/", Some("a/b"), v11), None);
    }
}
