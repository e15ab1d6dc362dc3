//! Where requests are forwarded to.

use std::{fmt, str::FromStr};

use http::{Uri, uri::Scheme};

use super::InvalidBaseUrl;
use crate::{base_url::BaseUrl, nova::Unclear};

/// A Nova API to forward to: `http` or `https`, host, port, and a path prefix if it has one.
///
/// ```
/// use wafflehaus::proxy::Upstream;
///
/// let upstream: Upstream = "https://nova.internal:8774/compute/".parse()?;
/// assert_eq!(upstream.to_string(), "https://nova.internal:8774/compute");
/// assert!("https://nova.internal/?debug=1".parse::<Upstream>().is_err());
/// # Ok::<(), wafflehaus::proxy::InvalidBaseUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Upstream(BaseUrl);

impl Upstream {
    /// What to ask the upstream for, given what the caller asked for and its canonical path.
    pub(super) fn target(&self, asked: &Uri, path: &str) -> Result<Uri, Unclear> {
        let same = asked
            .path_and_query()
            .filter(|same| self.0.prefix.is_empty() && same.path() == path);
        let target = match (same, asked.query()) {
            // The usual case costs no allocation for the path.
            (Some(same), _) => self.0.with(same.clone()),
            (None, Some(query)) => self.0.below(format_args!("{path}?{query}")),
            (None, None) => self.0.below(path),
        };
        target.map_err(|_| Unclear::NotAPath)
    }

    /// Whether it is spoken to over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.0.scheme == Scheme::HTTPS
    }
}

impl FromStr for Upstream {
    type Err = InvalidBaseUrl;

    fn from_str(url: &str) -> Result<Self, InvalidBaseUrl> {
        url.parse().map(Self)
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nova::canonical_path;

    fn target(upstream: &str, asked: &'static str) -> String {
        let upstream: Upstream = upstream.parse().unwrap();
        let asked = Uri::from_static(asked);
        let path = canonical_path(asked.path()).unwrap();
        upstream.target(&asked, &path).unwrap().to_string()
    }

    #[test]
    fn the_target_is_prefix_canonical_path_and_raw_query() {
        for (upstream, asked, wanted) in [
            (
                "http://n:8774",
                "/v2.1/servers",
                "http://n:8774/v2.1/servers",
            ),
            (
                "http://n:8774/",
                "/v2.1?a=%20&b",
                "http://n:8774/v2.1?a=%20&b",
            ),
            (
                "https://n/compute/",
                "//v2.1//%73ervers?x=%7e",
                "https://n/compute/v2.1/servers?x=%7e",
            ),
            (
                "http://[::1]:1",
                "http://other.example/v2.1/x",
                "http://[::1]:1/v2.1/x",
            ),
            (
                "http://n/a%2Db",
                "http://other.example?q",
                "http://n/a-b/?q",
            ),
            ("http://n", "http://other.example?q", "http://n/?q"),
            ("http://n", "/v2.1/x#part", "http://n/v2.1/x"),
        ] {
            assert_eq!(target(upstream, asked), wanted);
        }
    }
}
