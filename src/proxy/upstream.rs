//! Where requests are forwarded to.

use std::str::FromStr;

use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};

use crate::nova::{Unclear, canonical_path};

/// A Nova API to forward to: `http` or `https`, host, port, and a path prefix if it has one.
///
/// ```
/// use wafflehaus::proxy::Upstream;
///
/// let upstream: Upstream = "https://nova.internal:8774/compute".parse()?;
/// assert!("https://nova.internal/?debug=1".parse::<Upstream>().is_err());
/// # Ok::<(), wafflehaus::proxy::InvalidUpstream>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    scheme: Scheme,
    authority: Authority,
    /// Canonical, without a slash at the end; empty for none.
    prefix: Box<str>,
}

/// Why a URL is no [`Upstream`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUpstream {
    /// It has a fragment.
    #[error("the URL has a fragment")]
    Fragment,
    /// It names no host.
    #[error("the URL has no host")]
    Host,
    /// It is no URL.
    #[error("this is not a URL")]
    NotAUrl,
    /// The path has more than one reading.
    #[error("the path of the URL cannot be used: {0}")]
    Path(#[source] Unclear),
    /// The port is not a number from 1 to 65535.
    #[error("the port of the URL is not a number from 1 to 65535")]
    Port,
    /// It has a query.
    #[error("the URL has a query")]
    Query,
    /// The scheme is neither `http` nor `https`.
    #[error("the URL must begin with `http://` or `https://`")]
    Scheme,
    /// It has a user name or password.
    #[error("the URL has a user name or password")]
    UserInfo,
}

impl FromStr for Upstream {
    type Err = InvalidUpstream;

    fn from_str(url: &str) -> Result<Self, InvalidUpstream> {
        // `http` drops a fragment without a word.
        if url.contains('#') {
            return Err(InvalidUpstream::Fragment);
        }
        let uri: Uri = url.parse().map_err(|_| InvalidUpstream::NotAUrl)?;
        let parts = uri.into_parts();
        let scheme = parts
            .scheme
            .filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)
            .ok_or(InvalidUpstream::Scheme)?;
        let authority = parts.authority.ok_or(InvalidUpstream::Host)?;
        if authority.as_str().contains('@') {
            return Err(InvalidUpstream::UserInfo);
        }
        if authority.host().is_empty() {
            return Err(InvalidUpstream::Host);
        }
        if authority.as_str() != authority.host()
            && authority.port_u16().is_none_or(|port| port == 0)
        {
            return Err(InvalidUpstream::Port);
        }
        let target = parts
            .path_and_query
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        if target.query().is_some() {
            return Err(InvalidUpstream::Query);
        }
        let prefix = canonical_path(target.path()).map_err(InvalidUpstream::Path)?;
        Ok(Self {
            scheme,
            prefix: prefix.strip_suffix('/').unwrap_or(&prefix).into(),
            authority,
        })
    }
}

impl Upstream {
    /// What to ask the upstream for, given what the caller asked for and its canonical path.
    pub(super) fn target(&self, asked: &Uri, path: &str) -> Result<Uri, Unclear> {
        let same = asked
            .path_and_query()
            .filter(|same| self.prefix.is_empty() && same.path() == path);
        let target = match (same, asked.query()) {
            // The usual case costs no allocation.
            (Some(same), _) => Ok(same.clone()),
            (None, Some(query)) => {
                PathAndQuery::from_maybe_shared(format!("{}{path}?{query}", self.prefix))
            }
            (None, None) => PathAndQuery::from_maybe_shared(format!("{}{path}", self.prefix)),
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target.map_err(|_| Unclear::NotAPath)?);
        Uri::from_parts(parts).map_err(|_| Unclear::NotAPath)
    }

    /// Whether it is spoken to over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_is_no_upstream_is_refused() {
        for (url, error) in [
            ("http://n/#x", InvalidUpstream::Fragment),
            ("http://:80/", InvalidUpstream::Host),
            ("", InvalidUpstream::NotAUrl),
            ("http://n o", InvalidUpstream::NotAUrl),
            (
                "http://n/a/../b",
                InvalidUpstream::Path(Unclear::DotSegment),
            ),
            ("http://n:0", InvalidUpstream::Port),
            ("http://n:", InvalidUpstream::Port),
            ("http://n:99999", InvalidUpstream::Port),
            ("http://n/?", InvalidUpstream::Query),
            ("ftp://n", InvalidUpstream::Scheme),
            ("/v2.1", InvalidUpstream::Scheme),
            ("n:8774", InvalidUpstream::Scheme),
            ("http://u:p@n", InvalidUpstream::UserInfo),
        ] {
            assert_eq!(url.parse::<Upstream>(), Err(error), "{url}");
        }
    }
}
