//! Picks what a request goes to by the beginning of its path, as `nova.api.openstack.urlmap`.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use http::Response;
use tower_service::Service;

use super::{Body, Next, NextFuture, Request};
use crate::{
    nova::{Mount, canonical_path},
    policy::{Denial, DenialKind},
};

/// The beginning of a path, such as `/v2.1`, or `/v2.1/+` where more has to follow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct PathPrefix(String);

impl PathPrefix {
    /// As it is written in a composite section.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub(crate) fn new(text: &str) -> Result<Self, &'static str> {
        if !text.starts_with('/') {
            return Err("a path begins with a slash; host names are not matched");
        }
        let path = text.strip_suffix("/+").unwrap_or(text);
        match canonical_path(path) {
            Ok(canonical) if canonical == path || path.is_empty() => {}
            _ => return Err("not a path as Nova reads it"),
        }
        let path = text.strip_suffix('/').unwrap_or(text);
        Ok(Self(path.to_owned()))
    }

    /// Whether a canonical path, below the mount, begins so.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let rest = self.cut(path);
        rest.is_some_and(|rest| self.path() == self.0 || rest.len() > 1)
    }

    /// The path alone, without what says that more has to follow.
    fn path(&self) -> &str {
        self.0.strip_suffix("/+").unwrap_or(&self.0)
    }

    /// What is behind this prefix in a path that begins so.
    fn cut<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.path())
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What a composite matches, whose own composite has cut these prefixes off already.
    pub(crate) fn behind<'a>(cut: &[Self], path: &'a str) -> Option<&'a str> {
        cut.iter().try_fold(path, |path, prefix| prefix.cut(path))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    /// The order in which prefixes are tried: the longest first.
    pub(crate) fn sort(prefixes: &mut [(Self, impl Sized)]) {
        prefixes.sort_by(|(a, _), (b, _)| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
    }
}

/// A service for each prefix.
#[derive(Clone, Debug)]
pub(super) struct UrlMap {
    mount: Mount,
    /// The prefixes that led here.
    cut: Arc<[PathPrefix]>,
    /// In the order in which they are tried.
    prefixes: Arc<[(PathPrefix, Next)]>,
}

impl UrlMap {
    pub(super) fn new(
        mount: Mount,
        cut: &[PathPrefix],
        mut prefixes: Vec<(PathPrefix, Next)>,
    ) -> Self {
        PathPrefix::sort(&mut prefixes);
        Self {
            mount,
            cut: cut.into(),
            prefixes: prefixes.into(),
        }
    }

    fn find(&self, request: &Request) -> Result<&Next, Denial> {
        let path = canonical_path(request.uri().path())?;
        let below = self.mount.below(&path);
        let below = below.and_then(|path| PathPrefix::behind(&self.cut, path));
        let found = below.and_then(|path| {
            let mut prefixes = self.prefixes.iter();
            prefixes.find(|(prefix, _)| prefix.matches(path))
        });
        found.map(|(_, next)| next).ok_or_else(nothing_here)
    }
}

pub(crate) fn nothing_here() -> Denial {
    Denial::new(DenialKind::NotFound, "nothing of the API is at this path")
}

impl Service<Request> for UrlMap {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = NextFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> NextFuture {
        match self.find(&request) {
            Ok(next) => next.clone().call(request),
            Err(denial) => Box::pin(std::future::ready(Ok(super::refusal(denial)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_a_segment_does_and_a_plus_asks_for_more() {
        for (prefix, path, matches) in [
            ("/", "/", true),
            ("/", "/v2.1/servers", true),
            ("/v2", "/v2", true),
            ("/v2", "/v2/servers", true),
            ("/v2", "/v2.1", false),
            ("/v2/+", "/v2/servers", true),
            ("/v2/+", "/v2", false),
            ("/v2/+", "/v2/", false),
            // Only behind a slash is it more than a character.
            ("/v2+", "/v2.1/servers", false),
            ("/v2+", "/v2+", true),
        ] {
            let is = PathPrefix::new(prefix).unwrap().matches(path);
            assert_eq!(is, matches, "{prefix} {path}");
        }
    }
}
