//! The settings of a guard.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::Response;
use tower_layer::Layer;

use super::{Guard, NoLookup, PortLookup, ProjectLookup, report::Passed};
use crate::{
    fault::Renderer,
    nova::Mount,
    policy::{Denial, Policy},
    server_lock::ServerLock,
};

/// Nova's own limit for a request body, `max_request_body_size`, in bytes.
const NOVA_BODY_LIMIT: usize = 114_688;

/// Puts a [`Guard`] around a service. See the [module](super).
#[must_use]
pub struct GuardLayer<P> {
    settings: Arc<Settings<P>>,
}

/// What all the requests through a guard share.
pub(crate) struct Settings<P> {
    pub(crate) policy: Arc<P>,
    /// The policy's name, asked once.
    pub(crate) name: Arc<str>,
    pub(crate) shared: Shared,
}

/// The settings that do not depend on the kind of policy.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) audit: bool,
    pub(super) body_limit: usize,
    pub(super) passed: Passed,
    pub(crate) lookup: Arc<dyn PortLookup>,
    pub(crate) mount: Mount,
    pub(crate) project_lookup: Arc<dyn ProjectLookup>,
    pub(super) renderer: Renderer,
    pub(super) route: Arc<str>,
    server_lock: Option<Arc<dyn ServerLock>>,
}

impl Shared {
    /// Who gives out turns. An audit changes nothing, and so keeps nobody waiting.
    pub(crate) fn turns(&self) -> Option<&dyn ServerLock> {
        self.server_lock.as_deref().filter(|_| !self.audit)
    }
}

impl<P: Policy> GuardLayer<P> {
    /// A guard that enforces this policy, with the defaults of the [module](super).
    pub fn new(policy: P) -> Self {
        metrics::describe_counter!(
            "wafflehaus_decisions_total",
            "decisions about judged requests, by verdict, denial code, policy and route"
        );
        let name = policy.name().into();
        let shared = Shared {
            audit: false,
            body_limit: NOVA_BODY_LIMIT,
            passed: Passed::default(),
            lookup: Arc::new(NoLookup),
            mount: Mount::root(),
            project_lookup: Arc::new(NoLookup),
            renderer: Renderer::default(),
            route: Arc::from(""),
            server_lock: None,
        };
        Self {
            settings: Arc::new(Settings {
                policy: Arc::new(policy),
                name,
                shared,
            }),
        }
    }
}

impl<P> GuardLayer<P> {
    /// Decides and tells, but lets pass. Default false.
    pub fn audit(self, audit: bool) -> Self {
        self.with(|shared| shared.audit = audit)
    }

    /// The most bytes that are read of a body. Default 114,688, Nova's own limit.
    pub fn body_limit(self, bytes: usize) -> Self {
        self.with(|shared| shared.body_limit = bytes)
    }

    /// Where facts about ports come from. Default [`NoLookup`], which fails.
    pub fn lookup(self, lookup: Arc<dyn PortLookup>) -> Self {
        self.with(|shared| shared.lookup = lookup)
    }

    /// The prefix of Nova's API. Default none.
    pub fn mount(self, mount: Mount) -> Self {
        self.with(|shared| shared.mount = mount)
    }

    /// Where it is found out whose a server is. Default [`NoLookup`], which fails.
    pub fn project_lookup(self, lookup: Arc<dyn ProjectLookup>) -> Self {
        self.with(|shared| shared.project_lookup = lookup)
    }

    /// The name of the route this guard stands on, for logs and counters. Default empty.
    pub fn route(self, name: &str) -> Self {
        self.with(|shared| shared.route = Arc::from(name))
    }

    /// Who says whose turn it is at a server. Default none: requests on one server are judged at
    /// the same time.
    ///
    /// Requests on servers are then judged, and sent on, in tasks of their own: they have to be
    /// polled inside a tokio runtime.
    #[cfg(feature = "lock")]
    pub fn server_lock(self, lock: Arc<dyn ServerLock>) -> Self {
        self.with(|shared| shared.server_lock = Some(lock))
    }

    /// How a refusal looks. Default [`fault::render`](crate::fault::render).
    pub fn with_fault_renderer(
        self,
        render: impl Fn(&Denial) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.with(|shared| shared.renderer = Renderer::new(render))
    }

    /// What all the requests share.
    pub(crate) fn settings(&self) -> Arc<Settings<P>> {
        Arc::clone(&self.settings)
    }

    /// Changes a setting; a clone of the layer, or a service made by it, keeps what it had.
    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        let shared = &mut Arc::make_mut(&mut self.settings).shared;
        shared.passed = Passed::default();
        change(shared);
        self
    }
}

impl<P> Clone for Settings<P> {
    fn clone(&self) -> Self {
        Self {
            policy: Arc::clone(&self.policy),
            name: Arc::clone(&self.name),
            shared: self.shared.clone(),
        }
    }
}

impl<P> Clone for GuardLayer<P> {
    fn clone(&self) -> Self {
        Self {
            settings: Arc::clone(&self.settings),
        }
    }
}

impl<P> fmt::Debug for GuardLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer")
            .field("policy", &self.settings.name)
            .field("settings", &self.settings.shared)
            .finish()
    }
}

impl<S, P> Layer<S> for GuardLayer<P> {
    type Service = Guard<S, P>;

    fn layer(&self, inner: S) -> Guard<S, P> {
        Guard::new(inner, self.settings())
    }
}
