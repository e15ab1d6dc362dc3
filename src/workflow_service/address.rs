//! Where a request comes from: its peer, or what a trusted proxy says.
//!
//! `X-Forwarded-For` is read from its end, for as long as the one who has written an entry is a
//! trusted proxy. So nobody can claim an address but through a proxy that is trusted.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderMap;
use serde::Deserialize;

/// Addresses that begin with the same bits: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// A text that is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address, or an address and a number of bits: `10.0.0.0/8`")]
#[non_exhaustive]
pub struct InvalidNetwork;

/// Where a request comes from, as an extension of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl Network {
    /// Whether an address is of it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |it| it.parse().map_err(|_| InvalidNetwork))?;
        if bits > most {
            return Err(InvalidNetwork);
        }
        Ok(Self { address, bits })
    }
}

impl TryFrom<String> for Network {
    type Error = InvalidNetwork;

    fn try_from(text: String) -> Result<Self, InvalidNetwork> {
        text.parse()
    }
}

/// Notes where a request comes from.
pub(crate) async fn note(
    State(trusted): State<Arc<[Network]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer: Option<&ConnectInfo<SocketAddr>> = request.extensions().get();
    if let Some(peer) = peer.map(|it| it.0.ip()) {
        let client = client(peer, request.headers(), &trusted);
        request.extensions_mut().insert(ClientAddress(client));
    }
    next.run(request).await
}

/// The last address that is not that of a trusted proxy.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|it| it.contains(address));
    let mut client = peer.to_canonical();
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        let Ok(text) = value.to_str() else {
            return client;
        };
        for entry in text.rsplit(',') {
            if !is_trusted(client) {
                return client;
            }
            let Ok(entry) = entry.trim().parse::<IpAddr>() else {
                return client;
            };
            client = entry.to_canonical();
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_network_is_the_addresses_that_begin_with_its_bits() {
        let network = |text: &str| text.parse::<Network>();
        let ten = network("10.0.0.0/8").unwrap();
        assert!(ten.contains([10, 9, 8, 7].into()));
        assert!(ten.contains("::ffff:10.1.1.1".parse().unwrap()));
        assert!(!ten.contains([11, 0, 0, 1].into()));
        assert!(!ten.contains("::1".parse().unwrap()));
        assert!(network("0.0.0.0/0").unwrap().contains([1, 2, 3, 4].into()));
        assert!(network("::1").unwrap().contains("::1".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8", "x"] {
            assert_eq!(network(bad), Err(InvalidNetwork), "{bad}");
        }
    }

    #[test]
    fn only_what_trusted_proxies_say_counts() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let from = |peer: [u8; 4], says: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for it in says {
                headers.append("x-forwarded-for", HeaderValue::from_static(it));
            }
            client(peer.into(), &headers, &trusted).to_string()
        };
        assert_eq!(from([192, 0, 2, 1], &["1.1.1.1"]), "192.0.2.1");
        assert_eq!(from([10, 0, 0, 1], &["1.1.1.1, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(
            from([10, 0, 0, 1], &["1.1.1.1, 192.0.2.7, 10.0.0.2"]),
            "192.0.2.7"
        );
        assert_eq!(from([10, 0, 0, 1], &["1.1.1.1", "192.0.2.7"]), "192.0.2.7");
        assert_eq!(from([10, 0, 0, 1], &["192.0.2.7, me"]), "10.0.0.1");
        assert_eq!(from([10, 0, 0, 1], &[]), "10.0.0.1");
    }
}
