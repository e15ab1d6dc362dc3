//! Where a service is.

use std::{fmt, str::FromStr};

use http::{
    Uri,
    uri::{Authority, Parts, PathAndQuery, Scheme},
};

/// The address of a service: `http` or `https`, a host, and perhaps a port and a path prefix.
///
/// `http` sends passwords and tokens in the clear: fit for a loopback, not for a network.
///
/// ```
/// use wafflehaus::openstack::Endpoint;
///
/// let endpoint: Endpoint = "https://cloud.example/networking/".parse()?;
/// assert_eq!(endpoint.to_string(), "https://cloud.example/networking");
/// assert!("https://admin:secret@cloud.example".parse::<Endpoint>().is_err());
/// # Ok::<(), wafflehaus::openstack::InvalidEndpoint>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    /// Empty, or starts with a slash and does not end with one.
    prefix: Box<str>,
}

/// A text that is no [`Endpoint`]. It does not say the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It has a `#`.
    #[error("an endpoint has no fragment")]
    Fragment,
    /// It is longer than 256 bytes.
    #[error("an endpoint is at most {MAX} bytes long")]
    Length,
    /// Its path has something other than plain segments.
    #[error("an endpoint's path has only segments of letters, digits, `.`, `_`, `~` and `-`")]
    Path,
    /// It has a `?`.
    #[error("an endpoint has no query")]
    Query,
    /// It starts with neither `http://` nor `https://`.
    #[error("an endpoint starts with `http://` or `https://`")]
    Scheme,
    /// It is no URL with a host.
    #[error("an endpoint is a URL with a host")]
    Url,
    /// It has a user or a password.
    #[error("an endpoint has no user or password in it")]
    UserInfo,
}

impl Endpoint {
    /// The URL of a path (which starts with a slash) and query below the prefix.
    pub(super) fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        let below = format!("{}{path_and_query}", self.prefix);
        parts.path_and_query = Some(PathAndQuery::try_from(below)?);
        Ok(Uri::from_parts(parts)?)
    }

    /// The endpoint with the version at the end of its prefix, if it is not there already:
    /// catalogues and configurations spell it both ways.
    pub(super) fn versioned(mut self, version: &str) -> Self {
        if self.prefix.rsplit('/').next() != Some(version) {
            self.prefix = format!("{}/{version}", self.prefix).into();
        }
        self
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        if text.len() > MAX {
            return Err(InvalidEndpoint::Length);
        }
        // `Uri` drops a fragment without a word.
        if text.contains('#') {
            return Err(InvalidEndpoint::Fragment);
        }
        let parts = text
            .parse::<Uri>()
            .map_err(|_| InvalidEndpoint::Url)?
            .into_parts();
        let scheme = parts.scheme.ok_or(InvalidEndpoint::Scheme)?;
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(InvalidEndpoint::Scheme);
        }
        let authority = parts.authority.ok_or(InvalidEndpoint::Url)?;
        if authority.as_str().contains('@') {
            return Err(InvalidEndpoint::UserInfo);
        }
        if authority.host().is_empty() {
            return Err(InvalidEndpoint::Url);
        }
        let path = parts.path_and_query.ok_or(InvalidEndpoint::Url)?;
        if path.query().is_some() {
            return Err(InvalidEndpoint::Query);
        }
        let prefix = path.path().strip_suffix('/').unwrap_or(path.path());
        if !prefix.split('/').skip(1).all(plain) {
            return Err(InvalidEndpoint::Path);
        }
        Ok(Self {
            scheme,
            authority,
            prefix: prefix.into(),
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.prefix)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether every server reads this path segment in the same way.
fn plain(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(plain)
}

/// Long enough for any real one, and what batches of ids in URLs count on.
const MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_http_or_https_with_a_plain_path() {
        for (text, printed) in [
            ("http://127.0.0.1:9696", "http://127.0.0.1:9696"),
            ("https://[::1]:9696/", "https://[::1]:9696"),
            ("https://c.example/a/v2.1/", "https://c.example/a/v2.1"),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), printed);
        }
        use InvalidEndpoint as E;
        for (text, error) in [
            ("", E::Url),
            ("/v3", E::Scheme),
            ("cloud.example", E::Scheme),
            ("ftp://cloud.example", E::Scheme),
            ("https://", E::Url),
            ("https://:80/", E::Url),
            ("https://u:pw@cloud.example/", E::UserInfo),
            ("https://u@cloud.example/", E::UserInfo),
            ("https://cloud.example/?a", E::Query),
            ("https://cloud.example?", E::Query),
            ("https://cloud.example/#a", E::Fragment),
            ("https://cloud.example//", E::Path),
            ("https://cloud.example/a//b", E::Path),
            ("https://cloud.example/a/../b", E::Path),
            ("https://cloud.example/%2e", E::Path),
            ("https://cloud.example/a b", E::Url),
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(error), "{text}");
        }
        let long = format!("https://{}", "a".repeat(256));
        assert_eq!(long.parse::<Endpoint>(), Err(E::Length));
    }

    #[test]
    fn a_version_is_put_in_once() {
        for (text, url) in [
            ("https://c.example", "https://c.example/v3/auth/tokens?a=b"),
            (
                "https://c.example/i",
                "https://c.example/i/v3/auth/tokens?a=b",
            ),
            (
                "https://c.example/v3/",
                "https://c.example/v3/auth/tokens?a=b",
            ),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            let joined = endpoint.versioned("v3").join("/auth/tokens?a=b").unwrap();
            assert_eq!(joined.to_string(), url);
        }
    }
}
