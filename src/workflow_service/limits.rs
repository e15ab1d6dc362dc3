//! How often those may ask whom nobody knows, and what they have to do for it.

use std::{
    fmt,
    future::Future,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _,
};
use http::HeaderMap;
use serde_json::{Map, Value};

use super::{
    error::ApiError,
    settings::{Limit, Limits},
};

/// Something that a person can do and a program cannot, or not often: a hook for a CAPTCHA or
/// a proof of work.
pub trait Challenge: Send + Sync + 'static {
    /// Whether the request may go on. Whatever keeps it from finding out, the answer is no.
    fn passes<'a>(&'a self, request: &'a Challenged<'a>) -> ChallengeFuture<'a>;
}

/// Whether a request may go on, later.
pub type ChallengeFuture<'a> = Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

/// A request from somebody whom nobody knows.
#[derive(Debug)]
#[non_exhaustive]
pub struct Challenged<'a> {
    /// The task view that is asked.
    pub view: &'a str,
    /// Where the request comes from.
    pub address: Option<IpAddr>,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, with fields that no action declares.
    pub body: &'a Map<String, Value>,
}

/// Who has asked how often.
pub(crate) struct Gate {
    addresses: DefaultKeyedRateLimiter<Option<IpAddr>>,
    mails: DefaultKeyedRateLimiter<String>,
    overall: DefaultDirectRateLimiter,
    calls: AtomicU32,
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            addresses: RateLimiter::keyed(quota(limits.address)),
            mails: RateLimiter::keyed(quota(limits.mail)),
            overall: RateLimiter::direct(quota(limits.overall)),
            calls: AtomicU32::new(0),
        }
    }

    /// Counts a request, or says how long to wait. What one limit refuses does not count in the
    /// limits after it, so nobody uses up what is everybody's faster than what is their own.
    pub(crate) fn pass(&self, address: Option<IpAddr>, mail: Option<&str>) -> Result<(), ApiError> {
        self.forget_idle();
        check(&self.addresses, &address.map(neighbourhood))?;
        if let Some(mail) = mail {
            check(&self.mails, &mail.to_lowercase())?;
        }
        self.overall.check().map_err(|not_until| {
            ApiError::too_many(not_until.wait_time_from(self.overall.clock().now()))
        })
    }

    /// Those whose limits are whole again are nobody to remember.
    fn forget_idle(&self) {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        if calls.is_multiple_of(BETWEEN_CLEANINGS) {
            self.addresses.retain_recent();
            self.mails.retain_recent();
        }
    }
}

fn check<K: Clone + Eq + Hash>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), ApiError> {
    limiter
        .check_key(key)
        .map_err(|not_until| ApiError::too_many(not_until.wait_time_from(limiter.clock().now())))
}

/// One subscriber has a whole network of IPv6 addresses.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
    }
}

fn quota(limit: Limit) -> Quota {
    let whole = Duration::from_secs(u64::from(limit.seconds.get()));
    let quota = Quota::with_period(whole / limit.requests.get());
    // INVARIANT: only a period of nothing is none.
    let quota = quota.unwrap_or_else(|| Quota::per_second(limit.requests));
    quota.allow_burst(limit.requests)
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

impl fmt::Debug for dyn Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge")
    }
}

const BETWEEN_CLEANINGS: u32 = 1024;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn gate(address: u32, mail: u32, overall: u32) -> Gate {
        let hour = NonZeroU32::new(3600).unwrap();
        let limit = |it| Limit::new(NonZeroU32::new(it).unwrap(), hour);
        Gate::new(Limits {
            address: limit(address),
            mail: limit(mail),
            overall: limit(overall),
        })
    }

    fn from(last: u8) -> Option<IpAddr> {
        Some([192, 0, 2, last].into())
    }

    #[test]
    fn rule_8_each_address_has_its_own_limit() {
        let gate = gate(2, 9, 9);
        assert!(gate.pass(from(1), None).is_ok());
        assert!(gate.pass(from(1), None).is_ok());
        assert!(gate.pass(from(1), None).is_err());
        assert!(gate.pass(from(2), None).is_ok());
        let net = |last: &str| Some(format!("2001:db8::{last}").parse().unwrap());
        assert!(gate.pass(net("1"), None).is_ok());
        assert!(gate.pass(net("2"), None).is_ok());
        assert!(gate.pass(net("3"), None).is_err());
    }

    #[test]
    fn rule_8_each_mail_address_has_its_own_limit() {
        let gate = gate(9, 1, 9);
        assert!(gate.pass(from(1), Some("Ann@x")).is_ok());
        assert!(gate.pass(from(2), Some("ann@X")).is_err());
        assert!(gate.pass(from(3), Some("eve@x")).is_ok());
    }

    #[test]
    fn rule_8_what_one_limit_refuses_is_not_counted_by_the_next() {
        let gate = gate(1, 9, 2);
        assert!(gate.pass(from(1), None).is_ok());
        for _ in 0..5 {
            assert!(gate.pass(from(1), None).is_err());
        }
        assert!(gate.pass(from(2), None).is_ok());
        assert!(gate.pass(from(3), None).is_err());
    }
}
