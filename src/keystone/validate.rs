//! Who says what a token stands for.

use std::{borrow::Cow, fmt, future::Future, pin::Pin, time::Duration};

use super::{AccessRule, Token};
use crate::identity::Identity;

/// A boxed future: a validation is a network round trip, so the box is not what it costs.
pub type ValidateFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Validated, ValidateError>> + Send + 'a>>;

/// Tells what a token stands for. [`KeystoneClient`](super::KeystoneClient) asks Keystone.
///
/// An implementation has nothing to remember and nothing to time: the layer around it does.
pub trait ValidateToken: Send + Sync + 'static {
    /// Validates a token as it is now, online: a revoked token is an invalid one.
    fn validate<'a>(&'a self, token: &'a Token, expired: ExpiredTokens) -> ValidateFuture<'a>;
}

/// Whether a token that is past its expiry can still be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiredTokens {
    /// It can: a service vouches for the request that began before.
    Accepted,
    /// It cannot.
    Refused,
}

/// What a good token stands for.
#[derive(Clone, Debug)]
pub struct Validated {
    pub(super) identity: Identity,
    pub(super) life: Duration,
    pub(super) rules: Option<Box<[AccessRule]>>,
}

impl Validated {
    /// The caller, and how long its token is still good for: nothing, if it is expired.
    #[must_use]
    pub const fn new(identity: Identity, life: Duration) -> Self {
        Self {
            identity,
            life,
            rules: None,
        }
    }

    /// Confines the token to requests that one of these rules allows. An empty list allows none.
    #[must_use]
    pub fn access_rules(mut self, rules: impl IntoIterator<Item = AccessRule>) -> Self {
        self.rules = Some(rules.into_iter().collect());
        self
    }
}

/// Why a token was not found good. The text of either has no secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidateError {
    /// It is known not to be good, for this reason.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
    /// It is not known.
    #[error("{0}")]
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
}

impl ValidateError {
    /// The token is not good, for this reason, which the log tells.
    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(reason.into())
    }

    /// It cannot be found out, for this reason, which the log tells.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl fmt::Debug for dyn ValidateToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValidateToken")
    }
}
