//! Who is asking, for Nova's logs and links: `Forwarded` and its older relatives.

use std::net::{IpAddr, SocketAddr};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{Entry, FORWARDED},
};

use crate::identity::remove_where;

/// The other end of the connection that a request came by, as a request extension.
///
/// [`serve`](super::serve) sets it. A program with its own server sets it where it accepts
/// connections; without it no header is written about the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr {
    address: SocketAddr,
    tls: bool,
}

impl PeerAddr {
    /// A peer on a plain connection.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            tls: false,
        }
    }

    /// Says that the connection is encrypted, so that the peer asked for `https`.
    #[must_use]
    pub const fn over_tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The address and port.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    const fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

/// What becomes of `Forwarded`, `X-Forwarded-…` and `X-Real-IP`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forwarding {
    /// The hop before is trusted, for instance a load balancer that sets them itself: what came
    /// is kept, and the peer is added to `X-Forwarded-For` and `Forwarded`.
    ///
    /// Only safe where clients cannot connect past that hop.
    Append,
    /// None reaches Nova.
    #[default]
    Drop,
    /// What came is dropped, and the peer is written down.
    Replace,
}

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

impl Forwarding {
    /// Applies it. `host` is what the caller asked for.
    pub(super) fn apply(
        self,
        headers: &mut HeaderMap,
        peer: Option<PeerAddr>,
        host: Option<&HeaderValue>,
    ) {
        if self != Self::Append {
            remove_where(headers, is_ours);
        }
        if self == Self::Drop {
            return;
        }
        let Some(peer) = peer else { return };
        // A peer of a dual-stack listener is the IPv4 host it is.
        let address = peer.address.ip().to_canonical();
        append(headers, FOR, &address.to_string());
        append(headers, FORWARDED, &element(address, peer.scheme(), host));
        // The first hop knows what the client asked for; a later one must not overwrite it.
        if let Some(host) = host
            && let Entry::Vacant(vacant) = headers.entry(HOST)
        {
            vacant.insert(host.clone());
        }
        if let Entry::Vacant(vacant) = headers.entry(PROTO) {
            vacant.insert(HeaderValue::from_static(peer.scheme()));
        }
    }
}

fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str();
    name == "forwarded" || name == "x-real-ip" || name.starts_with("x-forwarded")
}

/// An element of `Forwarded`, by RFC 7239: an IPv6 address in brackets, and quoted as is
/// everything with a colon.
fn element(address: IpAddr, scheme: &str, host: Option<&HeaderValue>) -> String {
    let mut element = match address {
        IpAddr::V4(address) => format!("for={address};proto={scheme}"),
        IpAddr::V6(address) => format!("for=\"[{address}]\";proto={scheme}"),
    };
    // A host was parsed as an authority before: it has no quote and no backslash.
    if let Some(host) = host.and_then(|host| host.to_str().ok()) {
        element.push_str(";host=\"");
        element.push_str(host);
        element.push('"');
    }
    element
}

/// Adds to the end of a list header, in one line, as readers that look at one line expect.
fn append(headers: &mut HeaderMap, name: HeaderName, last: &str) {
    let mut line = Vec::new();
    for value in headers.get_all(&name) {
        line.extend_from_slice(value.as_bytes());
        line.extend_from_slice(b", ");
    }
    line.extend_from_slice(last.as_bytes());
    // Made of header values and plain text, so it is a header value.
    if let Ok(line) = HeaderValue::try_from(line) {
        headers.insert(name, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(how: Forwarding, peer: &str, came: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers: HeaderMap = HeaderMap::new();
        for (name, value) in came {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let host = HeaderValue::from_static("api.example:8774");
        let peer = PeerAddr::new(peer.parse().unwrap());
        how.apply(&mut headers, Some(peer), Some(&host));
        let mut lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        lines
    }

    const CAME: [(&str, &str); 6] = [
        ("forwarded", "for=1.1.1.1"),
        ("x-forwarded-for", "1.1.1.1"),
        ("x-forwarded-for", "2.2.2.2"),
        ("x-forwarded-prefix", "/x"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "1.1.1.1"),
    ];

    #[test]
    fn nothing_a_client_says_is_kept_by_default() {
        let left = applied(Forwarding::default(), "9.9.9.9:1", &CAME);
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn replacing_writes_the_peer_alone() {
        assert_eq!(
            applied(Forwarding::Replace, "[2001:db8::1]:4", &CAME),
            [
                "forwarded: for=\"[2001:db8::1]\";proto=http;host=\"api.example:8774\"",
                "x-forwarded-for: 2001:db8::1",
                "x-forwarded-host: api.example:8774",
                "x-forwarded-proto: http",
            ]
        );
    }

    #[test]
    fn appending_trusts_the_hop_before_and_adds_it() {
        assert_eq!(
            applied(Forwarding::Append, "[::ffff:9.9.9.9]:4", &CAME),
            [
                "forwarded: for=1.1.1.1, for=9.9.9.9;proto=http;host=\"api.example:8774\"",
                "x-forwarded-for: 1.1.1.1, 2.2.2.2, 9.9.9.9",
                "x-forwarded-host: api.example:8774",
                "x-forwarded-prefix: /x",
                "x-forwarded-proto: https",
                "x-real-ip: 1.1.1.1",
            ]
        );
    }

    #[test]
    fn an_encrypted_connection_is_https() {
        let peer = PeerAddr::new(([127, 0, 0, 1], 1).into()).over_tls();
        let mut headers = HeaderMap::new();
        Forwarding::Replace.apply(&mut headers, Some(peer), None);
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert_eq!(headers["forwarded"], "for=127.0.0.1;proto=https");
        assert!(!headers.contains_key("x-forwarded-host"));
    }

    #[test]
    fn without_a_peer_nothing_is_written() {
        let mut headers = HeaderMap::new();
        Forwarding::Replace.apply(&mut headers, None, None);
        assert!(headers.is_empty());
    }
}
