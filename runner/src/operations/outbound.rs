//! Where guests may send requests to: rules of the host, checked against the URL, and where a name is only good for what is
//! public, against the addresses that it has.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Hosts that guests may send requests to: those of any of these rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound(Vec<Rule>);

/// A rule for outbound requests, in text: `any`, `public`, `none`, `HOST`, `HOST:PORT`, `*.HOST` or `*.HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Every host.
    Any,
    /// Hosts with addresses that all of the Internet can reach; not this machine, its networks or its cloud's metadata.
    Public,
    /// No host.
    None,
    /// A host by name or address.
    Host {
        /// In lower case. `.example.org` is every host below example.org.
        name: String,
        /// `None`: every port.
        port: Option<u16>,
    },
}

/// A text that is no [`Rule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRule;

impl fmt::Display for NoRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected any, public, none, HOST, HOST:PORT or *.HOST")
    }
}

impl Error for NoRule {}

impl FromStr for Rule {
    type Err = NoRule;

    fn from_str(text: &str) -> Result<Self, NoRule> {
        match text {
            "any" => return Ok(Self::Any),
            "public" => return Ok(Self::Public),
            "none" => return Ok(Self::None),
            _ => {}
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port.parse().map_err(|_| NoRule)?)),
            _ => (text, None),
        };
        let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
        let is_host =
            !name.contains('*') && name.parse::<http::uri::Authority>().is_ok_and(|authority| authority.host() == name);
        if is_host { Ok(Self::Host { name: name.to_ascii_lowercase(), port }) } else { Err(NoRule) }
    }
}

impl From<Vec<Rule>> for Outbound {
    fn from(rules: Vec<Rule>) -> Self {
        Self(rules)
    }
}

impl Default for Outbound {
    /// Everywhere.
    fn default() -> Self {
        Self(vec![Rule::Any])
    }
}

/// What the rules say about a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    /// If the address that its name has is public.
    IfPublic,
    Forbidden,
}

impl Outbound {
    pub(super) fn verdict(&self, host: &str, port: u16) -> Verdict {
        if self.0.iter().any(|rule| rule.names(host, port)) {
            return Verdict::Allowed;
        }
        if !self.0.contains(&Rule::Public) {
            return Verdict::Forbidden;
        }
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) if is_public(address) => Verdict::Allowed,
            Ok(_) => Verdict::Forbidden,
            Err(_) => Verdict::IfPublic,
        }
    }
}

impl Rule {
    fn names(&self, host: &str, of_port: u16) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        match self {
            Self::Any => true,
            Self::Public | Self::None => false,
            Self::Host { name, port } => {
                let is_host = match name.starts_with('.') {
                    true => host.to_ascii_lowercase().ends_with(name),
                    false => host.eq_ignore_ascii_case(name),
                };
                is_host && port.is_none_or(|port| port == of_port)
            }
        }
    }
}

/// The addresses of these that are public.
pub(super) fn public(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    let addresses: Vec<_> = addresses.filter(|address| is_public(address.ip())).collect();
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "this host may not be reached from here"));
    }
    Ok(addresses.into_iter())
}

/// Whether all of the Internet can reach an address (the registries of special-purpose addresses: RFC 6890 and its updates).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!((a, b, c), (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) | (224.., ..));
    !is_special
}

/// Global unicast, without documentation, protocol assignments, and what leads to addresses of version 4.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_special = matches!((a, b), (0x2001, 0..=0x1ff) | (0x2001, 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff));
    a & 0xe000 == 0x2000 && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(texts: &[&str]) -> Outbound {
        Outbound(texts.iter().map(|text| text.parse().expect("a rule")).collect())
    }

    #[test]
    fn addresses_that_all_can_reach_are_public() {
        let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
        for address in ["1.1.1.1", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(parse(address)), "{address}");
        }
        for address in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.1.1.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "::7f00:1",
        ] {
            assert!(!is_public(parse(address)), "{address}");
        }
    }

    #[test]
    fn rules_add_up() {
        use Verdict::*;
        let everywhere = Outbound::default();
        assert_eq!(everywhere.verdict("127.0.0.1", 1), Allowed);
        let public = rules(&["public", "db.internal:5432", "*.Example.org", "[::1]:7"]);
        for (host, port, expected) in [
            ("example.com", 443, IfPublic),
            ("localhost", 80, IfPublic),
            ("8.8.8.8", 53, Allowed),
            ("127.0.0.1", 80, Forbidden),
            ("[::1]", 80, Forbidden),
            ("[::1]", 7, Allowed),
            ("DB.internal.", 5432, Allowed),
            ("db.internal", 80, IfPublic),
            ("a.b.example.org", 1, Allowed),
            ("example.org", 1, IfPublic),
            ("notexample.org", 1, IfPublic),
        ] {
            assert_eq!(public.verdict(host, port), expected, "{host}:{port}");
        }
        assert_eq!(rules(&["example.org"]).verdict("other.org", 80), Forbidden);
        assert_eq!(rules(&["none"]).verdict("example.org", 80), Forbidden);
        for text in ["", "a b", "a:b", "a:99999", "http://a", "a/b", "user@a", "*", "*a"] {
            assert_eq!(text.parse::<Rule>(), Err(NoRule), "{text}");
        }
    }
}
