//! Header fields from a guest, checked before they go on the wire.

use crate::limits::HEADERS_MAX;
use engine_abi::{Headers, HostError};
use http::header::{CONNECTION, CONTENT_LENGTH, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Who says how long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The body's own length is known: whatever the guest says about it is dropped.
    Known,
    /// The guest may announce a length, and hyper holds it to that.
    Ours,
}

/// Fields about one connection, which the guest does not have.
fn of_connection(name: &HeaderName) -> bool {
    [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE].contains(name)
        || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// The fields as HTTP allows them.
pub(crate) fn checked(headers: &Headers<'_>, max_bytes: usize, framing: Framing) -> Result<HeaderMap, HostError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > HEADERS_MAX || bytes > max_bytes {
        return Err(HostError::Limit);
    }
    let of_this_connection: Vec<&[u8]> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(CONNECTION.as_str().as_bytes()))
        .flat_map(|(_, value)| value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii))
        .collect();
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name).map_err(|_| HostError::Malformed)?;
        let value = HeaderValue::from_bytes(value).map_err(|_| HostError::Malformed)?;
        // RFC 9110 7.6.1: what the field `Connection` names is as much about one connection as the field itself.
        let is_named = of_this_connection.iter().any(|named| named.eq_ignore_ascii_case(name.as_str().as_bytes()));
        if is_named || of_connection(&name) {
            continue;
        }
        if name == CONTENT_LENGTH {
            if framing == Framing::Known {
                continue;
            }
            let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            if digits.and_then(|text| text.parse::<u64>().ok()).is_none() {
                return Err(HostError::Malformed);
            }
            // RFC 9110 §8.6: the same length said twice is that length.
            match map.get(CONTENT_LENGTH) {
                Some(known) if *known == value => continue,
                Some(_) => return Err(HostError::Malformed),
                None => {}
            }
        }
        map.append(name, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(headers: Headers<'_>, framing: Framing) -> Result<Vec<String>, HostError> {
        Ok(checked(&headers, 100, framing)?.keys().map(ToString::to_string).collect())
    }

    #[test]
    fn framing_and_connection_fields_are_the_hosts() {
        let headers: Headers<'_> = vec![
            (b"Content-Length", b"5"),
            (b"transfer-encoding", b"chunked"),
            (b"Connection", b"close, X-Hop"),
            (b"x-hop", b"1"),
            (b"A", b"b"),
        ];
        assert_eq!(names(headers.clone(), Framing::Known).unwrap(), ["a"]);
        assert_eq!(names(headers, Framing::Ours).unwrap(), ["content-length", "a"]);
    }

    #[test]
    fn a_length_that_is_repeated_is_that_length() {
        let headers: Headers<'_> = vec![(b"content-length", b"7"), (b"Content-Length", b"7")];
        let map = checked(&headers, 100, Framing::Ours).unwrap();
        assert_eq!(map.get_all(CONTENT_LENGTH).iter().collect::<Vec<_>>(), ["7"]);
    }

    #[test]
    fn what_http_does_not_allow_is_refused() {
        let refused: [(Headers<'_>, HostError); 6] = [
            (vec![(b"a b", b"")], HostError::Malformed),
            (vec![(b"", b"")], HostError::Malformed),
            (vec![(b"a", b"x\r\nb: c")], HostError::Malformed),
            (vec![(b"content-length", b"1"), (b"content-length", b"2")], HostError::Malformed),
            (vec![(b"content-length", b"+1")], HostError::Malformed),
            (vec![(b"a", &[b'x'; 100])], HostError::Limit),
        ];
        for (headers, error) in refused {
            assert_eq!(names(headers, Framing::Ours), Err(error));
        }
    }
}
