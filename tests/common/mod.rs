//! The ordinary request in one line, and a Nova that remembers what reached it.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri, request::Builder};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower::{Service, ServiceExt};
use wafflehaus::{
    body::InspectBody,
    guard::{LookupError, LookupFuture, PortLookup},
    identity::{Identity, ProjectId, Role, UserId},
    nova::{NetworkId, Port, PortId, ServerId},
};

pub(crate) const SERVER: &str = "5abcde01-c0de-4aaa-8bbb-fedcba987601";
pub(crate) const PORT: &str = "9abcde01-c0de-4aaa-8bbb-fedcba987601";
pub(crate) const REQUIRED: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const BANNED: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const OTHER: &str = "33333333-3333-4333-8333-333333333333";

pub(crate) fn network(text: &str) -> NetworkId {
    text.parse().unwrap()
}

/// A caller in project `6f70656e`, with these roles.
pub(crate) fn caller(roles: &[&str]) -> Identity {
    Identity::new(UserId::new("alice").unwrap())
        .project(ProjectId::new("6f70656e").unwrap())
        .roles(roles.iter().map(|name| Role::new(name).unwrap()))
}

/// A request line with a known caller: `POST /v2.1/servers`.
pub(crate) fn line(line: &str) -> Builder {
    let (method, target) = line.split_once(' ').unwrap();
    Request::builder()
        .method(method)
        .uri(target)
        .extension(caller(&["member"]))
}

pub(crate) fn body(text: impl Into<Bytes>) -> Full<Bytes> {
    Full::new(text.into())
}

/// A server create with this JSON for `networks`.
pub(crate) fn create(networks: &str) -> Request<Full<Bytes>> {
    line("POST /v2.1/servers")
        .body(create_body(networks))
        .unwrap()
}

pub(crate) fn create_body(networks: &str) -> Full<Bytes> {
    body(format!(
        r#"{{"server": {{"name": "web", "networks": {networks}}}}}"#
    ))
}

/// `networks` with these ids.
pub(crate) fn listing(ids: &[&str]) -> String {
    let entries: Vec<_> = ids
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    format!("[{}]", entries.join(", "))
}

pub(crate) fn attach(named: &str) -> Request<Full<Bytes>> {
    line(&format!("POST /v2.1/servers/{SERVER}/os-interface"))
        .body(body(format!(r#"{{"interfaceAttachment": {{{named}}}}}"#)))
        .unwrap()
}

pub(crate) fn detach(port: &str) -> Request<Full<Bytes>> {
    line(&format!(
        "DELETE /v2.1/servers/{SERVER}/os-interface/{port}"
    ))
    .body(body(""))
    .unwrap()
}

/// What a service saw of a request.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Answers 202 to everything, and remembers it.
#[derive(Clone, Default)]
pub(crate) struct Nova(Arc<Mutex<Vec<Seen>>>);

impl Nova {
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The one request that came.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.take();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.pop().unwrap()
    }

    /// As a service whose requests have bodies that guards have handled.
    pub(crate) fn service(
        &self,
    ) -> impl Service<
        Request<InspectBody<Full<Bytes>>>,
        Response = Response<Full<Bytes>>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + use<> {
        let seen = Arc::clone(&self.0);
        tower::service_fn(move |request: Request<InspectBody<Full<Bytes>>>| {
            let seen = Arc::clone(&seen);
            async move {
                let (head, body) = request.into_parts();
                let body = read(body).await;
                let (method, uri, headers) = (head.method, head.uri, head.headers);
                seen.lock().unwrap().push(Seen {
                    method,
                    uri,
                    headers,
                    body,
                });
                let mut response = Response::new(Full::new(Bytes::from("accepted")));
                *response.status_mut() = http::StatusCode::ACCEPTED;
                Ok(response)
            }
        })
    }
}

/// A whole body.
#[expect(clippy::disallowed_methods, reason = "a test's own bodies")]
pub(crate) async fn read<B>(body: B) -> Bytes
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    body.collect().await.unwrap().to_bytes()
}

/// Status, fault name, code and message of the answer; the fault is empty for a pass.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fault: String,
    pub(crate) message: String,
    pub(crate) code: &'static str,
}

/// Sends one request and reads the answer.
pub(crate) async fn send<S, B, R>(service: &S, request: Request<B>) -> Answer
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: std::fmt::Debug,
    R: http_body::Body<Data = Bytes>,
    R::Error: std::fmt::Debug,
{
    let response = service.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let denial = response
        .extensions()
        .get::<wafflehaus::policy::Denial>()
        .cloned();
    let body = read(response.into_body()).await;
    let Some(denial) = denial else {
        return Answer {
            status,
            fault: String::new(),
            message: String::new(),
            code: "",
        };
    };
    let fault: Value = serde_json::from_slice(&body).unwrap();
    let (name, fault) = fault.as_object().unwrap().iter().next().unwrap();
    // Neutron's have none.
    assert!(name == "NeutronError" || fault["code"] == status);
    assert_eq!(fault["message"], denial.message());
    Answer {
        status,
        fault: name.clone(),
        message: denial.message().to_owned(),
        code: denial.kind().code(),
    }
}

/// Knows some ports, counts questions, and fails when told to.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) ports: Vec<(PortId, NetworkId)>,
    pub(crate) servers: Vec<(ServerId, Vec<NetworkId>)>,
    pub(crate) fails: bool,
    pub(crate) asked: AtomicUsize,
}

impl Known {
    pub(crate) fn on(network: &str) -> Self {
        Self {
            ports: vec![(PORT.parse().unwrap(), network.parse().unwrap())],
            ..Self::default()
        }
    }

    pub(crate) fn server(networks: &[&str]) -> Self {
        let networks = networks.iter().map(|id| network(id)).collect();
        Self {
            servers: vec![(SERVER.parse().unwrap(), networks)],
            ..Self::default()
        }
    }

    fn answer<T>(&self, found: T) -> Result<T, LookupError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.fails {
            Err(LookupError::new("port", "down"))
        } else {
            Ok(found)
        }
    }
}

impl PortLookup for Known {
    fn ports<'a>(&'a self, ids: &'a [PortId], _: Option<ServerId>) -> LookupFuture<'a> {
        let known = self.ports.iter().filter(|(id, _)| ids.contains(id));
        let found = known.map(|&(id, network)| Port::new(id, network)).collect();
        Box::pin(async move { self.answer(found) })
    }

    fn server_ports(&self, server: ServerId) -> LookupFuture<'_> {
        let known = self.servers.iter().filter(|(id, _)| *id == server);
        let networks = known.flat_map(|(_, networks)| networks).zip(100..);
        let found = networks
            .map(|(&network, n)| Port::new(PortId::from_u128(n), network))
            .collect();
        Box::pin(async move { self.answer(found) })
    }
}
