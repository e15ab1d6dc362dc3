//! A configuration at work.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use http::Request;
use hyper::body::Incoming;
use tokio::{net::TcpListener, sync::watch};
use tower::ServiceExt as _;

use super::{Configuration, configuration::Retention, no_mail::NoMail};
use crate::{
    identity_headers::IdentityHeadersLayer,
    keystone::{KeystoneClient, KeystoneLayer},
    proxy::{Drain, PeerAddr, ServeOptions, serve},
    workflow::{
        Caller, Clock as _, Engine, SystemClock, Timestamp, Worker,
        store::{Migrated, Store, StoreError},
    },
    workflow_pages::{KeystoneSignIn, Pages},
    workflow_service::{Authentication, Quotas, WorkflowService},
};

/// What a process does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Both.
    #[default]
    All,
    /// It answers requests, and leaves the work to others.
    Api,
    /// It works, and answers nobody.
    Worker,
}

/// Why a configuration is not at work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Nobody can listen there.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// What cannot be told before the database is open.
    #[error("{0}")]
    Service(String),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Renders `/metrics`.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

impl Configuration {
    /// Opens the database, with its tables brought up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] for one that cannot be opened, or is of a later version.
    pub async fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        let (store, Migrated { from, to }) = self.database.open().await?;
        if from != to {
            tracing::info!(from, to, database = %self.database, "tables are brought up to date");
        }
        Ok(store)
    }

    /// Brings the tables of the database up to date, and says from which version on.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub async fn migrate(&self) -> Result<Migrated, StoreError> {
        Ok(self.database.open().await?.1)
    }

    /// An engine on a store.
    #[must_use]
    pub fn engine(&self, store: Arc<dyn Store>) -> Engine {
        let (registry, key) = (self.registry.clone(), self.key.clone());
        let engine = match self.messages.clone() {
            Some(messages) => Engine::new(store, registry, key, messages),
            None => Engine::new(store, registry, key, NoMail),
        };
        engine.pace(self.pace)
    }

    /// Works until `end`; then requests that are being answered, and work that is begun, are
    /// finished. `/metrics` answers what `metrics` renders, if anything does.
    ///
    /// # Errors
    ///
    /// [`RunError`] if it cannot begin.
    pub async fn run(
        &self,
        part: Part,
        metrics: Option<Render>,
        end: impl Future<Output = ()>,
    ) -> Result<Drain, RunError> {
        let engine = self.engine(self.open().await?);
        let (stop, stopped) = watch::channel(());
        let mut company = tokio::task::JoinSet::new();
        if part != Part::Api {
            let (worker, hands) = (Worker::new(engine.clone()), self.workers);
            let mut ended = stopped.clone();
            company.spawn(async move {
                worker
                    .run(hands, async { drop(ended.changed().await) })
                    .await;
            });
            if let Some(retention) = self.retention {
                company.spawn(purge(engine.clone(), retention, stopped));
            }
            tracing::info!(hands, database = %self.database, "working");
        }
        let drain = if part == Part::Worker {
            end.await;
            Drain::Complete
        } else {
            let router = self.router(engine, metrics)?;
            self.serve(router, end).await?
        };
        // Answers may wait for workers, so these end last.
        stop.send_replace(());
        while company.join_next().await.is_some() {}
        Ok(drain)
    }

    /// All endpoints on an engine, and the pages. See [`WorkflowService::router`].
    ///
    /// # Errors
    ///
    /// [`RunError::Service`].
    pub fn router(&self, engine: Engine, metrics: Option<Render>) -> Result<Router, RunError> {
        let authentication = if self.trust_headers {
            Authentication::trusted_headers(IdentityHeadersLayer::new())
        } else {
            let (endpoint, credential) = (&self.keystone.endpoint, &self.keystone.credential);
            let validator = KeystoneClient::new(endpoint.clone(), credential.clone().any_role());
            let layer = KeystoneLayer::new(validator, endpoint).map_err(|it| told(&it))?;
            Authentication::keystone(layer.service_type("admin-logic"))
        };
        let mut quotas = Quotas::new();
        for (name, store) in self.cloud.quotas() {
            quotas = quotas.region(name, store);
        }
        for (name, limits) in &self.cloud.quota.sizes {
            quotas = quotas.size(name, limits.clone());
        }
        let mut service = WorkflowService::new(engine, self.identity.clone(), authentication)
            .settings(self.service.clone())
            .map_err(|it| told(&it))?
            .mapping(self.cloud.identity.mapping.clone())
            .quotas(quotas);
        if let Some(metrics) = metrics {
            service = service.metrics(move || metrics());
        }
        let Some(pages) = &self.pages else {
            return Ok(service.router());
        };
        let mut pages = Pages::new(service, pages.clone()).map_err(|it| told(&it))?;
        // Who signs in shows a token, which says nothing to a service that does not ask Keystone.
        if !self.trust_headers {
            let (client, keystone) = (&self.keystone.client, &self.keystone.endpoint);
            pages = pages.sign_in(KeystoneSignIn::new(client.clone(), keystone.clone()));
        }
        Ok(pages.router())
    }

    async fn serve(
        &self,
        router: Router,
        end: impl Future<Output = ()>,
    ) -> Result<Drain, RunError> {
        let address = self.listen;
        let failed = |error| RunError::Listen { address, error };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!(%address, "listening");
        let router = router.map_request(|mut request: Request<Incoming>| {
            if let Some(peer) = request.extensions().get::<PeerAddr>() {
                let peer = ConnectInfo(peer.address());
                request.extensions_mut().insert(peer);
            }
            request
        });
        let options = ServeOptions::new().drain_deadline(self.drain);
        Ok(serve(listener, router, end, options).await)
    }
}

fn told(error: &impl ToString) -> RunError {
    RunError::Service(error.to_string())
}

/// Removes what ended long ago, and tokens that nobody can use, from time to time.
async fn purge(engine: Engine, retention: Retention, mut stopped: watch::Receiver<()>) {
    let days = i64::from(retention.days) * DAY;
    loop {
        let before = Timestamp::from_micros(SystemClock.now().as_micros() - days);
        match engine.purge(before, &Caller::system()).await {
            Ok(0) => {}
            Ok(tasks) => tracing::info!(tasks, "removed what ended long ago"),
            Err(error) => tracing::warn!(%error, "cannot remove what ended long ago"),
        }
        if let Err(error) = engine.remove_expired_tokens().await {
            tracing::warn!(%error, "cannot remove expired tokens");
        }
        let pause = Duration::from_secs(retention.every_seconds.get().into());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => return,
        }
    }
}

/// In microseconds.
const DAY: i64 = 86_400_000_000;
