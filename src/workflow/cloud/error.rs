//! Why a store of the cloud did not do what it was asked.

use std::{future::Future, pin::Pin};

use http::StatusCode;

use crate::openstack::CallError;

/// A boxed future: a call is a network round trip, so the box is not what it costs.
pub type CloudFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, CloudError>> + Send + 'a>>;

/// Why a store of the cloud did not do what it was asked. Its text has no secrets, and nothing
/// of a service's own words, which may quote a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// The name is taken, or the thing is in use.
    #[error("{service} reports a conflict")]
    Conflict {
        /// The service.
        service: &'static str,
    },
    /// What is to be changed is not there.
    #[error("{service} has no such thing")]
    Missing {
        /// The service.
        service: &'static str,
    },
    /// The service does not want to.
    #[error("{service} refuses with status {status}")]
    Refused {
        /// The service.
        service: &'static str,
        /// With which status.
        status: StatusCode,
    },
    /// It is not known whether it was done.
    #[error("{service} did not answer as it should: {cause}")]
    Unavailable {
        /// The service.
        service: &'static str,
        /// What was wrong.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl CloudError {
    /// It is not known whether it was done, for this reason, whose text has no secrets.
    pub fn unavailable(
        service: &'static str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let cause = cause.into();
        Self::Unavailable { service, cause }
    }

    /// Whether the same request may fare better later.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// The answer has something that was not asked for. A filter that a service does not know is
    /// ignored, and the answer is then everything.
    pub(in crate::workflow) fn not_asked(service: &'static str) -> Self {
        Self::unavailable(service, "the answer has something that was not asked for")
    }

    pub(super) fn status(service: &'static str, status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::Missing { service },
            409 => Self::Conflict { service },
            // The service credential's token, a deadline, a limit on the rate: not the request.
            401 | 408 | 425 | 429 => Self::unavailable(service, CallError::Status(status)),
            400..500 => Self::Refused { service, status },
            _ => Self::unavailable(service, CallError::Status(status)),
        }
    }
}
