//! One lookup, and another for when it fails.

use crate::{
    guard::{LookupError, LookupFuture, PortLookup},
    nova::{PortId, ServerId},
};

/// Asks the second lookup when the first fails. Their answers are never mixed; when both fail
/// the error names both.
#[derive(Clone, Copy, Debug)]
pub struct Fallback<A, B> {
    first: A,
    second: B,
}

impl<A, B> Fallback<A, B> {
    /// Asks `first`, and `second` if that fails.
    #[must_use]
    pub const fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: PortLookup, B: PortLookup> PortLookup for Fallback<A, B> {
    fn ports<'a>(&'a self, ids: &'a [PortId], server: Option<ServerId>) -> LookupFuture<'a> {
        Box::pin(async move {
            match self.first.ports(ids, server).await {
                Ok(ports) => Ok(ports),
                Err(first) => both(first, self.second.ports(ids, server).await),
            }
        })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        Box::pin(async move {
            match self.first.server_ports(server).await {
                Ok(ports) => Ok(ports),
                Err(first) => both(first, self.second.server_ports(server).await),
            }
        })
    }
}

fn both<T>(first: LookupError, second: Result<T, LookupError>) -> Result<T, LookupError> {
    second.map_err(|second| LookupError::new("port", BothFailed { first, second }))
}

#[derive(Debug, thiserror::Error)]
#[error("{first}, and {second}")]
struct BothFailed {
    first: LookupError,
    second: LookupError,
}
