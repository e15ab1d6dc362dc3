//! Facts that are not in a request: what a server has and whose it is, and which network a port
//! is on.

use std::{fmt, future::Future, pin::Pin};

use crate::{
    identity::ProjectId,
    nova::{Port, PortId, ServerId},
};

/// A boxed future: a lookup is a network round trip, so the box is not what it costs.
pub type LookupFuture<'a, T = Vec<Port>> =
    Pin<Box<dyn Future<Output = Result<T, LookupError>> + Send + 'a>>;

/// Tells what ports there are. Asked only for requests whose policies need to know.
///
/// An implementation answers with what it knows to be so, or fails. It must not leave a port
/// out because the *caller* may not see it: it asks with a credential of its own.
pub trait PortLookup: Send + Sync + 'static {
    /// Those of these ports that exist. One that is missing in the answer does not.
    ///
    /// For a detach, `server` is the one they are to be detached from: a lookup that cannot find
    /// a port by its id alone may find it there, but not say that there is none.
    fn ports<'a>(&'a self, ids: &'a [PortId], server: Option<ServerId>) -> LookupFuture<'a>;

    /// All the ports a server has now, whoever owns them. Empty for a server that is not known.
    fn server_ports(&self, server: ServerId) -> LookupFuture<'_>;
}

/// Tells whose a server is. Asked only for requests whose policies need to know.
///
/// An implementation asks with a credential of its own, as a [`PortLookup`] does.
pub trait ProjectLookup: Send + Sync + 'static {
    /// The project that a server belongs to; `None` for a server that is not known.
    fn server_project(&self, server: ServerId) -> LookupFuture<'_, Option<ProjectId>>;
}

/// A lookup that failed. The caller is told only that it did; the log has the rest.
#[derive(Debug, thiserror::Error)]
#[error("{service} lookup failed: {cause}")]
pub struct LookupError {
    service: &'static str,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl LookupError {
    /// A failure of this service, with a cause that has no secrets in its text.
    pub fn new(
        service: &'static str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            service,
            cause: cause.into(),
        }
    }
}

/// Knows nothing: the lookup of a guard that was given none. A request that needs a fact is
/// refused.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoLookup;

impl PortLookup for NoLookup {
    fn ports<'a>(&'a self, _: &'a [PortId], _: Option<ServerId>) -> LookupFuture<'a> {
        Box::pin(async { Err(LookupError::new("port", NONE)) })
    }

    fn server_ports(&self, _: ServerId) -> LookupFuture<'_> {
        Box::pin(async { Err(LookupError::new("port", NONE)) })
    }
}

impl ProjectLookup for NoLookup {
    fn server_project(&self, _: ServerId) -> LookupFuture<'_, Option<ProjectId>> {
        Box::pin(async { Err(LookupError::new("project", NONE)) })
    }
}

impl fmt::Debug for dyn PortLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PortLookup")
    }
}

impl fmt::Debug for dyn ProjectLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProjectLookup")
    }
}

const NONE: &str = "no lookup is configured";
