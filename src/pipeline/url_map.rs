//! Picks what a request goes to by the beginning of its path, as `nova.api.openstack.urlmap`.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use http::Response;
use tower_service::Service;

use super::{Body, Next, NextFuture, Request, prefixes::Prefixes};
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
        let path = text.strip_suffix(MORE).unwrap_or(text);
        // Of `/+` nothing is left.
        if !path.is_empty() && !canonical_path(path).is_ok_and(|canonical| canonical == path) {
            return Err("not a path as Nova reads it");
        }
        let path = text.strip_suffix('/').unwrap_or(text);
        Ok(Self(path.to_owned()))
    }

    /// Whether more has to follow than a slash.
    pub(super) fn asks_for_more(&self) -> bool {
        self.0.ends_with(MORE)
    }

    /// The path alone, without what says that more has to follow.
    pub(super) fn path(&self) -> &str {
        self.0.strip_suffix(MORE).unwrap_or(&self.0)
    }

    /// What is behind this prefix in a path that begins so.
    pub(super) fn cut<'a>(&self, path: &'a str) -> Option<&'a str> {
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
    prefixes: Arc<Prefixes<Next>>,
}

impl UrlMap {
    pub(super) fn new(mount: Mount, cut: &[PathPrefix], prefixes: Vec<(PathPrefix, Next)>) -> Self {
        Self {
            mount,
            cut: cut.into(),
            prefixes: Arc::new(Prefixes::new(prefixes)),
        }
    }

    fn find(&self, request: &Request) -> Result<&Next, Denial> {
        let path = canonical_path(request.uri().path())?;
        let below = self.mount.below(&path);
        let below = below.and_then(|path| PathPrefix::behind(&self.cut, path));
        let found = below.and_then(|path| self.prefixes.find(path));
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

/// At the end of a prefix: more has to follow.
const MORE: &str = "/+";
