//! Where a service is.

use std::{fmt, str::FromStr};

use http::Uri;

use super::InvalidBaseUrl;
use crate::base_url::BaseUrl;

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
/// # Ok::<(), wafflehaus::openstack::InvalidBaseUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(BaseUrl);

impl Endpoint {
    /// The URL of a path (which starts with a slash) and query below the prefix.
    pub(super) fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        self.0.below(path_and_query)
    }

    /// The URL of the prefix itself.
    #[cfg(feature = "workflow")]
    pub(super) fn root(&self) -> Result<Uri, http::Error> {
        self.join(if self.0.prefix.is_empty() { "/" } else { "" })
    }

    /// The endpoint with the version at the end of its prefix, if it is not there already:
    /// catalogues and configurations spell it both ways.
    pub(crate) fn versioned(mut self, version: &str) -> Self {
        let prefix = &mut self.0.prefix;
        if prefix.rsplit('/').next() != Some(version) {
            *prefix = format!("{prefix}/{version}").into();
        }
        self
    }
}

impl FromStr for Endpoint {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "workflow")]
    #[test]
    fn the_root_is_the_prefix() {
        for (text, url) in [
            ("https://c.example", "https://c.example/"),
            ("https://c.example/a/b/", "https://c.example/a/b"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.root().unwrap().to_string(), url);
        }
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
