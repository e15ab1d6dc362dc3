//! What stands in front of an application.

use std::{borrow::Cow, convert::Infallible, fmt, sync::Arc};

use bytes::Bytes;
use http::Response;
use http_body::Body as HttpBody;
use tower_layer::Layer;
use tower_service::Service;

use super::{Body, BoxError, Next, Request};
use crate::{keystone::KeystoneLayer, policy::Policy};

/// A filter of a pipeline, ready to be put in front of what follows. Clones share what it
/// remembers.
#[derive(Clone)]
pub struct Filter {
    pub(crate) kind: FilterKind,
    /// Whether it goes by who is calling, so that something in front has to find that out.
    pub(crate) needs_caller: bool,
}

#[derive(Clone)]
pub(crate) enum FilterKind {
    /// Takes the caller from headers, unless something in front has validated it.
    Identity {
        trusted: bool,
    },
    /// Nothing for one without an account in Keystone, which refuses everything.
    Keystone(Option<Box<KeystoneLayer>>),
    Layer(Arc<dyn Fn(Next) -> Next + Send + Sync>),
    /// Nothing has to be done here, and why.
    Nothing(Cow<'static, str>),
    Policy {
        policy: Arc<dyn Policy>,
        audit: bool,
    },
}

impl Filter {
    /// A layer of tower, around whatever follows.
    pub fn layer<L, R>(layer: L) -> Self
    where
        L: Layer<Next> + Send + Sync + 'static,
        L::Service: Service<Request, Response = Response<R>, Error = Infallible>,
        L::Service: Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Future: Send,
        R: HttpBody<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        let wrap = move |next| Next::new(layer.layer(next));
        FilterKind::Layer(Arc::new(wrap)).into()
    }

    /// A function that is given the request and what follows.
    pub fn from_fn<F, A>(function: F) -> Self
    where
        F: Fn(Request, Next) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        let wrap = move |next: Next| {
            let function = function.clone();
            Next::from_fn(move |request| function(request, next.clone()))
        };
        FilterKind::Layer(Arc::new(wrap)).into()
    }

    /// Says that the filter goes by the [`Identity`](crate::identity::Identity) of the caller:
    /// a configuration in which nothing in front finds that out is refused.
    #[must_use]
    pub const fn needs_caller(mut self) -> Self {
        self.needs_caller = true;
        self
    }

    /// A policy, run by a guard with the mount, body limit and lookup of the gateway.
    pub fn policy(policy: impl Policy + 'static) -> Self {
        Self::judged(policy, false)
    }

    /// A policy that decides and tells, but lets pass.
    pub fn audit(policy: impl Policy + 'static) -> Self {
        Self::judged(policy, true)
    }

    pub(crate) fn judged(policy: impl Policy + 'static, audit: bool) -> Self {
        let policy = Arc::new(policy);
        Self::from(FilterKind::Policy { policy, audit }).needs_caller()
    }

    /// No filter, because there is nothing for it to do in a gateway; the reason is told when
    /// the gateway starts.
    pub fn nothing(reason: impl Into<Cow<'static, str>>) -> Self {
        FilterKind::Nothing(reason.into()).into()
    }
}

impl From<FilterKind> for Filter {
    fn from(kind: FilterKind) -> Self {
        Self {
            kind,
            needs_caller: false,
        }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            FilterKind::Identity { .. } => "Identity",
            FilterKind::Keystone(_) => "Keystone",
            FilterKind::Layer(_) => "Layer",
            FilterKind::Nothing(_) => "Nothing",
            FilterKind::Policy { .. } => "Policy",
        };
        f.debug_tuple("Filter").field(&kind).finish()
    }
}
