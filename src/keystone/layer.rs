//! The settings.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Response};
use tower_layer::Layer;

use super::{Keystone, NoRandomness, ValidateToken, engine::Engine, judge::Judge, token::Hasher};
use crate::{fault::Renderer, identity::Role, nova::Mount, openstack::Endpoint, policy::Denial};

/// Puts [`Keystone`] around a service. See the [module](super).
///
/// Clones, and the services made with them, share one memory of tokens.
#[derive(Clone)]
#[must_use]
pub struct KeystoneLayer {
    validator: Arc<dyn ValidateToken>,
    hasher: Hasher,
    challenge: HeaderValue,
    settings: Settings,
    service_roles: Arc<[Role]>,
    service_type: Arc<str>,
    identity_headers: bool,
    forward_tokens: bool,
    trust_forwarded: bool,
    anonymous_versions: Option<Mount>,
    renderer: Renderer,
    judge: Arc<OnceLock<Arc<Judge>>>,
}

/// What a memory of tokens goes by.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) cache_for: Duration,
    pub(super) fresh_for: Duration,
    pub(super) invalid_for: Duration,
    pub(super) capacity: u64,
    pub(super) deadline: Duration,
    pub(super) most_at_once: usize,
    pub(super) failures_to_check: u32,
    pub(super) open_for: Duration,
    pub(super) outage: Outage,
}

/// What may still be served of what is remembered when Keystone cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outage {
    /// Reads and changes, by any validation within [`KeystoneLayer::cache_for`].
    ServeAll,
    /// Nothing from the moment on that Keystone is found to keep failing.
    ServeNothing,
    /// Reads, by a validation within [`KeystoneLayer::cache_for`]; changes only by one within
    /// [`KeystoneLayer::fresh_for`].
    #[default]
    ServeReads,
}

impl KeystoneLayer {
    /// With the defaults of the [module](super). The endpoint is where clients get their tokens:
    /// they are told in `WWW-Authenticate`.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`] if the system gives no random bytes.
    pub fn new(
        validator: impl ValidateToken,
        www_authenticate_uri: &Endpoint,
    ) -> Result<Self, NoRandomness> {
        let challenge = HeaderValue::from_str(&format!("Keystone uri=\"{www_authenticate_uri}\""))
            // The authority and path of an endpoint are plain ASCII.
            .unwrap_or(HeaderValue::from_static("Keystone"));
        Ok(Self {
            validator: Arc::new(validator),
            hasher: Hasher::random()?,
            challenge,
            settings: Settings {
                cache_for: Duration::from_secs(60),
                fresh_for: Duration::from_secs(3),
                invalid_for: Duration::from_secs(1),
                capacity: 10_000,
                deadline: Duration::from_secs(5),
                most_at_once: 1024,
                failures_to_check: 5,
                open_for: Duration::from_secs(5),
                outage: Outage::default(),
            },
            service_roles: Role::new("service").into_iter().collect(),
            service_type: "compute".into(),
            identity_headers: false,
            forward_tokens: true,
            trust_forwarded: false,
            anonymous_versions: None,
            renderer: Renderer::new(super::render),
            judge: Arc::default(),
        })
    }

    /// How long a good token is remembered, a day at most; not past its expiry. Default 60 s.
    pub fn cache_for(self, duration: Duration) -> Self {
        self.set(|it| it.settings.cache_for = duration.min(LONGEST))
    }

    /// How old a validation may be for a request that changes something: any method but `GET`,
    /// `HEAD` and `OPTIONS`. Default 3 s.
    pub fn fresh_for(self, duration: Duration) -> Self {
        self.set(|it| it.settings.fresh_for = duration.min(LONGEST))
    }

    /// How long an invalid token is remembered, a day at most. Default 1 s.
    pub fn invalid_for(self, duration: Duration) -> Self {
        self.set(|it| it.settings.invalid_for = duration.min(LONGEST))
    }

    /// How many good tokens are remembered, and how many invalid ones. Default 10,000.
    pub fn cache_capacity(self, tokens: u64) -> Self {
        self.set(|it| it.settings.capacity = tokens)
    }

    /// How long finding out about a request's tokens may take, a day at most. Default 5 s.
    pub fn deadline(self, deadline: Duration) -> Self {
        self.set(|it| it.settings.deadline = deadline.min(LONGEST))
    }

    /// How many validations may be under way at once. Default 1024.
    pub fn most_at_once(self, validations: usize) -> Self {
        self.set(|it| it.settings.most_at_once = validations)
    }

    /// After how many failures in a row it is checked whether Keystone answers at all, and for how
    /// long it is left alone if not. Default 5 and 5 s.
    pub fn circuit(self, failures: u32, open_for: Duration) -> Self {
        self.set(|it| {
            it.settings.failures_to_check = failures;
            it.settings.open_for = open_for.min(LONGEST);
        })
    }

    /// What may still be served when Keystone cannot be asked. Default
    /// [`Outage::ServeReads`].
    pub fn during_outage(self, outage: Outage) -> Self {
        self.set(|it| it.settings.outage = outage)
    }

    /// The roles of which a service token must have one. Default `service`.
    pub fn service_roles(self, roles: impl IntoIterator<Item = Role>) -> Self {
        self.set(|it| it.service_roles = roles.into_iter().collect())
    }

    /// The type in the catalogue of the service behind, by which access rules name it. Default
    /// `compute`.
    pub fn service_type(self, service_type: impl Into<Arc<str>>) -> Self {
        self.set(|it| it.service_type = service_type.into())
    }

    /// Whether the headers of Keystone's middleware are set for the service behind. Default no.
    pub fn set_identity_headers(self, set: bool) -> Self {
        self.set(|it| it.identity_headers = set)
    }

    /// Whether `X-Auth-Token` and `X-Service-Token` go on to the service behind. Default yes:
    /// Nova validates them too, and asks other services with the first.
    pub fn forward_tokens(self, forward: bool) -> Self {
        self.set(|it| it.forward_tokens = forward)
    }

    /// Whether `Forwarded`, `X-Forwarded-…` and `X-Real-IP` are kept, because a trusted hop
    /// before this one sets them itself. Default no.
    pub fn trust_forwarded(self, trust: bool) -> Self {
        self.set(|it| it.trust_forwarded = trust)
    }

    /// Lets through, without a caller, what [reads a version document](crate::nova::reads_versions)
    /// of the Nova below this mount and has no token at all. Default: nothing.
    pub fn anonymous_versions(self, mount: Mount) -> Self {
        self.set(|it| it.anonymous_versions = Some(mount))
    }

    /// How a refusal looks. Default [`render`](super::render). `WWW-Authenticate` is added to
    /// any 401.
    pub fn with_fault_renderer(
        self,
        render: impl Fn(&Denial) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.set(|it| it.renderer = Renderer::new(render))
    }

    fn set(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        // What was remembered under other settings is not this one's.
        self.judge = Arc::default();
        self
    }

    fn judge(&self) -> Arc<Judge> {
        let judge = self.judge.get_or_init(|| {
            super::report::describe();
            let engine = Engine::new(
                Arc::clone(&self.validator),
                self.hasher.clone(),
                self.settings.clone(),
            );
            Arc::new(Judge {
                engine: Arc::new(engine),
                challenge: self.challenge.clone(),
                service_roles: Arc::clone(&self.service_roles),
                service_type: Arc::clone(&self.service_type),
                identity_headers: self.identity_headers,
                forward_tokens: self.forward_tokens,
                trust_forwarded: self.trust_forwarded,
                anonymous_versions: self.anonymous_versions.clone(),
                renderer: self.renderer.clone(),
            })
        });
        Arc::clone(judge)
    }
}

impl<S> Layer<S> for KeystoneLayer {
    type Service = Keystone<S>;

    fn layer(&self, inner: S) -> Keystone<S> {
        Keystone::new(inner, self.judge())
    }
}

impl fmt::Debug for KeystoneLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeystoneLayer")
            .field("challenge", &self.challenge)
            .field("settings", &self.settings)
            .field("service_roles", &self.service_roles)
            .field("service_type", &self.service_type)
            .field("identity_headers", &self.identity_headers)
            .field("forward_tokens", &self.forward_tokens)
            .field("trust_forwarded", &self.trust_forwarded)
            .field("anonymous_versions", &self.anonymous_versions)
            .finish_non_exhaustive()
    }
}

const LONGEST: Duration = Duration::from_secs(86_400);
