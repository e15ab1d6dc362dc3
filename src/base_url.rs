//! Where a service is: the part of a URL that is the same for all requests to it.

use std::{fmt, str::FromStr};

use http::{
    Uri,
    uri::{Authority, Parts, PathAndQuery, Scheme},
};

use crate::nova::{Unclear, canonical_path};

/// `http` or `https`, a host, and perhaps a port and a path prefix.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    pub(crate) scheme: Scheme,
    authority: Authority,
    /// Canonical, without a slash at the end; empty for none.
    pub(crate) prefix: Box<str>,
}

/// Why a text is not the URL of a service. It does not say the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBaseUrl {
    /// It has a fragment.
    #[error("the URL has a fragment")]
    Fragment,
    /// It names no host.
    #[error("the URL has no host")]
    Host,
    /// It is longer than 256 bytes.
    #[error("the URL is longer than {MAX} bytes")]
    Length,
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

impl BaseUrl {
    /// The URL of a path, which starts with a slash, and its query below the prefix.
    pub(crate) fn below(&self, path_and_query: impl fmt::Display) -> Result<Uri, http::Error> {
        let below = format!("{}{path_and_query}", self.prefix);
        self.with(PathAndQuery::try_from(below)?)
    }

    /// The URL of a path that has the prefix already, and its query.
    pub(crate) fn with(&self, path_and_query: PathAndQuery) -> Result<Uri, http::Error> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_and_query);
        Ok(Uri::from_parts(parts)?)
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        // `Uri` drops a fragment without a word.
        if text.contains('#') {
            return Err(InvalidBaseUrl::Fragment);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidBaseUrl::NotAUrl)?;
        let parts = uri.into_parts();
        let scheme = parts
            .scheme
            .filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)
            .ok_or(InvalidBaseUrl::Scheme)?;
        let authority = parts.authority.ok_or(InvalidBaseUrl::Host)?;
        if authority.as_str().contains('@') {
            return Err(InvalidBaseUrl::UserInfo);
        }
        if authority.host().is_empty() {
            return Err(InvalidBaseUrl::Host);
        }
        if authority.as_str() != authority.host()
            && authority.port_u16().is_none_or(|port| port == 0)
        {
            return Err(InvalidBaseUrl::Port);
        }
        let target = parts
            .path_and_query
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        if target.query().is_some() {
            return Err(InvalidBaseUrl::Query);
        }
        let prefix = canonical_path(target.path()).map_err(InvalidBaseUrl::Path)?;
        let prefix = prefix.strip_suffix('/').unwrap_or(&prefix);
        // Of what is used: escapes can make it longer than the text.
        if scheme.as_str().len() + "://".len() + authority.as_str().len() + prefix.len() > MAX {
            return Err(InvalidBaseUrl::Length);
        }
        Ok(Self {
            scheme,
            prefix: prefix.into(),
            authority,
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.prefix)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Long enough for any real one, and what batches of ids in URLs count on.
const MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_service_is_written_in_one_way() {
        for (text, written) in [
            ("http://127.0.0.1:9696", "http://127.0.0.1:9696"),
            ("https://[::1]:9696/", "https://[::1]:9696"),
            ("HTTPS://c.example/a/v2.1/", "https://c.example/a/v2.1"),
            ("https://c.example//a//b//", "https://c.example/a/b"),
            ("https://c.example/a%2Db/%7e", "https://c.example/a-b/~"),
        ] {
            let url: BaseUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), written);
            assert_eq!(written.parse::<BaseUrl>(), Ok(url));
        }
    }

    #[test]
    fn what_is_no_url_of_a_service_is_refused() {
        use InvalidBaseUrl as E;
        for (text, error) in [
            ("", E::NotAUrl),
            ("http://n o", E::NotAUrl),
            ("https://n/a b", E::NotAUrl),
            ("https://", E::NotAUrl),
            ("/v2.1", E::Scheme),
            ("n:8774", E::Scheme),
            ("cloud.example", E::Scheme),
            ("ftp://n", E::Scheme),
            ("http://:80/", E::Host),
            ("http://u:p@n", E::UserInfo),
            ("http://u@n/", E::UserInfo),
            ("http://n:", E::Port),
            ("http://n:0", E::Port),
            ("http://n:99999", E::Port),
            ("http://n?", E::Query),
            ("http://n/?a", E::Query),
            ("http://n/#x", E::Fragment),
            ("http://n/a/../b", E::Path(Unclear::DotSegment)),
            ("http://n/%2e", E::Path(Unclear::DotSegment)),
            ("http://n/a%2fb", E::Path(Unclear::EncodedSlash)),
        ] {
            assert_eq!(text.parse::<BaseUrl>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_url_has_at_most_256_bytes_when_it_is_written() {
        let prefix = "/".to_owned() + &"a".repeat(256 - "http://n/".len());
        let longest = format!("http://n{prefix}");
        assert_eq!(longest.len(), 256);
        assert!(format!("{longest}/").parse::<BaseUrl>().is_ok());
        for too_long in [
            format!("{longest}a"),
            format!("http://n/{}", "é".repeat(60)),
        ] {
            assert_eq!(too_long.parse::<BaseUrl>(), Err(InvalidBaseUrl::Length));
        }
    }
}
