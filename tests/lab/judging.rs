//! A gateway that asks Keystone who the caller is.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::{net::TcpListener, sync::oneshot};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use wafflehaus::{
    body::InspectBody,
    identity::{Identity, Role},
    keystone::{KeystoneClient, KeystoneLayer},
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
    proxy::{Proxy, ServeOptions, serve},
    role_router::RoleRouterLayer,
};

use crate::{
    cloud::{Answer, Cloud, full, line, send},
    gateway::guard,
    support::Lab,
};

/// What passed by a place in the gateway.
type Seen<T> = Arc<Mutex<Vec<T>>>;

/// A gateway that asks Keystone who the caller is.
pub(crate) struct Judging {
    pub(crate) address: SocketAddr,
    identities: Seen<Identity>,
    forwarded: Seen<HeaderMap>,
    statuses: Seen<u16>,
    instead: Arc<Mutex<Option<HeaderValue>>>,
    /// The servers stop when these are dropped.
    front: Option<Front>,
    _stop: oneshot::Sender<()>,
}

/// What Apache or nginx are in front of Keystone: a server that sends a `Date`. It stops when it is
/// dropped.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    asked: Seen<HeaderMap>,
    _stop: oneshot::Sender<()>,
}

impl Judging {
    pub(crate) async fn start(
        lab: &Lab,
        change: impl FnOnce(KeystoneLayer) -> KeystoneLayer,
    ) -> Self {
        let front = Front::before(lab.cloud.keystone).await;
        let mut gateway = Self::asking(lab, front.address, change).await;
        gateway.front = Some(front);
        gateway
    }

    /// One that asks the Keystone at this address.
    pub(crate) async fn asking(
        lab: &Lab,
        keystone: SocketAddr,
        change: impl FnOnce(KeystoneLayer) -> KeystoneLayer,
    ) -> Self {
        let endpoint: Endpoint = format!("http://{keystone}/v3").parse().unwrap();
        let client = Client::builder().build().unwrap();
        let credential = ServiceCredential::new(client, endpoint.clone(), as_nova(&lab.cloud));
        Self::with(lab, endpoint, credential, change).await
    }

    /// One that asks this Keystone with this credential.
    pub(crate) async fn with(
        lab: &Lab,
        keystone: Endpoint,
        credential: ServiceCredential,
        change: impl FnOnce(KeystoneLayer) -> KeystoneLayer,
    ) -> Self {
        let guard = guard(&lab.cloud, &lab.networks);
        let router =
            RoleRouterLayer::new(guard.clone()).route([Role::new("role1").unwrap()], guard);

        let validator = KeystoneClient::new(keystone.clone(), credential.any_role());
        let layer = change(KeystoneLayer::new(validator, &keystone).unwrap());

        let identities = Seen::<Identity>::default();
        let forwarded = Seen::<HeaderMap>::default();
        let (judged, gone_on) = (Arc::clone(&identities), Arc::clone(&forwarded));
        let statuses = Seen::<u16>::default();
        let answered = Arc::clone(&statuses);
        let instead = Arc::<Mutex<Option<HeaderValue>>>::default();
        let replacement = Arc::clone(&instead);
        let upstream = format!("http://{}", lab.cloud.nova).parse().unwrap();
        let service = ServiceBuilder::new()
            .map_response(move |response: Response<_>| {
                answered.lock().unwrap().push(response.status().as_u16());
                response
            })
            .layer(layer)
            .map_request(move |request: Request<_>| {
                let identity = request.extensions().get::<Identity>();
                judged.lock().unwrap().extend(identity.cloned());
                request
            })
            .map_request_body(InspectBody::new)
            .layer(router)
            .map_request(move |mut request: Request<_>| {
                gone_on.lock().unwrap().push(request.headers().clone());
                if let Some(token) = &*replacement.lock().unwrap() {
                    request.headers_mut().insert("x-auth-token", token.clone());
                }
                request
            })
            .service(Proxy::new(upstream).unwrap());

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        tokio::spawn(serve(listener, service, stopped, ServeOptions::new()));
        Self {
            address,
            identities,
            forwarded,
            statuses,
            instead,
            front: None,
            _stop: stop,
        }
    }

    /// Sends a request without a body, with these headers.
    pub(crate) async fn ask(&self, asked: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers.iter().fold(line(asked), |request, (name, value)| {
            request.header(*name, *value)
        });
        send(self.address, request.body(full("")).unwrap()).await
    }

    pub(crate) async fn with_token(&self, asked: &str, token: &str) -> Answer {
        self.ask(asked, &[("x-auth-token", token)]).await
    }

    /// Sends a request with a body.
    pub(crate) async fn send(
        &self,
        token: &str,
        mut request: Request<http_body_util::Full<Bytes>>,
    ) -> Answer {
        let headers = request.headers_mut();
        headers.insert("x-auth-token", token.parse().unwrap());
        send(self.address, request).await
    }

    /// Lets Keystone be out of reach from now on.
    pub(crate) fn cut_off(&mut self) {
        self.front = None;
    }

    /// Lets Nova see this token from now on, whatever the caller's is.
    pub(crate) fn shows_nova(&self, token: &str) {
        *self.instead.lock().unwrap() = Some(token.parse().unwrap());
    }

    /// Whom the last request was found to be from.
    pub(crate) fn identity(&self) -> Identity {
        self.identities.lock().unwrap().last().unwrap().clone()
    }

    /// How often a client was answered with this status.
    pub(crate) fn refused(&self, status: u16) -> usize {
        let statuses = self.statuses.lock().unwrap();
        statuses.iter().filter(|it| **it == status).count()
    }

    /// The headers of all that went on to Nova.
    pub(crate) fn forwarded(&self) -> Vec<HeaderMap> {
        self.forwarded.lock().unwrap().clone()
    }
}

/// The service user `nova`, by its password.
pub(crate) fn as_nova(cloud: &Cloud) -> AuthMethod {
    AuthMethod::Password {
        user: Named::in_domain("nova", "Default"),
        password: cloud.password.clone().into(),
        project: Named::in_domain("service", "Default"),
    }
}

impl Front {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let asked = Seen::<HeaderMap>::default();
        let seen = Arc::clone(&asked);
        let upstream = format!("http://{server}").parse().unwrap();
        let service = ServiceBuilder::new()
            .map_request(move |request: Request<_>| {
                seen.lock().unwrap().push(request.headers().clone());
                request
            })
            .map_request_body(InspectBody::new)
            .service(Proxy::new(upstream).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        tokio::spawn(serve(listener, service, stopped, ServeOptions::new()));
        Self {
            address,
            asked,
            _stop: stop,
        }
    }

    /// The tokens that Keystone was asked with, in the order in which they were first used.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let used = asked
            .iter()
            .filter_map(|headers| headers.get("x-auth-token"));
        let mut tokens: Vec<_> = used.map(|it| it.to_str().unwrap().to_owned()).collect();
        tokens.dedup();
        tokens
    }
}
