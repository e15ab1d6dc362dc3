//! The settings of the pages.

use std::{collections::BTreeMap, num::NonZeroU32};

use http::{Uri, uri::Scheme};
use serde::Deserialize;

use super::wording::Wording;
use crate::workflow_service::{Limit, Limits};

/// What an operator decides about the pages. See the [module](super) for each.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PageSettings {
    /// Where people go when they are done.
    pub dashboard: Option<PublicUrl>,
    /// After how many seconds in which nothing is asked a session ends.
    pub idle_seconds: NonZeroU32,
    /// How the service is called at the head of each page.
    pub name: String,
    /// After how many seconds a session ends, whatever is asked.
    pub session_seconds: NonZeroU32,
    /// How often somebody may try to sign in: from one address, as one user, all together.
    pub sign_in_limits: Limits,
    /// Where people reach the pages.
    pub url: Option<PublicUrl>,
    /// What the token page says, by the type of the task.
    pub wording: BTreeMap<String, Wording>,
}

/// A URL of `https`, or of `http` and this machine alone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl {
    text: Box<str>,
    authority: Box<str>,
    is_secure: bool,
}

/// A text that is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a URL of `https`, or of `http` and a loopback address, without a query or a user"
)]
#[non_exhaustive]
pub struct InvalidPublicUrl;

impl PublicUrl {
    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port, as browsers have them in `Host`.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// What is before the paths of this service.
    pub(super) fn path(&self) -> &str {
        let after_scheme = self.text.split_once("://").map_or("", |(_, it)| it);
        after_scheme.strip_prefix(&*self.authority).unwrap_or("")
    }

    pub(super) const fn is_secure(&self) -> bool {
        self.is_secure
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = InvalidPublicUrl;

    fn try_from(text: String) -> Result<Self, InvalidPublicUrl> {
        text.parse()
    }
}

impl std::str::FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let uri: Uri = text.parse().map_err(|_| InvalidPublicUrl)?;
        let authority = uri.authority().ok_or(InvalidPublicUrl)?;
        let is_secure = uri.scheme() == Some(&Scheme::HTTPS);
        let host = authority.host();
        let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        let plain = |it: char| it.is_ascii_alphanumeric() || "-._~:/[]".contains(it);
        let fine = is_secure || (uri.scheme() == Some(&Scheme::HTTP) && loopback);
        if host.is_empty() || !fine || !text.chars().all(plain) || uri.path().contains("//") {
            return Err(InvalidPublicUrl);
        }
        Ok(Self {
            text: text.trim_end_matches('/').into(),
            authority: authority.as_str().into(),
            is_secure,
        })
    }
}

impl Default for PageSettings {
    fn default() -> Self {
        let at_least_one = |it| NonZeroU32::new(it).unwrap_or(NonZeroU32::MIN);
        let as_a_user = Limit::new(at_least_one(10), at_least_one(600));
        Self {
            dashboard: None,
            idle_seconds: at_least_one(1800),
            name: "Cloud requests".into(),
            session_seconds: at_least_one(28_800),
            sign_in_limits: Limits::default().about_one(as_a_user),
            url: None,
            wording: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_may_do_without_tls() {
        let url = |text: &str| text.parse::<PublicUrl>();
        let good = url("https://cloud.example/requests/").unwrap();
        assert_eq!(good.as_str(), "https://cloud.example/requests");
        assert_eq!(
            (good.authority(), good.path()),
            ("cloud.example", "/requests")
        );
        assert!(good.is_secure());
        let local = url("http://127.0.0.1:5050").unwrap();
        assert_eq!((local.authority(), local.path()), ("127.0.0.1:5050", ""));
        assert!(!local.is_secure());
        for bad in [
            "",
            "/x",
            "cloud.example",
            "http://cloud.example",
            "http://127.0.0.1.evil.example",
            "https://user@cloud.example",
            "https://cloud.example/?a",
            "https://cloud.example//x",
            "https://cloud.example/\"x",
            "javascript:alert(1)",
        ] {
            assert_eq!(url(bad), Err(InvalidPublicUrl), "{bad}");
        }
    }
}
