//! The service user's token: asked for once, kept, renewed.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::{AuthMethod, Client, Endpoint, error::TokenError, token::Token};

/// A service user that is logged in when needed. Clones share its token.
#[derive(Clone)]
pub struct ServiceCredential {
    client: Client,
    keystone: Endpoint,
    method: Arc<AuthMethod>,
    role: Option<Arc<str>>,
    state: Arc<Mutex<State>>,
}

type Outcome = Result<Arc<Token>, Arc<TokenError>>;

#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    /// The request that is under way, if any.
    flight: Option<watch::Receiver<Option<Outcome>>>,
    failure: Option<(Instant, Arc<TokenError>)>,
}

impl ServiceCredential {
    /// A user of this Keystone, whose endpoint may end in `/v3` or not. Nothing is asked yet.
    #[must_use]
    pub fn new(client: Client, keystone: Endpoint, method: AuthMethod) -> Self {
        Self {
            client,
            keystone: keystone.versioned("v3"),
            method: Arc::new(method),
            role: Some("admin".into()),
            state: Arc::default(),
        }
    }

    /// The role without which a token is refused; `admin` unless changed. It must be the one
    /// with which Neutron and Nova show the ports and servers of *all* projects: to any other
    /// user they answer as if those of other projects did not exist.
    #[must_use]
    pub fn role(self, role: impl Into<Arc<str>>) -> Self {
        self.require(Some(role.into()))
    }

    /// Takes a token with any roles: for a credential that only validates the tokens of others,
    /// where Keystone refuses openly what the roles do not allow.
    #[must_use]
    pub fn any_role(self) -> Self {
        self.require(None)
    }

    fn require(mut self, role: Option<Arc<str>>) -> Self {
        self.role = role;
        // A token that was judged by another role is not this one's.
        self.state = Arc::default();
        self
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// A token that is not expired by our reckoning.
    pub(super) async fn token(&self) -> Outcome {
        let mut flight = match self.now_or_later() {
            Ok(outcome) => return outcome,
            Err(flight) => flight,
        };
        match flight.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            Ok(None) | Err(_) => Err(Arc::new(TokenError::Gone)),
        }
    }

    /// Forgets a token that a service refused, unless it is already replaced.
    pub(super) fn forget(&self, refused: &Arc<Token>) {
        let mut state = self.state();
        if matches!(&state.token, Some(token) if Arc::ptr_eq(token, refused)) {
            state.token = None;
        }
    }

    /// What can be said at once, or else the request to wait for.
    fn now_or_later(&self) -> Result<Outcome, watch::Receiver<Option<Outcome>>> {
        let now = Instant::now();
        let mut state = self.state();
        let living = state.token.clone().filter(|token| now < token.expires_at);
        if let Some(token) = &living
            && now < token.renew_at
        {
            return Ok(Ok(Arc::clone(token)));
        }
        if let Some((at, error)) = &state.failure
            && now.saturating_duration_since(*at) < PAUSE
        {
            return Ok(living.ok_or_else(|| Arc::clone(error)));
        }
        // A flight whose sender is gone died with its runtime: it is replaced.
        let flight = match state.flight.take().filter(|it| it.has_changed().is_ok()) {
            Some(flight) => flight,
            None => self.take_off(),
        };
        state.flight = Some(flight.clone());
        // An old token serves while the new one is on its way.
        living.map_or(Err(flight), |token| Ok(Ok(token)))
    }

    /// Starts a request. It is a task of its own, so that it ends even if whoever needed it
    /// goes away, and all who wait share its outcome, good or bad.
    fn take_off(&self) -> watch::Receiver<Option<Outcome>> {
        let (sender, receiver) = watch::channel(None);
        let this = self.clone();
        tokio::spawn(async move {
            let role = this.role.as_deref();
            let issued = Token::issue(&this.client, &this.keystone, &this.method, role).await;
            let outcome = issued.map(Arc::new).map_err(Arc::new);
            if let Err(error) = &outcome {
                tracing::warn!(service = "keystone", %error, "no token");
            }
            let mut state = this.state();
            state.flight = None;
            match &outcome {
                Ok(token) => (state.token, state.failure) = (Some(Arc::clone(token)), None),
                Err(error) => state.failure = Some((Instant::now(), Arc::clone(error))),
            }
            drop(state);
            sender.send_replace(Some(outcome));
        });
        receiver
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ServiceCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceCredential")
            .field("keystone", &self.keystone)
            .field("method", &self.method)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// How long a failure stands. Keystone locks users out who try too often.
const PAUSE: Duration = Duration::from_secs(1);
