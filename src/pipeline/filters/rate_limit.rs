//! How often a user may ask, as Nova's `RateLimitingMiddleware`.

use std::{
    borrow::Cow,
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use http::{HeaderValue, Method, Response, header::RETRY_AFTER};
use regex::Regex;
use tower_service::Service as _;

use crate::{
    identity::{Identity, UserId},
    nova::{Mount, canonical_path},
    pipeline::{Body, Next, Request, refusal},
    policy::{Denial, DenialKind},
};

/// One limit: so many requests of this method to such paths in so long, for each user.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    pub(crate) method: Method,
    /// Matched at the beginning of the path below version and project, and the query.
    pub(crate) path: Regex,
    pub(crate) value: NonZeroU32,
    pub(crate) unit: Duration,
}

/// Limits, and who has used how much of them.
#[derive(Clone)]
pub(crate) struct RateLimit {
    mount: Mount,
    buckets: Arc<[(Limit, DefaultKeyedRateLimiter<UserId>)]>,
    calls: Arc<AtomicU32>,
}

impl RateLimit {
    pub(crate) fn new(mount: Mount, limits: &[Limit]) -> Self {
        let buckets = limits.iter().map(|limit| {
            // The bucket holds `value`, and fills up evenly, as in Nova.
            let quota = Quota::with_period(limit.unit / limit.value.get());
            // INVARIANT: only a unit of nothing has no period.
            let quota = quota.unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
            let quota = quota.allow_burst(limit.value);
            (limit.clone(), RateLimiter::keyed(quota))
        });
        Self {
            mount,
            buckets: buckets.collect(),
            calls: Arc::default(),
        }
    }

    pub(crate) async fn pass(&self, request: Request, mut next: Next) -> Response<Body> {
        let wait = match request.extensions().get::<Identity>() {
            Some(identity) => self.wait(identity, &request),
            None => None,
        };
        match wait {
            None => {
                let Ok(response) = next.call(request).await;
                response
            }
            Some(wait) => refuse(wait),
        }
    }

    /// How long the caller has to wait, if it has to.
    fn wait(&self, identity: &Identity, request: &Request) -> Option<Duration> {
        let path = canonical_path(request.uri().path()).ok()?;
        let path = resource(self.mount.below(&path)?, identity);
        let query = request.uri().query();
        let path = query.map_or_else(|| path.into(), |query| Cow::from(format!("{path}?{query}")));
        let mut wait = None;
        for (limit, users) in self.buckets.iter() {
            let matched = limit
                .path
                .find(&path)
                .is_some_and(|found| found.start() == 0);
            if limit.method != *request.method() || !matched {
                continue;
            }
            if let Err(not_until) = users.check_key(identity.user_id()) {
                wait = wait.max(Some(not_until.wait_time_from(users.clock().now())));
            }
        }
        self.forget_idle();
        wait
    }

    /// Users whose buckets are full again are nobody to remember.
    fn forget_idle(&self) {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        if calls.is_multiple_of(BETWEEN_CLEANINGS) {
            for (_, users) in self.buckets.iter() {
                users.retain_recent();
            }
        }
    }
}

/// A path without version and project: `/servers/…`.
fn resource<'a>(path: &'a str, identity: &Identity) -> &'a str {
    let unversioned = ["/v2.1", "/v2"]
        .iter()
        .find_map(|version| path.strip_prefix(version))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .unwrap_or(path);
    identity
        .project_id()
        .and_then(|project| {
            unversioned
                .strip_prefix('/')?
                .strip_prefix(project.as_str())
        })
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .unwrap_or(unversioned)
}

fn refuse(wait: Duration) -> Response<Body> {
    let seconds = wait.as_secs() + 1;
    let message = format!("too many requests of this kind; try again in {seconds} s");
    let denial = Denial::new(DenialKind::RateLimited, message);
    let mut response = refusal(denial);
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = self.buckets.iter().map(|(limit, _)| limit);
        f.debug_list().entries(limits).finish()
    }
}

/// Judged requests between two times that idle users are forgotten.
const BETWEEN_CLEANINGS: u32 = 4096;
